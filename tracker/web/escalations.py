"""What the ladder did, what comes next, and why: for those who answer for lateness, on cases they may see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import escalation_pages
from tracker.services.escalation_pages import Coming, Fired, FiredPage, Heard
from tracker.services.parts import parts
from tracker.services.worklists import CursorWrong
from tracker.web import words
from tracker.web.access import current_actor, requires
from tracker.web.clock_words import clock_name, hearers_words, share_words, until_words
from tracker.web.language import moment

bp = Blueprint("escalations", __name__, url_prefix="/desk/escalations")

TOMORROW, WEEK = "tomorrow", "week"
EVENING_HOUR = 20
"""Tomorrow's evening ends at this hour on the street's clock."""
LATE = timedelta(minutes=15)
"""A rung that fired later than this after its moment says so."""

CHANNELS: Mapping[str, words.Words] = {
    "bell": _lazy("工作台消息"),
    "mail": _lazy("邮件"),
    "webhook": _lazy("网络钩子"),
    "chat": _lazy("群消息或短信"),
}
_DELIVERED: Mapping[str, words.Words] = {
    "waiting": _lazy("待发"),
    "sent": _lazy("已送出"),
    "stuck": _lazy("发不出去"),
}


@dataclass(frozen=True)
class Line:
    """A row of either list. `heard`: (person and channel, how it went, tone)."""

    number: str
    url: str
    place: str
    at: str
    when: str
    why: str
    share: str
    who: str
    heard: Sequence[tuple[str, str, str]] = ()
    note: str = ""


@bp.get("")
@requires(Permission.ESCALATIONS_SEE)
def show() -> ResponseReturnValue:
    actor, moment_now = current_actor(), now()
    ahead = WEEK if request.args.get("ahead") == WEEK else TOMORROW
    fired, is_wrong = _fired(request.args.get("at", ""))
    coming = escalation_pages.coming_until(actor, _until(moment_now, ahead))
    return render_template(
        "escalations/show.html",
        fired=[_fired_line(row) for row in fired.rows],
        older=url_for("escalations.show", at=fired.older, ahead=ahead) if fired.older else None,
        is_first=not request.args.get("at") or is_wrong,
        is_wrong=is_wrong,
        coming=[_coming_line(row) for row in coming.rows],
        is_cut=coming.is_cut,
        ahead=ahead,
    )


def _fired(cursor: str) -> tuple[FiredPage, bool]:
    """The page asked for; the first one, and true, if the address names none of ours."""
    try:
        return escalation_pages.fired_page(current_actor(), cursor), False
    except CursorWrong:
        return escalation_pages.fired_page(current_actor()), True


def _until(at: datetime, ahead: str) -> datetime:
    if ahead == WEEK:
        return at + timedelta(days=7)
    tomorrow = at.astimezone(parts().zone) + timedelta(days=1)
    return tomorrow.replace(hour=EVENING_HOUR, minute=0, second=0, microsecond=0)


def _fired_line(row: Fired) -> Line:
    return Line(
        number=row.matter.number,
        url=row.matter.link,
        place=row.matter.what,
        at=row.fired_at.isoformat(),
        when=moment(row.fired_at),
        why=_why(row),
        share=share_words(row.rung),
        who=hearers_words(row.rung),
        heard=list(_heard(row.heard)),
        note=_note(row),
    )


def _coming_line(row: Coming) -> Line:
    return Line(
        number=row.matter.number,
        url=row.matter.link,
        place=row.matter.what,
        at=row.at.isoformat(),
        when=moment(row.at),
        why=_why(row),
        share=share_words(row.rung),
        who=hearers_words(row.rung),
    )


def _why(row: Fired | Coming) -> str:
    name = clock_name(row.kind, row.stage)
    if row.promised_at is None:
        return name
    return _("%(name)s，期限 %(until)s", name=name, until=until_words(row.promised_at))


def _note(row: Fired) -> str:
    if row.fired_at - row.at > LATE:
        return _("应在 %(when)s 提醒，当时系统没有运行", when=until_words(row.at))
    if not row.is_told:
        return _("正在通知")
    return "" if row.heard else _("没有找到可以通知的人")


def _heard(people: Sequence[Heard]) -> Iterator[tuple[str, str, str]]:
    for one in people:
        to = _("%(name)s（%(channel)s）", name=one.name, channel=CHANNELS[one.channel])
        if one.seen_at is not None:
            yield to, _("已看"), "good"
        elif one.channel == "bell":
            yield to, _("未看"), "still"
        else:
            yield to, str(_DELIVERED[one.state]), "bad" if one.state == "stuck" else "still"
