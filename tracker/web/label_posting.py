"""Labels in the hand of staff: what is still to be posted, by road; one label, posted with a photo, or ended."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.label_check import LabelFaulty
from tracker.adapters.label_papers import CodeTooSmall, papers
from tracker.adapters.label_sheet import PLAIN
from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.labels import CURRENT
from tracker.domain.permissions import Permission
from tracker.domain.qr_token import TokenMistyped, display, read_token
from tracker.extensions import now
from tracker.services import label_pages, label_printing, label_troubles, labels
from tracker.services.label_pages import LabelPage
from tracker.services.labels import LabelRefused
from tracker.services.places import LabelUnknown
from tracker.web import label_words, words
from tracker.web.access import current_actor, requires
from tracker.web.papers import paper_answer
from tracker.web.uploads import KeptPhoto, kept_for, limits, photo_answer, take_photos

bp = Blueprint("labels", __name__, url_prefix="/labels")

Change = Callable[[str, str], None]
"""Token, reason → the change."""


@bp.get("")
@requires(Permission.LABELS_POST)
def walk() -> ResponseReturnValue:
    """What waits for being posted, street by street in the order of the houses; of one batch where asked."""
    batch = request.args.get("batch", type=int)
    streets = label_pages.to_post(current_actor(), batch)
    return render_template(
        "labels/walk.html",
        streets=streets,
        count=sum(len(street.stops) for street in streets),
        batch=batch,
        spot_words=label_words.spot,
        kinds=words.PLACE_KINDS,
        display=display,
    )


@bp.get("/<token>")
@requires(Permission.LABELS_POST)
def show(token: str) -> ResponseReturnValue:
    return _page(_token(token))


@bp.post("/<token>/post")
@requires(Permission.LABELS_POST)
def post(token: str) -> ResponseReturnValue:
    """It hangs: the place was confirmed and a photo taken of it."""
    token, key = _token(token), request.form.get("key", "")
    taken = take_photos(request.files.getlist("photos"), request.form.getlist("kept_photo"), key)
    problems = {"photos": " ".join(taken.problems)} if taken.problems else {}
    if request.form.get("here") != "yes":
        problems["here"] = _("请先确认：标牌上印的地方就是您站的地方。")
    if not taken.photos and "photos" not in problems:
        problems["photos"] = _("请拍一张贴好以后的样子，连同周围。")
    if problems:
        status = 503 if taken.storage_failed else 422
        return _page(token, problems, kept_for(key, taken.photos), key), status
    return _changed(
        token,
        lambda: labels.post(token, now(), by=current_actor(), photo_sha256=_first(taken.photos)),
        _("已贴好：%(place)s。", place=_name_of(token)),
        onward=url_for("labels.walk", batch=request.form.get("batch", type=int)),
    )


@bp.post("/<token>/<what>")
@requires(Permission.LABELS_POST)
def change(token: str, what: str) -> ResponseReturnValue:
    """Take down, print again, nothing wrong; for those who keep labels: replace, revoke. A reason goes with each."""
    token, actor, reason = _token(token), current_actor(), request.form.get("reason", "")
    if what in ("replace", "revoke") and not actor.has(Permission.LABELS_KEEP):
        abort(404)
    if what not in CHANGES:
        abort(404)
    if what in NEEDS_REASON and not reason.strip():
        return _page(token, {f"reason-{what}": _("请写一句原因，以后查得到。")}), 422
    run, told = CHANGES[what]
    return _changed(token, lambda: run(token, reason), str(told))


@bp.get("/photos/<row:note_id>")
@requires(Permission.LABELS_POST)
def photo(note_id: int) -> ResponseReturnValue:
    """Where a label hangs; for staff."""
    sha256 = label_pages.photo_of(note_id, current_actor())
    return photo_answer(sha256, f"label-{note_id}", thumb=request.args.get("size") == "thumb")


@bp.get("/<token>/file.<kind>")
@requires(Permission.LABELS_KEEP)
def file(token: str, kind: str) -> ResponseReturnValue:
    """One label alone, drawn now and looked over: PNG, SVG, or PDF on the paper asked for."""
    page = label_pages.label_page(_token(token), current_actor())
    paper = papers().get(request.args.get("paper", PLAIN))
    if kind not in MIMETYPES or paper is None or page.label.state not in CURRENT:
        abort(404)
    try:
        drawn = {
            one.name.rpartition(".")[2]: one.content
            for one in label_printing.draw(label_printing.job_of([page.label], paper))
        }
    except (LabelFaulty, CodeTooSmall) as error:
        flash(_(str(error)), "bad")
        return redirect(url_for("labels.show", token=token), 303)
    name = f"{page.label.place_code}-{page.label.token}.{kind}"
    if kind == "pdf":
        return paper_answer(drawn["pdf"], name)
    answer = Response(drawn[kind], mimetype=MIMETYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/<token>/<path:form>")
@requires(Permission.LABELS_POST)
def back(token: str, form: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the label."""
    return redirect(url_for("labels.show", token=token), 303)


def _take_down(token: str, reason: str) -> None:
    labels.take_down(token, now(), reason=reason, by=current_actor())


def _again(token: str, reason: str) -> None:
    label_troubles.ask_reprint(token, reason, by=current_actor(), now=now())


def _fine(token: str, reason: str) -> None:
    label_troubles.looked_at(token, reason, by=current_actor(), now=now())


def _replace(token: str, reason: str) -> None:
    labels.replace(token, now(), by=current_actor(), reason=reason)


def _revoke(token: str, reason: str) -> None:
    labels.revoke(token, now(), by=current_actor(), reason=reason)


CHANGES: dict[str, tuple[Change, Any]] = {
    "down": (_take_down, label_words.DONE["down"]),
    "again": (_again, label_words.DONE["again"]),
    "fine": (_fine, label_words.DONE["fine"]),
    "replace": (_replace, label_words.DONE["replace"]),
    "revoke": (_revoke, label_words.DONE["revoke"]),
}
NEEDS_REASON = frozenset({"down", "replace", "revoke"})
MIMETYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def _token(typed: str) -> str:
    """Canonical; whatever else an address holds is not there."""
    try:
        return read_token(typed)
    except TokenMistyped:
        abort(404)


def _name_of(token: str) -> str:
    return label_pages.label_page(token, current_actor()).label.place_name


def _first(photos: list[StoredPhoto]) -> str:
    return photos[0].sha256


def _changed(token: str, use_case: Callable[[], None], told: str, onward: str = "") -> ResponseReturnValue:
    """Run a change and say so; one that came too late shows the label as it is now."""
    try:
        use_case()
    except LabelRefused:
        return _page(
            token, {"state": _("这张标牌的情况已经变了，这一步不用做、也不能做了。请看下面现在的情况。")}
        ), 409
    except LabelUnknown:
        abort(404)
    flash(told, "good")
    return redirect(onward or url_for("labels.show", token=token), 303)


def _page(
    token: str,
    problems: dict[str, str] | None = None,
    kept: list[KeptPhoto] | None = None,
    key: str = "",
) -> str:
    actor = current_actor()
    try:
        page = label_pages.label_page(token, actor)
    except LabelUnknown:
        abort(404)
    typed = request.args.get("at", "").strip()
    return render_template(
        "labels/show.html",
        page=page,
        label=page.label,
        code=display(page.label.token),
        kind=words.PLACE_KINDS.get(page.label.place_kind, page.label.place_kind),
        state_words=label_words.STATES[page.label.state],
        state_tone=label_words.TONES[page.label.state],
        spot_words=label_words.spot,
        troubles=label_words.trouble(page.trouble) if page.trouble else [],
        events=label_words.EVENTS,
        keeps=actor.has(Permission.LABELS_KEEP),
        problems=problems or {},
        errors=[(FIELDS.get(name, f"f-{name}"), told) for name, told in (problems or {}).items()],
        kept=kept or [],
        key=key or str(uuid.uuid4()),
        photo_limits=limits() | {"max_count": 1},
        typed=typed,
        elsewhere=_elsewhere(typed, page),
        papers=[(paper.code, label_words.paper_name(paper.code)) for paper in papers().values()],
    )


FIELDS = {"photos": "photos", "here": "f-here", "state": "label-head"}


def _elsewhere(typed: str, page: LabelPage) -> list[dict[str, Any]]:
    """Places that were meant by `typed`, and the label that belongs on each: none is ever bound to another place."""
    found = label_pages.find_places(typed, current_actor())
    rows: list[dict[str, Any]] = []
    for place_id, code, name, address in found:
        label = label_pages.label_for_place(place_id)
        rows.append(
            {
                "name": name,
                "code": code,
                "address": address,
                "is_this": bool(label and label.token == page.label.token),
                "url": url_for("labels.show", token=label.token) if label else "",
                "label": display(label.token) if label else "",
                "state": label_words.STATES[label.state] if label else _("还没有标牌，请管理员印一张。"),
            }
        )
    return rows
