"""The desk: what every staff page shows around its content, the queue and the photos. Cases: web/desk_case.py."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.permissions import Actor, Permission
from tracker.extensions import now
from tracker.services import case_pages, worklists
from tracker.web import desk_case, words
from tracker.web.access import current_actor, requires
from tracker.web.names import Names
from tracker.web.queue_rows import queue_rows
from tracker.web.queue_views import SOON, AskedQueue, asked_queue, views_of
from tracker.web.uploads import photo_answer

bp = Blueprint("desk", __name__, url_prefix="/desk")
bp.register_blueprint(desk_case.bp)


@dataclass(frozen=True)
class NavItem:
    """One link of the bar above every staff page."""

    label: str
    url: str
    current: bool


@bp.app_context_processor
def _around_the_page() -> dict[str, Any]:
    """Who is signed in and where he may go. Looks nobody up: a page that did not ask shows nobody."""
    person: Actor | None = g.get("person")
    if person is None:
        return {"person": None, "desk_nav": [], "sign_out_url": ""}
    roles = dict.fromkeys(str(words.ROLES[grant.role]) for grant in person.grants)
    return {
        "person": {"name": person.name, "role": _("、").join(roles)},
        "desk_nav": list(_nav(person)),
        "sign_out_url": url_for("sign_in.leave"),
    }


def _nav(person: Actor) -> list[NavItem]:
    queue = NavItem(
        _("案件") if person.has(Permission.QUEUE_SEE) else _("工作台"),
        url_for("desk.queue"),
        request.endpoint == "desk.queue",
    )
    own = NavItem(_("我的登录"), url_for("sign_in.sessions"), request.endpoint == "sign_in.sessions")
    admin = NavItem(_("管理"), url_for("admin.index"), (request.endpoint or "").startswith("admin."))
    late = NavItem(_("催办"), url_for("escalations.show"), request.endpoint == "escalations.show")
    visits = NavItem(_("走访"), url_for("visits.index"), (request.endpoint or "").startswith("visits."))
    seen = [
        item
        for item, needed in (
            (visits, Permission.VISITS_KEEP),
            (late, Permission.ESCALATIONS_SEE),
            (admin, Permission.SERVICE_WATCH),
        )
        if person.has(needed)
    ]
    return [queue, *seen, own]


@bp.get("")
@requires(Permission.SESSIONS_OWN)
def queue() -> ResponseReturnValue:
    """The cases of the view in the address; people without a queue are told where their work is."""
    actor = current_actor()
    if not actor.has(Permission.QUEUE_SEE):
        return render_template("desk/no_queue.html")
    moment = now()
    asked = asked_queue(actor, request.args, moment)
    try:
        page = worklists.queue(actor, asked.wanted, asked.cursor)
    except worklists.CursorWrong:
        asked = asked.from_the_start(is_wrong=True)
        page = worklists.queue(actor, asked.wanted)
    return render_template(
        "desk/queue.html",
        rows=queue_rows(page.rows, Names(), moment, asked.dues[SOON].until),
        views=views_of(actor, asked),
        asked=asked,
        newer=asked.url(cursor=page.previous_cursor) if page.previous_cursor else None,
        older=asked.url(cursor=page.next_cursor) if page.next_cursor else None,
        live=_live(asked, page.live_cursor),
    )


def _live(asked: AskedQueue, cursor: int) -> dict[str, Any] | None:
    """How the open page asks for what is new; none on pages where the newest do not belong at the top."""
    if asked.cursor or asked.wanted.due or not asked.wanted.newest_first:
        return None
    return {"url": url_for("desk.new", show=asked.show), "cursor": cursor}


@bp.get("/new")
@requires(Permission.QUEUE_SEE)
def new() -> ResponseReturnValue:
    """The cases that came into a view since a cursor, as rows of its table."""
    actor = current_actor()
    since = request.args.get("since", -1, type=int)
    moment = now()
    asked = asked_queue(actor, request.args, moment)
    try:
        page = worklists.arrived_since(actor, asked.wanted, since)
    except worklists.CursorWrong:
        abort(400)
    rows = queue_rows(page.rows, Names(), moment, asked.dues[SOON].until)
    return jsonify(
        rows_html=render_template("desk/rows.html", rows=rows),
        count=len(rows),
        cursor=str(page.live_cursor),
    )


@bp.get("/photos/<row:photo_id>")
@requires(Permission.CASE_SEE)
def photo(photo_id: int) -> ResponseReturnValue:
    """A photo of a case the person may see, whole or small."""
    sha256 = case_pages.staff_photo(photo_id, current_actor(), now())
    return photo_answer(sha256, f"photo-{photo_id}", thumb=request.args.get("size") == "thumb")


@bp.get("/thumbs/<number>")
@requires(Permission.CASE_SEE)
def thumb(number: str) -> ResponseReturnValue:
    """The small picture of a case in lists."""
    return photo_answer(worklists.thumb_of(number, current_actor()), f"case-{number}", thumb=True)
