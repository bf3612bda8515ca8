"""One visit: its lines, what each becomes with one tap, corrections, and the shop's private link to be scanned."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.qr_images import png, symbol
from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Permission
from tracker.domain.visits import LineState
from tracker.extensions import now
from tracker.services import visit_hints, visit_lines, visit_pages
from tracker.services.parts import parts
from tracker.services.visit_hints import Hints, OpenCase
from tracker.services.visit_lines import LineTakenUp
from tracker.services.visit_places import VisitMissing
from tracker.web import words
from tracker.web.access import current_actor, requires
from tracker.web.language import ago, named
from tracker.web.reporter_words import day
from tracker.web.visit_memory import note_lines, said
from tracker.web.visit_words import clock, day_of, way

bp = Blueprint("visit", __name__)

SHOWN_FOR = timedelta(minutes=15)
"""The shop's link stays on the screen at most this long; to show it again is noted again."""
LATE = timedelta(minutes=30)
"""A visit that reached us later than this after it was made says so."""


@dataclass(frozen=True)
class Problem:
    """Why the page is shown again; `line_id` 0: about the visit as a whole."""

    line_id: int
    field: str
    words: str
    typed: str = ""


@bp.get("/<row:visit_id>")
@requires(Permission.VISITS_KEEP)
def show(visit_id: int) -> ResponseReturnValue:
    return _page(visit_id)


@bp.post("/<row:visit_id>/lines/<row:line_id>/case")
@requires(Permission.VISITS_KEEP)
def make_case(visit_id: int, line_id: int) -> ResponseReturnValue:
    """A line becomes a case of its own."""
    _belongs(visit_id, line_id)
    try:
        visit_lines.make_case(line_id, request.form.get("category", ""), by=current_actor(), now=now())
    except Incomplete as error:
        return _page(visit_id, Problem(line_id, "category", _in_words(error)), 422)
    return _hand_over(visit_id, line_id)


@bp.post("/<row:visit_id>/lines/<row:line_id>/join")
@requires(Permission.VISITS_KEEP)
def join(visit_id: int, line_id: int) -> ResponseReturnValue:
    """A line counts as the shop's voice in an open case."""
    _belongs(visit_id, line_id)
    try:
        visit_lines.join_case(line_id, request.form.get("number", ""), by=current_actor(), now=now())
    except Incomplete as error:
        return _page(visit_id, Problem(line_id, "category", _in_words(error)), 409)
    return _hand_over(visit_id, line_id)


@bp.post("/<row:visit_id>/lines/<row:line_id>/answer")
@requires(Permission.VISITS_KEEP)
def answer(visit_id: int, line_id: int) -> ResponseReturnValue:
    """A line was answered on the spot."""
    _belongs(visit_id, line_id)
    typed = request.form.get("text", "")
    try:
        visit_lines.answer(line_id, typed, key=form_key(), by=current_actor(), now=now())
    except Incomplete as error:
        return _page(visit_id, Problem(line_id, "answer", _in_words(error), typed), 422)
    except LineTakenUp as error:
        return _page(visit_id, Problem(line_id, "answer", _(str(error)), typed), 409)
    flash(_("已记下当场的答复。"), "good")
    return redirect(url_for("visits.visit.show", visit_id=visit_id), 303)


@bp.post("/<row:visit_id>/correct")
@requires(Permission.VISITS_KEEP)
def correct(visit_id: int) -> ResponseReturnValue:
    """Add a correction to a line or to the visit."""
    typed, line_id = request.form.get("text", ""), request.form.get("line", 0, type=int)
    if line_id:
        _belongs(visit_id, line_id)
    try:
        visit_lines.correct(
            visit_id, typed, line_id=line_id or None, key=form_key(), by=current_actor(), now=now()
        )
    except Incomplete as error:
        return _page(visit_id, Problem(line_id, "correct", _in_words(error), typed), 422)
    flash(_("更正已加上，原来的话也留着。"), "good")
    return redirect(url_for("visits.visit.show", visit_id=visit_id), 303)


@bp.post("/<row:visit_id>/lines/<row:line_id>/link")
@requires(Permission.VISITS_KEEP)
def show_link(visit_id: int, line_id: int) -> ResponseReturnValue:
    """Put the shop's private link on the screen once more."""
    _belongs(visit_id, line_id)
    return _hand_over(visit_id, line_id)


@bp.get("/<row:visit_id>/lines/<row:line_id>/link")
@requires(Permission.VISITS_KEEP)
def link(visit_id: int, line_id: int) -> ResponseReturnValue:
    """The shop's private link as a code to scan, and the four digits; for a quarter of an hour."""
    shown: Mapping[str, Any] = session.get("shown_link") or {}
    if shown.get("line") != line_id or now().timestamp() >= shown.get("until", 0):
        return redirect(url_for("visits.visit.show", visit_id=visit_id), 303)
    line = _belongs(visit_id, line_id)
    credentials = visit_lines.credentials_of(line_id, current_actor())
    address = parts().config.public_url.rstrip("/") + url_for("following.show", key=credentials.link_key)
    picture = base64.b64encode(png(symbol(address), px_per_module=6)).decode()
    return render_template(
        "visits/link.html",
        visit_id=visit_id,
        line=said(line),
        joined=line.state == LineState.JOINED,
        place=visit_pages.visit(visit_id, current_actor()).place,
        address=address,
        picture=f"data:image/png;base64,{picture}",
        code=credentials.code,
    )


@bp.get("/<row:visit_id>/<path:form>")
@requires(Permission.VISITS_KEEP)
def back(visit_id: int, form: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the visit."""
    return redirect(url_for("visits.visit.show", visit_id=visit_id), 303)


def _belongs(visit_id: int, line_id: int) -> visit_pages.LineView:
    """The line of the visit; raises VisitMissing for any other."""
    for line in visit_pages.visit(visit_id, current_actor()).lines:
        if line.id == line_id:
            return line
    raise VisitMissing(line_id)


def _hand_over(visit_id: int, line_id: int) -> ResponseReturnValue:
    """Note that the link is shown, and show it: the answer to a form is never the page itself."""
    visit_lines.show_link(line_id, by=current_actor(), now=now())
    session["shown_link"] = {"line": line_id, "until": (now() + SHOWN_FOR).timestamp()}
    return redirect(url_for("visits.visit.link", visit_id=visit_id, line_id=line_id), 303)


def _in_words(error: Incomplete) -> str:
    return " ".join(_(words) for words in error.problems.values())


def form_key() -> str:
    """Of the form that was sent, so that it counts once; a form without one is a form of its own."""
    key = request.form.get("key", "")
    return key if 16 <= len(key) <= 64 else str(uuid.uuid4())


def _page(visit_id: int, problem: Problem | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    visit = visit_pages.visit(visit_id, actor)
    open_lines = [line for line in visit.lines if line.state in (LineState.NOTED, LineState.ANSWERED)]
    hints, everything = visit_hints.hints(visit.place, open_lines, actor, now()) if open_lines else ({}, [])
    body = render_template(
        "visits/show.html",
        visit=visit,
        place=visit.place,
        when=f"{day_of(visit.visited_at)} {clock(visit.visited_at)}",
        sent_late=f"{day_of(visit.sent_at)} {clock(visit.sent_at)}"
        if visit.sent_at - visit.visited_at > LATE
        else "",
        promise=day(visit.return_on) if visit.return_on else "",
        lines=[said(line) for line in visit.lines],
        hints={line_id: _hint_words(hint) for line_id, hint in hints.items()},
        categories=[(choice.code, f"{choice.code} {named(choice.zh, choice.en)}") for choice in everything],
        notes=note_lines(visit.notes),
        problem=problem,
        new_key=lambda: str(uuid.uuid4()),
        person_id=actor.user_id,
    )
    return body, status


def _hint_words(hint: Hints) -> dict[str, Any]:
    return {
        "categories": [(choice.code, named(choice.zh, choice.en)) for choice in hint.categories],
        "cases": [_open_case(case) for case in hint.cases],
    }


def _open_case(case: OpenCase) -> dict[str, Any]:
    return {
        "number": case.number,
        "url": url_for("desk.case.show", number=case.number),
        "category": named(case.category_zh, case.category_en),
        "summary": case.summary,
        "where": _("本店") if case.is_here else f"{case.place_name} · {way(case.away_m)}",
        "age": ago(case.opened_at),
        "state": case.state.value,
        "state_words": words.STATES[case.state],
    }
