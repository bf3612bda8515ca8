"""The owner's page for his private link: open it on another phone, make a new one, or end it."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from tracker.adapters import qr_images
from tracker.domain.permissions import NotPermitted
from tracker.extensions import now
from tracker.services import link_codes, link_owner, links
from tracker.services.links import Credentials, LinkUnknown
from tracker.services.parts import parts
from tracker.web.access import device, public
from tracker.web.language import moment

bp = Blueprint("own_phones", __name__)

NEW_CODE_SHOWN_FOR = timedelta(minutes=15)
"""As on the receipt: a reload must not lose the four digits."""


@bp.get("/t/<key>/phones")
@public
def show(key: str) -> ResponseReturnValue:
    report_id = _own(key)
    return render_template(
        "following/phones.html",
        key=key,
        link=parts().config.public_url.rstrip("/") + url_for("following.show", key=key),
        new_code=_remembered("new_code", key)[0],
        pairing=_pairing(key),
        holders=link_owner.holders_of(report_id),
    )


@bp.post("/t/<key>/phones/pair")
@public
def pair(key: str) -> ResponseReturnValue:
    """A one-time code. This browser keeps it until it ends: the database has only its hash."""
    made = link_codes.make_pairing(key, device(), now())
    session["pairing"] = {"link": links.hash_of(key), "code": made.code, "until": made.ends_at.timestamp()}
    return redirect(url_for("own_phones.show", key=key, _anchor="pair"), 303)


@bp.post("/t/<key>/phones/renew")
@public
def renew(key: str) -> ResponseReturnValue:
    try:
        report_id = _own(key)
    except LinkUnknown:  # the second tap comes with the link that the first one ended
        later = link_owner.later_link(key, device())
        if not later:
            raise
        return redirect(url_for("own_phones.show", key=later), 303)
    return show_new_link(link_owner.renew(report_id, device(), now()))


@bp.post("/t/<key>/phones/revoke")
@public
def revoke(key: str) -> ResponseReturnValue:
    link_owner.revoke(_own(key), device(), now())
    session.pop("told", None)
    flash(_("链接已停用。事情照常办理；只有这部手机能在这里重新开一个链接。"), "good")
    return redirect(url_for("mine.show"), 303)


def show_new_link(made: Credentials) -> ResponseReturnValue:
    """Lead to the page that shows a new link and, for a while, its four digits."""
    session["new_code"] = {
        "link": links.hash_of(made.link_key),
        "code": made.code,
        "until": (now() + NEW_CODE_SHOWN_FOR).timestamp(),
    }
    session.pop("told", None)
    session.pop("pairing", None)
    return redirect(url_for("own_phones.show", key=made.link_key), 303)


def _own(key: str) -> int:
    """The report's id, for a phone that may speak for it.

    Raises:
        LinkUnknown, NotPermitted: both look like a page that is not there.
    """
    report = links.report_behind(key)
    if not links.speaks_from(report, device()):
        raise NotPermitted("looking only")
    return report.id


def _remembered(name: str, key: str) -> tuple[str, float]:
    """The code that this browser keeps under `name` for the link, and until when; empty once that is over."""
    kept = session.get(name)
    fits = kept and kept["link"] == links.hash_of(key) and now().timestamp() < kept["until"]
    return (str(kept["code"]), float(kept["until"])) if kept and fits else ("", 0.0)


def _pairing(key: str) -> dict[str, object] | None:
    code, until = _remembered("pairing", key)
    if not code:
        return None
    address = parts().config.public_url.rstrip("/") + url_for("mine.open_here")
    symbol = qr_images.symbol(f"{address}?code={code}")
    return {
        "code": f"{code[:4]}-{code[4:]}",
        "address": address,
        "picture": Markup(qr_images.svg(symbol)),  # noqa: S704 - our own drawing of our own address
        "until": moment(datetime.fromtimestamp(until, UTC)),
    }
