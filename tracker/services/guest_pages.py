"""What a private link shows of a meeting: when, where, what about, the own answer and vote; nobody else in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from tracker.domain.issues import PUBLIC, IssueState
from tracker.domain.meetings import MeetingAction, MeetingState
from tracker.domain.votes import Result, result_of
from tracker.extensions import db
from tracker.models import AgendaItem, Area, Invitation, Issue, Meeting, MeetingEvent, Option
from tracker.services import links
from tracker.services.answers import may_answer
from tracker.services.ballots import own_votes, votes_by_link
from tracker.services.guests import asked_links, guest_behind, is_of_person
from tracker.services.meeting_notices import calendar_of

SHOWN_AFTER = timedelta(days=30)
"""A meeting stays on private pages this long after it began."""
_VOTING = frozenset({MeetingState.INVITED, MeetingState.HELD})


@dataclass(frozen=True)
class GuestItem:
    """One topic as guests see it.

    Attributes:
        issue_number: empty where the issue has no public page.
        options: (id, words) in their order.
        own_option: id of the option this guest voted for; 0: none yet.
        result: once the vote is closed.
    """

    id: int
    position: int
    title: str
    issue_number: str
    question: str
    vote_state: str
    options: Sequence[tuple[int, str]]
    own_option: int
    result: Result | None


@dataclass(frozen=True)
class GuestMeeting:
    """A meeting as one guest sees it: no other person in it.

    Attributes:
        kind, guest_number, name, department_code: of the guest himself.
        invited_links: how many were asked, for the turnout.
        why_cancelled: what the office wrote when it called the meeting off.
    """

    number: str
    title: str
    state: MeetingState
    area_name: str
    room: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    invitation_id: int
    kind: str
    guest_number: int
    name: str
    department_code: str
    answer: str
    words: str
    has_consent: bool
    may_answer: bool
    may_vote: bool
    why_cancelled: str
    agenda: Sequence[GuestItem] = field(default_factory=tuple)


def meetings_of_reporter(link_key: str, now: datetime) -> list[GuestMeeting]:
    """The meetings that the person behind a report's link was asked to, the next first.

    Raises:
        LinkUnknown: no such link.
    """
    report = links.report_behind(link_key)
    rows = db.session.execute(
        select(Invitation, Meeting)
        .join(Meeting, Meeting.id == Invitation.meeting_id)
        .where(
            is_of_person(report),
            Invitation.invited_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
            Meeting.starts_at > now - SHOWN_AFTER,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [_seen_by(guest, meeting, now) for guest, meeting in rows]


def meeting_of_guest(token: str, now: datetime) -> GuestMeeting:
    """The meeting behind the link in a guest's mail.

    Raises:
        MeetingMissing: no such link, or the invitation was taken back.
    """
    guest = guest_behind(token)
    return _seen_by(guest, db.session.get_one(Meeting, guest.meeting_id), now)


def calendar_for_guest(invitation_id: int, now: datetime) -> str:
    """The meeting of an invitation as a calendar file."""
    guest = db.session.get_one(Invitation, invitation_id)
    meeting = db.session.get_one(Meeting, guest.meeting_id)
    is_off = meeting.state == MeetingState.CANCELLED
    return calendar_of(meeting, now, is_cancelled=is_off, is_published=True)


def _seen_by(guest: Invitation, meeting: Meeting, now: datetime) -> GuestMeeting:
    state = MeetingState(meeting.state)
    return GuestMeeting(
        number=meeting.number,
        title=meeting.title,
        state=state,
        area_name=db.session.get_one(Area, meeting.area_code).name,
        room=meeting.room,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        sequence=meeting.sequence,
        invitation_id=guest.id,
        kind=guest.kind,
        guest_number=guest.number,
        name=guest.name,
        department_code=guest.department_code or "",
        answer=guest.answer,
        words=guest.words,
        has_consent=bool(guest.consent_version),
        may_answer=may_answer(meeting, now),
        may_vote=state in _VOTING,
        why_cancelled=_why_cancelled(meeting),
        agenda=_agenda(guest, meeting),
    )


def _why_cancelled(meeting: Meeting) -> str:
    if meeting.state != MeetingState.CANCELLED:
        return ""
    return db.session.scalars(
        select(MeetingEvent.note).where(
            MeetingEvent.meeting_id == meeting.id, MeetingEvent.action == MeetingAction.CANCEL.value
        )
    ).one()


def _agenda(guest: Invitation, meeting: Meeting) -> list[GuestItem]:
    rows = db.session.execute(
        select(AgendaItem, Issue)
        .join(Issue, Issue.id == AgendaItem.issue_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    ).all()
    ids = [item.id for item, _ in rows]
    options: dict[int, list[Option]] = {item_id: [] for item_id in ids}
    for option in db.session.scalars(
        select(Option).where(Option.agenda_item_id.in_(ids)).order_by(Option.position)
    ):
        options[option.agenda_item_id].append(option)
    own = own_votes(guest.id, [item.id for item, _ in rows if item.vote_state == "open"])
    votes, links_asked = votes_by_link(ids), asked_links(meeting.id)
    return [
        GuestItem(
            id=item.id,
            position=item.position,
            title=issue.title,
            issue_number=issue.number if IssueState(issue.state) in PUBLIC else "",
            question=item.question,
            vote_state=item.vote_state,
            options=[(option.id, option.words) for option in options[item.id]],
            own_option=own.get(item.id, 0),
            result=_result(item, options[item.id], votes[item.id], links_asked),
        )
        for item, issue in rows
    ]


def _result(
    item: AgendaItem, options: Sequence[Option], by_link: Mapping[int, int], links_asked: int
) -> Result | None:
    by_hand = hands_of(options)
    if item.vote_state != "closed" and not (by_hand and item.vote_state == "none"):
        return None
    return result_of([option.id for option in options], by_link, by_hand, links=links_asked, people=0)


def hands_of(options: Sequence[Option]) -> dict[int, int]:
    """Option id → hands counted for it; empty where nobody counted."""
    return {option.id: option.hand_count for option in options if option.hand_count is not None}
