"""The calendar as its pages show and edit it: months with their days, a form's rows, differences in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from tracker.domain.calendar import ServiceCalendar
from tracker.domain.words import N_
from tracker.services.calendar_facts import Difference, Facts

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
DAY_WORDS = {"worked": N_("上班"), "off": N_("休息"), "holiday": N_("放假"), "make_up": N_("补班")}
DAYS_A_WEEK = 7
Row = tuple[str, str]


@dataclass(frozen=True)
class Day:
    """One day of a month; `kind` is a key of DAY_WORDS."""

    number: int
    kind: str
    is_today: bool

    @property
    def words(self) -> str:
        return _(DAY_WORDS[self.kind])


@dataclass(frozen=True)
class Month:
    """One month as rows of seven, Monday first; None where another month's day would stand."""

    name: str
    weeks: Sequence[Sequence[Day | None]]
    worked: int


def months(calendar: ServiceCalendar, year: int, today: date) -> list[Month]:
    """The twelve months of a year that the calendar holds."""
    return [_month(calendar, year, number, today) for number in range(1, 13)]


def _month(calendar: ServiceCalendar, year: int, number: int, today: date) -> Month:
    first = date(year, number, 1)
    following = date(year + number // 12, number % 12 + 1, 1)
    days = [first + timedelta(days=count) for count in range((following - first).days)]
    cells: list[Day | None] = [None] * first.weekday()
    cells += [Day(day.day, kind_of(calendar, day), day == today) for day in days]
    weeks = list(zip_longest(*[iter(cells)] * DAYS_A_WEEK))
    worked = sum(calendar.is_worked(day) for day in days)
    return Month(format_date(first, _("yyyy年M月")), weeks, worked)


def kind_of(calendar: ServiceCalendar, day: date) -> str:
    """What sort of day it is: a key of DAY_WORDS."""
    if day in calendar.make_up:
        return "make_up"
    if day in calendar.holidays:
        return "holiday"
    return "worked" if calendar.is_worked(day) else "off"


@dataclass
class CalendarForm:
    """What stands in the form: rows as typed, so that a slip loses nothing.

    Attributes:
        hours: for each weekday from Monday, rows of (from, to).
        holidays: rows of (first day, last day); make_up: days.
        problems: id of a field → why it is refused, translated.
    """

    year: int
    hours: list[list[Row]]
    holidays: list[Row]
    make_up: list[str]
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts, year: int) -> "CalendarForm":
        """The form as a stored calendar fills it."""
        days = facts["years"].get(str(year), {"holidays": [], "make_up": []})
        spans = [span.partition("/") for span in days["holidays"]]
        return cls(
            year,
            [
                [(opens, closes) for opens, closes in facts["weekly"].get(str(day), [])]
                for day in range(DAYS_A_WEEK)
            ],
            [(first, last or first) for first, _slash, last in spans],
            list(days["make_up"]),
        )

    @classmethod
    def sent(cls, given: MultiDict[str, str], year: int) -> "CalendarForm":
        """The form as somebody sent it; rows that were left empty are gone."""
        form = cls(
            year,
            [_rows(given, f"from-{day}", f"to-{day}") for day in range(DAYS_A_WEEK)],
            [(first, last or first) for first, last in _rows(given, "holiday-first", "holiday-last")],
            [day for day in map(str.strip, given.getlist("make-up")) if day],
        )
        form.problems = dict(form._problems())
        return form

    def _problems(self) -> Iterator[Row]:
        for day, rows in enumerate(self.hours):
            edges = [edge for row in rows for edge in row]
            if not all(edges):
                yield f"hours-{day}", _("每个时段要填起止两个时间。")
            elif any(early >= late for early, late in pairwise(edges)):
                yield f"hours-{day}", _("时段要从早到晚，不能重叠。")
        if not self.hours[0]:
            yield "hours-0", _("周一必须有服务时间：补班日按周一计算。")
        if not self.holidays:
            yield "holidays", _("请填写这一年的放假安排；还没有公布的年份不要保存。")
        if any(
            not first or first > last or not _within(self.year, first, last) for first, last in self.holidays
        ):
            yield "holidays", _("放假要从前到后，都在%(year)s年之内。", year=self.year)
        if any(not _within(self.year, day) for day in self.make_up):
            yield "make-up", _("补班日要在%(year)s年之内。", year=self.year)

    def facts(self, before: Facts) -> dict[str, Any]:
        """The calendar with what the form says; other years stay as they are."""
        weekly = {str(day): [list(row) for row in rows] for day, rows in enumerate(self.hours) if rows}
        holidays = [first if first == last else f"{first}/{last}" for first, last in sorted(self.holidays)]
        year = {"holidays": holidays, "make_up": sorted(self.make_up)}
        return {"weekly": weekly, "years": {**before["years"], str(self.year): year}}


def _rows(given: MultiDict[str, str], first: str, second: str) -> list[Row]:
    pairs = zip_longest(given.getlist(first), given.getlist(second), fillvalue="")
    return [(one.strip(), other.strip()) for one, other in pairs if one.strip() or other.strip()]


def _within(year: int, *days: str) -> bool:
    try:
        return all(date.fromisoformat(day).year == year for day in days)
    except ValueError:
        return False


def in_words(differences: Sequence[Difference]) -> list[Mapping[str, str]]:
    """Differences as rows of what, before, after."""
    return [
        {"what": _what(each), "before": _value(each, each.before), "after": _value(each, each.after)}
        for each in differences
    ]


def _what(each: Difference) -> str:
    if each.day is None:
        return _(WEEKDAYS[each.weekday or 0])
    return str(format_date(each.day, _("yyyy年M月d日 EEE")))


def _value(each: Difference, value: Any) -> str:
    if each.day is None:
        return hours_in_words(value)
    return _(DAY_WORDS[value]) if value else _("照平常")


def hours_in_words(windows: Sequence[Sequence[str]]) -> str:
    """Windows of a day: ``09:00–11:30、13:00–17:30``."""
    return _("、").join(f"{opens}–{closes}" for opens, closes in windows) or _("没有服务")
