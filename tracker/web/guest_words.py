"""A meeting as its guests read it, on the page behind their mail's link and in the panel of a reporter's own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from tracker.domain.meetings import MeetingState
from tracker.extensions import now
from tracker.services.answers import Answer
from tracker.services.guest_pages import GuestItem, GuestMeeting
from tracker.web.meeting_tabs import guest_sections_of
from tracker.web.meeting_words import ANSWERS, STATES, TallyWords, hours, tallies, who
from tracker.web.names import Names

CHOICES = ("yes", "maybe", "no")


@dataclass(frozen=True)
class Said:
    """What a guest wrote, given back when it could not be taken.

    Attributes:
        number: of the meeting it was for; empty: nothing was said.
        problems: ``answer``, ``words``, ``name``, ``consent``, ``vote`` → words.
        refused: why the rules said no.
        item_id: of the topic that was voted on.
    """

    number: str = ""
    answer: str = ""
    words: str = ""
    name: str = ""
    has_consent: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    item_id: int = 0


NOTHING_SAID = Said()


@dataclass(frozen=True)
class TopicWords:
    """One topic, as the templates place it."""

    item: GuestItem
    url: str
    options: Sequence[tuple[int, str]]
    tallies: Sequence[TallyWords]
    own: str


@dataclass(frozen=True)
class MeetingWords:
    """One meeting, as the templates place it.

    Attributes:
        answer_url: where the answer goes.
        said: what was written for this meeting, or what was answered before.
        called: what the chair calls this guest; without a name of his own, if he is a reporter.
    """

    meeting: GuestMeeting
    state_words: Any
    hours: str
    sentence: str
    called: str
    called_without_name: str
    answer_words: Any
    answer_url: str
    calendar_url: str
    choices: Sequence[tuple[str, str]]
    said: Said
    topics: Sequence[TopicWords]
    extra: Mapping[str, Any]


def read_answer() -> Answer:
    """What the form holds."""
    form = request.form
    return Answer(
        answer=form.get("answer", ""),
        words=form.get("words", ""),
        name=form.get("name", ""),
        has_consent=form.get("consent") == "yes",
    )


def said_of(number: str, given: Answer, problems: Mapping[str, str] | None = None, refused: str = "") -> Said:
    """What was answered, to be shown again."""
    return Said(
        number=number,
        answer=given.answer if given.answer in CHOICES else "",
        words=given.words,
        name=given.name,
        has_consent=given.has_consent,
        problems=problems or {},
        refused=refused,
    )


def meeting_words(meeting: GuestMeeting, key: str, said: Said, *, names: Names) -> MeetingWords:
    """Prepare a meeting for its guest; key: of the link he came by."""
    own = said if said.number == meeting.number else NOTHING_SAID
    if not own.number:
        own = Said(
            answer=meeting.answer, words=meeting.words, name=meeting.name, has_consent=meeting.has_consent
        )
    by_report = meeting.kind == "reporter"
    where: dict[str, Any] = {"key": key, "number": meeting.number} if by_report else {"token": key}
    folder = "reporter_meetings" if by_report else "private_meeting"
    return MeetingWords(
        meeting=meeting,
        state_words=STATES[meeting.state],
        hours=hours(meeting.starts_at, meeting.ends_at),
        sentence=_sentence(meeting),
        called=who(meeting.kind, meeting.guest_number, meeting.name, meeting.department_code, names=names),
        called_without_name=who(meeting.kind, meeting.guest_number, "", meeting.department_code, names=names),
        answer_words=ANSWERS[meeting.answer],
        answer_url=url_for(f"{folder}.answer", **where),
        calendar_url=url_for(f"{folder}.calendar", **where),
        choices=[("yes", _("我来")), ("maybe", _("还不一定")), ("no", _("来不了"))],
        said=own,
        topics=[_topic(item, url_for(f"{folder}.vote", item_id=item.id, **where)) for item in meeting.agenda],
        extra=guest_sections_of(meeting),
    )


def _topic(item: GuestItem, url: str) -> TopicWords:
    options = dict(item.options)
    return TopicWords(
        item=item,
        url=url,
        options=item.options,
        tallies=tallies(item.result, options, is_closed=item.vote_state == "closed"),
        own=options.get(item.own_option, ""),
    )


def _sentence(meeting: GuestMeeting) -> str:
    match meeting.state:
        case MeetingState.CANCELLED:
            return (
                _("这个会议取消了，您报的事照常办理。")
                if meeting.kind == "reporter"
                else _("这个会议取消了。")
            )
        case MeetingState.HELD | MeetingState.CLOSED:
            is_on = meeting.state == MeetingState.HELD and now() < meeting.ends_at
            return _("会议正在开。") if is_on else _("会议已经开过。")
        case _ if not meeting.may_answer:
            return _("会议已经开始。")
        case _ if not meeting.answer and meeting.sequence:
            return _("会议的安排改过，请按新的时间答复。")
        case _ if not meeting.answer:
            return _("来不来，请答复一声；会议开始前都可以改。")
    return _("您答复的是“%(answer)s”，会议开始前都可以改。", answer=ANSWERS[meeting.answer])


def calendar_answer(text: str, number: str) -> Response:
    """A calendar file as an answer."""
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.ics"'
    return answer
