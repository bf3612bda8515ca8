"""Who came, kept at the desk: names ticked and struck, people counted by hand. Signing oneself: services/door.py."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import (
    OPEN_AT_THE_DOOR,
    MeetingAction,
    MeetingState,
    MeetingStepRefused,
    door_hours,
)
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Invitation, Meeting, SignIn
from tracker.services.meeting_moves import MeetingMissing, is_keeper, locked_meeting_numbered, take_meeting

NAME_LIMIT_CHARS = 20
SHOP_LIMIT_CHARS = 40
MOST_SIGN_INS = 500
"""Of one meeting; beyond it people are counted by hand."""
MOST_BY_HAND = 2000


def tick(number: str, invitation_id: int, *, by: Actor, now: datetime) -> None:
    """Note that a guest on the list came. Twice changes nothing.

    Raises:
        MeetingMissing: no such meeting or guest for this person.
        MeetingStepRefused: nobody can have come yet, or the list is closed.
    """

    def use_case() -> None:
        with transaction():
            meeting = _at_the_door(number, by, now)
            guest = db.session.get(Invitation, invitation_id)
            is_there = guest is not None and guest.meeting_id == meeting.id and guest.withdrawn_at is None
            if guest is None or not is_there or (guest.kind == "reporter" and not is_keeper(meeting, by)):
                raise MeetingMissing(number)
            if signed_for(meeting, [guest.id]) is None:
                db.session.add(
                    SignIn(
                        meeting_id=meeting.id,
                        invitation_id=guest.id,
                        department_code=guest.department_code,
                        at=now,
                        ticked_by=by.user_id,
                    )
                )

    again_if_interrupted(use_case)


def write_down(number: str, shop: str, name: str, *, by: Actor, now: datetime) -> None:
    """Note somebody who came without an invitation and without a phone to scan with.

    Raises:
        MeetingMissing, MeetingStepRefused, Incomplete.
    """

    def use_case() -> None:
        with transaction():
            meeting = _at_the_door(number, by, now)
            require_room(meeting)
            row = SignIn(organisation=required_shop(shop), name=required_name(name))
            row.meeting_id, row.at, row.ticked_by = meeting.id, now, by.user_id
            db.session.add(row)

    again_if_interrupted(use_case)


def strike(number: str, sign_in_id: int, *, version: int, by: Actor, now: datetime) -> None:
    """Take a name off the list of those who came; the meeting's history says that it was done.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, NotPermitted.
    """

    def use_case() -> None:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            row = db.session.get(SignIn, sign_in_id)
            if row is None or row.meeting_id != meeting.id:
                raise MeetingMissing(number)
            take_meeting(meeting, MeetingAction.SIGN_IN, by=by, now=now, facts={"struck": row.id})
            db.session.delete(row)

    again_if_interrupted(use_case)


def count_by_hand(number: str, people: int | None, *, version: int, by: Actor, now: datetime) -> None:
    """Keep how many are in the room who did not sign.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, NotPermitted.
        Incomplete: not a number of people; ``people`` says so.
    """
    if people is None or not 0 <= people <= MOST_BY_HAND:
        raise Incomplete({"people": N_("请填一个人数，0到2000。")})

    def use_case() -> None:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            facts = {"by_hand": [meeting.counted_by_hand, people]}
            meeting.counted_by_hand = people
            take_meeting(meeting, MeetingAction.SIGN_IN, by=by, now=now, facts=facts)

    again_if_interrupted(use_case)


def _at_the_door(number: str, by: Actor, now: datetime) -> Meeting:
    """The meeting, locked, if names can be ticked: from its door's opening until its minutes are approved."""
    meeting = locked_meeting_numbered(number, by)
    opens_at, _ = door_hours(meeting.starts_at, meeting.ends_at)
    if MeetingState(meeting.state) not in OPEN_AT_THE_DOOR or now < opens_at:
        raise MeetingStepRefused(N_("签到从会议开始前两小时起，到会议结束为止。"))
    return meeting


def require_room(meeting: Meeting) -> None:
    """A list is not filled without end.

    Raises:
        Incomplete: it is full.
    """
    count = db.session.scalar(select(func.count(SignIn.id)).where(SignIn.meeting_id == meeting.id))
    if count is not None and count >= MOST_SIGN_INS:
        raise Incomplete({"name": N_("签到名单满了，请找工作人员。")})


def signed_for(meeting: Meeting, ids: Sequence[int]) -> SignIn | None:
    """The signature of one of these invitations, if there is one."""
    return db.session.scalar(
        select(SignIn).where(SignIn.meeting_id == meeting.id, SignIn.invitation_id.in_(ids)).limit(1)
    )


def required_name(typed: str) -> str:
    """A person's name as it was typed.

    Raises:
        Incomplete: nothing, or too long.
    """
    name = " ".join(plain_text(typed).split())
    if not name or len(name) > NAME_LIMIT_CHARS:
        raise Incomplete({"name": N_("请写姓名，最多20字。")})
    return name


def required_shop(typed: str) -> str:
    """A shop or address as it was typed.

    Raises:
        Incomplete: nothing, or too long.
    """
    shop = " ".join(plain_text(typed).split())
    if not shop or len(shop) > SHOP_LIMIT_CHARS:
        raise Incomplete({"shop": N_("请写店名或住处，最多40字。")})
    return shop
