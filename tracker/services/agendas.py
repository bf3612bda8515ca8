"""The agenda of a meeting: its issues in their order, the question to decide on each, the answers to choose from."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import ISSUE_STEPS, IssueAction
from tracker.domain.meetings import MeetingAction
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.votes import VoteRefused, options_from
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import AgendaItem, Area, Issue, Meeting, Option
from tracker.services.issue_moves import locked_issue, locked_issue_numbered, may_see, take_issue
from tracker.services.meeting_moves import MeetingMissing, locked_meeting_numbered, take_meeting

QUESTION_LIMIT_CHARS = 300
MOST_ITEMS = 12
"""More fits into no meeting."""
READY = next(step.sources for step in ISSUE_STEPS if step.action == IssueAction.SCHEDULE)
"""States from which an issue comes onto an agenda."""
UP, DOWN = "up", "down"


def add_item(number: str, issue: str, *, version: int, by: Actor, now: datetime) -> None:
    """Put a common issue (its number) at the end of the agenda.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, IssueMissing, IssueStepRefused, Incomplete.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        put_on(meeting, issue, by=by, now=now)
        return {"added": issue}

    _change(number, change, version=version, by=by, now=now)


def remove_item(number: str, item_id: int, *, version: int, by: Actor, now: datetime) -> None:
    """Take an issue off the agenda; one that was voted on stays.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, VoteRefused.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        item = item_of(meeting, item_id)
        if is_voted_on(item):
            raise VoteRefused(N_("这个议题已经开始表决，不能再移出议程。"))
        issue = locked_issue(item.issue_id)
        take_issue(issue, IssueAction.UNSCHEDULE, by=by, now=now, facts={"meeting": meeting.number})
        db.session.execute(delete(Option).where(Option.agenda_item_id == item.id))
        db.session.delete(item)
        db.session.flush()
        _number(_items(meeting))
        return {"removed": issue.number}

    _change(number, change, version=version, by=by, now=now)


def move_item(number: str, item_id: int, way: str, *, version: int, by: Actor, now: datetime) -> None:
    """Move an item one place ``up`` or ``down``; at the end nothing happens.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        items = _items(meeting)
        place = items.index(item_of(meeting, item_id))
        other = place - 1 if way == UP else place + 1
        if 0 <= other < len(items):
            items[place], items[other] = items[other], items[place]
        _number(items)
        return {"order": [item.issue_id for item in items]}

    _change(number, change, version=version, by=by, now=now)


def set_item(
    number: str, item_id: int, question: str, options: str, *, version: int, by: Actor, now: datetime
) -> None:
    """Write the question to decide, and the options, one a line; none: no vote.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused.
        Incomplete: too long, or the options cannot be voted on; ``question`` and ``options`` say why.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        item = item_of(meeting, item_id)
        asked = plain_text(question)
        if len(asked) > QUESTION_LIMIT_CHARS:
            raise Incomplete({"question": N_("文字太长，请缩短后再提交。")})
        _set_options(item, options)
        facts = {"issue": item.issue_id, "question": [item.question, asked]}
        item.question = asked
        return facts

    _change(number, change, version=version, by=by, now=now, action=MeetingAction.SET_ITEM)


def ready_issues(by: Actor) -> list[Issue]:
    """Issues that can come onto an agenda now, of the areas of `by`, oldest decision first."""
    rows = db.session.scalars(
        select(Issue).where(Issue.state.in_(sorted(READY))).order_by(Issue.state_at, Issue.id)
    )
    return [issue for issue in rows if may_see(issue, by)]


def put_on(meeting: Meeting, number: str, *, by: Actor, now: datetime) -> None:
    """Put an issue onto the agenda of a locked meeting. Inside a transaction.

    Raises:
        IssueMissing, IssueStepRefused: not his, or not ready.
        Incomplete: it lies outside the meeting's area, or the agenda is full.
    """
    issue = locked_issue_numbered(number, by)
    if issue.area_code not in within(meeting.area_code):
        raise Incomplete({"issues": N_("有议题不在会议的片区内，请换一个片区，或者去掉它。")})
    last = db.session.scalar(select(func.count(AgendaItem.id)).where(AgendaItem.meeting_id == meeting.id))
    if last is not None and last >= MOST_ITEMS:
        raise Incomplete({"issues": N_("一次会议最多12个议题。")})
    take_issue(issue, IssueAction.SCHEDULE, by=by, now=now, facts={"meeting": meeting.number})
    db.session.add(
        AgendaItem(meeting_id=meeting.id, issue_id=issue.id, position=(last or 0) + 1, question="")
    )
    db.session.flush()


def require_within(meeting: Meeting, area: str) -> None:
    """Every issue of the agenda must lie in `area` (code).

    Raises:
        Incomplete: one does not.
    """
    places = set(
        db.session.scalars(
            select(Issue.area_code)
            .join(AgendaItem, AgendaItem.issue_id == Issue.id)
            .where(AgendaItem.meeting_id == meeting.id)
        )
    )
    if not places <= within(area):
        raise Incomplete({"area": N_("有议题不在这个片区内。")})


def within(area: str) -> frozenset[str]:
    """Codes of an area and everything below it."""
    children: dict[str | None, list[str]] = {}
    for code, parent in db.session.execute(select(Area.code, Area.parent_code)):
        children.setdefault(parent, []).append(code)
    found, waiting = {area}, [area]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting.extend(below)
    return frozenset(found)


def item_of(meeting: Meeting, item_id: int) -> AgendaItem:
    """An item of this meeting's agenda, locked. Inside a transaction.

    Raises:
        MeetingMissing: it is of another, or gone.
    """
    item = db.session.scalar(
        select(AgendaItem)
        .where(AgendaItem.id == item_id, AgendaItem.meeting_id == meeting.id)
        .with_for_update()
    )
    if item is None:
        raise MeetingMissing(meeting.number)
    return item


def options_of(item: AgendaItem) -> Sequence[Option]:
    """The options of an item, in their order."""
    return db.session.scalars(
        select(Option).where(Option.agenda_item_id == item.id).order_by(Option.position)
    ).all()


def is_voted_on(item: AgendaItem) -> bool:
    """Whether a vote was opened, or hands were counted: its options stay from then on."""
    return item.vote_state != "none" or any(option.hand_count is not None for option in options_of(item))


def _change(
    number: str,
    change: Callable[[Meeting], dict[str, object]],
    *,
    version: int,
    by: Actor,
    now: datetime,
    action: MeetingAction = MeetingAction.SET_AGENDA,
) -> None:
    """One change of the agenda: the meeting locked, the table asked, the event written with what changed."""

    def use_case() -> None:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            facts = change(meeting)
            take_meeting(meeting, action, by=by, now=now, facts=facts)

    again_if_interrupted(use_case)


def _items(meeting: Meeting) -> list[AgendaItem]:
    return list(
        db.session.scalars(
            select(AgendaItem)
            .where(AgendaItem.meeting_id == meeting.id)
            .order_by(AgendaItem.position, AgendaItem.id)
        )
    )


def _number(items: Sequence[AgendaItem]) -> None:
    for position, item in enumerate(items, start=1):
        item.position = position


def _set_options(item: AgendaItem, text: str) -> None:
    try:
        wanted = options_from(plain_text(text))
    except VoteRefused as error:
        raise Incomplete({"options": str(error)}) from error
    present = [option.words for option in options_of(item)]
    if wanted == present:
        return
    if is_voted_on(item):
        raise Incomplete({"options": N_("已经开始表决，选项不能再改。")})
    db.session.execute(delete(Option).where(Option.agenda_item_id == item.id))
    for position, words in enumerate(wanted, start=1):
        db.session.add(Option(agenda_item_id=item.id, position=position, words=words))
