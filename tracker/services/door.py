"""The door: people sign that they came with their own phones, once a person.

The code at the door is the same for everybody and works for some hours of one day. A reporter is known by the phone
that sent his report, a guest by mail by the browser in which he opened his link; others say who they are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import (
    OPEN_AT_THE_DOOR,
    MeetingState,
    door_hours,
    is_door_open,
)
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Department, Invitation, Meeting, Report, SignIn
from tracker.services.links import hash_of, spoken_for_by
from tracker.services.meeting_moves import (
    MeetingMissing,
)
from tracker.services.parts import parts
from tracker.services.sign_ins import require_room, required_name, required_shop, signed_for


class DoorShut(Exception):
    """It is not the time to sign in.

    Attributes:
        opens_at: when it will be; None: no more.
    """

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__(N_("现在不能签到。"))
        self.opens_at = opens_at


@dataclass(frozen=True)
class Known:
    """An invitation that this phone belongs to."""

    invitation_id: int
    kind: str
    number: int
    name: str
    department_code: str


@dataclass(frozen=True)
class Door:
    """What the page behind the code shows.

    Attributes:
        opens_at, shuts_at: hours of the door, whatever the time is now.
        known: who holds this phone, as far as that is known.
        has_signed: with this phone, or somebody ticked the name.
        departments: codes of those that were invited.
    """

    number: str
    title: str
    room: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    shuts_at: datetime
    is_open: bool
    is_over: bool
    known: Known | None
    has_signed: bool
    departments: Sequence[str]


def is_door(token: str) -> bool:
    """Whether the word is that of a door."""
    return db.session.scalar(select(Meeting.id).where(Meeting.door_hash == _hash(token))) is not None


def door(token: str, device: str, remembered: Iterable[int], now: datetime) -> Door:
    """The door behind a code, for whoever holds `device`.

    Args:
        remembered: ids of invitations whose links were opened in this browser.

    Raises:
        MeetingMissing: no such door.
    """
    meeting = _behind(token)
    own = _invitations_of(meeting, device, remembered)
    signed = _signed_with(meeting, device, own)
    opens_at, shuts_at = door_hours(meeting.starts_at, meeting.ends_at)
    is_live = MeetingState(meeting.state) in OPEN_AT_THE_DOOR
    return Door(
        number=meeting.number,
        title=meeting.title,
        room=meeting.room,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        opens_at=opens_at,
        shuts_at=shuts_at,
        is_open=is_door_open(MeetingState(meeting.state), meeting.starts_at, meeting.ends_at, now),
        is_over=now > shuts_at or not is_live,
        known=_known(own[0]) if own else None,
        has_signed=signed is not None,
        departments=_departments_asked(meeting),
    )


def sign_as_known(token: str, device: str, remembered: Sequence[int], now: datetime) -> None:
    """Sign for the invitation that this phone belongs to. Signing twice changes nothing.

    Raises:
        MeetingMissing: no such door, or nobody is known by this phone.
        DoorShut.
    """

    def fill(meeting: Meeting) -> SignIn:
        own = _invitations_of(meeting, device, remembered)
        if not own:
            raise MeetingMissing(meeting.number)
        return SignIn(invitation_id=own[0].id, department_code=own[0].department_code)

    _sign(token, device, remembered, fill, now=now)


def sign_for_department(token: str, device: str, code: str, name: str, *, now: datetime) -> None:
    """Sign as somebody of a department.

    Raises:
        MeetingMissing, DoorShut.
        Incomplete: no such department, no name, or the list is full.
    """

    def fill(meeting: Meeting) -> SignIn:
        if not code or db.session.get(Department, code) is None:
            raise Incomplete({"department": N_("请选择一个单位。")})
        called = required_name(name)
        row = _place_of(meeting, code)
        row.department_code, row.name = code, called
        return row

    _sign(token, device, (), fill, now=now)


def sign_as_visitor(token: str, device: str, shop: str, name: str, *, now: datetime) -> None:
    """Sign as somebody who was not on the list.

    Raises:
        MeetingMissing, DoorShut.
        Incomplete: no shop, no name, or the list is full.
    """

    def fill(_meeting: Meeting) -> SignIn:
        return SignIn(organisation=required_shop(shop), name=required_name(name))

    _sign(token, device, (), fill, now=now)


def door_word(sealed: str, context: bytes) -> str:
    """The word of a door, to show and print it."""
    return parts().phones.open(sealed, context)


def _hash(token: str) -> str:
    """People may type it in small letters, and mistake O for 0."""
    return hash_of(token.strip().upper().translate(str.maketrans("OIL", "011")))


def _behind(token: str) -> Meeting:
    meeting = db.session.scalar(select(Meeting).where(Meeting.door_hash == _hash(token)))
    if meeting is None:
        raise MeetingMissing
    return meeting


def _sign(
    token: str,
    device: str,
    remembered: Sequence[int],
    fill: Callable[[Meeting], SignIn],
    *,
    now: datetime,
) -> None:
    def use_case() -> None:
        with transaction():
            meeting = _behind(token)
            _require_open(meeting, now)
            own = _invitations_of(meeting, device, remembered)
            if _signed_with(meeting, device, own) is not None:
                return
            require_room(meeting)
            row = fill(meeting)
            row.meeting_id, row.device_hash = meeting.id, _phone(meeting, device)
            if row not in db.session:  # one that a colleague ticked keeps its moment
                row.at = now
            db.session.add(row)

    try:
        again_if_interrupted(use_case)
    except IntegrityError:  # a second tap was faster: the name is on the list
        return


def _require_open(meeting: Meeting, now: datetime) -> None:
    if is_door_open(MeetingState(meeting.state), meeting.starts_at, meeting.ends_at, now):
        return
    opens_at, _ = door_hours(meeting.starts_at, meeting.ends_at)
    is_to_come = now < opens_at and MeetingState(meeting.state) in OPEN_AT_THE_DOOR
    raise DoorShut(opens_at if is_to_come else None)


def _phone(meeting: Meeting, device: str) -> str:
    """The phone under a name that is of use in this meeting alone."""
    return hash_of(f"door\n{meeting.number}\n{device}")


def _invitations_of(meeting: Meeting, device: str, remembered: Iterable[int]) -> list[Invitation]:
    """Invitations that this phone belongs to: by the links opened in it, or as the one that sent a report."""
    asked = select(Invitation).where(
        Invitation.meeting_id == meeting.id,
        Invitation.invited_at.is_not(None),
        Invitation.withdrawn_at.is_(None),
    )
    by_link = asked.where(Invitation.id.in_(sorted(set(remembered))), Invitation.kind != "reporter")
    by_phone = asked.join(Report, Report.id == Invitation.report_id).where(spoken_for_by(device))
    return [
        *db.session.scalars(by_phone.order_by(Invitation.id)),
        *db.session.scalars(by_link.order_by(Invitation.id)),
    ]


def _signed_with(meeting: Meeting, device: str, own: Sequence[Invitation]) -> SignIn | None:
    by_phone = db.session.scalar(
        select(SignIn).where(SignIn.meeting_id == meeting.id, SignIn.device_hash == _phone(meeting, device))
    )
    return by_phone or signed_for(meeting, [guest.id for guest in own])


def _place_of(meeting: Meeting, code: str) -> SignIn:
    """The row for the next one of a department: that of its invitation if nobody took it, or a colleague ticked it."""
    guest = db.session.scalar(
        select(Invitation).where(
            Invitation.meeting_id == meeting.id,
            Invitation.department_code == code,
            Invitation.withdrawn_at.is_(None),
        )
    )
    if guest is None:
        return SignIn()
    taken = signed_for(meeting, [guest.id])
    if taken is None:
        return SignIn(invitation_id=guest.id)
    return SignIn() if taken.name or taken.device_hash else taken


def _departments_asked(meeting: Meeting) -> Sequence[str]:
    codes = db.session.scalars(
        select(Invitation.department_code)
        .where(
            Invitation.meeting_id == meeting.id,
            Invitation.kind == "department",
            Invitation.withdrawn_at.is_(None),
        )
        .order_by(Invitation.number)
    )
    return [code for code in codes if code]


def _known(guest: Invitation) -> Known:
    return Known(guest.id, guest.kind, guest.number, guest.name, guest.department_code or "")
