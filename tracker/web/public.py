"""Pages for everybody: the front door, a scanned or typed code, the language switch."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.qr_token import TokenMistyped, display, read_token
from tracker.extensions import now
from tracker.services import limits, suggestions
from tracker.services.places import LabelledPlace, LabelUnknown, labelled_place
from tracker.web import front as front_page
from tracker.web import report_form
from tracker.web.access import public
from tracker.web.addresses import local_path
from tracker.web.language import choose_language
from tracker.web.report_form import wants_json
from tracker.web.slowing import known_device, network, too_many_guesses
from tracker.web.uploads import kept_photo, photo_answer

bp = Blueprint("public", __name__)


@bp.get("/")
@public
def front() -> ResponseReturnValue:
    return front_page.page()


@bp.get("/find")
@public
def find() -> ResponseReturnValue:
    """Where the box for a typed code leads: to the same address that is printed."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return redirect(url_for("public.front"))
    try:
        return redirect(url_for("public.show", token=read_token(typed)), 303)
    except TokenMistyped as error:
        return _not_ours(_(error.sentence, typed=error.typed), typed)


@bp.get("/Q/<token>")
@bp.get("/q/<token>")  # the one registered first is the one links are built with
@public
def show(token: str) -> ResponseReturnValue:
    """The form of the place whose code was scanned."""
    found = _place_behind(token)
    if not isinstance(found, LabelledPlace):
        return found
    if found.successor:
        return redirect(url_for("public.show", token=found.successor), 303)
    return report_form.blank(found)


@bp.post("/Q/<token>")
@bp.post("/q/<token>")
@public
def send(token: str) -> ResponseReturnValue:
    """Take a report. A label replaced while somebody wrote still knows its place, so nothing is lost."""
    found = _place_behind(token)
    return report_form.receive(found) if isinstance(found, LabelledPlace) else found


@bp.get("/Q/<token>/similar")
@bp.get("/q/<token>/similar")
@public
def similar(token: str) -> ResponseReturnValue:
    """Open cases that may be what somebody is about to report: part of the form, asked for by its script."""
    found = _place_behind(token)
    return report_form.similar(found) if isinstance(found, LabelledPlace) else found


@bp.post("/Q/<token>/similar")
@bp.post("/q/<token>/similar")
@public
def similar_to_words(token: str) -> ResponseReturnValue:
    """The same with words typed so far, which belong into no address. Nothing is written."""
    return similar(token)


@bp.get("/q/<token>/open/<number>")
@public
def open_photo(token: str, number: str) -> ResponseReturnValue:
    """The small photo of an open case near this place, where its category lets strangers see one."""
    found = _place_behind(token)
    if not isinstance(found, LabelledPlace):
        return found
    try:
        return photo_answer(suggestions.thumb_shown(number, found), "photo", thumb=True)
    except suggestions.NothingShown:
        abort(404)


@bp.get("/q/<token>/thanks")
@public
def thanks(token: str) -> ResponseReturnValue:
    """What follows when somebody said that a case here is gone: what happens now, and the way on."""
    found = _place_behind(token)
    if not isinstance(found, LabelledPlace):
        return found
    return render_template("public/thanks.html", place=found)


@bp.get("/kept/<value>")
@public
def kept_thumb(value: str) -> ResponseReturnValue:
    """The thumbnail of a photo that came back with its form; the signed value is the permission."""
    return photo_answer(kept_photo(value), "photo", thumb=True)


@bp.get("/language/<code>")
@public
def language(code: str) -> ResponseReturnValue:
    """Change the language of this device; nothing but a cookie changes."""
    choose_language(code)
    return redirect(local_path(request.args.get("next", "")) or url_for("public.front"), 303)


def _place_behind(token: str) -> LabelledPlace | ResponseReturnValue:
    """The place of a code as it stands in an address, or the page that says what is wrong with the code.

    A code that nobody printed is counted: the one thing that is written when somebody only looks, and nothing of it
    is ever shown.
    """
    try:
        place = labelled_place(read_token(token))
    except TokenMistyped as error:
        return _not_ours(_(error.sentence, typed=error.typed), token[:20])
    except LabelUnknown:
        try:
            limits.count_guess(known_device(), network(), now())
        except limits.SlowedDown as slowed:
            return too_many_guesses(slowed)
        return _not_ours(_("没有这个编码。请对照标牌逐位看一遍再输。"), token[:20])
    if place.state != "revoked":
        return place
    if wants_json():
        return jsonify(problems={"token": _("这张标牌已经停用。")}), 410
    return render_template("public/revoked.html", place=place, code=display(place.token)), 410


def _not_ours(words: str, typed: str) -> ResponseReturnValue:
    """Mistyped and made-up codes get the same page: it tells nobody which codes exist."""
    if wants_json():
        return jsonify(problems={"token": words}), 404
    return render_template("public/code_wrong.html", problem=words, typed=typed), 404
