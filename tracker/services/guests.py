"""The guests' side of a meeting: what a private link shows, the answer to the invitation, the vote.

A reporter comes by the link of his report and speaks from the device or with the code, as on the rest of that page;
a guest by mail comes by a link of his own. Neither sees who else was asked.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import PUBLIC, IssueState
from tracker.domain.meetings import MeetingAction, MeetingState
from tracker.domain.permissions import NotPermitted
from tracker.domain.plain_text import plain_text
from tracker.domain.votes import Result, VoteRefused, result_of
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import (
    AgendaItem,
    Area,
    Case,
    Invitation,
    Issue,
    Meeting,
    MeetingEvent,
    Option,
    Report,
    Vote,
)
from tracker.services import links
from tracker.services.meeting_moves import MeetingMissing
from tracker.services.meeting_notices import calendar_of
from tracker.services.parts import parts

CONSENT_VERSION = "1"
"""Of the words in templates/meetings/consent.html; another meaning needs another version."""
ANSWERS = ("yes", "maybe", "no")
NAME_LIMIT_CHARS = 20
SHOWN_AFTER = timedelta(days=30)
"""A meeting stays on private pages this long after its end."""
_VOTING = frozenset({MeetingState.INVITED, MeetingState.HELD})


class AnswerRefused(Exception):
    """The meeting has begun or was called off: there is nothing to answer any more. The message can be shown."""


@dataclass(frozen=True)
class Answer:
    """What a guest says.

    Attributes:
        answer: ``yes``, ``maybe`` or ``no``.
        name: of a reporter who wants to be called by it; empty: he stays a number.
        has_consent: a reporter's, that the chair may read it.
    """

    answer: str
    words: str = ""
    name: str = ""
    has_consent: bool = False


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


# ---- reading


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
            Invitation.report_id.in_(_reports_of_person(report)),
            Invitation.invited_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
            Meeting.ends_at > now - SHOWN_AFTER,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [_seen_by(guest, meeting, now) for guest, meeting in rows]


def meeting_of_guest(token: str, now: datetime) -> GuestMeeting:
    """The meeting behind the link in a guest's mail.

    Raises:
        MeetingMissing: no such link, or the invitation was taken back.
    """
    guest = _guest_behind(token)
    return _seen_by(guest, db.session.get_one(Meeting, guest.meeting_id), now)


def calendar_for_guest(invitation_id: int, now: datetime) -> str:
    """The meeting of an invitation as a calendar file."""
    guest = db.session.get_one(Invitation, invitation_id)
    meeting = db.session.get_one(Meeting, guest.meeting_id)
    return calendar_of(meeting, now, is_cancelled=meeting.state == MeetingState.CANCELLED)


# ---- answering


def answer_by_report(link_key: str, device: str, number: str, given: Answer, now: datetime) -> None:
    """Take a reporter's answer to the invitation to meeting `number`; until it begins he may change it.

    Raises:
        LinkUnknown, MeetingMissing: no such link, or not asked to this meeting.
        NotPermitted: this device may look but not speak.
        Incomplete, AnswerRefused.
    """
    _require_sense(given, needs_consent=given.answer != "no" or bool(given.words.strip() or given.name.strip()))

    def use_case() -> None:
        with transaction():
            guest = _reporters_invitation(link_key, device, number)
            _take_answer(guest, given, now)
            guest.name = " ".join(plain_text(given.name).split()) if given.has_consent else ""
            guest.consent_version = CONSENT_VERSION if given.has_consent else ""

    again_if_interrupted(use_case)


def answer_by_token(token: str, given: Answer, now: datetime) -> None:
    """Take the answer of a guest by mail.

    Raises:
        MeetingMissing: no such link.
        Incomplete, AnswerRefused.
    """
    _require_sense(given, needs_consent=False)

    def use_case() -> None:
        with transaction():
            guest = _guest_behind(token)
            db.session.refresh(guest, with_for_update=True)
            _take_answer(guest, given, now)

    again_if_interrupted(use_case)


# ---- voting


def vote_by_report(link_key: str, device: str, number: str, item_id: int, option_id: int) -> None:
    """Take a reporter's vote, or change it.

    Raises:
        LinkUnknown, MeetingMissing, NotPermitted, VoteRefused.
    """

    def use_case() -> None:
        with transaction():
            _vote(_reporters_invitation(link_key, device, number), device, item_id, option_id)

    _voting(use_case)


def vote_by_token(token: str, device: str, item_id: int, option_id: int) -> None:
    """Take the vote of a guest by mail, or change it.

    Raises:
        MeetingMissing, VoteRefused.
    """

    def use_case() -> None:
        with transaction():
            guest = _guest_behind(token)
            db.session.refresh(guest, with_for_update=True)
            _vote(guest, device, item_id, option_id)

    _voting(use_case)


def votes_by_link(item_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Item id → option id → votes given by private link."""
    rows = db.session.execute(
        select(Vote.agenda_item_id, Vote.option_id, func.count(Vote.id))
        .where(Vote.agenda_item_id.in_(item_ids))
        .group_by(Vote.agenda_item_id, Vote.option_id)
    )
    found: dict[int, dict[int, int]] = {item_id: {} for item_id in item_ids}
    for item_id, option_id, count in rows:
        found[item_id][option_id] = count
    return found


# ---- inside


def _voting(use_case: object) -> None:
    try:
        again_if_interrupted(use_case)  # type: ignore[arg-type]
    except IntegrityError as error:  # two taps met: one of them counted
        raise VoteRefused(_ONE_A_PHONE) from error


_ONE_A_PHONE = N_("这台手机已经投过这一项了。每人一票。")


def _reports_of_person(report: Report) -> list[int]:
    """His own reports: sent from the same phone at the same place."""
    place_id = db.session.scalars(select(Case.place_id).where(Case.id == report.case_id)).one()
    return list(
        db.session.scalars(
            select(Report.id)
            .join(Case, Case.id == Report.case_id)
            .where(Report.device_hash == report.device_hash, Case.place_id == place_id)
        )
    )


def _guest_behind(token: str) -> Invitation:
    guest = db.session.scalar(select(Invitation).where(Invitation.token_hash == links.hash_of(token)))
    if guest is None or guest.withdrawn_at is not None:
        raise MeetingMissing
    return guest


def _reporters_invitation(link_key: str, device: str, number: str) -> Invitation:
    """The invitation of the person who speaks, locked. Inside a transaction."""
    report = links.report_behind(link_key)
    guest = db.session.scalar(
        select(Invitation)
        .join(Meeting, Meeting.id == Invitation.meeting_id)
        .where(
            Meeting.number == number,
            Invitation.report_id.in_(_reports_of_person(report)),
            Invitation.invited_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
        )
        .with_for_update(of=Invitation)
    )
    if guest is None:
        raise MeetingMissing(number)
    if not links.speaks_from(report, device):
        raise NotPermitted("looking only")
    return guest


def _require_sense(given: Answer, *, needs_consent: bool) -> None:
    problems: dict[str, str] = {}
    if given.answer not in ANSWERS:
        problems["answer"] = N_("请选择来不来。")
    if len(given.words) > parts().config.text_limit_chars:
        problems["words"] = N_("文字太长，请缩短后再提交。")
    if len(given.name.strip()) > NAME_LIMIT_CHARS:
        problems["name"] = N_("称呼最多20字。")
    if needs_consent and not given.has_consent:
        problems["consent"] = N_("请先勾选同意，答复才能交给会议主持人。")
    if problems:
        raise Incomplete(problems)


def _take_answer(guest: Invitation, given: Answer, now: datetime) -> None:
    meeting = db.session.get_one(Meeting, guest.meeting_id)
    if not _may_answer(meeting, now):
        raise AnswerRefused(N_("会议已经开始或取消，答复不能再改。"))
    guest.answer, guest.answered_at = given.answer, now
    guest.words = plain_text(given.words)


def _may_answer(meeting: Meeting, now: datetime) -> bool:
    return meeting.state == MeetingState.INVITED and now < meeting.starts_at


def _vote(guest: Invitation, device: str, item_id: int, option_id: int) -> None:
    item = db.session.scalar(
        select(AgendaItem)
        .where(AgendaItem.id == item_id, AgendaItem.meeting_id == guest.meeting_id)
        .with_for_update(read=True)  # the vote is not closed meanwhile
    )
    if item is None:
        raise MeetingMissing
    if item.vote_state != "open":
        raise VoteRefused(N_("这一项现在不在表决。"))
    option = db.session.get(Option, option_id)
    if option is None or option.agenda_item_id != item.id:
        raise VoteRefused(N_("请选择一个选项。"))
    voter, phone = _keyed("voter", guest.id, item.id), _keyed("device", device, item.id)
    given = {row.voter_hash: row for row in _votes_of(item, voter, phone)}
    own = given.pop(voter, None)
    if given:
        raise VoteRefused(_ONE_A_PHONE)
    if own is None:
        own = Vote(agenda_item_id=item.id, voter_hash=voter)
    own.option_id, own.device_hash = option.id, phone
    db.session.add(own)
    db.session.flush()


def _votes_of(item: AgendaItem, voter: str, phone: str) -> Sequence[Vote]:
    return db.session.scalars(
        select(Vote).where(
            Vote.agenda_item_id == item.id, (Vote.voter_hash == voter) | (Vote.device_hash == phone)
        )
    ).all()


def _keyed(what: str, who: int | str, item_id: int) -> str:
    """64 hex digits that say whose vote it is to those who hold the key alone; it is not in the database."""
    key = parts().config.secret_keys[-1].encode()
    return hmac.new(key, f"vote\n{what}\n{who}\n{item_id}".encode(), hashlib.sha256).hexdigest()


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
        may_answer=_may_answer(meeting, now),
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
            own_option=_own_option(guest, item) if item.vote_state == "open" else 0,
            result=_result(item, options[item.id], votes[item.id], links_asked),
        )
        for item, issue in rows
    ]


def _own_option(guest: Invitation, item: AgendaItem) -> int:
    voter = _keyed("voter", guest.id, item.id)
    found = db.session.scalar(
        select(Vote.option_id).where(Vote.agenda_item_id == item.id, Vote.voter_hash == voter)
    )
    return found or 0


def asked_links(meeting_id: int) -> int:
    """How many private links could vote."""
    return (
        db.session.scalar(
            select(func.count(Invitation.id)).where(
                Invitation.meeting_id == meeting_id,
                Invitation.invited_at.is_not(None),
                Invitation.withdrawn_at.is_(None),
            )
        )
        or 0
    )


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
