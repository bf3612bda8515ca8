"""The sheet at the door: who is expected, empty lines, and the code to sign with one's own phone."""

from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tracker.adapters.qr_images import svg, symbol
from tracker.domain.permissions import Permission
from tracker.services.attendance import expected_at
from tracker.services.meeting_heads import meeting_head
from tracker.services.meeting_views import door_of
from tracker.services.papers import printed
from tracker.services.parts import parts
from tracker.web.access import current_actor, requires
from tracker.web.attendee_words import ANSWERS, KINDS, name_of
from tracker.web.names import Names
from tracker.web.papers import paper_answer

bp = Blueprint("sign_in_sheet", __name__, url_prefix="/meetings/<number>")

EMPTY_LINES = 12
CODE_MODULE_MM = 1.2
"""A code of 33 modules with its margin is 49 mm wide then: read from a table's width away."""


@bp.get("/sign-in-sheet")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    """The sheet to look at and to print from the browser."""
    return render_template("packs/sign_in_sheet.html", **_sheet(number))


@bp.get("/sign-in-sheet.pdf")
@requires(Permission.MEETINGS_KEEP)
def pdf(number: str) -> Response:
    """The sheet on paper."""
    page = render_template("packs/sign_in_paper.html", **_sheet(number))
    return paper_answer(printed(page, {}), f"{number}-sign-in.pdf")


def _sheet(number: str) -> dict[str, Any]:
    actor, names = current_actor(), Names()
    meeting = meeting_head(number, actor)
    link = f"{parts().config.public_url.rstrip('/')}/m/{door_of(number, actor)}"
    people = [
        {
            "name": name_of(one, names),
            "kind": str(KINDS[one.kind]) if one.kind in ("chair", "guest") else "",
            "answer": ANSWERS[one.answer] if one.kind not in ("chair", "walk_in") else "",
            "signed_at": one.signed_at,
        }
        for one in expected_at(meeting.id)
    ]
    # svg() escapes every text it is given, so its markup may stand in the page as it is.
    code = Markup(svg(symbol(link), CODE_MODULE_MM))  # noqa: S704
    return {"meeting": meeting, "people": people, "empty_lines": EMPTY_LINES, "code": code, "link": link}
