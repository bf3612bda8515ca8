"""The one place where a meeting changes its state: state, version and event row, together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import MeetingAction, MeetingState, MeetingStepRefused, meeting_step
from tracker.domain.permissions import ROLE_PERMISSIONS, Actor, NotPermitted, Permission, Role
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import db
from tracker.models import Meeting, MeetingEvent

KEEPERS = frozenset(role for role, carried in ROLE_PERMISSIONS.items() if Permission.MEETINGS_KEEP in carried)


class MeetingMissing(LookupError):
    """No meeting has this number, or it is none of the actor's business."""


class StaleMeeting(Exception):
    """Somebody else changed the meeting since the page was shown; nothing was written.

    Attributes:
        seen: the version the page showed.
    """

    def __init__(self, number: str, seen: int) -> None:
        super().__init__(f"{number} has moved on since version {seen}")
        self.number, self.seen = number, seen


def roles_on(area: str, actor: Actor) -> frozenset[Role]:
    """The roles in which `actor` keeps meetings of `area`; none: they are not his business."""
    return actor.roles_for(area, ()) & KEEPERS


def is_keeper(meeting: Meeting, actor: Actor) -> bool:
    """Whether `actor` made the meeting or is in its chair: who reads what each of the merchants answered."""
    return actor.user_id is not None and actor.user_id in (meeting.made_by, meeting.chair_id)


def locked_meeting_numbered(number: str, by: Actor, version: int | None = None) -> Meeting:
    """The meeting that `by` decides on, locked. Inside a transaction.

    Args:
        version: that the page showed; None: whatever it is now.

    Raises:
        MeetingMissing: no such meeting for this person.
        StaleMeeting: it moved on since.
    """
    meeting = db.session.scalar(
        select(Meeting).where(Meeting.number == number).with_for_update(key_share=True)
    )
    if meeting is None or not roles_on(meeting.area_code, by):
        raise MeetingMissing(number)
    if version is not None and meeting.version != version:
        raise StaleMeeting(number, version)
    return meeting


def take_meeting(
    meeting: Meeting,
    action: MeetingAction,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Take a locked meeting along one arrow and keep what happened. Inside a transaction.

    Args:
        facts: for the event; JSON values, no personal data.

    Raises:
        MeetingStepRefused: the table has no such arrow from here.
        NotPermitted: the arrow is not this person's.
        Incomplete: the reason is missing.
    """
    before = MeetingState(meeting.state) if meeting.state else None
    step = meeting_step(action, before)
    if not roles_on(meeting.area_code, by) & step.who:
        raise NotPermitted(action)
    if step.by_chair and by.user_id != meeting.chair_id:
        raise MeetingStepRefused(N_("表决由会议主持人开始和结束。"))
    words = plain_text(note)
    if step.needs_note and not words:
        raise Incomplete({"note": N_("请写明理由。")})
    if step.target is not None:
        meeting.state = step.target.value
    meeting.version = (meeting.version or 0) + 1
    db.session.add(meeting)
    db.session.flush()
    db.session.add(
        MeetingEvent(
            meeting_id=meeting.id,
            version=meeting.version,
            at=now,
            action=action.value,
            from_state=before.value if before else "",
            to_state=meeting.state,
            user_id=by.user_id,
            note=words,
            facts=dict(facts or {}),
        )
    )
