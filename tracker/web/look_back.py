"""The question whether it is better: asked on the private page, answered with one tap."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.look_back import Answer
from tracker.extensions import now
from tracker.services import action_pages, look_backs
from tracker.services.case_pages import ReporterCase
from tracker.services.look_backs import AnswerRefused
from tracker.web.access import device, public
from tracker.web.action_words import public_lines
from tracker.web.look_back_words import ANSWER_ICONS, ANSWERS
from tracker.web.names import Names

bp = Blueprint("look_back", __name__)


@bp.post("/t/<key>/better")
@public
def answer(key: str) -> ResponseReturnValue:
    """Keep one answer a device; the last one counts."""
    given = request.form.get("answer", "")
    if given not in set(Answer):
        abort(400)
    try:
        look_backs.answer(key, device(), Answer(given), now())
    except AnswerRefused:
        abort(403)
    flash(_("收到了，谢谢。"), "good")
    return redirect(url_for("following.show", key=key) + "#better", 303)


def better_panel(key: str, view: ReporterCase) -> Mapping[str, Any]:
    """The question, for templates/following/_look_back.html."""
    asked = look_backs.question_for(key, device(), now())
    if asked is None:
        return {"better": None}
    return {
        "better": {
            "title": asked.title,
            "given": str(ANSWERS[asked.given]) if asked.given else "",
            "options": [(each.value, ANSWER_ICONS[each], str(ANSWERS[each])) for each in Answer],
            "speaks": view.speaks,
        }
    }


def decided_panel(key: str, view: ReporterCase) -> Mapping[str, Any]:  # noqa: ARG001 - as every panel is asked
    """What was decided, for templates/following/_actions.html."""
    found = action_pages.items_for_reporter(key)
    if found is None:
        return {"decided": None}
    title, items = found
    return {"decided": {"title": title, "lines": public_lines(items, Names())}}
