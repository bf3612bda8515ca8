"""我的上报: what this phone has sent; and the form that lets it open a report from another phone."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.extensions import now
from tracker.services import link_codes, link_owner
from tracker.services.links import CodeWrong
from tracker.services.own_reports import OwnReport, own_reports
from tracker.web.access import device, public
from tracker.web.language import named
from tracker.web.own_phones import show_new_link
from tracker.web.presenters import when
from tracker.web.reporter_words import public_state_words

bp = Blueprint("mine", __name__)


@bp.get("/mine")
@public
def show() -> ResponseReturnValue:
    """The list; whose phone it is the signed cookie says, and nobody else has it."""
    after = request.args.get("after", "")
    found = own_reports(device(), after)
    return render_template(
        "following/mine.html",
        awaited=[_row(own) for own in found.reports if own.awaits],
        rest=[_row(own) for own in found.reports if not own.awaits],
        older=url_for("mine.show", after=found.after) if found.after else None,
        newer=url_for("mine.show") if after else None,
    )


@bp.post("/mine/<row:report_id>/link")
@public
def make_link(report_id: int) -> ResponseReturnValue:
    """A link again for a report whose owner had ended it."""
    return show_new_link(link_owner.renew(report_id, device(), now()))


@bp.post("/mine/forget")
@public
def forget() -> ResponseReturnValue:
    """Somebody else's phone, or one that is given away: from here on it has reported nothing."""
    for name in set(session) - {"language"}:
        del session[name]
    flash(_("好了，这部手机上不再显示您的上报。凭链接或编号还能打开。"), "good")
    return redirect(url_for("mine.show"), 303)


@bp.get("/mine/open")
@public
def open_here() -> ResponseReturnValue:
    """The form for a one-time code; scanned from the other phone it is filled in, and one press away."""
    return _form(link_codes.read_pairing(request.args.get("code", ""))[: link_codes.PAIRING_CHARACTERS])


@bp.post("/mine/open")
@public
def use_code() -> ResponseReturnValue:
    typed = request.form.get("code", "")
    try:
        key = link_codes.link_behind_pairing(typed, device(), now(), address=request.remote_addr or "")
    except CodeWrong as error:
        return _form(typed[:20], _(str(error))), 422
    flash(_("好了，这部手机也能看进度、补充、回答了。"), "good")
    return redirect(url_for("following.show", key=key, progress=1), 303)


TEXT_CHARS = 40


def _in_short(text: str) -> str:
    """The beginning of what was written, on one line: enough to tell it from the others."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_CHARS else line[: TEXT_CHARS - 1] + "…"


def _form(typed: str, problem: str = "") -> str:
    return render_template("following/open_here.html", typed=typed, problem=problem)


def _row(own: OwnReport) -> dict[str, Any]:
    at, sent = when(own.sent_at)
    moved_at, moved = when(own.moved_at)
    return {
        "url": url_for("following.show", key=own.link_key, progress=1) if own.link_key else "",
        "make_url": url_for("mine.make_link", report_id=own.id),
        "number": own.number,
        "category": named(own.category_zh, own.category_en),
        "icon": own.icon,
        "place": own.place_name,
        "text": _in_short(own.text),
        "state": own.state,
        "state_words": public_state_words(own.state),
        "turn": {"info": _("请您补充一点情况"), "answer": _("请您说：解决了没有")}.get(own.awaits, ""),
        "at": at,
        "sent": sent,
        "moved_at": moved_at,
        "moved": moved,
    }
