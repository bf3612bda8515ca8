"""``/m/<token>``: the page of a guest who was asked by mail, and the page behind the code at the door."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.domain.votes import VoteRefused
from tracker.extensions import now
from tracker.services import answers, ballots, door, guest_pages
from tracker.services.answers import AnswerRefused
from tracker.services.door import Door, DoorShut
from tracker.services.guest_pages import GuestMeeting
from tracker.web.access import device, public
from tracker.web.guest_words import NOTHING_SAID, Said, calendar_answer, meeting_words, read_answer, said_of
from tracker.web.language import LANGUAGES, choose_language, moment
from tracker.web.meeting_words import hours, who
from tracker.web.names import Names

bp = Blueprint("private_meeting", __name__, url_prefix="/m/<token>")

REMEMBERED = "invitations"
MOST_REMEMBERED = 20
"""Invitations whose links were opened in this browser; the cookie stays small."""


@bp.get("")
@public
def show(token: str) -> ResponseReturnValue:
    """The guest's page, or the door's. The language is chosen here: the key must not travel in a ``next=``."""
    is_door = door.is_door(token)
    meeting = None if is_door else guest_pages.meeting_of_guest(token, now())
    if request.args.get("language") in LANGUAGES:
        choose_language(request.args["language"])
        return redirect(url_for("private_meeting.show", token=token), 303)
    if meeting is None:
        return _door_page(token)
    _remember(meeting.invitation_id)
    return _guest_page(token, meeting, NOTHING_SAID)


@bp.post("/answer")
@public
def answer(token: str) -> ResponseReturnValue:
    """Take the answer to the invitation."""
    given = read_answer()
    try:
        answers.answer_by_token(token, given, now())
    except Incomplete as error:
        problems = {name: _(words) for name, words in error.problems.items()}
        return _again(token, given_problems=problems), 422
    except AnswerRefused as error:
        return _again(token, refused=_(str(error))), 409
    flash(_("答复收到了，谢谢。"), "good")
    return redirect(url_for("private_meeting.show", token=token), 303)


@bp.post("/votes/<row:item_id>")
@public
def vote(token: str, item_id: int) -> ResponseReturnValue:
    """Take a vote."""
    option_id = request.form.get("option", 0, type=int)
    try:
        ballots.vote_by_token(token, device(), item_id, option_id)
    except VoteRefused as error:
        meeting = guest_pages.meeting_of_guest(token, now())
        said = Said(number=meeting.number, item_id=item_id, problems={"vote": _(str(error))})
        return _guest_page(token, meeting, said), 409
    flash(_("投票收到了；结束前都可以改。"), "good")
    return redirect(url_for("private_meeting.show", token=token, _anchor=f"topic-{item_id}"), 303)


@bp.get("/calendar.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    """The meeting for the guest's calendar."""
    meeting = guest_pages.meeting_of_guest(token, now())
    return calendar_answer(guest_pages.calendar_for_guest(meeting.invitation_id, now()), meeting.number)


@bp.post("/sign-in")
@public
def sign_in(token: str) -> ResponseReturnValue:
    """Sign at the door, in one of three ways."""
    form, way = request.form, request.form.get("way", "")
    try:
        match way:
            case "known":
                door.sign_as_known(token, device(), _remembered(), now())
            case "department":
                code, name = form.get("department", ""), form.get("name", "")
                door.sign_for_department(token, device(), code, name, now=now())
            case _:
                shop, name = form.get("shop", ""), form.get("name", "")
                door.sign_as_visitor(token, device(), shop, name, now=now())
    except Incomplete as error:
        problems = {name: _(words) for name, words in error.problems.items()}
        return _door_page(token, way=way, problems=problems), 422
    except DoorShut:
        return _door_page(token), 409
    return redirect(url_for("private_meeting.show", token=token), 303)


@bp.get("/<path:rest>")
@public
def back(token: str, rest: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of a form
    """Where a form was sent to is no page."""
    return redirect(url_for("private_meeting.show", token=token), 303)


def _again(token: str, *, given_problems: dict[str, str] | None = None, refused: str = "") -> str:
    meeting = guest_pages.meeting_of_guest(token, now())
    return _guest_page(token, meeting, said_of(meeting.number, read_answer(), given_problems, refused))


def _guest_page(token: str, meeting: GuestMeeting, said: Said) -> str:
    words = meeting_words(meeting, token, said, names=Names())
    return render_template("meetings/guest.html", token=token, it=words)


def _door_page(token: str, *, way: str = "", problems: dict[str, str] | None = None) -> str:
    found = door.door(token, device(), _remembered(), now())
    names = Names()
    return render_template(
        "meetings/at_the_door.html",
        token=token,
        door=found,
        hours=hours(found.starts_at, found.ends_at),
        opens=moment(found.opens_at),
        known=_known(found, names),
        departments=[(code, names.department(code)) for code in _choices(found, names)],
        way=way,
        problems=problems or {},
        given=request.form,
    )


def _known(found: Door, names: Names) -> str:
    known = found.known
    if known is None:
        return ""
    return who(known.kind, known.number, known.name, known.department_code, names=names)


def _choices(found: Door, names: Names) -> Sequence[str]:
    """Invited departments first, then the others: somebody may come in another's place."""
    return [*found.departments, *(code for code in names.departments if code not in found.departments)]


def _remember(invitation_id: int) -> None:
    """Keep in this browser's cookie that the link of an invitation was opened in it, for the door."""
    known = _remembered()
    if invitation_id not in known:
        device()
        session[REMEMBERED] = [*known, invitation_id][-MOST_REMEMBERED:]


def _remembered() -> list[int]:
    kept: Any = session.get(REMEMBERED)
    return [each for each in kept if isinstance(each, int)] if isinstance(kept, list) else []
