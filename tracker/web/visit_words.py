"""The words and looks of visits: why a shop is due, what became of a line, how far it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.visits import Due, EventKind, LineState
from tracker.extensions import now
from tracker.services.visit_pages import CaseMark
from tracker.services.visit_routes import RouteStop
from tracker.web import words
from tracker.web.language import named
from tracker.web.reporter_words import day

LINE_STATES: Mapping[LineState, words.Words] = {
    LineState.NOTED: _lazy("只记录"),
    LineState.CASE: _lazy("已立案"),
    LineState.JOINED: _lazy("并入在办案件"),
    LineState.ANSWERED: _lazy("当场答复"),
}
LINE_TONES: Mapping[LineState, str] = {
    LineState.NOTED: "still",
    LineState.CASE: "work",
    LineState.JOINED: "work",
    LineState.ANSWERED: "good",
}
EVENTS: Mapping[EventKind, words.Words] = {
    EventKind.CORRECTION: _lazy("更正"),
    EventKind.ANSWERED: _lazy("当场答复"),
    EventKind.CASE: _lazy("立案"),
    EventKind.JOINED: _lazy("并入案件"),
    EventKind.SHOWN: _lazy("给店家看了进度二维码"),
}
_DUE_LOOKS: Mapping[Due, tuple[str, str]] = {
    Due.DISPUTED: ("bad", "warning"),
    Due.PROMISED: ("wait", "clock"),
    Due.OVERDUE: ("bad", "clock"),
    Due.OPEN: ("work", "list"),
    Due.NEVER: ("look", "eye"),
    Due.LONG_AGO: ("still", "undo"),
}
"""Tone and drawing."""


@dataclass(frozen=True)
class Reason:
    """Why a shop is on the route."""

    tone: str
    icon: str
    words: str


@dataclass(frozen=True)
class CaseLine:
    """A case as a line of text with its state."""

    number: str
    url: str
    category: str
    state: str
    state_words: str
    outcome: str
    into: str
    opened: str
    summary: str


def reasons(stop: RouteStop) -> list[Reason]:
    """Every reason, with the fact behind it."""
    return [Reason(*_DUE_LOOKS[due], words=_because(due, stop)) for due in stop.dues]


def _because(due: Due, stop: RouteStop) -> str:
    if due == Due.NEVER:
        return _("还没走访过")
    if due == Due.PROMISED and stop.promised_on:
        return _("答应 %(day)s 再来", day=day(stop.promised_on))
    if due == Due.LONG_AGO and stop.last_on:
        days = (now().astimezone(get_timezone()).date() - stop.last_on).days
        return ngettext("%(num)s 天没来了", "%(num)s 天没来了", days)
    if due == Due.OPEN:
        return ngettext("有 %(num)s 件在办", "有 %(num)s 件在办", len(stop.cases))
    return _("店家说没解决") if due == Due.DISPUTED else _("有案件超期")


def way(metres: float | None) -> str:
    """How far, as people say it; nothing where it is not known."""
    if metres is None:
        return ""
    if metres < 1000:
        return _("约 %(n)s 米", n=max(round(metres / 10) * 10, 10))
    return _("约 %(n)s 公里", n=f"{metres / 1000:.1f}")


def clock(at: datetime) -> str:
    """The time of day on the street's clock: ``14:05``."""
    return f"{at.astimezone(get_timezone()):%H:%M}"


def day_of(at: datetime) -> str:
    """The day of a moment on the street's clock, today and yesterday by their names."""
    on, today = at.astimezone(get_timezone()).date(), now().astimezone(get_timezone()).date()
    names = {0: _("今天"), 1: _("昨天")}
    name = names.get((today - on).days)
    return _("%(name)s（%(day)s）", name=name, day=day(on)) if name else _with_year(on, today)


def _with_year(on: date, today: date) -> str:
    return day(on) if on.year == today.year else f"{on.year} · {day(on)}"


def case_line(mark: CaseMark) -> CaseLine:
    """A case with its state, and where it has ended its outcome."""
    return CaseLine(
        number=mark.number,
        url=url_for("desk.case.show", number=mark.number),
        category=named(mark.category_zh, mark.category_en),
        state=mark.state.value,
        state_words=str(words.STATES[mark.state]),
        outcome=str(words.OUTCOMES[mark.outcome]) if mark.outcome else "",
        into=mark.into,
        opened=day_of(mark.opened_at),
        summary=mark.summary,
    )


def case_lines(marks: Sequence[CaseMark]) -> Iterator[CaseLine]:
    """The same for several."""
    return map(case_line, marks)
