"""The ladder in the database: which rungs are due, fired once each, and what would fire until a moment."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from tracker.domain.calendar import CalendarTooShort
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.clocks import AT_THE_END, OWNER, ClockKind
from tracker.domain.escalation import rungs_until
from tracker.domain.permissions import SYSTEM, NotPermitted
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import ActionItem, Calendar, Case, Category, Clock, Escalation, Issue
from tracker.models.base import in_words
from tracker.services.calendars import calendar_by_id, current_calendar_id
from tracker.services.cases import StaleVersion, act
from tracker.services.clocks import (
    as_running,
    calendar_for,
    calendar_of,
    nearest_promise,
    promise,
    set_next_rung,
)
from tracker.services.notices import notice_rung

BATCH = 200
"""Clocks dealt with in one transaction: short enough that nobody waits, long enough to be quick."""
LATE = timedelta(minutes=15)
"""A rung fired this much after it was due was missed while the service was down; it is told with the others."""


@dataclass(frozen=True)
class Upcoming:
    """A rung that has not happened yet."""

    number: str
    clock_id: int
    kind: ClockKind
    rung: int
    at: datetime


def fire_due_rungs(now: datetime) -> int:
    """Fire what is due, at most one batch of clocks; return how many clocks were dealt with.

    The rung is stored before anybody is told; its clock is locked meanwhile, and rows that another process has in
    hand are passed over. Several rungs of one clock that were missed are all stored, and told late.
    """

    def use_case() -> int:
        with transaction():
            due = _due(now)
            for clock, is_urgent in due:
                _fire(clock, now, is_urgent=is_urgent)
            return len(due)

    return again_if_interrupted(use_case)


def end_due_times(now: datetime) -> int:
    """Do what the system does when a reporter's time or a hold is over; return how many cases were moved.

    Each case moves in its own transaction through the case table. Somebody who acted meanwhile stopped the clock;
    then there is nothing to do.

    Raises:
        StepRefused, NotPermitted, Incomplete: the table refused a case; the others were moved before it is said.
    """
    moved = 0
    refusals: list[Exception] = []
    rows = db.session.execute(
        select(Clock.kind, Case.number, Case.version)
        .join(Case, Case.id == Clock.case_id)
        .where(_running(), Clock.next_rung_at <= now, Clock.kind.in_(AT_THE_END))
        .order_by(Clock.next_rung_at, Clock.id)
        .limit(BATCH)
    ).all()
    for kind, number, version in rows:
        try:
            act(number, AT_THE_END[ClockKind(kind)], _END, version=version, by=SYSTEM, now=now)
            moved += 1
        except StaleVersion:
            continue
        except (StepRefused, NotPermitted, Incomplete) as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return moved


_END = Supplied(reason="unclear", channel="none")
"""What declining for want of an answer supplies; other ends need nothing."""


def work_out_unknown_ends() -> int:
    """Give clocks whose end lay past the calendar their due time, once a longer one is there; at most one batch.

    A clock keeps the version it was promised under, unless that one could not say when it ends.
    """

    def use_case() -> int:
        with transaction():
            current = db.session.scalars(select(Calendar.id).where(Calendar.is_current)).all()
            if not current:
                return 0
            unknown = db.session.execute(
                select(Clock, Case)
                .join(Case, Case.id == Clock.case_id)
                .where(_has_no_end(current))
                .order_by(Clock.case_id, Clock.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            for clock, case in unknown:
                clock.calendar_id = calendar_for(ClockKind(clock.kind), case.lead)
                promise(clock, case.hold_until_on) if clock.due_at is None else set_next_rung(clock)
                case.due_at = nearest_promise(case.id)
            return len(unknown) + _work_out_others(current)

    return again_if_interrupted(use_case)


def _work_out_others(current: Sequence[int]) -> int:
    """The same for promises that are of no case."""
    unknown = db.session.execute(
        select(Clock, ActionItem.department_code)
        .outerjoin(ActionItem, ActionItem.id == Clock.item_id)
        .where(_has_no_end(current), Clock.case_id.is_(None))
        .order_by(Clock.id)
        .limit(BATCH)
        .with_for_update(of=Clock, skip_locked=True)
    ).all()
    for clock, department in unknown:
        clock.calendar_id = calendar_for(ClockKind(clock.kind), department or "")
        promise(clock) if clock.due_at is None else set_next_rung(clock)
    return len(unknown)


def _has_no_end(current: Sequence[int]) -> ColumnElement[bool]:
    """Clocks that run without a next rung, of a calendar that is none of the `current` ones."""
    return and_(
        in_words(Clock.state, "running"),
        Clock.next_rung_at.is_(None),
        or_(Clock.calendar_id.is_(None), Clock.calendar_id.not_in(current)),
    )


def upcoming(until: datetime, after: int = 0) -> Iterator[Upcoming]:
    """What would fire until `until`, clock by clock, without firing it."""
    while rows := db.session.execute(
        select(Clock, func.coalesce(Case.number, Issue.number, ActionItem.number))
        .outerjoin(Case, Case.id == Clock.case_id)
        .outerjoin(Issue, Issue.id == Clock.issue_id)
        .outerjoin(ActionItem, ActionItem.id == Clock.item_id)
        .where(_running(), Clock.next_rung_at <= until, Clock.kind.in_(OWNER), Clock.id > after)
        .order_by(Clock.id)
        .limit(BATCH)
    ).all():
        for clock, number in rows:
            with suppress(CalendarTooShort):
                for rung, at in rungs_until(as_running(clock), until, calendar_of(clock)):
                    yield Upcoming(number, clock.id, ClockKind(clock.kind), rung, at)
        after = rows[-1][0].id


def next_rung_at() -> datetime | None:
    """When the next rung is due, which may be past; None: no clock has one."""
    due = select(func.min(Clock.next_rung_at)).where(_running(), Clock.kind.in_(OWNER))
    return db.session.scalar(due)


def last_day_known() -> date | None:
    """Until when everybody's calendar can say what comes; None: there is none."""
    current = current_calendar_id()
    return calendar_by_id(current).last_day if current is not None else None


def is_caught_up(now: datetime) -> bool:
    """Whether nothing that was missed is still to be fired: then it can be told in one message a person.

    What is due on time does not count: in a large city something always is.
    """
    missed = and_(_running(), Clock.next_rung_at < now - LATE, Clock.kind.in_(OWNER))
    return db.session.scalar(select(Clock.id).where(missed).limit(1)) is None


def fired(clock_ids: Iterable[int]) -> Sequence[Escalation]:
    """The rungs of these clocks that happened, oldest first."""
    return db.session.scalars(
        select(Escalation)
        .where(Escalation.clock_id.in_(sorted(clock_ids)))
        .order_by(Escalation.fired_at, Escalation.id)
    ).all()


def _running() -> ColumnElement[bool]:
    return and_(in_words(Clock.state, "running"), Clock.next_rung_at.is_not(None))


def _due(now: datetime) -> Sequence[tuple[Clock, bool]]:
    rows = db.session.execute(
        select(Clock, Category.urgent)
        .outerjoin(Case, Case.id == Clock.case_id)
        .outerjoin(Category, Category.id == Case.category_id)
        .where(_running(), Clock.next_rung_at <= now, Clock.kind.in_(OWNER))
        .order_by(Clock.next_rung_at, Clock.id)
        .limit(BATCH)
        .with_for_update(of=Clock, skip_locked=True)
    )
    return [(clock, bool(is_urgent)) for clock, is_urgent in rows]


def _fire(clock: Clock, now: datetime, *, is_urgent: bool) -> None:
    about = _about(clock)
    with suppress(CalendarTooShort):  # what lies past the calendar waits for a longer one
        for rung, at in rungs_until(as_running(clock), now, calendar_of(clock)):
            db.session.add(
                Escalation(clock_id=clock.id, case_id=clock.case_id, rung=rung, due_at=at, fired_at=now)
            )
            facts = {"rung": rung, "clock_id": clock.id, "kind": clock.kind, "stage": clock.stage}
            facts |= about | {"due_at": clock.due_at.isoformat() if clock.due_at else ""}
            is_late = now - at > LATE
            db.session.add(notice_rung(clock.case_id, now, facts=facts, is_late=is_late, is_urgent=is_urgent))
            clock.next_rung, clock.last_rung_at = rung + 1, at
    set_next_rung(clock)


def _about(clock: Clock) -> dict[str, Any]:
    """What the notice of a rung says of a matter that is no case: which it is, and where it is looked at."""
    if clock.item_id is not None:
        item = db.session.get_one(ActionItem, clock.item_id)
        return {"item_id": item.id, "number": item.number, "link": f"/actions/{item.number}"}
    if clock.issue_id is not None:
        issue = db.session.get_one(Issue, clock.issue_id)
        return {"issue_id": issue.id, "number": issue.number, "link": f"/issues/{issue.number}"}
    return {}
