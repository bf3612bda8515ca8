"""The desk: what every staff page shows around its content, the queue and the photos. Cases: web/desk_case.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.permissions import Actor, Permission
from tracker.extensions import now
from tracker.services import case_pages, floods, worklists
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


def _nav(person: Actor) -> Iterator[NavItem]:
    here = request.endpoint or ""
    for endpoint, label, needed in NAV:
        if person.has(needed):
            name = endpoint.split(".")[0]
            is_here = here == endpoint if name in _ONE_OF_MANY else here.startswith(f"{name}.")
            yield NavItem(str(label), url_for(endpoint), is_here)


NAV: tuple[tuple[str, words.Words, Permission], ...] = (
    ("desk.queue", _lazy("案件"), Permission.QUEUE_SEE),
    ("visits.index", _lazy("走访"), Permission.VISITS_KEEP),
    ("issues.queue", _lazy("共性问题"), Permission.ISSUES_SEE),
    ("meetings.index", _lazy("会议"), Permission.MEETINGS_KEEP),
    ("actions.queue", _lazy("行动项"), Permission.ACTIONS_SEE),
    ("labels.walk", _lazy("贴标"), Permission.LABELS_POST),
    ("escalations.show", _lazy("催办"), Permission.ESCALATIONS_SEE),
    ("floods.show", _lazy("异常"), Permission.FLOODS_SEE),
    ("admin.index", _lazy("管理"), Permission.SERVICE_WATCH),
    ("sign_in.sessions", _lazy("我的登录"), Permission.SESSIONS_OWN),
)
"""Where the bar leads, in its order: (endpoint, words, who is led there)."""

_ONE_OF_MANY = frozenset({"desk", "sign_in"})
"""Blueprints with other pages that are not part of the entry."""


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
        flood_count=floods.count_floods(actor, moment) if actor.has(Permission.FLOODS_SEE) else 0,
    )


def _live(asked: AskedQueue, cursor: int) -> dict[str, Any] | None:
    """How the open page asks for what is new; none on pages where the newest do not belong at the top."""
    if asked.cursor or not asked.has_orders or not asked.wanted.newest_first:
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
