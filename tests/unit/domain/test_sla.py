"""When a promise ends. Dates are typed from the published calendar of 2026."""

from datetime import UTC, timedelta

import pytest

from tests.unit.domain.time_samples import THIS_YEAR, TWO_YEARS, at, calendar_of, shown
from tracker.domain.allowance import read_allowance
from tracker.domain.calendar import CalendarTooShort
from tracker.domain.sla import due_at, later, share_at, time_between


@pytest.mark.parametrize(
    ("start", "allowance", "due"),
    [
        # working days: the first does not count, the last ends with its service (民法典 §201)
        ("2026-11-23 10:00", "1wd", "2026-11-24 17:30"),  # Monday → Tuesday
        ("2026-11-22 10:00", "1wd", "2026-11-23 17:30"),  # Sunday → Monday
        ("2026-11-23 00:00", "1wd", "2026-11-24 17:30"),
        ("2026-11-23 23:59", "1wd", "2026-11-24 17:30"),
        ("2026-11-27 16:00", "1wd", "2026-11-30 17:30"),  # Friday → Monday
        ("2026-02-13 16:00", "1wd", "2026-02-14 17:30"),  # Friday → make-up Saturday
        ("2026-02-14 16:00", "1wd", "2026-02-24 17:30"),  # make-up Saturday → after the spring festival
        ("2026-09-18 09:00", "3wd", "2026-09-22 17:30"),  # across the make-up Sunday
        ("2026-09-30 10:00", "3wd", "2026-10-10 17:30"),  # the national holiday, then the make-up Saturday
        ("2026-11-23 10:00", "20wd", "2026-12-21 17:30"),
        # working hours
        ("2026-11-23 09:00", "2wh", "2026-11-23 11:00"),
        ("2026-11-23 10:00", "2wh", "2026-11-23 13:30"),  # across lunch
        ("2026-11-23 07:15", "2wh", "2026-11-23 11:00"),  # before opening
        ("2026-11-23 12:10", "2wh", "2026-11-23 15:00"),  # inside lunch
        ("2026-11-23 20:00", "2wh", "2026-11-24 11:00"),  # after closing
        ("2026-11-27 16:30", "4wh", "2026-11-30 13:30"),  # across a weekend
        ("2026-10-01 10:00", "4wh", "2026-10-08 14:30"),  # on a holiday
        ("2026-10-10 08:00", "4wh", "2026-10-10 14:30"),  # on a make-up Saturday
        # at closing time, not at the next opening
        ("2026-11-23 13:00", "4wh", "2026-11-23 17:00"),
        ("2026-11-23 09:00", "7wh", "2026-11-23 17:30"),
        ("2026-11-23 10:30", "1wh", "2026-11-23 11:30"),
        # day and night
        ("2026-11-27 23:50", "30min", "2026-11-28 00:20"),
        ("2026-02-16 22:00", "24h", "2026-02-17 22:00"),
        ("2026-12-31 23:00", "24h", "2027-01-01 23:00"),
    ],
)
def test_a_promise_ends_when_the_brief_says(start: str, allowance: str, due: str) -> None:
    assert shown(due_at(at(start), read_allowance(allowance), THIS_YEAR)) == due


@pytest.mark.parametrize("allowance", ["1wd", "3wd", "8wh"])
def test_the_turn_of_the_year_needs_the_next_years_list(allowance: str) -> None:
    with pytest.raises(CalendarTooShort, match="2027"):
        due_at(at("2026-12-31 10:00"), read_allowance(allowance), THIS_YEAR)


@pytest.mark.parametrize(
    ("allowance", "due"),
    [
        ("1wd", "2027-01-04 17:30"),
        ("3wd", "2027-01-06 17:30"),
        ("6wh", "2026-12-31 17:30"),
        ("8wh", "2027-01-04 11:00"),
    ],
)
def test_with_it_a_promise_runs_into_the_next_year(allowance: str, due: str) -> None:
    assert shown(due_at(at("2026-12-31 10:00"), read_allowance(allowance), TWO_YEARS)) == due


def test_a_moment_in_any_zone_gives_the_same_end() -> None:
    from_utc = at("2026-11-23 10:00").astimezone(UTC)
    assert due_at(from_utc, read_allowance("1wd"), THIS_YEAR) == due_at(
        at("2026-11-23 10:00"), read_allowance("1wd"), THIS_YEAR
    )


def test_the_shares_of_a_promise_are_shares_of_its_own_kind_of_time() -> None:
    allowance = read_allowance("4wh")
    start, due = at("2026-11-23 15:30"), at("2026-11-24 11:00")
    assert [
        shown(share_at(start, due, allowance, THIS_YEAR, percent=percent)) for percent in (75, 100, 150, 200)
    ] == ["2026-11-24 10:00", "2026-11-24 11:00", "2026-11-24 14:30", "2026-11-24 16:30"]


def test_shares_of_day_and_night_need_no_calendar() -> None:
    start, due = at("2031-11-23 22:00"), at("2031-11-24 00:00")
    moments = [share_at(start, due, read_allowance("2h"), THIS_YEAR, percent=each) for each in (75, 200)]
    assert [shown(moment) for moment in moments] == ["2031-11-23 23:30", "2031-11-24 02:00"]


def test_a_pause_over_a_weekend_gives_back_only_its_working_time() -> None:
    allowance = read_allowance("4wh")
    lost = time_between(at("2026-11-27 16:30"), at("2026-11-30 10:00"), allowance, THIS_YEAR)
    assert lost == timedelta(hours=2)
    assert shown(later(at("2026-11-30 11:00"), lost, allowance, THIS_YEAR)) == "2026-11-30 14:30"
    assert time_between(at("2026-11-27 16:30"), at("2026-11-27 17:30"), read_allowance("1h"), THIS_YEAR) == (
        timedelta(hours=1)
    )


def test_no_time_lost_moves_nothing_not_even_to_the_next_opening() -> None:
    moment = at("2026-11-28 10:00")
    assert later(moment, timedelta(), read_allowance("4wh"), THIS_YEAR) == moment


def test_a_due_date_costs_a_few_steps_however_long_the_calendar_is() -> None:
    """Looking up a moment is a bisection: ten years of windows cost four more comparisons than one."""
    short, long = calendar_of(2026), calendar_of(*range(2026, 2036))
    assert _comparisons(long) - _comparisons(short) <= 2 * 4


class _Counted(int):
    """A number that counts how often it was compared."""

    count = 0

    def __lt__(self, other: int) -> bool:
        _Counted.count += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        _Counted.count += 1
        return int(self) > int(other)


def _comparisons(calendar: object) -> int:
    """How many windows are looked at for one due date."""
    served = [_Counted(moment) for moment in calendar._served]  # type: ignore[attr-defined]
    calendar.__dict__["_served"] = served
    _Counted.count = 0
    due_at(at("2026-11-23 10:00"), read_allowance("4wh"), calendar)  # type: ignore[arg-type]
    assert _Counted.count
    return _Counted.count
