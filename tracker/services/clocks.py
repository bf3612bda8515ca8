"""Clocks in the database: started, stopped, paused and lengthened with the moves of their case.

Called by services/moves.py inside the move's transaction, under the case's lock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select

from tracker.domain.allowance import Allowance, AllowanceUnreadable, Unit, read_allowance, read_stage
from tracker.domain.calendar import CalendarTooShort, ServiceCalendar
from tracker.domain.case_record import CaseRecord
from tracker.domain.clocks import (
    CLOCK_EFFECTS,
    OWNER,
    STANDARD_ALLOWANCES,
    URGENT_SIGN,
    Change,
    ClockKind,
)
from tracker.domain.escalation import Running, rung_at
from tracker.domain.sla import due_at, later, time_between
from tracker.extensions import db
from tracker.models import Case, Category, Clock
from tracker.services.calendars import calendar_by_id, current_calendar_id
from tracker.services.parts import parts

_BY_DEPARTMENT = frozenset(
    {ClockKind.SIGN, ClockKind.CONTACT, ClockKind.STAGE, ClockKind.DONE, ClockKind.REDO}
)
"""Kinds that run in the hours of the department the case lies with."""


@dataclass(frozen=True)
class Followed:
    """One move as the clocks see it: what was done, what the case is after it, who did it."""

    action: str
    after: CaseRecord
    user_id: int | None
    stage: str = ""


def follow(case_id: int, category: Category, moves: Sequence[Followed], now: datetime) -> datetime | None:
    """Bring a case's clocks up to `moves` and return when the nearest promise is due.

    A clock that starts and stops within one batch of moves (filed and dispatched by rule at once) is not stored.
    """
    work = _Work(case_id, category, now)
    for move in moves:
        for effect in CLOCK_EFFECTS.get(move.action, ()):  # type: ignore[call-overload]
            for kind in effect.kinds:
                work.apply(effect.change, kind, move)
    return work.store()


class _Work:
    """The clocks of one case while its moves are followed."""

    def __init__(self, case_id: int, category: Category, now: datetime) -> None:
        self.case_id, self.category, self.now = case_id, category, now
        self.stored: list[Clock] = (
            list(db.session.scalars(select(Clock).where(Clock.case_id == case_id, Clock.state != "stopped")))
            if case_id
            else []
        )
        self.new: list[Clock] = []

    def apply(self, change: Change, kind: ClockKind, move: Followed) -> None:
        clocks = [clock for clock in (*self.stored, *self.new) if clock.kind == kind and clock.state != "stopped"]
        match change:
            case Change.START:
                self.stop(clocks)
                self.start(kind, move)
            case Change.START_UNLESS_RUNNING if not clocks:
                self.start(kind, move)
            case Change.STOP:
                self.stop([clock for clock in clocks if not move.stage or clock.stage == move.stage])
            case Change.PAUSE:
                for clock in clocks:
                    _pause(clock, move, self.now)
            case Change.RESUME:
                for clock in clocks:
                    _resume(clock, move, self.now)
            case Change.EXTEND:
                for clock in clocks:
                    _extend(clock, move, self.now)

    def start(self, kind: ClockKind, move: Followed) -> None:
        for stage, allowance in _allowances(kind, self.category):
            calendar_id = current_calendar_id(move.after.lead if kind in _BY_DEPARTMENT else "")
            clock = Clock(
                case_id=self.case_id,
                kind=kind.value,
                stage=stage,
                allowance=str(allowance),
                calendar_id=calendar_id,
                state="running",
                started_at=self.now,
                runs_from_at=self.now,
                next_rung=1,
                segments=[_segment("running", self.now, move)],
            )
            _promise(clock, _first_due(kind, allowance, move.after, calendar_by_id(calendar_id), self.now))
            self.new.append(clock)

    def stop(self, clocks: Iterable[Clock]) -> None:
        for clock in clocks:
            clock.state, clock.stopped_at, clock.next_rung_at = "stopped", self.now, None
            clock.segments = _ended(clock.segments, self.now)

    def store(self) -> datetime | None:
        self.new = [clock for clock in self.new if clock.state != "stopped"]
        db.session.add_all(self.new)
        running = [clock for clock in (*self.stored, *self.new) if clock.state == "running" and clock.kind in OWNER]
        return min((clock.due_at for clock in running if clock.due_at), default=None)
