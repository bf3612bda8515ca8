"""Lists of cases a person may see: the queue, fifty at a time, by keyset."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from tracker.domain.lifecycle import LIFECYCLE, Action, Guard, State, Step
from tracker.domain.permissions import CASE_ROLES, Actor, Grant, Role
from tracker.extensions import db
from tracker.models import Case, CaseDepartment, HistoryHead, HistoryRow
from tracker.services.cases import CaseMissing

PAGE_ROWS = 50
LARGEST_ID = 2**31 - 1
"""What both databases take as an id; an address may hold any number."""

AWAITED = {
    Role.OPERATOR: (Action.ASK_INFO, Action.DISPATCH),
    Role.HANDLER: (Action.SIGN, Action.RESOLVE),
    Role.VERIFIER: (Action.FOUND, Action.PASS, Action.STILL_THERE),
    Role.DUTY_LEAD: (Action.ASK_INFO, Action.GRANT_RETURN, Action.GRANT_EXTENSION, Action.LOOK),
    Role.SUPERVISOR: (Action.GRANT_RETURN, Action.GRANT_EXTENSION, Action.LOOK, Action.RESUME),
}
"""For each role one action per decision it owes: where the table lets it take that action, the case waits for it.
``ASK_INFO`` stands for the first decision on a new report. A secretary owes none."""


class CursorWrong(ValueError):
    """The cursor in the address is not one of ours."""


@dataclass(frozen=True)
class QueueFilter:
    """What the queue shows.

    Attributes:
        states: any of these; empty: all.
        newest_first: order by the moment the case was opened.
        awaiting: only cases that wait for a decision of the person who asks.
        due: only cases whose nearest promise is due in this stretch of time, the earliest first.
        said: only cases of which people on the street say this: ``gone``, those who waited longest for somebody to
            look first, or ``worse``; empty: all.
    """

    states: frozenset[State] = frozenset()
    newest_first: bool = True
    awaiting: bool = False
    due: "Due | None" = None
    said: str = ""


@dataclass(frozen=True)
class Due:
    """A stretch of time, its end in it, its start not; None: open at that side."""

    after: datetime | None
    until: datetime


@dataclass(frozen=True)
class Tallies:
    """How many cases a person sees that wait for him, are due soon, are overdue, are said to be gone or worse."""

    awaiting: int
    soon: int
    over: int
    gone: int
    worse: int


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. Names are in both languages; the page chooses.

    Attributes:
        day_only: this reader learns the day of the report alone.
        voices: how many people it concerns.
        worse, gone, gone_at, gone_seen_at: what people on the street say, as in ``CaseRecord``.
    """

    id: int
    number: str
    state: State
    opened_at: datetime
    due_at: datetime | None
    day_only: bool
    category_zh: str
    category_en: str
    icon: str
    urgent: bool
    place: str
    lead: str
    look_by: str
    appeal_open: bool
    extension_on: date | None
    summary: str
    has_photo: bool
    reopens: int
    reworks: int
    returns: int
    voices: int
    worse: int
    gone: int
    gone_at: datetime | None
    gone_seen_at: datetime | None


@dataclass(frozen=True)
class QueuePage:
    """Rows in the order asked for, and cursors; an empty cursor: nothing there."""

    rows: Sequence[QueueRow]
    next_cursor: str
    previous_cursor: str
    live_cursor: int
    """How long the history is; what happened after it is new."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL that holds for the cases `actor` finds in lists: those of ``case_rules.roles_of`` that are not kept apart."""
    return and_(Case.held == 0, covered_by(actor, CASE_ROLES))


def covered_by(actor: Actor, roles: Collection[Role]) -> ColumnElement[bool]:
    """SQL that holds for the cases on which `actor` has one of `roles`."""
    return or_(false(), *(_covered(grant) for grant in actor.grants if grant.role in roles))


def awaiting(actor: Actor) -> ColumnElement[bool]:
    """SQL that holds for the cases that wait for a decision of `actor`, read from the table's own arrows."""
    owed = [
        and_(Case.held == 0, _covered(grant), or_(false(), *_open_to(grant)))
        for grant in actor.grants
        if grant.role in AWAITED
    ]
    return or_(false(), *owed)


def _covered(grant: Grant) -> ColumnElement[bool]:
    limits: list[ColumnElement[bool]] = [Case.id.is_not(None)]
    if grant.areas is not None:
        limits.append(Case.area_code.in_(sorted(grant.areas)))
    if grant.department is not None:
        with_it = select(CaseDepartment.case_id).where(CaseDepartment.department_code == grant.department)
        limits.append(Case.id.in_(with_it))
    return and_(*limits)


def _open_to(grant: Grant) -> Iterator[ColumnElement[bool]]:
    """Where the grant's role may take one of the actions it owes, step by step of the table."""
    for step in LIFECYCLE:
        if step.action in AWAITED[grant.role] and (decides := _decides(grant.role, step)) is not None:
            yield and_(Case.state.in_(sorted(step.sources)), decides, *_guarded(step, grant))


def _decides(role: Role, step: Step) -> ColumnElement[bool] | None:
    """The same as ``case_rules.who_may``, in SQL; None: never this role."""
    if step.raised is None:
        return true() if role in step.who else None
    repeated = getattr(Case, step.raised.field) >= step.raised.at_least
    may, may_once_raised = role in step.who, role in step.raised.who
    if may and may_once_raised:
        return true()
    if may_once_raised:
        return cast(ColumnElement[bool], repeated)
    return not_(repeated) if may else None


def _guarded(step: Step, grant: Grant) -> Iterator[ColumnElement[bool]]:
    if Guard.BY_LEAD in step.guards:
        yield Case.lead == (grant.department or "")
    if Guard.EXTENSION_ASKED in step.guards:
        yield Case.extension_on.is_not(None)
    if Guard.LOOK_DUE in step.guards:
        yield Case.look_by == grant.role.value
    if Guard.NO_LOOK_DUE in step.guards:
        yield Case.look_by == ""
    if Guard.GONE_SAID in step.guards:
        yield said_of("gone")


def said_of(what: str) -> ColumnElement[bool]:
    """SQL that holds for cases of which people on the street say that they are ``gone`` or ``worse``."""
    return {"gone": Case.gone, "worse": Case.worse}[what] > 0


def queue(actor: Actor, wanted: QueueFilter, cursor: str = "") -> QueuePage:
    """One page of the queue.

    Args:
        cursor: ``>…`` continues after a row, ``<…`` shows the page before it; empty: from the start.

    Raises:
        CursorWrong: not a cursor of ours.
    """
    backwards = cursor.startswith("<")
    statement = _filtered(actor, wanted)
    key = _key(wanted)
    descending = (wanted.newest_first and key is Case.opened_at) != backwards
    if cursor:
        statement = statement.where(_beyond(key, _position(cursor), descending=descending))
    order = (key.desc(), Case.id.desc()) if descending else (key, Case.id)
    rows, live_cursor = _rows_at(statement.order_by(*order).limit(PAGE_ROWS + 1), actor)
    has_more = len(rows) > PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    return QueuePage(
        rows=rows,
        next_cursor=_cursor(">", rows[-1], wanted) if rows and (has_more or backwards) else "",
        previous_cursor=_cursor("<", rows[0], wanted)
        if rows and (cursor and (has_more or not backwards))
        else "",
        live_cursor=live_cursor,
    )


def _key(wanted: QueueFilter) -> InstrumentedAttribute[Any]:
    """What the rows are ordered by; what presses is shown the earliest first."""
    if wanted.due:
        return Case.due_at
    return Case.gone_at if wanted.said == "gone" else Case.opened_at


def arrived_since(actor: Actor, wanted: QueueFilter, cursor: int) -> QueuePage:
    """Cases that came into the queue after `cursor` (a ``live_cursor``), newest first, at most one page.

    Raises:
        CursorWrong: the history is not that long.
    """
    end = _history_length()
    if not 0 <= cursor <= end:
        raise CursorWrong(cursor)
    arrived = select(HistoryRow.case_id).where(
        HistoryRow.position > cursor, HistoryRow.position <= end, _came_in(actor, wanted)
    )
    statement = _filtered(actor, wanted).where(Case.id.in_(arrived))
    newest = statement.order_by(Case.opened_at.desc(), Case.id.desc()).limit(PAGE_ROWS)
    return QueuePage(_rows(newest, actor), "", "", end)


def _came_in(actor: Actor, wanted: QueueFilter) -> ColumnElement[bool]:
    """SQL for the history rows that bring a case into the queue; what only moves on inside it is no news."""
    if wanted.awaiting:
        moved = HistoryRow.from_state != HistoryRow.to_state
        entered = or_(moved, HistoryRow.action.in_((Action.REQUEST_EXTENSION, Action.GONE)))
        return and_(entered, HistoryRow.user_id.is_distinct_from(actor.user_id))
    if wanted.said:
        return HistoryRow.action == wanted.said
    if wanted.states:
        states = sorted(wanted.states)
        entered = and_(HistoryRow.to_state.in_(states), HistoryRow.from_state.not_in(states))
    else:
        entered = HistoryRow.action == Action.REPORT
    if any(grant.department for grant in actor.grants):  # a department sees a case from its dispatch on
        return or_(entered, HistoryRow.action == Action.DISPATCH)
    return entered


def state_counts(actor: Actor) -> dict[State, int]:
    """How many cases the actor sees in each state."""
    rows = db.session.execute(select(Case.state, func.count()).where(visible_to(actor)).group_by(Case.state))
    return {State(state): count for state, count in rows}


def tallies(actor: Actor, soon: Due, over: Due) -> Tallies:
    """What presses, in one statement of which each part has its own index."""
    pressing = (_due_in(soon), _due_in(over), said_of("gone"), said_of("worse"))
    wanted = (awaiting(actor), *(and_(visible_to(actor), each) for each in pressing))
    parts = [select(func.count()).select_from(Case).where(each).scalar_subquery() for each in wanted]
    return Tallies(*db.session.execute(select(*parts)).one())


def thumb_of(number: str, actor: Actor) -> str:
    """The content hash of the photo that stands for a case in lists.

    Raises:
        CaseMissing: no such case for this person, or it came without a photo.
    """
    sha256 = db.session.scalar(select(Case.thumb).where(Case.number == number, visible_to(actor)))
    if not sha256:
        raise CaseMissing(number)
    return sha256


def _filtered(actor: Actor, wanted: QueueFilter) -> Select[Case]:
    statement = (
        select(Case)
        .join(Case.place)
        .join(Case.category_version)
        .options(contains_eager(Case.place), contains_eager(Case.category_version))
        .where(visible_to(actor))
    )
    if wanted.states:
        statement = statement.where(Case.state.in_(sorted(wanted.states)))
    if wanted.awaiting:
        statement = statement.where(awaiting(actor))
    if wanted.said:
        statement = statement.where(said_of(wanted.said))
    return statement.where(_due_in(wanted.due)) if wanted.due else statement


def _due_in(due: Due) -> ColumnElement[bool]:
    until = Case.due_at <= due.until
    return until if due.after is None else and_(Case.due_at > due.after, until)


def _beyond(
    key: InstrumentedAttribute[Any], position: tuple[datetime, int], *, descending: bool
) -> ColumnElement[bool]:
    moment, row_id = position
    if descending:
        return or_(key < moment, and_(key == moment, Case.id < row_id))
    return or_(key > moment, and_(key == moment, Case.id > row_id))


def _rows_at(statement: Select[Case], actor: Actor) -> tuple[list[QueueRow], int]:
    """Rows, and how long the history was at the very same moment: nothing falls between the two."""
    length = select(HistoryHead.count).scalar_subquery()
    found = db.session.execute(statement.add_columns(length)).all()
    return [_row(case, actor) for case, _ in found], found[0][1] if found else _history_length()


def _rows(statement: Select[Case], actor: Actor) -> list[QueueRow]:
    return [_row(case, actor) for case in db.session.scalars(statement)]


def _row(case: Case, actor: Actor) -> QueueRow:
    category = case.category_version
    return QueueRow(
        id=case.id,
        number=case.number,
        state=State(case.state),
        opened_at=case.opened_at,
        due_at=case.due_at,
        day_only=category.protect_reporter and actor.only_handles,
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        urgent=category.urgent,
        place=case.place.name,
        lead=case.lead,
        look_by=case.look_by,
        appeal_open=bool(case.appeal_open),
        extension_on=case.extension_on,
        summary=case.summary,
        has_photo=bool(case.thumb) and not case.flagged,
        reopens=case.reopens,
        reworks=case.reworks,
        returns=case.returns,
        voices=case.voices,
        worse=case.worse,
        gone=case.gone,
        gone_at=case.gone_at,
        gone_seen_at=case.gone_seen_at,
    )


def _history_length() -> int:
    return db.session.scalars(select(HistoryHead.count)).one()


def _cursor(direction: str, row: QueueRow, wanted: QueueFilter) -> str:
    key = getattr(row, _key(wanted).key) or row.opened_at
    return f"{direction}{key.timestamp():.6f}.{row.id}"


def _position(cursor: str) -> tuple[datetime, int]:
    try:
        seconds, microseconds, row_id = cursor[1:].split(".")
        moment = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
        position = moment, int(row_id)
    except (ValueError, OverflowError, OSError) as error:
        raise CursorWrong(cursor) from error
    if not 0 <= position[1] <= LARGEST_ID:
        raise CursorWrong(cursor)
    return position
