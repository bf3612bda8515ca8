"""The ladder: who hears when, in which order, and what moves it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice, pairwise

import pytest

from tests.unit.domain.time_samples import THIS_YEAR, TWO_YEARS, at, shown
from tracker.domain.allowance import read_allowance
from tracker.domain.calendar import CalendarTooShort
from tracker.domain.escalation import LADDER, OVERDUE_FROM, Running, rung, rung_at, rungs_until


def four_hours(*, next_rung: int = 1, last: str | None = None, due: str = "2026-11-23 14:30") -> Running:
    """4wh from Monday 9:00."""
    return Running(
        at("2026-11-23 09:00"), at(due), read_allowance("4wh"), next_rung, at(last) if last else None
    )


def until(clock: Running, text: str) -> list[tuple[int, str]]:
    return [(number, shown(moment)) for number, moment in rungs_until(clock, at(text), THIS_YEAR)]


def test_the_four_rungs_reach_further_up_each_time() -> None:
    assert [(each.percent, [hearer.value for hearer in each.hearers]) for each in LADDER] == [
        (75, ["owner"]),
        (100, ["owner", "department_lead"]),
        (150, ["duty_lead"]),
        (200, ["supervisor"]),
    ]
    assert rung(OVERDUE_FROM).percent == 100
    assert [hearer.value for hearer in rung(5).hearers] == [hearer.value for hearer in rung(77).hearers]
    assert [hearer.value for hearer in rung(5).hearers] == ["supervisor"]


def test_four_working_hours_climb_the_ladder_in_working_time_then_every_working_morning() -> None:
    assert until(four_hours(), "2026-11-30 09:00") == [
        (1, "2026-11-23 13:30"),
        (2, "2026-11-23 14:30"),
        (3, "2026-11-23 16:30"),
        (4, "2026-11-24 10:00"),
        (5, "2026-11-25 09:00"),
        (6, "2026-11-26 09:00"),
        (7, "2026-11-27 09:00"),
        (8, "2026-11-30 09:00"),
    ]


def test_nothing_is_due_before_the_first_rung_and_a_rung_is_due_at_its_very_moment() -> None:
    assert until(four_hours(), "2026-11-23 13:29") == []
    assert until(four_hours(), "2026-11-23 13:30") == [(1, "2026-11-23 13:30")]


def test_what_happened_does_not_come_again() -> None:
    assert until(four_hours(next_rung=3, last="2026-11-23 14:30"), "2026-11-24 10:00") == [
        (3, "2026-11-23 16:30"),
        (4, "2026-11-24 10:00"),
    ]


def test_an_urgent_promise_climbs_at_night() -> None:
    clock = Running(at("2026-11-28 23:00"), at("2026-11-28 23:20"), read_allowance("20min"), 1)
    assert until(clock, "2026-11-30 09:00") == [
        (1, "2026-11-28 23:15"),
        (2, "2026-11-28 23:20"),
        (3, "2026-11-28 23:30"),
        (4, "2026-11-28 23:40"),
        (5, "2026-11-30 09:00"),
    ]


def test_an_extension_moves_what_has_not_fired() -> None:
    extended = four_hours(next_rung=2, last="2026-11-23 13:30", due="2026-11-24 17:30")
    assert until(extended, "2026-11-25 09:00") == [(2, "2026-11-24 17:30")]


def test_time_given_after_the_top_of_the_ladder_silences_the_daily_rungs_until_it_is_used_up() -> None:
    """7 wh a day: due on Friday at 17:30 from Monday 9:00 are 35 wh; twice that ends a week later."""
    extended = four_hours(next_rung=6, last="2026-11-25 09:00", due="2026-11-27 17:30")
    assert until(extended, "2026-12-07 09:00") == [(6, "2026-12-07 09:00")]


def test_rungs_follow_each_other_in_time() -> None:
    for allowance, due in (("1wd", "2026-11-24 17:30"), ("15min", "2026-11-23 09:15")):
        clock = Running(at("2026-11-23 09:00"), at(due), read_allowance(allowance), 1)
        moments = [moment for _, moment in islice(rungs_until(clock, at("2026-12-20 00:00"), THIS_YEAR), 12)]
        assert all(early < late for early, late in pairwise(moments))


def test_rungs_before_the_end_of_the_calendar_are_told_then_the_missing_year_is_named() -> None:
    clock = Running(at("2026-12-30 09:00"), at("2026-12-31 17:30"), read_allowance("1wd"), 1)
    rungs = rungs_until(clock, at("2027-02-01 09:00"), THIS_YEAR)
    assert _told(rungs) == (1, "2026-12-31 14:00")
    assert _told(rungs) == (2, "2026-12-31 17:30")
    with pytest.raises(CalendarTooShort, match="2027"):
        next(rungs)
    assert shown(rung_at(clock, 3, None, TWO_YEARS)) == "2027-01-04 17:30"


def _told(rungs: Iterator[tuple[int, datetime]]) -> tuple[int, str]:
    number, moment = next(rungs)
    return number, shown(moment)
