"""Calendars: published facts turned into versions, found by departments and clocks, changed with open eyes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from tracker.domain.calendar import ServiceCalendar
from tracker.domain.words import N_
from tracker.extensions import db, once_a_transaction, transaction
from tracker.models import Calendar, Clock, Department
from tracker.services.calendar_facts import CalendarRefused, Facts, calendar_from, read_facts
from tracker.services.parts import parts

WARN_BEFORE = timedelta(days=60)
"""Admins are warned this long before the last day held. Source: design brief, section 3."""


class CalendarMoved(Exception):
    """Somebody else saved a version since the one that was looked at; nothing was stored."""


@dataclass(frozen=True)
class CalendarWarning:
    """A calendar that ends soon, is too short already, or is not there.

    Attributes:
        department: code of the one whose own hours these are; empty: everybody's.
        last_day: None where nothing was ever imported.
        days_left: today included.
        is_too_short: promises run whose end it cannot say.
    """

    department: str
    last_day: date | None
    days_left: int
    is_too_short: bool


@dataclass(frozen=True)
class CalendarVersion:
    """One stored version."""

    id: int
    department: str
    version: int
    is_current: bool
    made_at: datetime
    made_by: int | None
    facts: Facts
    calendar: ServiceCalendar


def current_calendar_id(department: str = "") -> int | None:
    """The version that promises made now by `department` are counted in: its own, else everybody's, else none."""
    by_department = once_a_transaction("calendars", current_calendar_ids)
    return by_department.get(department, by_department.get(""))


def current_calendar_ids() -> dict[str, int]:
    """Department code (empty: everybody) → id of its present version; few have hours of their own."""
    current = select(Calendar.department_code, Calendar.id).where(Calendar.is_current)
    known = parts().calendars
    if known:
        return {code or "": row_id for code, row_id in db.session.execute(current)}
    # The first time in a process they are read whole: one statement less while somebody waits for his report.
    rows = db.session.execute(current.add_columns(Calendar.facts)).all()
    known.update({row_id: calendar_from(facts) for _code, row_id, facts in rows})
    return {code or "": row_id for code, row_id, _facts in rows}


def current_columns() -> tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]:
    """What a statement that is asked anyway may bring along, from a row of each present version."""
    known = (Calendar.department_code, Calendar.id)
    return known if parts().calendars else (*known, Calendar.facts)


def take_current(rows: Iterable[Sequence[Any]]) -> None:
    """Keep what ``current_columns`` brought until the transaction ends: one statement less while somebody waits."""
    found = {row[1]: row for row in rows if row[1] is not None}
    for row_id, (_code, _id, *facts) in found.items():
        if facts and row_id not in parts().calendars:
            parts().calendars[row_id] = calendar_from(facts[0])
    once_a_transaction("calendars", lambda: {row[0] or "": row_id for row_id, row in found.items()})


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
    rows = db.session.scalars(select(Calendar).where(_of(department)).order_by(Calendar.version.desc()))
    return [_version(row) for row in rows]


def current_version(department: str = "") -> CalendarVersion | None:
    """The current version of a department's own calendar (empty: everybody's), if there is one."""
    row = db.session.scalar(select(Calendar).where(_of(department), Calendar.is_current))
    return _version(row) if row else None


def facts_of(calendar_id: int) -> Facts:
    """What a stored version says."""
    return db.session.get_one(Calendar, calendar_id).facts


def save_version(
    facts: Facts, now: datetime, *, by: int | None = None, department: str = "", based_on: int | None = None
) -> int | None:
    """Make `facts` the current version and return its id; None if they are the current ones already.

    Open cases keep the version they were promised under; ``calendar_change.move_to_version`` moves them where that
    is asked for. A year that is new to everybody is handed down to departments with hours of their own.

    Args:
        by: user id.
        based_on: id of the version that the facts were made from, 0: there was none; None: whatever is current.

    Raises:
        CalendarRefused: the facts make no calendar, or the department is not known.
        CalendarMoved: `based_on` is not current any more.
    """
    calendar_from(facts)
    with transaction():
        _check_department(department)
        current = _locked_current(department)
        if based_on is not None and based_on != (current.id if current else 0):
            raise CalendarMoved
        if current is not None and current.facts == facts:
            return None
        row = _store(facts, now, by, department)
        if not department:
            _hand_down_years(facts, now, by)
        return row.id


def _check_department(code: str) -> None:
    if code and db.session.get(Department, code) is None:
        raise CalendarRefused(N_("没有这个单位：") + code)
    if code and current_calendar_id() is None:
        raise CalendarRefused(N_("请先导入全街道的日历，再给单位单独设置。"))


def _locked_current(department: str) -> Calendar | None:
    """Asked again after the lock: while we waited for it another version may have become current."""
    db.session.scalars(select(Calendar.id).where(_of(department)).with_for_update()).all()
    return db.session.scalar(select(Calendar).where(_of(department), Calendar.is_current))


def _store(facts: Facts, now: datetime, by: int | None, department: str) -> Calendar:
    db.session.execute(update(Calendar).where(_of(department)).values(is_current=False))
    number = db.session.scalar(select(func.max(Calendar.version)).where(_of(department))) or 0
    row = Calendar(
        department_code=department or None,
        version=number + 1,
        is_current=True,
        facts=dict(facts),
        made_at=now,
        made_by=by,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _hand_down_years(facts: Facts, now: datetime, by: int | None) -> None:
    """Public holidays are everybody's: a department's own hours go on in a year that was just published."""
    own = select(Calendar).where(Calendar.is_current, Calendar.department_code.is_not(None))
    for row in db.session.scalars(own.order_by(Calendar.department_code).with_for_update()).all():
        missing = {year: days for year, days in facts["years"].items() if year not in row.facts["years"]}
        if missing:
            years = {**row.facts["years"], **missing}
            _store(dict(row.facts) | {"years": years}, now, by, row.department_code or "")


def _of(department: str) -> ColumnElement[bool]:
    return Calendar.department_code == department if department else Calendar.department_code.is_(None)


def _version(row: Calendar) -> CalendarVersion:
    return CalendarVersion(
        id=row.id,
        department=row.department_code or "",
        version=row.version,
        is_current=row.is_current,
        made_at=row.made_at,
        made_by=row.made_by,
        facts=row.facts,
        calendar=calendar_by_id(row.id),
    )


@cache
def shipped_facts() -> Facts:
    """The calendar that comes with the program: usual office hours and the years published so far."""
    text = (resources.files("tracker") / "data" / "calendar.yaml").read_text(encoding="utf-8")
    return read_facts(text, None)


def calendar_warning(now: datetime) -> CalendarWarning | None:
    """The calendar that admins have to look after first; None: all are known for long enough."""
    if current_calendar_id() is None:
        return CalendarWarning("", None, 0, is_too_short=True)
    first = min(_lasts(now), key=lambda warning: warning.days_left)
    too_short = bool(db.session.scalar(select(exists().where(Clock.state == "running", _without_end()))))
    if first.days_left > WARN_BEFORE.days and not too_short:
        return None
    return CalendarWarning(first.department, first.last_day, first.days_left, is_too_short=too_short)


def _without_end() -> ColumnElement[bool]:
    """In the words of the partial index; what has no due time has no next rung either."""
    return Clock.next_rung_at.is_(None) & Clock.due_at.is_(None)


def _lasts(now: datetime) -> Iterator[CalendarWarning]:
    today = now.astimezone(parts().zone).date()
    for department, calendar_id in sorted(current_calendar_ids().items()):
        last = calendar_by_id(calendar_id).last_day
        yield CalendarWarning(department, last, max(0, (last - today).days + 1), is_too_short=False)
