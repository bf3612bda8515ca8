"""What a calendar is kept and imported as: plain facts, read from documents, compared, made into a calendar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import yaml

from tracker.domain.calendar import CalendarWrong, Hours, ServiceCalendar
from tracker.domain.words import N_
from tracker.services.parts import parts

Facts = Mapping[str, Any]
"""weekly: weekday ("0" is Monday) → [[from, to], …]; years: year → {holidays: [day or first/last], make_up: [day]}."""


class CalendarRefused(ValueError):
    """Facts that cannot become a calendar. The message says what to change."""


def calendar_from(facts: Facts) -> ServiceCalendar:
    """Build the calendar that stored or imported facts describe.

    Raises:
        CalendarRefused: they describe none.
    """
    try:
        years = {int(year): days for year, days in facts["years"].items()}
        return ServiceCalendar(
            zone=parts().config.time_zone,
            weekly={int(day): _hours(windows) for day, windows in facts["weekly"].items()},
            holidays=frozenset(
                day for days in years.values() for span in days["holidays"] for day in _span(span)
            ),
            make_up=frozenset(_day(day) for days in years.values() for day in days["make_up"]),
            years=frozenset(years),
        )
    except CalendarRefused:
        raise
    except CalendarWrong as error:
        raise CalendarRefused(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalendarRefused(N_("日历内容读不懂：") + str(error)) from error


def with_year(facts: Mapping[str, Any], year: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` with one published year added or replaced.

    Args:
        year: ``{year, holidays: [day or first/last], make_up_working_days: [day]}`` as published.

    Raises:
        CalendarRefused: a day lies outside that year, or it is not of this form.
    """
    try:
        number = int(year["year"])
        holidays = [str(span) for span in year["holidays"]]
        make_up = [str(day) for day in year["make_up_working_days"]]
        days = [day for span in holidays for day in _span(span)] + [_day(day) for day in make_up]
    except CalendarRefused:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarRefused(f"日历文件读不懂：{error}") from error
    if not holidays:
        raise CalendarRefused(f"{number} 年一天假也没有：没有公布的年份不能导入。")
    if strays := [day for day in days if day.year != number]:
        raise CalendarRefused(f"{strays[0]} 不在 {number} 年。")
    years = dict(facts["years"]) | {str(number): {"holidays": holidays, "make_up": make_up}}
    return {"weekly": dict(facts["weekly"]), "years": years}


def facts_from(document: Mapping[str, Any]) -> dict[str, Any]:
    """Facts from a calendar document (tracker/data/calendar.yaml shows the form).

    Raises:
        CalendarRefused: not a calendar document.
    """
    try:
        facts: dict[str, Any] = {
            "weekly": {str(day): hours for day, hours in document["weekly"].items()},
            "years": {},
        }
        for year in document["years"]:
            facts = with_year(facts, year)
    except (KeyError, TypeError, AttributeError) as error:
        raise CalendarRefused(f"日历文件读不懂：{error}") from error
    return facts


def read_facts(text: str, current: Facts | None) -> dict[str, Any]:
    """Facts from a file: a whole calendar (tracker/data/calendar.yaml shows the form), or one year's list alone.

    Args:
        current: what a year's list is added to; None: there is nothing yet.

    Raises:
        CalendarRefused: neither, or it makes no calendar.
    """
    try:
        document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - plain text only: 13:00 is no number here
    except yaml.YAMLError as error:
        raise CalendarRefused(f"日历文件读不懂：{' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise CalendarRefused("日历文件读不懂：缺少 weekly 和 years，或者 year。")
    if "weekly" in document:
        facts = facts_from(document)
    elif current is None:
        raise CalendarRefused("还没有日历，不能只导入一年：请先导入带服务时间（weekly）的文件。")
    else:
        facts = with_year(current, document)
    calendar_from(facts)
    return facts


@dataclass(frozen=True)
class Difference:
    """One thing in which two calendars differ.

    Attributes:
        weekday: 0 is Monday, or None where it is about a day.
        before, after: hours as stored where it is about a weekday, else one of ``DAY_KINDS``; None: not known.
    """

    weekday: int | None
    day: date | None
    before: Any
    after: Any


def differences(before: Facts, after: Facts) -> list[Difference]:
    """What changes from `before` to `after`: hours of weekdays, then single days."""
    weekdays = [
        Difference(day, None, before["weekly"].get(str(day), []), after["weekly"].get(str(day), []))
        for day in range(7)
        if before["weekly"].get(str(day), []) != after["weekly"].get(str(day), [])
    ]
    return weekdays + list(_different_days(before, after))


def _different_days(before: Facts, after: Facts) -> Iterator[Difference]:
    old, new = _special_days(before), _special_days(after)
    for day in sorted({*old, *new}):
        if old.get(day) != new.get(day):
            yield Difference(None, day, old.get(day), new.get(day))


def _special_days(facts: Facts) -> dict[date, str]:
    """Day → ``holiday`` or ``make_up``."""
    found = {}
    for year in facts["years"].values():
        found.update({day: "holiday" for span in year["holidays"] for day in _span(span)})
        found.update({_day(day): "make_up" for day in year["make_up"]})
    return found


def _hours(windows: list[list[str]]) -> Hours:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in windows)


def _span(text: object) -> list[date]:
    first, _, last = str(text).partition("/")
    start, end = _day(first), _day(last or first)
    if end < start:
        raise CalendarRefused(N_("放假日期颠倒：") + str(text))
    return [start + timedelta(days=count) for count in range((end - start).days + 1)]


def _day(text: object) -> date:
    return date.fromisoformat(str(text))
