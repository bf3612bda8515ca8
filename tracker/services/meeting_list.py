"""Lists of meetings a person keeps: those to come, those past, his own; and how many were asked and come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import aliased

from tracker.domain.meetings import MeetingState
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import AgendaItem, Area, Invitation, Meeting, User
from tracker.services.meeting_moves import KEEPERS
from tracker.services.meeting_values import KINDS, AnswerCounts

PAGE_ROWS = 50


@dataclass(frozen=True)
class MeetingRow:
    """One line of the list."""

    number: str
    title: str
    state: MeetingState
    starts_at: datetime
    ends_at: datetime
    room: str
    area_name: str
    chair_name: str
    topics: int
    invited: int
    coming: int


@dataclass(frozen=True)
class MeetingList:
    """One page of the list; older: number of the page that follows, 0: none."""

    rows: Sequence[MeetingRow]
    older: int


VIEWS = ("coming", "past", "mine")
_ENDED = (MeetingState.CLOSED.value, MeetingState.CANCELLED.value)


def meetings_of(actor: Actor, view: str, page: int = 0) -> MeetingList:
    """The meetings of the person's areas: those still to deal with, the next first; or the others, the last first.

    Args:
        view: ``coming``, ``past``, or ``mine``: made by this person or with him in the chair.
    """
    chair = aliased(User)
    order = [Meeting.starts_at.asc()] if view == "coming" else [Meeting.starts_at.desc()]
    rows = db.session.execute(
        select(Meeting, Area.name, chair.name)
        .join(Area, Area.code == Meeting.area_code)
        .join(chair, chair.id == Meeting.chair_id)
        .where(visible_to(actor), _in_view(view, actor))
        .order_by(*order, Meeting.id)
        .offset(page * PAGE_ROWS)
        .limit(PAGE_ROWS + 1)
    ).all()
    shown = rows[:PAGE_ROWS]
    ids = [meeting.id for meeting, _, _ in shown]
    topics, asked = _topics(ids), asked_of(ids)
    return MeetingList(
        rows=[
            MeetingRow(
                number=meeting.number,
                title=meeting.title,
                state=MeetingState(meeting.state),
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                room=meeting.room,
                area_name=area,
                chair_name=name,
                topics=topics.get(meeting.id, 0),
                invited=sum(counts.invited for counts in asked[meeting.id].values()),
                coming=sum(counts.yes for counts in asked[meeting.id].values()),
            )
            for meeting, area, name in shown
        ],
        older=page + 1 if len(rows) > PAGE_ROWS else 0,
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL that holds for the meetings of the person's areas."""
    kept = [grant for grant in actor.grants if grant.role in KEEPERS]
    return or_(
        false(),
        *(true() if grant.areas is None else Meeting.area_code.in_(sorted(grant.areas)) for grant in kept),
    )


def _in_view(view: str, actor: Actor) -> ColumnElement[bool]:
    if view == "mine":
        return or_(Meeting.made_by == actor.user_id, Meeting.chair_id == actor.user_id)
    return Meeting.state.in_(_ENDED) if view == "past" else Meeting.state.not_in(_ENDED)


def _topics(ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(AgendaItem.meeting_id, func.count(AgendaItem.id))
        .where(AgendaItem.meeting_id.in_(ids))
        .group_by(AgendaItem.meeting_id)
    )
    return dict(rows.all())


def asked_of(ids: Sequence[int]) -> dict[int, dict[str, AnswerCounts]]:
    """Meeting id → kind → how many were asked, and what they said."""
    counted: dict[int, dict[str, dict[str, int]]] = {
        meeting_id: {kind: {} for kind in KINDS} for meeting_id in ids
    }
    rows = db.session.execute(
        select(Invitation.meeting_id, Invitation.kind, Invitation.answer, func.count(Invitation.id))
        .where(
            Invitation.meeting_id.in_(ids),
            Invitation.invited_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
        )
        .group_by(Invitation.meeting_id, Invitation.kind, Invitation.answer)
    )
    for meeting_id, kind, answer, count in rows:
        counted[meeting_id][kind][answer] = count
    return {
        meeting_id: {kind: _counts(answers) for kind, answers in kinds.items()}
        for meeting_id, kinds in counted.items()
    }


def _counts(answers: Mapping[str, int]) -> AnswerCounts:
    return AnswerCounts(
        invited=sum(answers.values()),
        yes=answers.get("yes", 0),
        maybe=answers.get("maybe", 0),
        no=answers.get("no", 0),
    )
