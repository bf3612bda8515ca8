"""A reporter's answer to an invitation and his votes, sent from the panel of his own page (web/meeting_panel.py).

Looking needs the link, speaking the device or the code, as everywhere on that page.
"""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import NotPermitted
from tracker.domain.votes import VoteRefused
from tracker.extensions import now
from tracker.services import answers, ballots, guest_pages
from tracker.services.answers import AnswerRefused
from tracker.services.meeting_moves import MeetingMissing
from tracker.web.access import device, public
from tracker.web.following import page_again
from tracker.web.guest_words import Said, calendar_answer, read_answer, said_of

bp = Blueprint("reporter_meetings", __name__)


@bp.post("/t/<key>/meetings/<number>/answer")
@public
def answer(key: str, number: str) -> ResponseReturnValue:
    """Take the answer to an invitation."""
    given = read_answer()
    try:
        answers.answer_by_report(key, device(), number, given, now=now())
    except Incomplete as error:
        problems = {name: _(words) for name, words in error.problems.items()}
        return _again(key, said_of(number, given, problems), 422)
    except AnswerRefused as error:
        return _again(key, said_of(number, given, refused=_(str(error))), 409)
    except NotPermitted:
        return _again(key, said_of(number, given, refused=_("先输入4位数字，再提交一次。")), 403)
    flash(_("答复收到了，谢谢。"), "good")
    return _back(key, number)


@bp.post("/t/<key>/meetings/<number>/votes/<row:item_id>")
@public
def vote(key: str, number: str, item_id: int) -> ResponseReturnValue:
    """Take a vote."""
    option_id = request.form.get("option", 0, type=int)
    try:
        ballots.vote_by_report(key, device(), number, item_id=item_id, option_id=option_id)
    except VoteRefused as error:
        return _again(key, Said(number=number, item_id=item_id, problems={"vote": _(str(error))}), 409)
    except NotPermitted:
        return _again(
            key, Said(number=number, item_id=item_id, refused=_("先输入4位数字，再提交一次。")), 403
        )
    flash(_("投票收到了；结束前都可以改。"), "good")
    return _back(key, number)


@bp.get("/t/<key>/meetings/<number>/calendar.ics")
@public
def calendar(key: str, number: str) -> ResponseReturnValue:
    """The meeting for the phone's calendar."""
    for meeting in guest_pages.meetings_of_reporter(key, now()):
        if meeting.number == number:
            return calendar_answer(guest_pages.calendar_for_guest(meeting.invitation_id, now()), number)
    raise MeetingMissing(number)


def _again(key: str, said: Said, status: int) -> ResponseReturnValue:
    """The private page with what was written still in the form."""
    g.said_to_meeting = said
    return page_again(key), status


def _back(key: str, number: str) -> ResponseReturnValue:
    return redirect(url_for("following.show", key=key, _anchor=f"meeting-{number}"), 303)
