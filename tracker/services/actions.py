"""Action items: made by a decision, moved along their table, each move with an event, its clock and its messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.actions import (
    ENDED,
    ItemAction,
    ItemState,
    ItemStep,
    ItemStepRefused,
    Standing,
    day_problem,
    item_step,
    plain_item,
    require,
)
from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.permissions import CASE_ROLES, Actor, NotPermitted, Role
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import ActionEvent, ActionItem, ActionPhoto, Department, Grant, Issue, User
from tracker.services import clocks, look_backs
from tracker.services.action_notices import tell_reporters, tell_staff
from tracker.services.issue_moves import locked_issue, may_see, take_issue
from tracker.services.numbers import next_number
from tracker.services.parts import parts

STARTS_ACTING = frozenset({IssueState.ACCEPTED, IssueState.MET, IssueState.REVIEWING})
"""Where the first item brings an issue into the state of being acted on."""
TAKES_ITEMS = STARTS_ACTING | {IssueState.ACTING, IssueState.SCHEDULED}
DECIDES = frozenset({Role.SECRETARY, Role.SUPERVISOR})


class ItemMissing(LookupError):
    """No action item has this number, or it is none of the actor's business."""


class StaleItem(Exception):
    """Somebody else changed the item since the page was shown; nothing was written.

    Attributes:
        seen: the version the page showed.
    """

    def __init__(self, number: str, seen: int) -> None:
        super().__init__(f"{number} has moved on since version {seen}")
        self.number, self.seen = number, seen


@dataclass(frozen=True)
class NewItem:
    """What was decided.

    Attributes:
        department: code of the unit that answers for it.
        user_id: of the person who does it, if he signs in; else his name may stand in `person_name`.
        meeting_id, agenda_item_id: where it was decided; None: directly on the issue.
    """

    issue_id: int
    action: str
    measure: str
    department: str
    due_on: date | None
    user_id: int | None = None
    person_name: str = ""
    meeting_id: int | None = None
    agenda_item_id: int | None = None


def create(new: NewItem, *, by: Actor, now: datetime) -> str:
    """Make an action item, in a transaction of its own; return its number.

    Raises:
        IssueMissing, NotPermitted: the issue is none of this person's.
        IssueStepRefused, ItemStepRefused: no item can be made where the issue stands.
        Incomplete: ``action``, ``measure``, ``department``, ``person``, ``due_on`` → what is wrong.
    """

    def use_case() -> str:
        with transaction():
            return create_within(new, by=by, now=now)

    return again_if_interrupted(use_case)


def create_within(new: NewItem, *, by: Actor, now: datetime) -> str:
    """Like ``create``, inside a transaction of the caller: minutes that are approved make all their items at once."""
    issue = locked_issue(new.issue_id)
    if not may_see(issue, by) or not by.roles_for(issue.area_code, ()) & DECIDES or by.user_id is None:
        raise NotPermitted(ItemAction.MAKE)
    if IssueState(issue.state) not in TAKES_ITEMS:
        raise ItemStepRefused(N_("这个问题现在不能增加行动项，请先认定或重新打开。"))
    words, due_on = _checked(new, now)
    item = ActionItem(
        number=next_number("X", now),
        issue_id=issue.id,
        meeting_id=new.meeting_id,
        agenda_item_id=new.agenda_item_id,
        department_code=new.department,
        user_id=new.user_id,
        due_on=due_on,
        state=ItemState.OPEN.value,
        version=1,
        made_at=now,
        made_by=by.user_id,
        state_at=now,
        **words,
    )
    db.session.add(item)
    db.session.flush()
    _Turn(item, issue, by, now).keep(ItemAction.MAKE, "")
    if IssueState(issue.state) in STARTS_ACTING:
        take_issue(issue, IssueAction.ACT, by=by, now=now, facts={"items": [item.number]})
    look_backs.forget_planned(issue.id)
    clocks.start_for_item(item, now, by=by.user_id)
    tell_staff(item, issue, ItemAction.MAKE, by=by.user_id, now=now)
    tell_reporters(item, issue, "item_decided", now)
    return item.number


def take(
    number: str,
    action: ItemAction,
    *,
    version: int,
    by: Actor,
    now: datetime,
    note: str = "",
    on: date | None = None,
    photos: Sequence[StoredPhoto] = (),
) -> None:
    """Take an item along one arrow of its table: state, event, photos, clock and messages together.

    Args:
        version: that the page showed.
        on: a new due day, where the action asks for one.
        photos: already stored.

    Raises:
        ItemMissing: no such item for this person.
        StaleItem: it moved on since.
        ItemStepRefused: no such arrow from here, or not for this person.
        Incomplete: something that goes with it is missing.
    """

    def use_case() -> None:
        with transaction():
            item, issue = _locked(number, by)
            if item.version != version:
                raise StaleItem(number, version)
            standing = standing_of(item, issue, now)
            step = item_step(action, by, standing)
            words = plain_text(note)
            require(step, standing, note=words, photos=len(photos), on=on)
            _Turn(item, issue, by, now).move(step, words, on, photos)

    again_if_interrupted(use_case)


def standing_of(item: ActionItem, issue: Issue, now: datetime) -> Standing:
    """The item as the rules see it."""
    claimed_by = db.session.scalar(
        select(ActionEvent.user_id)
        .where(ActionEvent.item_id == item.id, ActionEvent.action == ItemAction.CLAIM.value)
        .order_by(ActionEvent.version.desc())
        .limit(1)
    )
    return Standing(
        state=ItemState(item.state),
        area=issue.area_code,
        department=item.department_code,
        person_id=item.user_id,
        claimed_by=claimed_by,
        due_on=item.due_on,
        today=now.astimezone(parts().zone).date(),
    )


def open_items(issue_id: int) -> list[str]:
    """Numbers of the issue's items that have not ended: while there are any, it cannot be closed."""
    unfinished = [state.value for state in ItemState if state not in ENDED]
    return list(
        db.session.scalars(
            select(ActionItem.number)
            .where(ActionItem.issue_id == issue_id, ActionItem.state.in_(unfinished))
            .order_by(ActionItem.id)
        )
    )


def settle(issue: Issue, *, by: Actor, now: datetime) -> bool:
    """If everything decided on the locked issue has ended, look back from now on; return whether it is so.

    Inside a transaction: after an item ended, and after minutes were approved that decided nothing new.
    """
    has_items = db.session.scalar(select(ActionItem.id).where(ActionItem.issue_id == issue.id).limit(1))
    if has_items is None or open_items(issue.id):
        return False
    if IssueState(issue.state) in (IssueState.ACTING, IssueState.MET):
        take_issue(issue, IssueAction.REVIEW, by=by, now=now)
    look_backs.plan(issue.id, now)
    return True


def _locked(number: str, by: Actor) -> tuple[ActionItem, Issue]:
    """The item and its issue, locked in this order everywhere: the issue first."""
    issue_id = db.session.scalar(select(ActionItem.issue_id).where(ActionItem.number == number))
    if issue_id is None:
        raise ItemMissing(number)
    issue = locked_issue(issue_id)
    item = db.session.scalars(
        select(ActionItem).where(ActionItem.number == number).with_for_update(key_share=True)
    ).one()
    if not may_see_item(item, issue, by):
        raise ItemMissing(number)
    return item, issue


def may_see_item(item: ActionItem, issue: Issue, actor: Actor) -> bool:
    """Whether the item lies in the person's areas and, for handlers, with their department; or he is named."""
    if actor.user_id is not None and actor.user_id == item.user_id:
        return True
    return bool(actor.roles_for(issue.area_code, (item.department_code,)) & CASE_ROLES)


@dataclass(frozen=True)
class _Turn:
    """One move of a locked item by somebody at a moment."""

    item: ActionItem
    issue: Issue
    by: Actor
    now: datetime

    def move(self, step: ItemStep, note: str, on: date | None, photos: Sequence[StoredPhoto]) -> None:
        """Take the arrow, which was found to be permitted and complete."""
        item, before = self.item, self.item.state
        facts = self._new_day(step.action, on)
        if step.target is not None:
            item.state, item.state_at = step.target.value, self.now
            item.ended_at = self.now if step.target in ENDED else None
        item.version += 1
        db.session.flush()
        self.keep(step.action, before, note, facts)
        for photo in photos:
            added = {"version": item.version, "added_at": self.now, "sha256": photo.sha256}
            db.session.add(ActionPhoto(item_id=item.id, width=photo.width, height=photo.height, **added))
        self._follow(step.action)

    def _new_day(self, action: ItemAction, on: date | None) -> dict[str, str]:
        """Set the due day where the action does; for the event, which keeps both days."""
        before = self.item.due_on
        if on is None or on == before:
            return {}
        if action == ItemAction.ASK_TIME:
            return {"asked_on": on.isoformat()}
        if action not in (ItemAction.EXTEND, ItemAction.SEND_BACK):
            return {}
        self.item.due_on = on
        return {"due_from": before.isoformat(), "due_to": on.isoformat()}

    def keep(
        self, action: ItemAction, before: str, note: str = "", facts: dict[str, str] | None = None
    ) -> None:
        """Write down what happened."""
        db.session.add(
            ActionEvent(
                item_id=self.item.id,
                version=self.item.version,
                at=self.now,
                action=action.value,
                from_state=before,
                to_state=self.item.state,
                user_id=self.by.user_id,
                note=note,
                facts=facts or {},
            )
        )

    def _follow(self, action: ItemAction) -> None:
        """What else happens: the promise, the messages, the issue."""
        item, issue, now, user_id = self.item, self.issue, self.now, self.by.user_id
        match action:
            case ItemAction.CLAIM:
                clocks.stop_for_item(item, now)
            case ItemAction.SEND_BACK:
                clocks.start_for_item(item, now, by=user_id)
            case ItemAction.EXTEND:
                clocks.extend_for_item(item, now, by=user_id)
        tell_staff(item, issue, action, by=user_id, now=now)
        if ItemState(item.state) in ENDED:
            clocks.stop_for_item(item, now)
            if action == ItemAction.ACCEPT:
                tell_reporters(item, issue, "item_closed", now)
            settle(issue, by=self.by, now=now)


def _checked(new: NewItem, now: datetime) -> tuple[dict[str, str], date]:
    """The words as they are stored, and the due day."""
    problems: dict[str, str] = {}
    words: dict[str, str] = {}
    try:
        words = plain_item({"action": new.action, "measure": new.measure, "person_name": new.person_name})
    except Incomplete as lacking:
        problems |= lacking.problems
    if db.session.get(Department, new.department) is None:
        problems["department"] = N_("请选择负责的单位。")
    elif new.user_id is not None and not _may_be_asked(new.user_id, new.department):
        problems["person"] = N_("这位同事不在所选的单位。")
    today = now.astimezone(parts().zone).date()
    if new.due_on is None:
        problems["due_on"] = N_("请定一个完成日期。")
    elif wrong := day_problem(new.due_on, today):
        problems["due_on"] = wrong
    if problems or new.due_on is None:
        raise Incomplete(problems)
    return words, new.due_on


def _may_be_asked(user_id: int, department: str) -> bool:
    """Whether the person handles for the department, or sits on the committee that decides."""
    user = db.session.get(User, user_id)
    if user is None or not user.is_active:
        return False
    handles = and_(Grant.role == Role.HANDLER.value, Grant.department_code == department)
    decides = Grant.role.in_(sorted(role.value for role in DECIDES))
    grant = select(Grant.id).where(Grant.user_id == user_id, or_(handles, decides)).limit(1)
    return db.session.scalar(grant) is not None
