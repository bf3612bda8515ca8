"""Whose meeting it is: the one door through which pack and minutes reach a meeting and its agenda."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import AgendaItem, Area, Issue, Meeting, User
from tracker.services.meeting_moves import MeetingMissing, roles_on


@dataclass(frozen=True)
class AgendaLine:
    """One agenda item and the issue it is about."""

    id: int
    position: int
    question: str
    issue_id: int
    issue_number: str
    issue_title: str
    issue_state: str


@dataclass(frozen=True)
class MeetingHead:
    """A meeting as pages place it.

    Attributes:
        may_approve: whether the reader is its chair or a supervisor of the area.
    """

    id: int
    number: str
    title: str
    state: str
    area_code: str
    area_name: str
    starts_at: datetime
    ends_at: datetime
    room: str
    chair_id: int
    chair_name: str
    may_approve: bool
    agenda: Sequence[AgendaLine]


def meeting_head(number: str, by: Actor) -> MeetingHead:
    """The meeting with its agenda, for somebody who keeps it.

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    meeting = db.session.scalar(select(Meeting).where(Meeting.number == number))
    if meeting is None or not roles_on(meeting.area_code, by):
        raise MeetingMissing(number)
    chair = db.session.get_one(User, meeting.chair_id)
    return MeetingHead(
        id=meeting.id,
        number=meeting.number,
        title=meeting.title,
        state=meeting.state,
        area_code=meeting.area_code,
        area_name=db.session.get_one(Area, meeting.area_code).name,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        room=meeting.room,
        chair_id=meeting.chair_id,
        chair_name=chair.name,
        may_approve=may_approve(meeting, by),
        agenda=agenda_of(meeting.id),
    )


def may_approve(meeting: Meeting, by: Actor) -> bool:
    """Whether this person may approve its minutes: the chair, or a supervisor of the area."""
    roles = by.roles_for(meeting.area_code, ())
    return by.user_id is not None and (meeting.chair_id == by.user_id or Role.SUPERVISOR in roles)


def agenda_of(meeting_id: int) -> list[AgendaLine]:
    """The agenda in the order it is taken."""
    rows = db.session.execute(
        select(AgendaItem, Issue)
        .join(Issue, Issue.id == AgendaItem.issue_id)
        .where(AgendaItem.meeting_id == meeting_id)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return [
        AgendaLine(item.id, place, item.question, issue.id, issue.number, issue.title, issue.state)
        for place, (item, issue) in enumerate(rows, start=1)
    ]
