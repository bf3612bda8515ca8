"""The secretary's day: her visits, today's route, a new visit, what a shop remembers. One visit: web/visit_page.py."""

import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import visit_pages, visit_routes, visits
from tracker.services.parts import parts
from tracker.services.visit_pages import CursorWrong, VisitList, VisitRow
from tracker.services.visit_places import PlaceView, find_places, place_for
from tracker.services.visits import NewVisit
from tracker.web import visit_form, visit_page, words
from tracker.web.access import current_actor, requires
from tracker.web.language import named
from tracker.web.reporter_words import day
from tracker.web.uploads import photo_answer
from tracker.web.visit_memory import memory_of
from tracker.web.visit_page import form_key
from tracker.web.visit_words import clock, day_of, reasons, way

bp = Blueprint("visits", __name__, url_prefix="/visits")
bp.register_blueprint(visit_page.bp)


@bp.get("")
@requires(Permission.VISITS_KEEP)
def index() -> ResponseReturnValue:
    """Her own visits by day, and what today has brought."""
    page, is_wrong = _listed(request.args.get("at", ""))
    return render_template(
        "visits/list.html",
        tally=visit_pages.tally(current_actor(), now()),
        goal=parts().config.visits_a_day,
        days=_by_day(page.rows),
        older=url_for("visits.index", at=page.older) if page.older else None,
        is_wrong=is_wrong,
        person_id=current_actor().user_id,
    )


@bp.get("/today")
@requires(Permission.VISITS_KEEP)
def today() -> ResponseReturnValue:
    """Where to go today and why; walked from the last visit, or from where she says she is."""
    actor, typed = current_actor(), request.args.get("from", "").strip()
    found = find_places(typed, actor)
    route = visit_routes.todays_route(actor, now(), found[0] if len(found) == 1 else None)
    return render_template(
        "visits/today.html",
        stops=[
            {
                "place": stop.place,
                "kind": words.PLACE_KINDS.get(stop.place.kind, stop.place.kind),
                "reasons": reasons(stop),
                "way": way(stop.way_m),
                "cases": [_case_words(case) for case in stop.cases],
                "key": str(uuid.uuid4()),
            }
            for stop in route.stops
        ],
        walked=route.walked,
        skipped=route.skipped,
        start=route.start,
        typed=typed,
        choices=found if len(found) > 1 else [],
        is_unknown=bool(typed) and not found,
        goal=parts().config.visits_a_day,
        tally=visit_pages.tally(actor, now()),
        clock=clock,
        person_id=actor.user_id,
    )


@bp.post("/today/<code>/<what>")
@requires(Permission.VISITS_KEEP)
def tick(code: str, what: str) -> ResponseReturnValue:
    """Tick a shop off: been there and nothing was said, or not today; or put it back."""
    actor, place = current_actor(), place_for(code, current_actor())
    if what == "been":
        _been_there(place)
        flash(_("%(place)s：已记为走访过，没有要记的事。", place=place.name), "good")
    elif what == "skip":
        visit_routes.skip(code, by=actor, now=now())
        flash(_("%(place)s：今天不去了。", place=place.name), "still")
    elif what == "back":
        visit_routes.take_back(code, by=actor, now=now())
    else:
        abort(404)
    start: dict[str, Any] = {"from": request.form["from"][:60]} if request.form.get("from") else {}
    return redirect(url_for("visits.today", **start), 303)


@bp.get("/today/<code>/<what>")
@requires(Permission.VISITS_KEEP)
def ticked(code: str, what: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the route."""
    return redirect(url_for("visits.today"), 303)


@bp.get("/new")
@requires(Permission.VISITS_KEEP)
def new() -> ResponseReturnValue:
    return visit_form.blank(request.args.get("place", ""))


@bp.post("/new")
@requires(Permission.VISITS_KEEP)
def send() -> ResponseReturnValue:
    return visit_form.receive()


@bp.get("/places/<code>")
@requires(Permission.VISITS_KEEP)
def place(code: str) -> ResponseReturnValue:
    """Everything that was said at a place before."""
    memory = visit_pages.memory(code, current_actor())
    return render_template("visits/place.html", memory=memory_of(memory), person_id=current_actor().user_id)


@bp.get("/photos/<row:photo_id>")
@requires(Permission.VISITS_KEEP)
def photo(photo_id: int) -> ResponseReturnValue:
    """A photo of a visit, whole or small."""
    sha256 = visit_pages.photo(photo_id, current_actor())
    return photo_answer(sha256, f"visit-{photo_id}", thumb=request.args.get("size") == "thumb")


def _listed(cursor: str) -> tuple[VisitList, bool]:
    """The page asked for; the first one, and true, if the address names none of ours."""
    try:
        return visit_pages.own_visits(current_actor(), cursor), False
    except CursorWrong:
        return visit_pages.own_visits(current_actor()), True


def _by_day(rows: Sequence[VisitRow]) -> list[tuple[str, list[dict[str, object]]]]:
    days = groupby(rows, key=lambda row: day_of(row.visited_at))
    return [(name, [_row_words(row) for row in members]) for name, members in days]


def _row_words(row: VisitRow) -> dict[str, object]:
    return {
        "url": url_for("visits.visit.show", visit_id=row.id),
        "place": row.place_name,
        "at": row.visited_at.isoformat(),
        "clock": clock(row.visited_at),
        "met": row.met,
        "lines": row.lines,
        "cases": row.cases,
        "first_words": row.first_words,
        "promise": day(row.return_on) if row.return_on else "",
    }


def _case_words(case: visit_routes.DueCase) -> dict[str, str]:
    return {
        "number": case.number,
        "url": url_for("desk.case.show", number=case.number),
        "category": named(case.category_zh, case.category_en),
        "opened": day_of(case.opened_at),
    }


def _been_there(place: PlaceView) -> None:
    """A visit where nothing was said; the form's key makes two taps one."""
    moment = now()
    key = form_key()
    if visits.visit_behind(key, current_actor()) is None:
        new = NewVisit(key=key, place_id=place.id, visited_at=moment.replace(second=0, microsecond=0))
        visits.record(new, by=current_actor(), now=moment)
