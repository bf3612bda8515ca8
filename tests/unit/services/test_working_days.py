"""Which days are worked, typed from the State Council's list of 2026, and where a promise in days ends."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.services.working_days import CalendarTooShort, known_working_days

STREET = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        ("2026-01-01", False),  # New Year
        ("2026-01-03", False),
        ("2026-01-04", True),  # a Sunday worked instead
        ("2026-01-05", True),
        ("2026-02-14", True),  # a Saturday before Spring Festival
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-03-01", False),  # an ordinary Sunday
        ("2026-10-01", False),  # National Day
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-11-21", False),  # an ordinary Saturday
        ("2026-11-23", True),
    ],
)
def test_a_day_is_worked_as_published(day: str, *, is_worked: bool) -> None:
    assert known_working_days().is_worked(date.fromisoformat(day)) is is_worked


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23T10:00", 1, "2026-11-24T17:30"),  # Monday → Tuesday, end of service
        ("2026-11-23T00:00", 1, "2026-11-24T17:30"),
        ("2026-11-23T23:59", 1, "2026-11-24T17:30"),
        ("2026-11-22T10:00", 1, "2026-11-23T17:30"),  # Sunday → Monday
        ("2026-11-20T10:00", 1, "2026-11-23T17:30"),  # Friday → Monday
        ("2026-11-23T10:00", 3, "2026-11-26T17:30"),
        ("2026-09-30T10:00", 1, "2026-10-08T17:30"),  # over the National Day week
        ("2026-10-09T10:00", 1, "2026-10-10T17:30"),  # Friday → the Saturday worked instead
        ("2026-02-13T10:00", 2, "2026-02-24T17:30"),  # Saturday worked, then Spring Festival
    ],
)
def test_a_promise_in_working_days_ends_with_the_service_of_the_last_day(
    start: str, days: int, end: str
) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=STREET)
    wanted = datetime.fromisoformat(end).replace(tzinfo=STREET)
    assert known_working_days().end_after(begun, days, STREET) == wanted


def test_the_day_is_the_streets_whatever_the_zone_of_the_moment() -> None:
    late_on_sunday_in_utc = datetime(2026, 11, 22, 20, tzinfo=UTC)  # Monday, 4:00 on the street
    wanted = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert known_working_days().end_after(late_on_sunday_in_utc, 1, STREET) == wanted


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2031, 1, 1)])
def test_a_year_that_is_not_held_is_an_error_not_a_guess(day: date) -> None:
    with pytest.raises(CalendarTooShort, match=str(day.year)):
        known_working_days().is_worked(day)


def test_every_make_up_day_would_otherwise_be_a_weekend_and_no_holiday() -> None:
    held = known_working_days()
    assert all(day.weekday() >= 5 for day in held.make_up)
    assert not held.make_up & held.holidays
    assert {day.year for day in held.make_up | held.holidays} == held.years
