"""The bell of the desk: a count in the bar of every page, a list, and a way to say that one has looked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.clocks import ClockKind
from tracker.domain.escalation import rung
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Permission
from tracker.extensions import now
from tracker.services import bell, message_texts
from tracker.services.bell import BellItem
from tracker.services.recipients import CASE_EVENT
from tracker.services.worklists import LARGEST_ID
from tracker.web import words
from tracker.web.access import current_actor, requires
from tracker.web.clock_words import clock_name
from tracker.web.language import moment

bp = Blueprint("bell", __name__, url_prefix="/desk/bell")


@dataclass(frozen=True)
class Told:
    """One thing that happened, as the list places it; without a number its words are the link."""

    url: str
    number: str
    words: str
    at: str
    when: str
    urgent: bool
    late: bool


@bp.app_context_processor
def _in_the_bar() -> dict[str, Any]:
    """How much is unseen; asked for by the templates of the desk alone, so that other pages cost nothing."""
    return {"bell_count": _count}


def _count() -> int:
    person: Actor | None = g.get("person")
    return bell.unseen_count(person.user_id) if person and person.user_id else 0


@bp.get("")
@requires(Permission.SESSIONS_OWN)
def show() -> ResponseReturnValue:
    items = bell.unseen(_user_id())
    return render_template(
        "bell/show.html", items=list(_told(items)), up_to=max((item.id for item in items), default=0)
    )


@bp.get("/count")
@requires(Permission.SESSIONS_OWN)
def count() -> ResponseReturnValue:
    """For the open page, which asks now and then."""
    g.is_unattended = True
    unseen = _count()
    return jsonify(count=unseen, words=count_words(unseen))


@bp.post("/seen")
@requires(Permission.SESSIONS_OWN)
def see() -> ResponseReturnValue:
    """Mark what the page showed; what came since stays."""
    up_to = request.form.get("up_to", 0, type=int)
    bell.see(_user_id(), min(up_to, LARGEST_ID), now())
    return redirect(url_for("bell.show"), 303)


@bp.app_template_global()
def count_words(unseen: int) -> str:
    """What the bell says to those who do not see it."""
    return _("消息，%(count)s 条未看", count=unseen) if unseen else _("消息，没有未看的")


def item_words(item: BellItem) -> str:
    """What happened, in one line."""
    if "rung" in item.facts:
        clock = clock_name(ClockKind(item.facts["kind"]), item.facts.get("stage", ""))
        return _rung_words(str(clock), rung(item.facts["rung"]).percent)
    if item.event.startswith(CASE_EVENT):
        return str(words.ACTIONS[Action(item.event.removeprefix(CASE_EVENT))])
    return message_texts.line_of(item.event, item.facts, item.made_at)


def _rung_words(clock: str, percent: int) -> str:
    """What the rung's own message begins with: it names the matter, here its number stands before the words."""
    if percent == 75:
        return _("快到期：%(clock)s，时限已用 75%%", clock=clock)
    if percent == 100:
        return _("已超期：%(clock)s", clock=clock)
    if percent:
        return _("督办：%(clock)s，已用时限的 %(percent)s%%", clock=clock, percent=percent)
    return _("仍未办理：%(clock)s", clock=clock)


def _told(items: Sequence[BellItem]) -> Iterator[Told]:
    for item in items:
        yield Told(
            url=item.link,
            number=item.number,
            words=item_words(item),
            at=item.made_at.isoformat(),
            when=moment(item.made_at),
            urgent=item.is_urgent,
            late=item.is_late,
        )


def _user_id() -> int:
    user_id = current_actor().user_id
    assert user_id is not None, "only staff sign in"  # noqa: S101 - narrows the type
    return user_id
