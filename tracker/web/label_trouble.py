"""What a passer-by may tell of a label itself: that it was seen, that it is broken, that it hangs elsewhere."""

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.labels import Trouble
from tracker.domain.qr_token import TokenMistyped, read_token
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services import label_scans, label_troubles
from tracker.services.places import LabelledPlace, LabelUnknown, labelled_place
from tracker.web.access import current_person, device, public

bp = Blueprint("label_trouble", __name__)

TOLD = {
    "damaged": N_("谢谢！已记下这张标牌破损，会有人来换。您照样可以用它报事。"),
    "misplaced": N_("谢谢！已记下，会有人去看。"),
    "near": N_("看起来您就在这个地方附近，没有记下。如果标牌确实不在这里，请点“就是不在这里”。"),
    "unclear": N_("没有收到您的选择，请再点一次。"),
}
_BOT = re.compile(
    r"bot\b|crawl|spider|slurp|headless|preview|monitor|curl|wget|python|java/|okhttp", re.IGNORECASE
)


@bp.get("/q/<token>/label")
@public
def show(token: str) -> ResponseReturnValue:
    """What may be wrong with this label, each told with one tap."""
    place = _current(token)
    if place is None:
        return redirect(url_for("public.show", token=token), 303)
    device()  # named now, so that two taps come from one device
    told = request.args.get("told", "")
    body = render_template(
        "public/label_trouble.html", place=place, told=_(TOLD[told]) if told in TOLD else ""
    )
    # Only this page may ask where the phone is, and only after a tap that says so.
    return body, {"Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=()"}


@bp.post("/q/<token>/label")
@public
def tell(token: str) -> ResponseReturnValue:
    """Take the word; from one phone it counts once, however often it is tapped."""
    place = _current(token)
    if place is None:
        return redirect(url_for("public.show", token=token), 303)
    try:
        kind = Trouble(request.form.get("what", ""))
    except ValueError:
        kind = Trouble.REPRINT
    if kind == Trouble.REPRINT:  # staff's own word, or none
        return redirect(url_for("label_trouble.show", token=token, told="unclear"), 303)
    spot = _spot() if kind == Trouble.MISPLACED else None
    was_new = label_troubles.tell(place, kind, device(), now(), spot=spot, by=current_person())
    is_near = spot is not None and label_troubles.far_from_home(place, spot) is None
    told = "near" if is_near and not was_new else kind.value
    return redirect(url_for("label_trouble.show", token=token, told=told), 303)


@bp.post("/q/<token>/seen")
@public
def seen(token: str) -> ResponseReturnValue:
    """The form's page was looked at: told by its own script. Programs and staff at work are not counted."""
    place = _current(token)
    agent = request.user_agent.string
    if place is not None and agent and not _BOT.search(agent) and current_person() is None:
        label_scans.count(place, device(), now())
    return "", 204


def _current(token: str) -> LabelledPlace | None:
    """The place behind a label that is in use; what is wrong with any other, the form's own address says."""
    try:
        place = labelled_place(read_token(token))
    except (TokenMistyped, LabelUnknown):
        return None
    return place if place.state in ("printed", "posted") else None


def _spot() -> tuple[float, float] | None:
    """Where the phone says it is, rounded there to about 100 m; None: it was not asked, or told nonsense."""
    try:
        lat, lon = float(request.form.get("lat", "")), float(request.form.get("lon", ""))
    except ValueError:
        return None
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None
