"""The promises of a case as its pages show them: how long is left, what moved the end, who was reminded.

Reads only; services/clocks.py writes the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.domain.allowance import Allowance, read_allowance
from tracker.domain.calendar import MONDAY, CalendarTooShort, ServiceCalendar
from tracker.domain.clocks import CLOCK_EFFECTS, OWNER, Change, ClockKind
from tracker.domain.escalation import OVERDUE_FROM, rungs_until
from tracker.domain.lifecycle import Action
from tracker.domain.sla import time_between
from tracker.extensions import db
from tracker.models import Case, Clock, User
from tracker.services.calendars import calendar_by_id, current_calendar_ids
from tracker.services.clocks import BY_DEPARTMENT, allowances_of, as_running, calendar_of, worked_out
from tracker.services.escalations import fired

SOON = timedelta(hours=4)
"""What is due within this much time, or this much service, is due soon. Our own proposal."""
DAY_AND_NIGHT = timedelta(days=1)
RUNGS_AHEAD = timedelta(days=14)
"""Rungs further off than this are not drawn."""
STARTED = (
    ClockKind.DONE,
    ClockKind.REDO,
    ClockKind.VERIFY,
    ClockKind.CONFIRM,
    ClockKind.INFO,
    ClockKind.REVIEW,
)
"""Of the clocks that a move starts, the one whose end people want to know beforehand."""


@dataclass(frozen=True)
class Span:
    """A length of time.

    Attributes:
        day: how much of it makes a day: 24 hours, or the service of a usual working day.
        is_service: counted in service hours.
    """

    time: timedelta
    day: timedelta = DAY_AND_NIGHT
    is_service: bool = False


@dataclass(frozen=True)
class Stretch:
    """Part of a clock's life. `to_at` None: it lasts; why: action, or ``calendar``; who: of staff, else empty.

    Attributes:
        due_from, due_to: where the end stood before and after, if this part moved it.
    """

    state: str
    from_at: datetime
    to_at: datetime | None
    why: str
    who: str
    due_from: datetime | None
    due_to: datetime | None
    moved: bool


@dataclass(frozen=True)
class RungView:
    """A rung of the ladder; `fired_at` None: it is still to come."""

    number: int
    at: datetime
    fired_at: datetime | None


@dataclass(frozen=True)
class ClockView:
    """One promise.

    Attributes:
        due_at: None: the calendar does not reach that far.
        left, over: time until the end, or past it: at its stop, at its pause, else now; None: unknown or not so.
        used: time from its start to its stop, without pauses; None while it goes on.
        paused: all its pauses together.
    """

    kind: ClockKind
    stage: str
    state: str
    allowance: Allowance
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    next_rung: int
    left: Span | None
    over: Span | None
    used: Span | None
    paused: Span
    stretches: Sequence[Stretch]
    is_soon: bool
    rungs: Sequence[RungView] = ()

    @property
    def is_open(self) -> bool:
        """Whether it runs or is paused."""
        return self.state != "stopped"

    @property
    def is_alarmed(self) -> bool:
        """Whether those answerable heard that it is overdue."""
        return self.next_rung > OVERDUE_FROM

    @property
    def pauses(self) -> int:
        """How often it was paused."""
        return sum(stretch.state == "paused" for stretch in self.stretches)

    @property
    def extensions(self) -> int:
        """How often its end was moved by a granted day."""
        return sum(stretch.why == Action.GRANT_EXTENSION for stretch in self.stretches)


@dataclass(frozen=True)
class Forecast:
    """When the promise that a move starts would be due; `at` None: the calendar does not reach that far.

    Attributes:
        before: where its end stands now, if the move only moves it or leaves it.
    """

    kind: ClockKind
    at: datetime | None
    before: datetime | None = None


class CaseClocks:
    """The clocks of one case at a moment, read when they are asked for. The caller knows who may see the case."""

    def __init__(self, number: str, now: datetime) -> None:
        self._number, self._now = number, now

    @cached_property
    def views(self) -> Sequence[ClockView]:
        """Every clock with its rungs, in the order they were started."""
        names = _names(segment.get("by") for clock in self._rows for segment in clock.segments)
        happened = _fired(clock.id for clock in self._rows)
        until = soon_until(self._now, self._calendars)
        return [
            replace(
                view_of(clock, self._now, until, names),
                rungs=[*happened.get(clock.id, ()), *_coming(clock, self._now)],
            )
            for clock in self._rows
        ]

    def forecast(self, action: Action, *, lead: str, on: date | None) -> Forecast | None:
        """What `action` taken now would promise; None: nothing that has an end.

        Args:
            lead: code of the department the case would lie with.
            on: review day of a hold, or the day that is asked for or granted.
        """
        running = {ClockKind(clock.kind): clock for clock in self._rows if clock.state != "stopped"}
        if action in (Action.REQUEST_EXTENSION, Action.GRANT_EXTENSION):
            return _extended(running.get(ClockKind.REDO) or running.get(ClockKind.DONE), on)
        for kind in STARTED:
            change = _started(action, kind)
            if change == Change.START_UNLESS_RUNNING and kind in running:
                return Forecast(kind, running[kind].due_at, running[kind].due_at)
            if change is not None:
                return self._fresh(kind, lead, on)
        return None

    def _fresh(self, kind: ClockKind, lead: str, on: date | None) -> Forecast | None:
        if kind == ClockKind.REVIEW and on is None:
            return None
        _stage, allowance = next(iter(allowances_of(kind, self._case.category_version)))
        hours_of = lead if kind in BY_DEPARTMENT else ""
        clock = Clock(  # never stored
            kind=kind,
            allowance=str(allowance),
            started_at=self._now,
            calendar_id=self._calendars.get(hours_of, self._calendars.get("")),
            segments=[],
        )
        at = None
        with suppress(CalendarTooShort):
            at = worked_out(clock, calendar_of(clock), on)[1]
        return Forecast(kind, at)

    @cached_property
    def _calendars(self) -> Mapping[str, int]:
        return current_calendar_ids()

    @cached_property
    def _rows(self) -> Sequence[Clock]:
        return _clocks(self._number)

    @cached_property
    def _case(self) -> Case:
        with_category = joinedload(Case.category_version, innerjoin=True)
        return db.session.scalars(
            select(Case).where(Case.number == self._number).options(with_category)
        ).one()


def promises_of(number: str, now: datetime) -> list[ClockView]:
    """The open clocks of a case without their rungs: what a reporter was promised."""
    return [view_of(clock, now, until=now) for clock in _clocks(number, is_open=True)]


def promises_of_item(item_id: int, now: datetime) -> list[ClockView]:
    """Every clock that an action item has had, with the rungs that happened."""
    clocks = db.session.scalars(select(Clock).where(Clock.item_id == item_id).order_by(Clock.id)).all()
    rungs, until = _fired(clock.id for clock in clocks), soon_until(now)
    return [replace(view_of(clock, now, until), rungs=rungs.get(clock.id, ())) for clock in clocks]


def next_promises(case_ids: Iterable[int], now: datetime, until: datetime) -> dict[int, ClockView]:
    """Case id → the promise of the desk that is due first, or the paused one; one statement for a whole list.

    Args:
        until: see ``soon_until``.
    """
    rows = db.session.scalars(
        select(Clock)
        .where(Clock.case_id.in_(sorted(case_ids)), Clock.state != "stopped", Clock.kind.in_(OWNER))
        .order_by(Clock.id)
    )
    nearest: dict[int, Clock] = {}
    for clock in rows:
        case_id = clock.case_id
        assert case_id is not None, "asked for clocks of cases"  # noqa: S101 - narrows the type
        if case_id not in nearest or _urgency(clock) < _urgency(nearest[case_id]):
            nearest[case_id] = clock
    return {case_id: view_of(clock, now, until) for case_id, clock in nearest.items()}


def soon_until(now: datetime, calendars: Mapping[str, int] | None = None) -> datetime:
    """Promises due until then are due soon: over a night or a weekend the next hours of service count.

    Args:
        calendars: the present versions, where they were looked up already.
    """
    office = (current_calendar_ids() if calendars is None else calendars).get("")
    if office is not None:
        with suppress(CalendarTooShort):
            return max(now + SOON, calendar_by_id(office).after_working_time(now, SOON))
    return now + SOON


def _extended(work: Clock | None, on: date | None) -> Forecast | None:
    if work is None:
        return None
    kind, at = ClockKind(work.kind), None
    if on is not None and work.due_at is not None:
        with suppress(CalendarTooShort):
            at = max(work.due_at, calendar_of(work).closing_on(on))
    return Forecast(kind, at, work.due_at)


def _started(action: Action, kind: ClockKind) -> Change | None:
    starts = (Change.START, Change.START_UNLESS_RUNNING)
    for effect in CLOCK_EFFECTS.get(action, ()):
        if effect.change in starts and kind in effect.kinds:
            return effect.change
    return None


def view_of(
    clock: Clock, now: datetime, until: datetime, names: Mapping[int, str] | None = None
) -> ClockView:
    """One row as pages show it; until: see ``soon_until``; names: user id → name."""
    allowance, calendar = read_allowance(clock.allowance), calendar_of(clock)
    measure = _Measure(allowance, calendar)
    stretches = [_stretch(segment, names or {}) for segment in clock.segments]
    at = clock.stopped_at or (stretches[-1].from_at if clock.state == "paused" else now)
    paused = sum(
        (measure.between(one.from_at, one.to_at or now) for one in stretches if one.state == "paused"),
        timedelta(),
    )
    due, is_over = clock.due_at, clock.due_at is not None and at > clock.due_at
    is_running = clock.state == "running" and due is not None
    return ClockView(
        kind=ClockKind(clock.kind),
        stage=clock.stage,
        state=clock.state,
        allowance=allowance,
        started_at=clock.started_at,
        due_at=due,
        stopped_at=clock.stopped_at,
        next_rung=clock.next_rung,
        left=measure.span(at, due) if due and not is_over else None,
        over=measure.span(due, at) if due and is_over else None,
        used=measure.of(measure.between(clock.started_at, clock.stopped_at) - paused)
        if clock.stopped_at
        else None,
        paused=measure.of(paused),
        stretches=stretches,
        is_soon=bool(is_running and due and not is_over and due <= until),
    )


class _Measure:
    """Lengths in the kind of time that an allowance runs in; by the clock where the calendar cannot say."""

    def __init__(self, allowance: Allowance, calendar: ServiceCalendar) -> None:
        self._allowance, self._calendar = allowance, calendar
        self._is_service = not allowance.runs_day_and_night

    def between(self, start: datetime, end: datetime) -> timedelta:
        with suppress(CalendarTooShort):
            return time_between(start, end, self._allowance, self._calendar)
        self._is_service = False
        return max(end - start, timedelta())

    def span(self, start: datetime, end: datetime) -> Span:
        return self.of(self.between(start, end))

    def of(self, length: timedelta) -> Span:
        if not self._is_service:
            return Span(length)
        return Span(length, usual_day(self._calendar), is_service=True)


def usual_day(calendar: ServiceCalendar) -> timedelta:
    """The service of a Monday, which make-up days have too."""
    some_day = date(2000, 1, 3)
    windows = calendar.weekly[MONDAY]
    return sum(
        (datetime.combine(some_day, closes) - datetime.combine(some_day, opens) for opens, closes in windows),
        timedelta(),
    )


def _clocks(number: str, *, is_open: bool = False) -> Sequence[Clock]:
    statement = select(Clock).join(Case, Case.id == Clock.case_id).where(Case.number == number)
    if is_open:
        statement = statement.where(Clock.state != "stopped")
    return db.session.scalars(statement.order_by(Clock.id)).all()


def _names(user_ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {user_id for user_id in user_ids if user_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(sorted(wanted))))
    return {row.id: row.name for row in rows}


def _fired(clock_ids: Iterable[int]) -> Mapping[int, Sequence[RungView]]:
    found: dict[int, list[RungView]] = {}
    for row in fired(clock_ids):
        found.setdefault(row.clock_id, []).append(RungView(row.rung, row.due_at, row.fired_at))
    return found


def _coming(clock: Clock, now: datetime) -> list[RungView]:
    if clock.state != "running" or clock.due_at is None or clock.kind not in OWNER:
        return []
    found: list[RungView] = []
    with suppress(CalendarTooShort):
        for number, at in rungs_until(
            as_running(clock), max(now, clock.due_at) + RUNGS_AHEAD, calendar_of(clock)
        ):
            found.append(RungView(number, at, None))
            if at > now and len(found) >= 4:
                break
    return found


def _urgency(clock: Clock) -> tuple[bool, datetime]:
    """Running before paused, known ends before unknown ones."""
    latest = datetime.max.replace(tzinfo=UTC)
    return clock.state != "running", clock.due_at or latest


def _stretch(segment: Mapping[str, Any], names: Mapping[int, str]) -> Stretch:
    return Stretch(
        state=segment["state"],
        from_at=datetime.fromisoformat(segment["from"]),
        to_at=_moment(segment["to"]),
        why=segment["why"],
        who=names.get(segment.get("by") or 0, ""),
        due_from=_moment(segment.get("due_from")),
        due_to=_moment(segment.get("due_to")),
        moved="due_to" in segment,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
