"""Every day of 2026, hours of service, and what a calendar says about days it does not hold."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from tests.unit.domain.time_samples import (
    AFTERNOON,
    HOLIDAYS_2026,
    MAKE_UP_2026,
    MORNING,
    OFFICE_HOURS,
    THIS_YEAR,
    TWO_YEARS,
    at,
    calendar_of,
    days,
    shown,
)
from tracker.domain.calendar import NOTHING_KNOWN, CalendarTooShort, CalendarWrong, ServiceCalendar

WORKED_A_MONTH = {1: 21, 2: 16, 3: 22, 4: 21, 5: 19, 6: 21, 7: 23, 8: 21, 9: 22, 10: 18, 11: 21, 12: 23}
"""Counted by hand on the published calendar of 2026."""


def year(number: int) -> list[date]:
    return list(days((f"{number}-01-01", f"{number}-12-31")))


# ---- the days of 2026


def test_2026_has_248_working_days_month_by_month() -> None:
    worked = [day for day in year(2026) if THIS_YEAR.is_worked(day)]
    assert len(worked) == 248
    assert {month: sum(day.month == month for day in worked) for month in range(1, 13)} == WORKED_A_MONTH


@pytest.mark.parametrize("text", MAKE_UP_2026)
def test_each_make_up_day_is_a_weekend_day_with_the_hours_of_a_monday(text: str) -> None:
    day = date.fromisoformat(text)
    assert day.weekday() in (5, 6)
    assert THIS_YEAR.hours_on(day) == (MORNING, AFTERNOON)


def test_the_six_make_up_days_are_the_only_weekend_days_worked() -> None:
    worked = [day.isoformat() for day in year(2026) if day.weekday() >= 5 and THIS_YEAR.is_worked(day)]
    assert tuple(worked) == MAKE_UP_2026


@pytest.mark.parametrize("name", HOLIDAYS_2026)
def test_no_day_of_a_holiday_is_worked(name: str) -> None:
    assert not [day for day in days(HOLIDAYS_2026[name]) if THIS_YEAR.is_worked(day)]


def test_a_well_kept_library_agrees_on_every_day_of_2026() -> None:
    different = [day for day in year(2026) if chinese_calendar.is_workday(day) != THIS_YEAR.is_worked(day)]
    assert not different, "our own list wins; look both up in the State Council's notice"


# ---- hours


def test_service_has_a_lunch_break() -> None:
    edges = ("08:59", "09:00", "11:29", "11:30", "12:59", "13:00", "17:29", "17:30")
    assert [THIS_YEAR.is_open(at(f"2026-11-23 {edge}")) for edge in edges] == [
        False,
        True,
        True,
        False,
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-23 07:00", "2026-11-23 09:00"),
        ("2026-11-23 11:30", "2026-11-23 13:00"),
        ("2026-11-27 17:30", "2026-11-30 09:00"),
        ("2026-02-14 18:00", "2026-02-24 09:00"),
    ],
)
def test_the_next_opening_skips_lunch_weekends_and_holidays(moment: str, opening: str) -> None:
    assert shown(THIS_YEAR.next_opening(at(moment))) == opening


def test_the_opening_after_a_day_is_never_on_that_day() -> None:
    assert shown(THIS_YEAR.opening_after_day_of(at("2026-11-23 03:00"))) == "2026-11-24 09:00"
    assert shown(THIS_YEAR.opening_after_day_of(at("2026-09-30 12:00"))) == "2026-10-08 09:00"


def test_a_limit_that_ends_on_a_day_off_ends_with_the_next_working_day() -> None:
    assert shown(THIS_YEAR.closing_on(date(2026, 11, 24))) == "2026-11-24 17:30"
    assert shown(THIS_YEAR.closing_on(date(2026, 10, 3))) == "2026-10-08 17:30"


def test_any_number_of_windows_may_make_a_day() -> None:
    shifts = ((time(6), time(8)), MORNING, AFTERNOON, (time(19), time(22)))
    calendar = calendar_of(2026, weekly={0: shifts, 5: (MORNING,)})
    day = timedelta(hours=2 + 2.5 + 4.5 + 3)
    assert calendar.working_time_between(at("2026-11-23 00:00"), at("2026-11-24 00:00")) == day
    assert calendar.is_open(at("2026-11-28 09:00"))


def test_working_time_is_exact_to_the_microsecond() -> None:
    start, end = at("2026-11-23 11:29:59.999999"), at("2026-11-23 13:00:00.000001")
    assert THIS_YEAR.working_time_between(start, end) == timedelta(microseconds=2)
    assert THIS_YEAR.working_time_between(end, start) == timedelta()


# ---- the end of what is known


@pytest.mark.parametrize("missing", [2025, 2027])
def test_a_day_outside_the_years_held_is_an_error_that_names_its_year(missing: int) -> None:
    with pytest.raises(CalendarTooShort, match=str(missing)):
        THIS_YEAR.hours_on(date(missing, 6, 1))
    with pytest.raises(CalendarTooShort, match=str(missing)):
        THIS_YEAR.is_open(at(f"{missing}-06-01 10:00"))


def test_working_time_may_not_begin_or_end_outside_the_years_held() -> None:
    for edges in (("2025-12-31 10:00", "2026-01-05 10:00"), ("2026-12-31 10:00", "2027-01-01 00:00")):
        with pytest.raises(CalendarTooShort):
            THIS_YEAR.working_time_between(at(edges[0]), at(edges[1]))


def test_after_the_last_closing_there_is_no_next_opening() -> None:
    with pytest.raises(CalendarTooShort, match="2027"):
        THIS_YEAR.next_opening(at("2026-12-31 17:30"))
    assert shown(TWO_YEARS.next_opening(at("2026-12-31 17:30"))) == "2027-01-04 09:00"


def test_years_with_a_gap_are_known_up_to_the_gap() -> None:
    gapped = calendar_of(2026, 2028)
    assert gapped.last_day == date(2026, 12, 31)
    with pytest.raises(CalendarTooShort, match="2027"):
        gapped.closing_on(date(2028, 3, 1))
    with pytest.raises(CalendarTooShort, match="2027"):
        gapped.after_working_days(at("2028-03-01 10:00"), 1)


@pytest.mark.parametrize(
    "question",
    [
        lambda moment: NOTHING_KNOWN.after_working_days(moment, 1),
        lambda moment: NOTHING_KNOWN.after_working_time(moment, timedelta(hours=1)),
        NOTHING_KNOWN.opening_after_day_of,
        lambda moment: NOTHING_KNOWN.closing_on(moment.date()),
    ],
)
def test_where_nothing_was_imported_every_question_is_an_error(
    question: Callable[[datetime], object],
) -> None:
    with pytest.raises(CalendarTooShort, match="2026"):
        question(at("2026-11-23 10:00"))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        THIS_YEAR.is_open(at("2026-11-23 10:00").replace(tzinfo=None))


# ---- facts that make no calendar


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"years": frozenset()}, "没有任何年份"),
        ({"weekly": {5: (MORNING,)}}, "周一没有服务时间"),
        ({"weekly": {0: (MORNING,), 7: (MORNING,)}}, "星期写作 0（周一）至 6（周日）"),
        ({"weekly": {0: (AFTERNOON, MORNING)}}, "重叠或颠倒"),
        ({"weekly": {0: ((time(9), time(12)), (time(11), time(17)))}}, "重叠或颠倒"),
        ({"weekly": {0: ((time(9), time(9)),)}}, "重叠或颠倒"),
        ({"holidays": frozenset({date(2026, 2, 14)})}, "既放假又补班：2026-02-14"),
    ],
)
def test_facts_that_could_not_be_meant_are_refused(changes: dict[str, object], words: str) -> None:
    given: dict[str, object] = {
        "zone": "Asia/Shanghai",
        "weekly": OFFICE_HOURS,
        "holidays": frozenset(),
        "make_up": frozenset({date(2026, 2, 14)}),
        "years": frozenset({2026}),
    }
    with pytest.raises(CalendarWrong, match=words):
        ServiceCalendar(**(given | changes))  # type: ignore[arg-type]


# ---- other cities: clocks that jump, and a leap day

NEW_YORK = ZoneInfo("America/New_York")
NIGHT_SHIFT = dict.fromkeys(
    range(7), ((time(0, 30), time(1, 30)), (time(1, 40), time(2, 30)), (time(3), time(4)))
)


def test_hours_that_the_clocks_jump_over_have_no_service() -> None:
    """On 8 March 2026 New York's clocks go from 2:00 to 3:00."""
    calendar = calendar_of(2026, weekly=NIGHT_SHIFT, zone="America/New_York")
    served = calendar.working_time_between(at("2026-03-08 00:00", NEW_YORK), at("2026-03-09 00:00", NEW_YORK))
    assert served == timedelta(minutes=60 + 20 + 60)
    end = calendar.after_working_time(at("2026-03-08 00:00", NEW_YORK), timedelta(minutes=90))
    assert shown(end, NEW_YORK) == "2026-03-08 03:10"


def test_a_window_inside_the_jump_does_not_exist_that_day() -> None:
    nightly = dict.fromkeys(range(7), ((time(2, 10), time(2, 40)),))
    calendar = calendar_of(2026, weekly=nightly, zone="America/New_York")
    assert shown(calendar.closing_on(date(2026, 3, 8)), NEW_YORK) == "2026-03-09 02:40"
    assert (
        shown(calendar.after_working_days(at("2026-03-07 12:00", NEW_YORK), 1), NEW_YORK)
        == "2026-03-09 02:40"
    )


def test_an_hour_that_comes_twice_is_served_twice() -> None:
    """On 1 November 2026 New York's clocks go from 2:00 back to 1:00; a window across both is an hour longer."""
    nightly = dict.fromkeys(range(7), ((time(0, 30), time(2, 30)),))
    calendar = calendar_of(2026, weekly=nightly, zone="America/New_York")
    served = calendar.working_time_between(at("2026-11-01 00:00", NEW_YORK), at("2026-11-02 00:00", NEW_YORK))
    assert served == timedelta(hours=3)


def test_a_day_that_a_zone_skips_is_no_working_day() -> None:
    """Samoa crossed the date line: there was no 30 December 2011, a Friday."""
    samoa = ZoneInfo("Pacific/Apia")
    calendar = calendar_of(2011, 2012, zone="Pacific/Apia")
    due = calendar.after_working_days(at("2011-12-29 10:00", samoa), 1)
    assert shown(due, samoa) == "2012-01-02 17:30"


def test_the_leap_day_is_a_day_like_others() -> None:
    calendar = calendar_of(2028)
    assert calendar.is_worked(date(2028, 2, 29))
    assert shown(calendar.after_working_days(at("2028-02-28 10:00"), 1)) == "2028-02-29 17:30"
    assert shown(calendar.after_working_days(at("2028-02-29 10:00"), 1)) == "2028-03-01 17:30"
