"""The front page: what this is, looking up one's case, honest figures, what was fixed lately with cleared pictures."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.honest_figures import PERIODS_DAYS, USUAL_PERIOD_DAYS
from tracker.extensions import now
from tracker.services import clearings, front_page
from tracker.services.link_codes import link_behind_number
from tracker.services.links import CodeWrong
from tracker.web.access import device, public
from tracker.web.figure_words import figure_words, period_words
from tracker.web.fixed_words import fixed_words
from tracker.web.uploads import photo_answer

bp = Blueprint("front", __name__)


def page(*, number: str = "", code: str = "", problem: str = "") -> str:
    """The whole page.

    Args:
        number, code, problem: what somebody looked up in vain, and what is wrong with it.
    """
    asked = request.args.get("days", USUAL_PERIOD_DAYS, type=int)
    days = asked if asked in PERIODS_DAYS else USUAL_PERIOD_DAYS
    found = front_page.front(days)
    return render_template(
        "public/front.html",
        figures=figure_words(found.counted) if found.counted else None,
        periods=[
            (period_words(each), url_for("public.front", days=each, _anchor="figures"), each == days)
            for each in PERIODS_DAYS
        ],
        fixed=fixed_words(found.fixed),
        number=number,
        code=code,
        problem=problem,
    )


@bp.get("/find/case")
@public
def back() -> ResponseReturnValue:
    """Where the form was sent to is no page."""
    return redirect(url_for("public.front", _anchor="look-up"), 303)


@bp.post("/find/case")
@public
def find_case() -> ResponseReturnValue:
    """To the private page of a case whose number and four digits somebody knows; a wrong one tells nothing."""
    number, code = (request.form.get(name, "").strip()[:40] for name in ("number", "code"))
    if not number or not code:
        return page(number=number, code=code, problem=_("请把案件编号和4位数字都填上。")), 422
    try:
        key = link_behind_number(number, code, device(), now(), address=request.remote_addr or "")
    except CodeWrong as error:
        return page(number=number, code=code, problem=_(str(error))), 422
    return redirect(url_for("following.show", key=key, progress=1), 303)


@bp.get("/fixed/<name>")
@public
def picture(name: str) -> ResponseReturnValue:
    """A cleared picture, large or small; one that was withdrawn is not there from that moment on.

    Browsers keep it and ask each time whether it still stands; caches on the way keep nothing.
    """
    try:
        sha256 = clearings.public_photo(name)
    except clearings.NotPublic:
        abort(404)
    is_small = request.args.get("size") == "thumb"
    answer = photo_answer(sha256, "fixed", thumb=is_small)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(f"{sha256}-{'thumb' if is_small else 'full'}")
    return answer.make_conditional(request)
