"""Who is asked to a meeting: departments and guests by mail, reporters of its issues through their private links.

Mail addresses are sealed like phone numbers. A reporter is asked on his own page and stays unnamed until he gives a
name himself; nobody at the desk learns from the invitation who he is.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, func, select, update

from tracker.adapters.mail import MailAddressWrong, mail_address
from tracker.adapters.sealing import PhoneKeyUnknown, PhoneSealBroken
from tracker.domain.address_mask import masked_address
from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import MeetingAction, MeetingState, MeetingStepRefused
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import AgendaItem, Department, Invitation, Meeting
from tracker.services.channels import guest_context
from tracker.services.guest_letters import link_context
from tracker.services.links import hash_of
from tracker.services.meeting_moves import MeetingMissing, locked_meeting_numbered, take_meeting
from tracker.services.meeting_notices import tell_guests
from tracker.services.meeting_voices import asked_reports, people_of
from tracker.services.parts import parts

KEY_BYTES = 24
NAME_LIMIT_CHARS = 60
MAIL_LIMIT_CHARS = 254
KEPT = timedelta(days=30)
"""How long after a meeting is kept what it needed of its guests. Promised in templates/meetings/consent.html."""
MOST_GUESTS = 100
"""By mail, of one meeting."""


def add_department(number: str, code: str, mail: str, *, version: int, by: Actor, now: datetime) -> None:
    """Put a department on the list; without an address the one of its last invitation is taken.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused.
        Incomplete: no such department, on the list already, or no address known; by field.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        if not code or db.session.get(Department, code) is None:
            raise Incomplete({"department": N_("请选择一个单位。")})
        address = _read_mail(mail) if mail.strip() else _last_mail(code)
        if not address:
            raise Incomplete({"mail": N_("还没有这个单位的邮箱，请填写。")})
        earlier = db.session.scalar(
            select(Invitation).where(Invitation.meeting_id == meeting.id, Invitation.department_code == code)
        )
        if earlier is not None and earlier.withdrawn_at is None:
            raise Incomplete({"department": N_("这个单位已经在名单里了。")})
        if earlier is not None:
            _ask_again(earlier, address)
        else:
            _add(meeting, "department", address, department_code=code)
        return {"added": code}

    _change(number, change, version=version, by=by, now=now)


def add_guest(number: str, name: str, mail: str, *, version: int, by: Actor, now: datetime) -> None:
    """Put somebody else on the list, such as a bike company, by mail.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused.
        Incomplete: no name or no address; by field.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        called = " ".join(plain_text(name).split())
        if not called or len(called) > NAME_LIMIT_CHARS:
            raise Incomplete({"name": N_("请写单位或称呼，最多60字。")})
        _add(meeting, "guest", _read_mail(mail), name=called)
        return {"added": "guest"}

    _change(number, change, version=version, by=by, now=now)


def withdraw(number: str, invitation_id: int, *, version: int, by: Actor, now: datetime) -> None:
    """Take a department or guest off the list; whoever was asked already is told.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused.
    """

    def change(meeting: Meeting) -> dict[str, object]:
        guest = db.session.scalar(
            select(Invitation)
            .where(Invitation.id == invitation_id, Invitation.meeting_id == meeting.id)
            .with_for_update()
        )
        if guest is None or guest.kind == "reporter" or guest.withdrawn_at is not None:
            raise MeetingMissing(number)
        if guest.invited_at is not None:
            key = f"meeting_withdrawn:{guest.id}:{meeting.version + 1}"
            tell_guests("meeting_withdrawn", meeting, [guest], now, key=key, is_cancelled=True)
        guest.withdrawn_at = now
        return {"removed": guest.department_code or "guest"}

    _change(number, change, version=version, by=by, now=now)


def invite(number: str, *, with_reporters: bool, version: int, by: Actor, now: datetime) -> int:
    """Ask everybody on the list who was not asked yet, and the reporters; return how many.

    Raises:
        MeetingMissing, StaleMeeting, NotPermitted.
        MeetingStepRefused: something is missing that a guest has to know.
    """

    def use_case() -> int:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            _require_ready(meeting, now)
            waiting = _waiting(meeting)
            if with_reporters:
                waiting += _ask_reporters(meeting)
            if not waiting:
                raise MeetingStepRefused(N_("没有还没邀请的人。"))
            for guest in waiting:
                guest.invited_at = now
            db.session.flush()
            kinds = [guest.kind for guest in waiting]
            facts = {kind: kinds.count(kind) for kind in ("department", "guest", "reporter")}
            take_meeting(meeting, MeetingAction.INVITE, by=by, now=now, facts=facts)
            tell_guests("meeting_invited", meeting, waiting, now)
            return len(waiting)

    return again_if_interrupted(use_case)


def remembered_mails() -> dict[str, str]:
    """Department code → the address of its last invitation, with most of the name in it hidden."""
    codes = db.session.scalars(
        select(Invitation.department_code).where(Invitation.mail_sealed != "").distinct()
    )
    return {code: masked_address("mail", mail) for code in codes if code and (mail := _last_mail(code))}


def open_mail(guest: Invitation) -> str:
    """A guest's mail address; empty where it was erased or its key is gone."""
    if not guest.mail_sealed:
        return ""
    try:
        return parts().phones.open(guest.mail_sealed, guest_context(guest.id))
    except (PhoneKeyUnknown, PhoneSealBroken):
        return ""


def erase_old(now: datetime) -> int:
    """Forget what was kept of guests for a meeting that ended longer ago than KEPT; return how many. A daily task.

    Addresses of guests and their pages' keys, what reporters wrote and how they wanted to be called. Answers stay, as
    numbers; a department's address is the office's own and is used again.
    """
    over = select(Meeting.id).where(Meeting.ends_at < now - KEPT)
    of_guests = update(Invitation).where(
        Invitation.meeting_id.in_(over), Invitation.kind == "guest", Invitation.mail_sealed != ""
    )
    of_reporters = update(Invitation).where(
        Invitation.meeting_id.in_(over), Invitation.kind == "reporter", Invitation.consent_version != ""
    )

    def use_case() -> int:
        with transaction():
            return _count(of_guests.values(mail_sealed="", token_sealed="")) + _count(
                of_reporters.values(name="", words="", consent_version="")
            )

    return again_if_interrupted(use_case)


def _count(statement: Update) -> int:
    """Change rows and return how many there were."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount


# ---- the list


def _change(
    number: str,
    change: Callable[[Meeting], dict[str, object]],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    def use_case() -> None:
        with transaction():
            meeting = locked_meeting_numbered(number, by, version)
            facts = change(meeting)
            take_meeting(meeting, MeetingAction.SET_GUESTS, by=by, now=now, facts=facts)

    again_if_interrupted(use_case)


def _add(
    meeting: Meeting, kind: str, mail: str, *, department_code: str | None = None, name: str = ""
) -> None:
    """A new row with its own page's key and the sealed address; both are bound to its id."""
    number = _next_of(meeting, kind)
    if number > MOST_GUESTS:
        raise Incomplete({"name": N_("名单太长，最多100个单位和嘉宾。")})
    token = secrets.token_urlsafe(KEY_BYTES)
    guest = Invitation(
        meeting_id=meeting.id,
        kind=kind,
        number=number,
        department_code=department_code,
        name=name,
        token_hash=hash_of(token),
    )
    db.session.add(guest)
    db.session.flush()
    guest.token_sealed = parts().phones.seal(token, link_context(guest.id))
    guest.mail_sealed = parts().phones.seal(mail, guest_context(guest.id))


def _ask_again(guest: Invitation, mail: str) -> None:
    """A department that was taken off comes back with an answer still to give."""
    guest.withdrawn_at = guest.invited_at = guest.reminded_at = guest.answered_at = None
    guest.answer = guest.words = ""
    guest.mail_sealed = parts().phones.seal(mail, guest_context(guest.id))


def _next_of(meeting: Meeting, kind: str) -> int:
    last = db.session.scalar(
        select(func.max(Invitation.number)).where(
            Invitation.meeting_id == meeting.id, Invitation.kind == kind
        )
    )
    return (last or 0) + 1


def _read_mail(typed: str) -> str:
    try:
        mail = mail_address(typed.strip()[: MAIL_LIMIT_CHARS + 1]).addr_spec
    except MailAddressWrong as error:
        raise Incomplete({"mail": str(error)}) from error
    if len(mail) > MAIL_LIMIT_CHARS:
        raise Incomplete({"mail": N_("这不是一个邮箱地址。")})
    return mail


def _last_mail(code: str) -> str:
    last = db.session.scalar(
        select(Invitation)
        .where(Invitation.department_code == code, Invitation.mail_sealed != "")
        .order_by(Invitation.id.desc())
        .limit(1)
    )
    return open_mail(last) if last else ""


# ---- asking


def _require_ready(meeting: Meeting, now: datetime) -> None:
    questions = db.session.scalars(
        select(AgendaItem.question).where(AgendaItem.meeting_id == meeting.id)
    ).all()
    if not questions:
        raise MeetingStepRefused(N_("议程还是空的，请先加上议题。"))
    if not all(questions):
        raise MeetingStepRefused(N_("有议题还没写要决定的问题，请先补上。"))
    if meeting.starts_at <= now and meeting.state in (MeetingState.PLANNED, MeetingState.INVITED):
        raise MeetingStepRefused(N_("会议时间已经过了，请先改时间。"))


def _waiting(meeting: Meeting) -> list[Invitation]:
    """On the list, and not asked yet."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(
                Invitation.meeting_id == meeting.id,
                Invitation.invited_at.is_(None),
                Invitation.withdrawn_at.is_(None),
            )
            .order_by(Invitation.id)
        )
    )


def _ask_reporters(meeting: Meeting) -> list[Invitation]:
    asked, number = asked_reports(meeting.id), _next_of(meeting, "reporter")
    new = [person for person in people_of(meeting.id) if not person.reports & asked]
    secrets.SystemRandom().shuffle(new)  # in the order of their reports a number would say whose it is
    rows = [
        Invitation(meeting_id=meeting.id, kind="reporter", number=number + place, report_id=person.report_id)
        for place, person in enumerate(new)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows
