"""Clocks in the database: started, stopped, paused and lengthened with the moves of their case.

Called by services/moves.py inside the move's transaction, under the case's lock; those of common issues and action
items by whoever moves these.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, select

from tracker.domain.allowance import Allowance, read_allowance, read_stage
from tracker.domain.calendar import NOTHING_KNOWN, CalendarTooShort, ServiceCalendar
from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Supplied
from tracker.domain.clocks import (
    CLOCK_EFFECTS,
    OWNER,
    STANDARD_ALLOWANCES,
    URGENT_SIGN,
    Change,
    ClockKind,
)
from tracker.domain.escalation import Running, rung_at
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor
from tracker.domain.sla import due_at, later, time_between
from tracker.extensions import db, insert_rows
from tracker.models import ActionItem, Case, Category, Clock, Issue
from tracker.services.calendars import calendar_by_id, current_calendar_id
from tracker.services.parts import parts

BY_DEPARTMENT = frozenset(
    {ClockKind.SIGN, ClockKind.CONTACT, ClockKind.STAGE, ClockKind.DONE, ClockKind.REDO, ClockKind.ITEM}
)
"""Kinds that run in the hours of the department the matter lies with."""
BY_DAY = "1wd"
"""Stands for an allowance where a day was named: the day is what counts, and shares are of working time."""


@dataclass(frozen=True)
class Followed:
    """One move as those see it who follow it: what was done, what the case is after it, who did it with what."""

    action: Action
    after: CaseRecord
    by: Actor
    supplied: Supplied


def follow(case: Case, moves: Sequence[Followed], now: datetime, *, is_new: bool = False) -> list[Clock]:
    """Bring a case's clocks up to `moves`, and its nearest promise with them; return clocks that are not stored yet.

    A clock that starts and stops within one batch of moves (filed and dispatched by rule at once) never appears.
    While a case is kept apart nobody has promised anything.
    """
    work = _Work(case, [] if is_new else open_clocks(case.id), now)
    for move in (each for each in moves if not each.after.held):
        for effect in CLOCK_EFFECTS.get(move.action, ()):
            for kind in effect.kinds:
                work.apply(effect.change, kind, move)
    started = [clock for clock in work.new if clock.state != "stopped"]
    case.due_at = _nearest((*work.stored, *started))
    return started


def store(clocks: Iterable[Clock], case_id: int) -> None:
    """Store clocks that ``follow`` started; one statement."""
    columns = [column.key for column in Clock.__table__.columns if column.key not in ("id", "case_id")]
    rows = [{"case_id": case_id} | {name: getattr(clock, name) for name in columns} for clock in clocks]
    insert_rows(Clock, rows)


def open_clocks(case_id: int) -> list[Clock]:
    """The clocks of a case that run or are paused, in the order they were started."""
    return list(
        db.session.scalars(
            select(Clock).where(Clock.case_id == case_id, Clock.state != "stopped").order_by(Clock.id)
        )
    )


def nearest_promise(case_id: int) -> datetime | None:
    """When the nearest promise of somebody at the desk is due on this case; None: none runs, or none is known."""
    return _nearest(open_clocks(case_id))


def _nearest(clocks: Iterable[Clock]) -> datetime | None:
    running = [clock for clock in clocks if clock.state == "running" and clock.kind in OWNER]
    return min((clock.due_at for clock in running if clock.due_at), default=None)


def set_next_rung(clock: Clock) -> None:
    """Work out when `clock` has something to do next; unknown if that lies past its calendar.

    A clock of somebody at the desk climbs the ladder; one that belongs to nobody ends at its due time.
    """
    clock.next_rung_at = None
    if clock.due_at is None or clock.state != "running":
        return
    if clock.kind not in OWNER:
        clock.next_rung_at = clock.due_at
        return
    with suppress(CalendarTooShort):
        clock.next_rung_at = rung_at(
            as_running(clock), clock.next_rung, clock.last_rung_at, calendar_of(clock)
        )


def as_running(clock: Clock) -> Running:
    """The clock as the ladder sees it; it has a due time."""
    if clock.due_at is None:
        raise ValueError(f"clock {clock.id} has no due time")
    return Running(
        clock.runs_from_at, clock.due_at, read_allowance(clock.allowance), clock.next_rung, clock.last_rung_at
    )


def calendar_of(clock: Clock) -> ServiceCalendar:
    """The calendar version the clock was promised under; one that knows nothing if there was none."""
    return NOTHING_KNOWN if clock.calendar_id is None else calendar_by_id(clock.calendar_id)


def calendar_for(kind: ClockKind, lead: str) -> int | None:
    """The version that a promise of `kind` made now is counted in, for a case that lies with `lead` (or nobody)."""
    return current_calendar_id(lead if kind in BY_DEPARTMENT else "")


def promise(clock: Clock, hold_until_on: date | None = None) -> None:
    """Work out when a clock is due, unknown if that lies past its calendar, and with it what it has to do next."""
    clock.due_at = None
    with suppress(CalendarTooShort):
        clock.runs_from_at, clock.due_at = worked_out(clock, calendar_of(clock), hold_until_on)
    set_next_rung(clock)


def worked_out(
    clock: Clock, calendar: ServiceCalendar, hold_until_on: date | None = None
) -> tuple[datetime, datetime]:
    """From where shares of a clock's allowance count, and when it is due: what its segments add up to in `calendar`.

    A pause gives back the time it took. A granted day ends with its service and never shortens the promise.

    Raises:
        CalendarTooShort: the calendar cannot say.
    """
    allowance = read_allowance(clock.allowance)
    runs_from, due = clock.started_at, _first_due(clock, allowance, calendar, hold_until_on)
    for segment in clock.segments:
        if "due_on" in segment:
            due = max(due, calendar.closing_on(date.fromisoformat(segment["due_on"])))
        if segment["state"] == "paused" and segment["to"]:
            paused, resumed = (datetime.fromisoformat(segment[edge]) for edge in ("from", "to"))
            lost = time_between(paused, resumed, allowance, calendar)
            runs_from, due = (later(moment, lost, allowance, calendar) for moment in (runs_from, due))
    return runs_from, due


def note_due(clock: Clock, before: datetime | None) -> None:
    """Keep both ends, before and after a change, in the clock's last segment."""
    both = {"due_from": _text(before), "due_to": _text(clock.due_at)}
    clock.segments = [*clock.segments[:-1], clock.segments[-1] | both]


def add_segment(clock: Clock, state: str, now: datetime, *, why: str, by: int | None) -> None:
    """End a clock's last segment at `now` and begin another."""
    clock.segments = [*_closed(clock.segments, now), _segment(state, now, why=why, by=by)]


class _Work:
    """The clocks of one case while its moves are followed."""

    def __init__(self, case: Case, stored: list[Clock], now: datetime) -> None:
        self.case, self.stored, self.now = case, stored, now
        self.new: list[Clock] = []

    def apply(self, change: Change, kind: ClockKind, move: Followed) -> None:
        clocks = [
            clock for clock in (*self.stored, *self.new) if clock.kind == kind and clock.state != "stopped"
        ]
        match change:
            case Change.START:
                self.stop(clocks)
                self.start(kind, move)
            case Change.START_UNLESS_RUNNING:
                if not clocks:
                    self.start(kind, move)
            case Change.STOP:
                one = move.supplied.stage if move.action == Action.FINISH_STAGE else ""
                self.stop(clock for clock in clocks if one in ("", clock.stage))
            case Change.PAUSE | Change.RESUME | Change.EXTEND:
                for clock in clocks:
                    _CHANGES[change](clock, move, self.now)

    def start(self, kind: ClockKind, move: Followed) -> None:
        for stage, allowance in allowances_of(kind, self.case.category_version):
            first = _segment("running", self.now, why=move.action, by=move.by.user_id)
            clock = _begun(kind, str(allowance), first, self.now, lead=move.after.lead)
            clock.stage = stage
            promise(clock, move.after.hold_until_on)
            self.new.append(clock)

    def stop(self, clocks: Iterable[Clock]) -> None:
        for clock in clocks:
            _stop(clock, self.now)


# ---------------------------------------------------------------- promises of more than cases


def start_for_issue(issue: Issue, now: datetime) -> None:
    """Promise that somebody decides on `issue` within five working days; a promise that runs goes on.

    Inside a transaction, under the issue's lock, like everything below.
    """
    if not _open_of(Clock.issue_id == issue.id):
        allowance = STANDARD_ALLOWANCES[ClockKind.ISSUE_REVIEW]
        clock = _begun(ClockKind.ISSUE_REVIEW, allowance, _segment("running", now, why="start", by=None), now)
        clock.issue_id = issue.id
        promise(clock)
        db.session.add(clock)


def stop_for_issue(issue: Issue, now: datetime) -> None:
    """Somebody decided; nothing happens where no promise ran."""
    for clock in _open_of(Clock.issue_id == issue.id):
        _stop(clock, now)


def start_for_item(item: ActionItem, now: datetime, *, by: int | None = None) -> None:
    """Promise `item` until service ends on its due day, in the hours of its department; one that runs goes on.

    Args:
        by: user id of whoever made the promise.
    """
    if not _open_of(Clock.item_id == item.id):
        first = _segment("running", now, why="start", by=by) | {"due_on": item.due_on.isoformat()}
        clock = _begun(ClockKind.ITEM, BY_DAY, first, now, lead=item.department_code)
        clock.item_id = item.id
        promise(clock)
        db.session.add(clock)


def stop_for_item(item: ActionItem, now: datetime) -> None:
    """The item is done, or somebody else's now; nothing happens where no promise ran."""
    for clock in _open_of(Clock.item_id == item.id):
        _stop(clock, now)


def extend_for_item(item: ActionItem, now: datetime, *, by: int | None = None) -> None:
    """Move the end of the promise to the item's due day, which was set before; rungs not yet fired follow.

    A day before the present end leaves it: an extension never shortens a promise. Both ends are kept.
    """
    for clock in _open_of(Clock.item_id == item.id):
        _lengthen(clock, item.due_on, now, why=Action.GRANT_EXTENSION, by=by)


def _open_of(condition: ColumnElement[bool]) -> Sequence[Clock]:
    return db.session.scalars(
        select(Clock).where(condition, Clock.state != "stopped").order_by(Clock.id).with_for_update()
    ).all()


def _begun(kind: ClockKind, allowance: str, first: dict[str, Any], now: datetime, *, lead: str = "") -> Clock:
    """A clock that starts `now`; its end is still to be worked out."""
    return Clock(
        kind=kind.value,
        stage="",
        due_at=None,
        stopped_at=None,
        last_rung_at=None,
        allowance=allowance,
        calendar_id=calendar_for(kind, lead),
        state="running",
        started_at=now,
        runs_from_at=now,
        next_rung=1,
        segments=[first],
    )


def _stop(clock: Clock, now: datetime) -> None:
    clock.state, clock.stopped_at, clock.next_rung_at = "stopped", now, None
    clock.segments = _closed(clock.segments, now)


def _lengthen(clock: Clock, due_on: date, now: datetime, *, why: str, by: int | None) -> None:
    before = clock.due_at
    add_segment(clock, clock.state, now, why=why, by=by)
    clock.segments[-1]["due_on"] = due_on.isoformat()
    promise(clock)
    note_due(clock, before)


# ---------------------------------------------------------------- what a move does to one clock


def allowances_of(kind: ClockKind, category: Category) -> Iterator[tuple[str, Allowance]]:
    """What a category promises for a kind of clock: (stage, allowance); several only for stages."""
    promised = category.allowances
    match kind:
        case ClockKind.ACCEPT:
            yield "", read_allowance(promised["accept"])
        case ClockKind.CONTACT:
            yield "", read_allowance(promised["act"])
        case ClockKind.DONE:
            yield "", read_allowance(promised["done"])
        case ClockKind.STAGE:
            for stage in map(read_stage, promised["stages"]):
                if str(stage.allowance) != promised["done"]:  # the last stage is the end itself
                    yield stage.name, stage.allowance
        case ClockKind.REVIEW:
            yield "", read_allowance(BY_DAY)
        case ClockKind.SIGN if category.urgent:
            yield "", read_allowance(URGENT_SIGN)
        case _:
            yield "", read_allowance(STANDARD_ALLOWANCES[kind])


def _first_due(
    clock: Clock, allowance: Allowance, calendar: ServiceCalendar, hold_until_on: date | None
) -> datetime:
    if clock.kind == ClockKind.REVIEW and hold_until_on:
        return datetime.combine(hold_until_on, time(), parts().zone).astimezone(UTC)
    if clock.kind == ClockKind.ITEM:
        return calendar.closing_on(date.fromisoformat(clock.segments[0]["due_on"]))
    return due_at(clock.started_at, allowance, calendar)


def _pause(clock: Clock, move: Followed, now: datetime) -> None:
    if clock.state == "running":
        clock.state, clock.next_rung_at = "paused", None
        add_segment(clock, "paused", now, why=move.action, by=move.by.user_id)


def _resume(clock: Clock, move: Followed, now: datetime) -> None:
    """Give back the time the pause took: start and end move on by it, and so do the rungs not yet fired."""
    if clock.state == "paused":
        clock.state = "running"
        add_segment(clock, "running", now, why=move.action, by=move.by.user_id)
        promise(clock)


def _extend(clock: Clock, move: Followed, now: datetime) -> None:
    """A granted day replaces the end; the rungs not yet fired follow the longer time."""
    if move.after.due_on is not None:
        _lengthen(clock, move.after.due_on, now, why=move.action, by=move.by.user_id)


_CHANGES = {Change.PAUSE: _pause, Change.RESUME: _resume, Change.EXTEND: _extend}


def _segment(state: str, now: datetime, *, why: str, by: int | None) -> dict[str, Any]:
    return {"state": state, "from": now.isoformat(), "to": None, "why": str(why), "by": by}


def _closed(segments: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    return [*segments[:-1], segments[-1] | {"to": now.isoformat()}]


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
