"""What another calendar means for promises that run: counted before it is saved, moved only where that is asked for."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.domain.calendar import CalendarTooShort, ServiceCalendar
from tracker.domain.lifecycle import OPEN
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import ActionItem, Calendar, Case, Clock
from tracker.services.calendar_facts import Facts, calendar_from
from tracker.services.calendars import calendar_by_id
from tracker.services.clocks import (
    BY_DEPARTMENT,
    add_segment,
    nearest_promise,
    note_due,
    set_next_rung,
    worked_out,
)

BATCH = 100
"""Cases dealt with in one transaction: short enough that nobody waits, long enough to be quick."""


def cases_that_would_move(facts: Facts, department: str = "") -> int:
    """How many open cases have a promise that would end at another time under `facts`.

    Raises:
        CalendarRefused: the facts make no calendar.
    """
    calendar, moving = calendar_from(facts), set()
    for cases in _batches(department):
        rows = db.session.execute(
            select(Clock, Case.hold_until_on)
            .join(Case, Case.id == Clock.case_id)
            .where(Clock.case_id.in_(cases), _in_scope(department))
        )
        moving |= {clock.case_id for clock, hold in rows if _would_move(clock, calendar, hold)}
        db.session.expunge_all()  # a city's clocks need not be in memory at once
    return len(moving)


def move_to_version(calendar_id: int, now: datetime, *, by: int | None = None) -> int:
    """Count the running promises of open cases in another version from now on; return how many cases moved.

    What has been paused or granted counts as before, rungs that happened stay, and a clock whose end moves keeps
    both ends in its segments. Where the version cannot say when a promise ends, it stays as it was.
    Promises of common issues and action items move along, uncounted.
    """
    department = db.session.get_one(Calendar, calendar_id).department_code or ""
    batches = [list(cases) for cases in _batches(department)]
    again_if_interrupted(_Batch((), department, calendar_id, now, by).move_others)
    return sum(again_if_interrupted(_Batch(cases, department, calendar_id, now, by)) for cases in batches)


@dataclass(frozen=True)
class _Batch:
    """Some cases that are moved in one transaction, each under its lock."""

    cases: Sequence[int]
    department: str
    calendar_id: int
    now: datetime
    by: int | None

    def __call__(self) -> int:
        with transaction():
            locked = db.session.scalars(
                select(Case)
                .where(Case.id.in_(self.cases), _is_open())
                .order_by(Case.id)
                .with_for_update(of=Case, key_share=True)
            ).all()
            return sum(self._move(case) for case in locked)

    def _move(self, case: Case) -> bool:
        clocks = db.session.scalars(
            select(Clock)
            .join(Case, Case.id == Clock.case_id)
            .where(Clock.case_id == case.id, Clock.calendar_id.is_distinct_from(self.calendar_id))
            .where(_in_scope(self.department))
            .order_by(Clock.id)
        ).all()
        moved = [self._move_clock(clock, case.hold_until_on) for clock in clocks]
        db.session.flush()
        case.due_at = nearest_promise(case.id)
        return any(moved)

    def move_others(self) -> int:
        """Move the promises that are of no case; there are few of them."""
        with transaction():
            clocks = db.session.scalars(
                select(Clock)
                .outerjoin(ActionItem, ActionItem.id == Clock.item_id)
                .where(Clock.case_id.is_(None), Clock.calendar_id.is_distinct_from(self.calendar_id))
                .where(_in_scope(self.department, ActionItem.department_code))
                .order_by(Clock.id)
                .with_for_update(of=Clock)
            ).all()
            return sum(self._move_clock(clock, None) for clock in clocks)

    def _move_clock(self, clock: Clock, hold_until_on: date | None) -> bool:
        before = clock.due_at
        with suppress(CalendarTooShort):
            ends = worked_out(clock, calendar_by_id(self.calendar_id), hold_until_on)
            clock.runs_from_at, clock.due_at = ends
            clock.calendar_id = self.calendar_id
            set_next_rung(clock)
        if clock.due_at == before:
            return False
        add_segment(clock, clock.state, self.now, why="calendar", by=self.by)
        note_due(clock, before)
        return True


def _batches(department: str) -> Iterator[Sequence[int]]:
    """Ids of the open cases with promises that a calendar of `department` (empty: everybody's) counts."""
    after = 0
    while True:
        cases = db.session.scalars(
            select(Case.id)
            .join(Clock, Clock.case_id == Case.id)
            .where(_is_open(), _in_scope(department), Case.id > after)
            .distinct()
            .order_by(Case.id)
            .limit(BATCH)
        ).all()
        if not cases:
            return
        yield cases
        after = cases[-1]


def _is_open() -> ColumnElement[bool]:
    return Case.state.in_([state.value for state in OPEN])


def _in_scope(department: str, lead: InstrumentedAttribute[str] = Case.lead) -> ColumnElement[bool]:
    """Clocks that run or rest, of the kinds and matters that follow this calendar; lead: whom a matter lies with."""
    if department:
        mine = Clock.kind.in_([kind.value for kind in BY_DEPARTMENT]) & (lead == department)
    else:
        everybodys = select(Calendar.id).where(Calendar.department_code.is_(None))
        mine = Clock.calendar_id.is_(None) | Clock.calendar_id.in_(everybodys)
    return (Clock.state != "stopped") & mine


def _would_move(clock: Clock, calendar: ServiceCalendar, hold_until_on: date | None) -> bool:
    with suppress(CalendarTooShort):
        return worked_out(clock, calendar, hold_until_on)[1] != clock.due_at
    return False
