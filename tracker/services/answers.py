"""A guest's answer to an invitation: whether he comes, and what he wants to say; until the meeting begins."""

from dataclasses import dataclass
from datetime import datetime

from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import MeetingState
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Invitation, Meeting
from tracker.services.guests import guest_behind, invitation_of_reporter
from tracker.services.parts import parts

CONSENT_VERSION = "1"
"""Of the words in templates/meetings/consent.html; another meaning needs another version."""
ANSWERS = ("yes", "maybe", "no")
NAME_LIMIT_CHARS = 20


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


def answer_by_report(link_key: str, device: str, number: str, given: Answer, *, now: datetime) -> None:
    """Take a reporter's answer to the invitation to meeting `number`; until it begins he may change it.

    Raises:
        LinkUnknown, MeetingMissing: no such link, or not asked to this meeting.
        NotPermitted: this device may look but not speak.
        Incomplete, AnswerRefused.
    """
    _require_sense(
        given, needs_consent=given.answer != "no" or bool(given.words.strip() or given.name.strip())
    )

    def use_case() -> None:
        with transaction():
            guest = invitation_of_reporter(link_key, device, number)
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
            guest = guest_behind(token)
            db.session.refresh(guest, with_for_update=True)
            _take_answer(guest, given, now)

    again_if_interrupted(use_case)


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
    if not may_answer(meeting, now):
        raise AnswerRefused(N_("会议已经开始或取消，答复不能再改。"))
    guest.answer, guest.answered_at = given.answer, now
    guest.words = plain_text(given.words)


def may_answer(meeting: Meeting, now: datetime) -> bool:
    """Whether there is something to answer still: guests were asked, and it has not begun."""
    return meeting.state == MeetingState.INVITED and now < meeting.starts_at
