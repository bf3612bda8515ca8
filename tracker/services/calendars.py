"""Calendars: published facts turned into versions, found by departments and clocks, changed with open eyes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import func, select, update

from tracker.domain.calendar import CalendarWrong, Hours, ServiceCalendar
from tracker.domain.words import N_
from tracker.extensions import db, once_a_transaction, transaction
from tracker.models import Calendar, Department
from tracker.services.parts import parts

WARN_BEFORE = timedelta(days=60)
"""Admins are warned this long before the last day held. Source: design brief, section 3."""


class CalendarRefused(ValueError):
    """Facts that cannot become a calendar. The message says what to change."""


@dataclass(frozen=True)
class CalendarVersion:
    """One stored version."""

    id: int
    department: str
    version: int
    is_current: bool
    made_at: datetime
    facts: Mapping[str, Any]
    calendar: ServiceCalendar


def calendar_from(facts: Mapping[str, Any]) -> ServiceCalendar:
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
    except CalendarWrong as error:
        raise CalendarRefused(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalendarRefused(f"日历内容读不懂：{error}") from error


def current_calendar_id(department: str = "") -> int | None:
    """The version that promises made now by `department` are counted in: its own, else everybody's, else none."""
    by_department = once_a_transaction("calendars", _current_ids)
    return by_department.get(department, by_department.get(""))


def _current_ids() -> dict[str, int]:
    """Department code (empty: everybody) → id; few have hours of their own."""
    rows = db.session.execute(select(Calendar.department_code, Calendar.id).where(Calendar.is_current))
    return {code or "": row_id for code, row_id in rows}


def calendar_by_id(calendar_id: int) -> ServiceCalendar:
    """The calendar of a version; versions never change, so each is built once a process."""
    known = parts().calendars
    if calendar_id not in known:
        known[calendar_id] = calendar_from(db.session.get_one(Calendar, calendar_id).facts)
    return known[calendar_id]


def office_calendar() -> ServiceCalendar:
    """The calendar of everybody without hours of their own, as it is now.

    Raises:
        CalendarRefused: none was ever imported.
    """
    calendar_id = current_calendar_id()
    if calendar_id is None:
        raise CalendarRefused(N_("还没有导入工作日历：flask calendar import FILE"))
    return calendar_by_id(calendar_id)


def versions(department: str = "") -> list[CalendarVersion]:
    """All versions for a department (empty: everybody), newest first."""
    mine = Calendar.department_code == department if department else Calendar.department_code.is_(None)
    rows = db.session.scalars(select(Calendar).where(mine).order_by(Calendar.version.desc()))
    return [
        CalendarVersion(
            id=row.id,
            department=row.department_code or "",
            version=row.version,
            is_current=row.is_current,
            made_at=row.made_at,
            facts=row.facts,
            calendar=calendar_from(row.facts),
        )
        for row in rows
    ]


def save_version(
    facts: Mapping[str, Any], now: datetime, *, by: int | None = None, department: str = ""
) -> int | None:
    """Make `facts` the current version and return its id; None if they are the current ones already.

    Open cases keep the version they were promised under; ``clocks.move_to_version`` moves them where that is
    asked for.

    Raises:
        CalendarRefused: the facts make no calendar, or the department is not known.
    """
    calendar_from(facts)
    code = department or None
    with transaction():
        if code and db.session.get(Department, code) is None:
            raise CalendarRefused(f"没有这个单位：{code}")
        mine = Calendar.department_code == code if code else Calendar.department_code.is_(None)
        latest = db.session.scalar(select(Calendar).where(mine, Calendar.is_current).with_for_update())
        if latest is not None and latest.facts == facts:
            return None
        db.session.execute(update(Calendar).where(mine).values(is_current=False))
        number = db.session.scalar(select(func.max(Calendar.version)).where(mine)) or 0
        row = Calendar(
            department_code=code,
            version=number + 1,
            is_current=True,
            facts=dict(facts),
            made_at=now,
            made_by=by,
        )
        db.session.add(row)
        db.session.flush()
        return row.id


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
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarRefused(f"日历文件读不懂：{error}") from error
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


@cache
def shipped_facts() -> Mapping[str, Any]:
    """The calendar that comes with the program: usual office hours and the years published so far."""
    text = (resources.files("tracker") / "data" / "calendar.yaml").read_text(encoding="utf-8")
    return facts_from(yaml.safe_load(text))


def days_left(now: datetime) -> int:
    """How many days, today included, the office calendar still knows; 0: none was imported."""
    calendar_id = current_calendar_id()
    if calendar_id is None:
        return 0
    today = now.astimezone(parts().zone).date()
    return max(0, (calendar_by_id(calendar_id).last_day - today).days + 1)


def _hours(windows: list[list[str]]) -> Hours:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in windows)


def _span(text: object) -> list[date]:
    first, _, last = str(text).partition("/")
    start, end = _day(first), _day(last or first)
    return [start + timedelta(days=count) for count in range((end - start).days + 1)]


def _day(text: object) -> date:
    return date.fromisoformat(str(text))
