"""Meetings: planned, changed, held, closed, cancelled. Agenda: services/agendas.py; guests: services/invitations.py.

What is told to guests is written with the change, in the same transaction.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction
from tracker.domain.meetings import MeetingAction, MeetingState, MeetingStepRefused, may_be_held
from tracker.domain.permissions import Actor, Permission
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import AgendaItem, Area, Invitation, Meeting, User
from tracker.services import agendas
from tracker.services.issue_moves import locked_issue, take_issue
from tracker.services.links import hash_of
from tracker.services.meeting_moves import locked_meeting_numbered, roles_on, take_meeting
from tracker.services.meeting_notices import invited_to, tell_guests
from tracker.services.numbers import next_number
from tracker.services.parts import parts
from tracker.services.people import actor_of

TITLE_LIMIT_CHARS = 80
ROOM_LIMIT_CHARS = 120
LONGEST = timedelta(hours=12)
"""A meeting that lasts longer is a slip of the finger."""
DOOR_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DOOR_LENGTH = 16
"""80 random bits in capitals, which pack small in a printed code; it works for some hours of one day."""


@dataclass(frozen=True)
class Plan:
    """When, where and about what people meet.

    Attributes:
        area: code.
        starts_at, ends_at: aware; None: what was typed is no time.
        chair_id: of somebody who keeps meetings there.
    """

    title: str
    area: str
    starts_at: datetime | None
    ends_at: datetime | None
    room: str
    chair_id: int


def plan(wanted: Plan, issues: Sequence[str], *, by: Actor, now: datetime) -> str:
    """Plan a meeting about common issues (their numbers, in the order of the agenda); return its number.

    Raises:
        Incomplete: something is missing or wrong, by the name of its field.
        NotPermitted: not this person's.
        IssueMissing, IssueStepRefused: an issue is not his, or not ready for a meeting.
    """

    def use_case() -> str:
        with transaction():
            starts_at, ends_at = _checked(wanted, by, now)
            meeting = Meeting(
                number=next_number("M", now),
                title=_line(wanted.title),
                area_code=wanted.area,
                state="",
                starts_at=starts_at,
                ends_at=ends_at,
                room=_line(wanted.room),
                chair_id=wanted.chair_id,
                made_by=by.user_id,
                made_at=now,
            )
            take_meeting(meeting, MeetingAction.PLAN, by=by, now=now, facts={"issues": list(issues)})
            _hang_door(meeting)
            for number in issues:
                agendas.put_on(meeting, number, by=by, now=now)
            return meeting.number

    return again_if_interrupted(use_case)


def edit(number: str, wanted: Plan, *, version: int, by: Actor, now: datetime) -> bool:
    """Change a meeting; whoever was invited is told where that concerns him. Return whether anything changed.

    Another time asks everybody anew: an answer was given for the old one.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, NotPermitted, Incomplete.
    """

    def use_case() -> bool:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            starts_at, ends_at = _checked(wanted, by, now, keeps=meeting.starts_at)
            values = {
                "title": _line(wanted.title),
                "area_code": wanted.area,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "room": _line(wanted.room),
                "chair_id": wanted.chair_id,
            }
            before = {name: getattr(meeting, name) for name in values}
            changed = {name: [before[name], value] for name, value in values.items() if before[name] != value}
            if not changed:
                return False
            if "area_code" in changed:
                agendas.require_within(meeting, wanted.area)
            for name, value in values.items():
                setattr(meeting, name, value)
            facts = {"changes": {name: list(map(_plain, pair)) for name, pair in changed.items()}}
            take_meeting(meeting, MeetingAction.EDIT, by=by, now=now, facts=facts)
            if meeting.state == MeetingState.INVITED and changed.keys() & _TOLD:
                _tell_change(meeting, now, is_other_time=bool(changed.keys() & _TIMES))
            return True

    return again_if_interrupted(use_case)


_TIMES = frozenset({"starts_at", "ends_at"})
_TOLD = _TIMES | {"title", "room"}


def cancel(number: str, reason: str, *, version: int, by: Actor, now: datetime) -> None:
    """Call a meeting off: its issues come off the agenda, whoever was invited is told.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, NotPermitted, Incomplete.
    """

    def use_case() -> None:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            was_invited = meeting.state == MeetingState.INVITED
            take_meeting(meeting, MeetingAction.CANCEL, by=by, now=now, note=reason)
            for issue_id in _issue_ids(meeting):
                facts = {"meeting": meeting.number}
                take_issue(locked_issue(issue_id), IssueAction.UNSCHEDULE, by=by, now=now, facts=facts)
            if was_invited:
                meeting.sequence += 1
                tell_guests("meeting_cancelled", meeting, invited_to(meeting), now, is_cancelled=True)

    again_if_interrupted(use_case)


def hold(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """Say that the meeting takes place: from here on its minutes are written.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, NotPermitted.
    """

    def use_case() -> None:
        with transaction():
            hold_locked(locked_meeting_numbered(number, by, version), by=by, now=now)

    again_if_interrupted(use_case)


def hold_locked(meeting: Meeting, *, by: Actor, now: datetime) -> None:
    """The same inside a transaction, on a locked meeting; one that is held already stays as it is.

    Raises:
        MeetingStepRefused: nobody was invited, or its day has not come.
        NotPermitted: not this person's.
    """
    if meeting.state == MeetingState.HELD:
        return
    if not may_be_held(meeting.starts_at, now, parts().zone):
        raise MeetingStepRefused(N_("会议当天才能开始。"))
    take_meeting(meeting, MeetingAction.HOLD, by=by, now=now)


def close_locked(meeting: Meeting, *, by: Actor, now: datetime) -> None:
    """Close a meeting whose minutes are approved, and the votes still open. Inside a transaction, on a locked row.

    Raises:
        MeetingStepRefused: it was not held.
        NotPermitted: not this person's.
    """
    if meeting.state == MeetingState.CLOSED:
        return
    ended = _end_votes(meeting)
    take_meeting(meeting, MeetingAction.CLOSE, by=by, now=now, facts={"votes_closed": ended})


def chairs_for(area: str, by: Actor) -> list[tuple[int, str]]:
    """Who may take the chair of a meeting in `area`: (id, name), whoever asks first."""
    users = db.session.scalars(
        select(User).where(User.is_active).options(selectinload(User.grants)).order_by(User.id)
    )
    able = [user for user in users if _may_chair(user, area)]
    return [(user.id, user.name) for user in sorted(able, key=lambda user: user.id != by.user_id)]


def areas_of(by: Actor) -> list[tuple[str, str]]:
    """Areas whose meetings `by` keeps: (code, name)."""
    rows = db.session.execute(select(Area.code, Area.name).order_by(Area.code))
    return [(code, name) for code, name in rows if roles_on(code, by)]


def _may_chair(user: User, area: str) -> bool:
    actor = actor_of(user)
    is_here = not user.is_demo or parts().config.demo
    return is_here and actor.has(Permission.MEETINGS_KEEP) and bool(roles_on(area, actor))


def _checked(
    wanted: Plan, by: Actor, now: datetime, keeps: datetime | None = None
) -> tuple[datetime, datetime]:
    """Begin and end of a plan that makes sense; a beginning that it `keeps` may have passed."""
    problems: dict[str, str] = {}
    for name, ask in _LOOKS.items():
        if words := ask(wanted):
            problems[name] = words
    if not roles_on(wanted.area, by) or db.session.get(Area, wanted.area) is None:
        problems["area"] = N_("请选择名单中的片区。")
    elif wanted.chair_id not in dict(chairs_for(wanted.area, by)):
        problems["chair"] = N_("请选择这个片区里能主持会议的人。")
    if wanted.starts_at and wanted.starts_at <= now and wanted.starts_at != keeps:
        problems["day"] = N_("开始时间已经过了。")
    if problems or wanted.starts_at is None or wanted.ends_at is None:
        raise Incomplete(problems)
    return wanted.starts_at, wanted.ends_at


def _title_problem(wanted: Plan) -> str:
    title = _line(wanted.title)
    if not title:
        return N_("请写会议名称。")
    return N_("名称太长，最多80字。") if len(title) > TITLE_LIMIT_CHARS else ""


def _room_problem(wanted: Plan) -> str:
    room = _line(wanted.room)
    if not room:
        return N_("请写在哪里开会。")
    return N_("地点太长，最多120字。") if len(room) > ROOM_LIMIT_CHARS else ""


def _day_problem(wanted: Plan) -> str:
    return "" if wanted.starts_at else N_("请填日期和开始时间。")


def _end_problem(wanted: Plan) -> str:
    if wanted.ends_at is None:
        return N_("请填结束时间。")
    if wanted.starts_at is None:
        return ""
    is_right = timedelta() < wanted.ends_at - wanted.starts_at <= LONGEST
    return "" if is_right else N_("结束要晚于开始，最多12小时。")


_LOOKS: dict[str, Callable[[Plan], str]] = {
    "title": _title_problem,
    "day": _day_problem,
    "ends": _end_problem,
    "room": _room_problem,
}


def _line(text: str) -> str:
    """What was typed, on one line: it goes into subjects and calendar files."""
    return " ".join(plain_text(text).split())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _hang_door(meeting: Meeting) -> None:
    """Give the meeting the word of the code at its door."""
    word = "".join(secrets.choice(DOOR_ALPHABET) for _ in range(DOOR_LENGTH))
    meeting.door_hash = hash_of(word)
    meeting.door_sealed = parts().phones.seal(word, door_context(meeting.id))


def door_context(meeting_id: int) -> bytes:
    """What ties the sealed word of a door to its meeting."""
    return f"door:{meeting_id}".encode()


def _tell_change(meeting: Meeting, now: datetime, *, is_other_time: bool) -> None:
    meeting.sequence += 1
    if is_other_time:
        db.session.execute(
            update(Invitation)
            .where(Invitation.meeting_id == meeting.id)
            .values(answer="", answered_at=None, reminded_at=None)
        )
    tell_guests("meeting_changed", meeting, invited_to(meeting), now)


def _issue_ids(meeting: Meeting) -> Sequence[int]:
    return db.session.scalars(
        select(AgendaItem.issue_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.issue_id)  # every use case locks issues in this order
    ).all()


def _end_votes(meeting: Meeting) -> int:
    items = db.session.scalars(
        select(AgendaItem)
        .where(AgendaItem.meeting_id == meeting.id, AgendaItem.vote_state == "open")
        .order_by(AgendaItem.id)
        .with_for_update()
    ).all()
    for item in items:
        item.vote_state = "closed"
    return len(items)
