"""One meeting as the desk reads it, with everything about it.

Who keeps a meeting (made it, or is in its chair) reads what each of the merchants answered; other colleagues get
numbers only.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from tracker.domain.address_mask import masked_address
from tracker.domain.issues import IssueState
from tracker.domain.meetings import MeetingAction, MeetingState, meeting_steps_from
from tracker.domain.permissions import Actor
from tracker.domain.votes import result_of
from tracker.extensions import db
from tracker.models import (
    AgendaItem,
    Area,
    Invitation,
    Issue,
    Meeting,
    MeetingEvent,
    Option,
    SignIn,
    User,
)
from tracker.services.attendance import departments_here
from tracker.services.ballots import votes_by_link
from tracker.services.door import door_word
from tracker.services.guests import asked_links
from tracker.services.invitations import open_mail
from tracker.services.meeting_list import asked_of
from tracker.services.meeting_moves import MeetingMissing, is_keeper, roles_on
from tracker.services.meeting_values import (
    KINDS,
    WALK_IN,
    AgendaView,
    GuestView,
    MeetingEventView,
    MeetingView,
    OptionView,
    SignedView,
    VoteView,
)
from tracker.services.meetings import door_context


def meeting_view(number: str, actor: Actor) -> MeetingView:
    """Everything about a meeting.

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    meeting, area_name, chair_name = _meeting(number, actor)
    own = is_keeper(meeting, actor)
    signed, guests = _signed(meeting), _guests(meeting)
    by_kind = {kind: sum(row.kind == kind for row in signed) for kind in (*KINDS, WALK_IN)}
    hidden = () if own else ("reporter", WALK_IN)
    return MeetingView(
        id=meeting.id,
        number=meeting.number,
        title=meeting.title,
        area_code=meeting.area_code,
        area_name=area_name,
        state=MeetingState(meeting.state),
        version=meeting.version,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        room=meeting.room,
        chair_id=meeting.chair_id,
        chair_name=chair_name,
        made_by=meeting.made_by,
        made_at=meeting.made_at,
        is_keeper=own,
        may=_may(meeting, actor),
        agenda=_agenda(meeting, people=len(signed) + meeting.counted_by_hand),
        guests=[guest for guest in guests if guest.kind not in hidden],
        asked=asked_of([meeting.id])[meeting.id],
        signed=[row for row in signed if row.kind not in hidden],
        present=len(signed),
        present_by_kind=by_kind,
        counted_by_hand=meeting.counted_by_hand,
        events=_events(meeting),
    )


def door_of(number: str, actor: Actor) -> str:
    """The word in the code at a meeting's door, for somebody who keeps meetings there.

    Raises:
        MeetingMissing: no such meeting for this person, or it has no door.
    """
    meeting, _, _ = _meeting(number, actor)
    if not meeting.door_sealed:
        raise MeetingMissing(number)
    return door_word(meeting.door_sealed, door_context(meeting.id))


def events_since(number: str, version: int, actor: Actor) -> list[MeetingEventView]:
    """What a page that saw `version` has not seen, oldest first.

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    meeting, _, _ = _meeting(number, actor)
    return [event for event in reversed(_events(meeting)) if event.version > version]


def _meeting(number: str, actor: Actor) -> tuple[Meeting, str, str]:
    row = db.session.execute(
        select(Meeting, Area.name, User.name)
        .join(Area, Area.code == Meeting.area_code)
        .join(User, User.id == Meeting.chair_id)
        .where(Meeting.number == number)
    ).one_or_none()
    if row is None or not roles_on(row[0].area_code, actor):
        raise MeetingMissing(number)
    return row[0], row[1], row[2]


def _may(meeting: Meeting, actor: Actor) -> frozenset[MeetingAction]:
    roles = roles_on(meeting.area_code, actor)
    in_the_chair = actor.user_id == meeting.chair_id
    return frozenset(
        step.action
        for step in meeting_steps_from(MeetingState(meeting.state))
        if roles & step.who and (in_the_chair or not step.by_chair)
    )


def _agenda(meeting: Meeting, people: int) -> list[AgendaView]:
    rows = db.session.execute(
        select(AgendaItem, Issue)
        .join(Issue, Issue.id == AgendaItem.issue_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position, AgendaItem.id)
    ).all()
    ids = [item.id for item, _ in rows]
    options = _options(ids)
    given, entitled = votes_by_link(ids), asked_links(meeting.id)
    return [
        AgendaView(
            id=item.id,
            position=item.position,
            issue_id=issue.id,
            issue_number=issue.number,
            issue_title=issue.title,
            issue_state=IssueState(issue.state),
            question=item.question,
            vote=_vote(item.vote_state, options[item.id], given[item.id], (entitled, people)),
        )
        for item, issue in rows
    ]


def _options(item_ids: Sequence[int]) -> dict[int, list[tuple[Option, str]]]:
    """Item id → its options in their order, each with the name of whoever counted hands for it."""
    found: dict[int, list[tuple[Option, str]]] = {item_id: [] for item_id in item_ids}
    rows = db.session.execute(
        select(Option, User.name)
        .outerjoin(User, User.id == Option.hand_counted_by)
        .where(Option.agenda_item_id.in_(item_ids))
        .order_by(Option.position)
    )
    for option, name in rows:
        found[option.agenda_item_id].append((option, name or ""))
    return found


def _vote(
    state: str,
    options: Sequence[tuple[Option, str]],
    by_link: Mapping[int, int],
    could: tuple[int, int],
) -> VoteView:
    """could: private links that could vote, people in the room."""
    is_over = state == "closed"
    hands = {option.id: option.hand_count for option, _ in options if option.hand_count is not None}
    return VoteView(
        state=state,
        options=[
            OptionView(
                id=option.id,
                words=option.words,
                by_link=by_link.get(option.id, 0) if is_over else None,
                by_hand=option.hand_count,
                counted_by=name,
                counted_at=option.hand_counted_at,
            )
            for option, name in options
        ],
        given=sum(by_link.values()),
        entitled=could[0],
        result=result_of(
            [option.id for option, _ in options],
            by_link if is_over else {},
            hands,
            links=could[0],
            people=could[1],
        )
        if is_over or hands
        else None,
    )


def _guests(meeting: Meeting) -> list[GuestView]:
    signed = set(
        db.session.scalars(select(SignIn.invitation_id).where(SignIn.meeting_id == meeting.id)).all()
    )
    departments = departments_here(meeting.id)
    rows = db.session.scalars(
        select(Invitation)
        .where(Invitation.meeting_id == meeting.id, Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.kind, Invitation.number)
    )
    return [
        GuestView(
            id=guest.id,
            kind=guest.kind,
            number=guest.number,
            name=guest.name,
            department_code=guest.department_code or "",
            masked_mail=masked_address("mail", mail) if (mail := open_mail(guest)) else "",
            invited_at=guest.invited_at,
            reminded_at=guest.reminded_at,
            answer=guest.answer,
            answered_at=guest.answered_at,
            words=guest.words,
            has_signed=guest.id in signed or guest.department_code in departments,
        )
        for guest in rows
    ]


def _signed(meeting: Meeting) -> list[SignedView]:
    rows = db.session.execute(
        select(SignIn, Invitation, User.name)
        .outerjoin(Invitation, Invitation.id == SignIn.invitation_id)
        .outerjoin(User, User.id == SignIn.ticked_by)
        .where(SignIn.meeting_id == meeting.id)
        .order_by(SignIn.at, SignIn.id)
    )
    return [_signed_view(row, guest, ticked_by or "") for row, guest, ticked_by in rows]


def _signed_view(row: SignIn, guest: Invitation | None, ticked_by: str) -> SignedView:
    alone = "department" if row.department_code else WALK_IN
    return SignedView(
        id=row.id,
        kind=guest.kind if guest else alone,
        number=guest.number if guest else 0,
        name=guest.name if guest and guest.name else row.name,
        organisation=row.organisation,
        department_code=row.department_code or "",
        at=row.at,
        ticked_by=ticked_by,
    )


def _events(meeting: Meeting) -> list[MeetingEventView]:
    """Newest first."""
    rows = db.session.execute(
        select(MeetingEvent, User.name)
        .outerjoin(User, User.id == MeetingEvent.user_id)
        .where(MeetingEvent.meeting_id == meeting.id)
        .order_by(MeetingEvent.version.desc())
    )
    return [
        MeetingEventView(
            version=event.version,
            at=event.at,
            action=MeetingAction(event.action),
            from_state=event.from_state,
            to_state=event.to_state,
            who=name or "",
            note=event.note,
            facts=event.facts,
        )
        for event, name in rows
    ]
