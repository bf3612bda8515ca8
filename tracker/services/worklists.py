"""Lists of cases a person may see: the queue, fifty at a time, by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import contains_eager

from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import CASE_ROLES, Actor
from tracker.extensions import db
from tracker.models import Case, CaseDepartment, HistoryHead, HistoryRow

PAGE_ROWS = 50


class CursorWrong(ValueError):
    """The cursor in the address is not one of ours."""


@dataclass(frozen=True)
class QueueFilter:
    """What the queue shows.

    Attributes:
        states: any of these; empty: all.
        newest_first: order by the moment the case was opened.
        look_by: only cases that wait for this role to look; empty: all.
    """

    states: frozenset[State] = frozenset()
    newest_first: bool = True
    look_by: str = ""


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. Names are in both languages; the page chooses."""

    id: int
    number: str
    state: State
    opened_at: datetime
    moved_at: datetime
    category: str
    category_zh: str
    category_en: str
    icon: str
    urgent: bool
    place: str
    address: str
    lead: str
    look_by: str
    summary: str
    thumb: str
    reopens: int
    reworks: int
    returns: int


@dataclass(frozen=True)
class QueuePage:
    """Rows in the order asked for, and cursors; an empty cursor: nothing there."""

    rows: Sequence[QueueRow]
    next_cursor: str
    previous_cursor: str
    live_cursor: int
    """How long the history is; what happened after it is new."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL that holds for the cases `actor` may see: the same rule as ``case_rules.roles_of``."""
    clauses: list[ColumnElement[bool]] = []
    for grant in actor.grants:
        if grant.role not in CASE_ROLES:
            continue
        limits: list[ColumnElement[bool]] = []
        if grant.areas is not None:
            limits.append(Case.area_code.in_(sorted(grant.areas)))
        if grant.department is not None:
            limits.append(
                Case.id.in_(
                    select(CaseDepartment.case_id).where(CaseDepartment.department_code == grant.department)
                )
            )
        clauses.append(and_(Case.id.is_not(None), *limits))
    return or_(false(), *clauses)


def queue(actor: Actor, wanted: QueueFilter, cursor: str = "") -> QueuePage:
    """One page of the queue.

    Args:
        cursor: ``>…`` continues after a row, ``<…`` shows the page before it; empty: from the start.

    Raises:
        CursorWrong: not a cursor of ours.
    """
    backwards = cursor.startswith("<")
    statement = _filtered(actor, wanted)
    descending = wanted.newest_first != backwards
    if cursor:
        statement = statement.where(_beyond(_position(cursor), descending=descending))
    order = (Case.opened_at.desc(), Case.id.desc()) if descending else (Case.opened_at, Case.id)
    rows = _rows(statement.order_by(*order).limit(PAGE_ROWS + 1))
    has_more = len(rows) > PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    return QueuePage(
        rows=rows,
        next_cursor=_cursor(">", rows[-1]) if rows and (has_more or backwards) else "",
        previous_cursor=_cursor("<", rows[0]) if rows and (cursor and (has_more or not backwards)) else "",
        live_cursor=_history_length(),
    )


def arrived_since(actor: Actor, wanted: QueueFilter, cursor: int) -> QueuePage:
    """Cases that came into the queue after `cursor` (a ``live_cursor``), newest first, at most one page.

    Into a queue of certain states they come by moving there; into that of all states by being reported, or by
    being dispatched to a department that sees them from then on.
    """
    end = _history_length()
    arrived = select(HistoryRow.case_id).where(HistoryRow.position > cursor, HistoryRow.position <= end)
    if wanted.states:
        moved = HistoryRow.from_state != HistoryRow.to_state
        arrived = arrived.where(moved, HistoryRow.to_state.in_(sorted(wanted.states)))
    else:
        arrived = arrived.where(HistoryRow.action.in_((Action.REPORT, Action.DISPATCH)))
    statement = _filtered(actor, wanted).where(Case.id.in_(arrived))
    rows = _rows(statement.order_by(Case.opened_at.desc(), Case.id.desc()).limit(PAGE_ROWS))
    return QueuePage(rows, "", "", end)


def state_counts(actor: Actor) -> dict[State, int]:
    """How many cases the actor sees in each state."""
    rows = db.session.execute(select(Case.state, func.count()).where(visible_to(actor)).group_by(Case.state))
    return {State(state): count for state, count in rows}


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
    if wanted.look_by:
        statement = statement.where(Case.look_by == wanted.look_by)
    return statement


def _beyond(position: tuple[datetime, int], *, descending: bool) -> ColumnElement[bool]:
    moment, row_id = position
    if descending:
        return or_(Case.opened_at < moment, and_(Case.opened_at == moment, Case.id < row_id))
    return or_(Case.opened_at > moment, and_(Case.opened_at == moment, Case.id > row_id))


def _rows(statement: Select[Case]) -> list[QueueRow]:
    return [_row(case) for case in db.session.scalars(statement)]


def _row(case: Case) -> QueueRow:
    category = case.category_version
    return QueueRow(
        id=case.id,
        number=case.number,
        state=State(case.state),
        opened_at=case.opened_at,
        moved_at=case.moved_at,
        category=category.code,
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        urgent=category.urgent,
        place=case.place.name,
        address=case.place.address,
        lead=case.lead,
        look_by=case.look_by,
        summary=case.summary,
        thumb=case.thumb,
        reopens=case.reopens,
        reworks=case.reworks,
        returns=case.returns,
    )


def _history_length() -> int:
    return db.session.scalars(select(HistoryHead.count)).one()


def _cursor(direction: str, row: QueueRow) -> str:
    return f"{direction}{row.opened_at.timestamp():.6f}.{row.id}"


def _position(cursor: str) -> tuple[datetime, int]:
    try:
        seconds, microseconds, row_id = cursor[1:].split(".")
        moment = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
        return moment, int(row_id)
    except (ValueError, OverflowError, OSError) as error:
        raise CursorWrong(cursor) from error
