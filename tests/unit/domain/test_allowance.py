"""How promised time is written."""

from datetime import timedelta

import pytest

from tracker.domain.allowance import Allowance, AllowanceUnreadable, Stage, Unit, read_allowance, read_stage


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("30min", 30, Unit.MINUTE),
        ("24h", 24, Unit.HOUR),
        ("4wh", 4, Unit.WORKING_HOUR),
        ("5wd", 5, Unit.WORKING_DAY),
        (" 5wd ", 5, Unit.WORKING_DAY),
    ],
)
def test_the_four_forms_are_read_and_written_back(text: str, amount: int, unit: Unit) -> None:
    allowance = read_allowance(text)
    assert allowance == Allowance(amount, unit)
    assert str(allowance) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "4", "wh", "0wd", "-1h", "4 wh", "4WH", "1.5h", "4wh!", "10000h", "٤wh"]
)
def test_anything_else_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(AllowanceUnreadable, match="30min、24h、4wh、5wd") as refusal:
        read_allowance(text)
    assert repr(text) in str(refusal.value)


def test_minutes_and_hours_run_day_and_night_and_working_time_does_not() -> None:
    assert [read_allowance(text).runs_day_and_night for text in ("30min", "1h", "1wh", "1wd")] == [
        True,
        True,
        False,
        False,
    ]


def test_all_but_days_have_a_length() -> None:
    assert [read_allowance(text).time for text in ("90min", "24h", "4wh")] == [
        timedelta(hours=1, minutes=30),
        timedelta(hours=24),
        timedelta(hours=4),
    ]
    with pytest.raises(AllowanceUnreadable, match="5wd"):
        _ = read_allowance("5wd").time


def test_a_stage_has_a_name_and_an_allowance() -> None:
    assert read_stage("guard 1h") == Stage("guard", Allowance(1, Unit.HOUR))


@pytest.mark.parametrize("text", ["guard", "1h", "", "guard 0h", "guard repair 1h"])
def test_half_a_stage_is_refused(text: str) -> None:
    with pytest.raises(AllowanceUnreadable):
        read_stage(text)
