"""The public page of an accepted issue: what it is about and what becomes of it, without persons; "me too"."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.extensions import now
from tracker.services import issue_pages, issue_voices, look_backs
from tracker.services.case_pages import department_names
from tracker.services.issue_views import IssueFacts, PastItem
from tracker.web.access import device, public
from tracker.web.issue_map import LEAST_PLACES, public_map_of
from tracker.web.issue_panels import public_panels_of
from tracker.web.issue_words import ITEM_STATES, PUBLIC_STATES, STATES
from tracker.web.language import named
from tracker.web.look_back_words import look_back_panel
from tracker.web.reporter_words import day

bp = Blueprint("common", __name__, url_prefix="/common")


@dataclass(frozen=True)
class Promise:
    """What was decided: who does it, until when, how it stands; no person."""

    action: str
    department: str
    until: str
    state: str
    words: str


@bp.get("/<number>")
@public
def show(number: str) -> ResponseReturnValue:
    return _page(number)


@bp.post("/<number>/voice")
@public
def add_voice(number: str) -> ResponseReturnValue:
    """Count this device once, however often it asks."""
    typed = request.form.get("text", "")
    try:
        is_new = issue_voices.add_voice(number, device(), typed, now())
    except Incomplete as lacking:
        problems = {name: _(words) for name, words in lacking.problems.items()}
        return _page(number, typed=typed, problems=problems), 422
    flash(_("记下了，谢谢。") if is_new or typed.strip() else _("您已经说过了，只算一次。"), "good")
    return redirect(url_for("common.show", number=number), 303)


@bp.post("/<number>/voice/undo")
@public
def undo_voice(number: str) -> ResponseReturnValue:
    issue_voices.take_back_voice(number, device())
    flash(_("已撤回。"), "good")
    return redirect(url_for("common.show", number=number), 303)


def _page(number: str, *, typed: str = "", problems: dict[str, str] | None = None) -> str:
    name, moment = device(), now()  # named now, so that the first tap counts for this device
    facts, items = issue_pages.public_issue(number, moment)
    return render_template(
        "common/show.html",
        issue=facts,
        state_words=STATES[facts.state],
        sentence=PUBLIC_STATES[facts.state],
        size=_size(facts),
        about=_about(facts),
        map=public_map_of(facts),
        promises=[_promise(item) for item in items],
        look_back=look_back_panel(look_backs.review_of(facts.id)),
        has_spoken=issue_voices.has_spoken(facts.id, name),
        typed=typed,
        problems=problems or {},
        **public_panels_of(facts),
    )


def _size(facts: IssueFacts) -> str:
    """How many, in numbers alone; a single place would be somebody's door."""
    voices = ngettext("%(num)s 人遇到", "%(num)s 人遇到", facts.counts.voices)
    if facts.counts.places < LEAST_PLACES:
        return voices
    places = ngettext("%(num)s 个地点", "%(num)s 个地点", facts.counts.places)
    return f"{places} · {voices}"


def _about(facts: IssueFacts) -> list[tuple[str, Any]]:
    since = facts.first_at or facts.opened_at
    return [
        (_("类别"), named(facts.category_zh, facts.category_en)),
        (_("片区"), facts.area_name),
        (_("最早有人上报"), _month(since)),
        (_("原因"), facts.cause or None),
        (_("编号"), facts.number),
    ]


def _month(at: datetime) -> str:
    """The month is enough for everybody: a day could say who was the first."""
    local = at.astimezone(get_timezone())
    return _("%(year)s年%(month)s月", year=local.year, month=local.month)


def _promise(item: PastItem) -> Promise:
    zh, en = department_names().get(item.department, (item.department, item.department))
    return Promise(item.action, named(zh, en), day(item.due_on), item.state, str(ITEM_STATES[item.state]))
