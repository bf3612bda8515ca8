"""What the pages of action items show: the queue, one item with its history, the items of an issue or of a case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from tracker.domain.actions import ENDED, ItemAction, ItemState, ItemStep, permitted_item_steps, roles_on
from tracker.domain.issues import PUBLIC
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionPhoto,
    Clock,
    Grant,
    Issue,
    Meeting,
    Report,
    User,
)
from tracker.services import links
from tracker.services.actions import DECIDES, TAKES_ITEMS, ItemMissing, may_see_item, standing_of
from tracker.services.clock_pages import ClockView, promises_of_item, soon_until, view_of
from tracker.services.issue_moves import IssueMissing, may_see
from tracker.services.look_backs import issue_of_report
from tracker.services.matters import items_visible_to
from tracker.services.parts import parts
from tracker.services.worklists import LARGEST_ID, CursorWrong

PAGE_ROWS = 50
MINE, DEPARTMENT, OVERDUE, CLAIMED, OPEN, ALL = "mine", "department", "overdue", "claimed", "open", "all"
VIEWS = (MINE, DEPARTMENT, OVERDUE, CLAIMED, OPEN, ALL)
"""mine: whoever is asked next is the person himself; claimed: waits to be accepted; open: nothing that ended."""


@dataclass(frozen=True)
class ItemRow:
    """One line of a list; person: as the minutes or the register say. `clock`: its promise that runs or was broken."""

    number: str
    action: str
    state: ItemState
    issue: str
    title: str
    department: str
    person: str
    due_on: date
    ended_at: datetime | None
    clock: ClockView | None


@dataclass(frozen=True)
class ItemList:
    """Soonest first; an empty cursor: these are all."""

    rows: Sequence[ItemRow]
    older: str


@dataclass(frozen=True)
class ItemPhoto:
    """A photo that came with an event."""

    id: int
    version: int
    width: int
    height: int


@dataclass(frozen=True)
class ItemEvent:
    """One row of an item's history; facts as models/action.py says."""

    version: int
    at: datetime
    action: ItemAction
    to_state: ItemState
    who: str
    is_mine: bool
    note: str
    facts: Mapping[str, str]
    photos: Sequence[ItemPhoto]


@dataclass(frozen=True)
class ItemPage:
    """One item.

    Attributes:
        meeting: number of the meeting that decided it; empty: decided on the issue.
        asked_on: a later day that was asked for and not ruled on; None: none.
        is_doer: it is this person's to do: he is named, or handles for the department.
        steps: what the person may do now, in the order of the table.
        promises: all there were, the first one first, with the rungs of the ladder that happened.
    """

    row: ItemRow
    measure: str
    version: int
    made_at: datetime
    made_by: str
    meeting: str
    asked_on: date | None
    is_doer: bool
    events: Sequence[ItemEvent]
    steps: Sequence[ItemStep]
    today: date
    promises: Sequence[ClockView]


@dataclass(frozen=True)
class Doer:
    """Somebody who can be asked to do it."""

    user_id: int
    name: str
    department: str


@dataclass(frozen=True)
class PublicItem:
    """What everybody may read of an item: no person, no number."""

    action: str
    department: str
    due_on: date
    state: ItemState
    ended_at: datetime | None


def items_page(actor: Actor, view: str, now: datetime, cursor: str = "") -> ItemList:
    """Fifty items of a view that the person may see.

    Raises:
        CursorWrong: not a cursor of ours.
    """
    statement = _visible(actor).where(_in_view(actor, view, now))
    if cursor:
        day, row_id = _position(cursor)
        later = or_(ActionItem.due_on > day, and_(ActionItem.due_on == day, ActionItem.id > row_id))
        statement = statement.where(later)
    found = db.session.execute(
        statement.order_by(ActionItem.due_on, ActionItem.id).limit(PAGE_ROWS + 1)
    ).all()
    rows = [(row[0], row[1], row[2]) for row in found[:PAGE_ROWS]]
    older = f"{rows[-1][0].due_on.isoformat()}.{rows[-1][0].id}" if len(found) > PAGE_ROWS else ""
    return ItemList(_rows(rows, now), older)


def view_counts(actor: Actor, now: datetime) -> dict[str, int]:
    """How many items each view holds, in one statement."""
    visible = items_visible_to(actor)
    counts = [
        select(func.count())
        .select_from(ActionItem)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .where(visible, _in_view(actor, view, now))
        .scalar_subquery()
        for view in VIEWS
    ]
    return dict(zip(VIEWS, db.session.execute(select(*counts)).one(), strict=True))


def item_page(number: str, actor: Actor, now: datetime) -> ItemPage:
    """One item for somebody at the desk.

    Raises:
        ItemMissing: no such item for this person.
    """
    maker = aliased(User)
    found = db.session.execute(
        select(ActionItem, Issue, User.name, maker.name, Meeting.number)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .join(maker, maker.id == ActionItem.made_by)
        .outerjoin(User, User.id == ActionItem.user_id)
        .outerjoin(Meeting, Meeting.id == ActionItem.meeting_id)
        .where(ActionItem.number == number)
    ).one_or_none()
    if found is None or not may_see_item(found[0], found[1], actor):
        raise ItemMissing(number)
    item, issue, person, made_by, meeting = found
    standing = standing_of(item, issue, now)
    events = _events(item.id, actor)
    return ItemPage(
        row=_rows([(item, issue, person)], now)[0],
        measure=item.measure,
        version=item.version,
        made_at=item.made_at,
        made_by=made_by,
        meeting=meeting or "",
        asked_on=_asked(events),
        is_doer=Role.HANDLER in roles_on(actor, standing),
        events=events,
        steps=list(permitted_item_steps(actor, standing)),
        today=standing.today,
        promises=promises_of_item(item.id, now),
    )


def changed_since(number: str, version: int, actor: Actor) -> Sequence[ItemEvent]:
    """What a stale page has not seen, oldest first."""
    item_id = db.session.scalars(select(ActionItem.id).where(ActionItem.number == number)).one()
    return [event for event in _events(item_id, actor) if event.version > version]


def item_photo(photo_id: int, actor: Actor) -> str:
    """The content hash of a photo on an item this person may see.

    Raises:
        ItemMissing: no such photo for this person.
    """
    found = db.session.execute(
        select(ActionPhoto.sha256, ActionItem, Issue)
        .join(ActionItem, ActionItem.id == ActionPhoto.item_id)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .where(ActionPhoto.id == photo_id)
    ).one_or_none()
    if found is None or not may_see_item(found[1], found[2], actor):
        raise ItemMissing(photo_id)
    return str(found[0])


def items_of_issue(issue_id: int, actor: Actor, now: datetime) -> Sequence[ItemRow]:
    """The items of an issue that the person may see, unfinished ones first."""
    return _listed(_visible(actor).where(ActionItem.issue_id == issue_id), now)


def items_for_reporter(link_key: str) -> tuple[str, Sequence[PublicItem]] | None:
    """Title of the issue that a reporter's case belongs to, and what was decided on it; None: nothing was.

    Raises:
        LinkUnknown: no such link.
    """
    report: Report = links.report_behind(link_key)
    issue = issue_of_report(report)
    found = public_items(issue.id) if issue is not None else ()
    return (issue.title, found) if issue is not None and found else None


def public_items(issue_id: int) -> Sequence[PublicItem]:
    """What was decided on an issue, for everybody, in the order it was decided; nothing of a mere candidate."""
    rows = db.session.scalars(
        select(ActionItem)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .where(ActionItem.issue_id == issue_id, Issue.state.in_(sorted(state.value for state in PUBLIC)))
        .order_by(ActionItem.id)
    )
    return [
        PublicItem(row.action, row.department_code, row.due_on, ItemState(row.state), row.ended_at)
        for row in rows
    ]


def doers() -> Sequence[Doer]:
    """Who can be asked to do an item: handlers, and the committee; by department and name."""
    rows = db.session.execute(
        select(User.id, User.name, func.coalesce(Grant.department_code, User.department_code, ""))
        .join(Grant, Grant.user_id == User.id)
        .where(
            User.is_active,
            Grant.role.in_([Role.HANDLER.value, *(role.value for role in DECIDES)]),
            *([] if parts().config.demo else [User.is_demo.is_(False)]),
        )
        .order_by(Grant.department_code, User.name, User.id)
    )
    seen: dict[int, Doer] = {}
    for user_id, name, department in rows:
        seen.setdefault(user_id, Doer(user_id, name, department))
    return list(seen.values())


@dataclass(frozen=True)
class IssueForItems:
    """An issue as far as its items need it. `takes`: whether the person may add one now."""

    id: int
    number: str
    title: str
    area: str
    takes: bool


def issue_for_items(number: str, actor: Actor) -> IssueForItems:
    """The issue that items are made for.

    Raises:
        IssueMissing: no such issue for this person.
    """
    issue = db.session.scalar(select(Issue).where(Issue.number == number))
    if issue is None or not may_see(issue, actor):
        raise IssueMissing(number)
    decides = bool(actor.roles_for(issue.area_code, ()) & DECIDES)
    takes = decides and issue.state in {state.value for state in TAKES_ITEMS}
    return IssueForItems(issue.id, issue.number, issue.title, issue.area_code, takes)


# ---------------------------------------------------------------- inside

_Found = tuple[ActionItem, Issue, str | None]


def _visible(actor: Actor) -> Select[ActionItem, Issue, str]:
    return (
        select(ActionItem, Issue, User.name)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .outerjoin(User, User.id == ActionItem.user_id)
        .where(items_visible_to(actor))
    )


def _in_view(actor: Actor, view: str, now: datetime) -> ColumnElement[bool]:
    unfinished = ActionItem.ended_at.is_(None)
    match view:
        case "mine":
            return and_(unfinished, or_(_to_do(actor), _to_accept(actor)))
        case "department":
            return and_(unfinished, ActionItem.department_code.in_(sorted(actor.departments)))
        case "overdue":
            today = now.astimezone(parts().zone).date()
            return and_(ActionItem.state.in_(("open", "in_progress")), ActionItem.due_on < today)
        case "claimed":
            return ActionItem.state == ItemState.DONE_CLAIMED.value
        case "open":
            return unfinished
    return ActionItem.id.is_not(None)


def _to_do(actor: Actor) -> ColumnElement[bool]:
    """The person is named, or handles for the department and nobody is."""
    handled = sorted(grant.department for grant in actor.grants if grant.department is not None)
    by_hand = and_(ActionItem.user_id.is_(None), ActionItem.department_code.in_(handled))
    return and_(
        ActionItem.state != ItemState.DONE_CLAIMED.value, or_(ActionItem.user_id == actor.user_id, by_hand)
    )


def _to_accept(actor: Actor) -> ColumnElement[bool]:
    if not any(grant.role in DECIDES for grant in actor.grants):
        return false()
    claimed_by = (
        select(ActionEvent.user_id)
        .where(ActionEvent.item_id == ActionItem.id, ActionEvent.action == ItemAction.CLAIM.value)
        .order_by(ActionEvent.version.desc())
        .limit(1)
        .correlate(ActionItem)
        .scalar_subquery()
    )
    return and_(ActionItem.state == ItemState.DONE_CLAIMED.value, claimed_by != actor.user_id)


def _listed(statement: Select[ActionItem, Issue, str], now: datetime) -> Sequence[ItemRow]:
    found = db.session.execute(
        statement.order_by(ActionItem.ended_at.is_not(None), ActionItem.due_on, ActionItem.id)
    ).all()
    return _rows([(row[0], row[1], row[2]) for row in found], now)


def _rows(found: Iterable[_Found], now: datetime) -> list[ItemRow]:
    listed = list(found)
    clocks = _clocks([item.id for item, *_ in listed], now) if listed else {}
    return [
        ItemRow(
            number=item.number,
            action=item.action,
            state=ItemState(item.state),
            issue=issue.number,
            title=issue.title,
            department=item.department_code,
            person=person or item.person_name,
            due_on=item.due_on,
            ended_at=item.ended_at,
            clock=clocks.get(item.id),
        )
        for item, issue, person in listed
    ]


def _clocks(item_ids: Sequence[int], now: datetime) -> dict[int, ClockView]:
    """Item id → its promise that runs, or was broken at last; one statement for a whole list."""
    until = soon_until(now)
    rows = db.session.scalars(select(Clock).where(Clock.item_id.in_(item_ids)).order_by(Clock.id))
    latest = {clock.item_id: view_of(clock, now, until) for clock in rows if clock.item_id is not None}
    return {item_id: view for item_id, view in latest.items() if view.is_open or view.over}


def _events(item_id: int, actor: Actor) -> list[ItemEvent]:
    photos: dict[int, list[ItemPhoto]] = {}
    for row in db.session.scalars(
        select(ActionPhoto).where(ActionPhoto.item_id == item_id).order_by(ActionPhoto.id)
    ):
        photos.setdefault(row.version, []).append(ItemPhoto(row.id, row.version, row.width, row.height))
    rows = db.session.execute(
        select(ActionEvent, User.name)
        .join(User, User.id == ActionEvent.user_id)
        .where(ActionEvent.item_id == item_id)
        .order_by(ActionEvent.version)
    )
    return [
        ItemEvent(
            version=event.version,
            at=event.at,
            action=ItemAction(event.action),
            to_state=ItemState(event.to_state),
            who=name,
            is_mine=event.user_id == actor.user_id,
            note=event.note,
            facts=event.facts,
            photos=photos.get(event.version, ()),
        )
        for event, name in rows
    ]


def _asked(events: Sequence[ItemEvent]) -> date | None:
    """The day that was asked for last, unless the due day was moved or the item went on since."""
    for event in reversed(events):
        if event.action == ItemAction.ASK_TIME:
            return date.fromisoformat(event.facts["asked_on"])
        if event.action in (ItemAction.EXTEND, ItemAction.CLAIM, ItemAction.SEND_BACK) or (
            event.to_state in ENDED
        ):
            return None
    return None


def _position(cursor: str) -> tuple[date, int]:
    day, _, number = cursor.partition(".")
    try:
        position = date.fromisoformat(day), int(number)
    except ValueError as error:
        raise CursorWrong(cursor) from error
    if not 0 <= position[1] <= LARGEST_ID:
        raise CursorWrong(cursor)
    return position
