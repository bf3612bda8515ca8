"""The clocks of a case on its page: sums in words, the picture, and the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from tracker.domain.clocks import OWNER
from tracker.services.clock_pages import ClockView
from tracker.web import clock_words
from tracker.web.clock_words import Sla
from tracker.web.timeline_svg import timeline


@dataclass(frozen=True)
class Line:
    """An open promise in words, with its shape. `heard`: the last reminder; empty: none yet."""

    shape: str
    tone: str
    words: str
    heard: str


@dataclass(frozen=True)
class Row:
    """A promise in the table; empty: there is none."""

    name: str
    started: str
    due: str
    ended: str
    parts: Sequence[str]
    rungs: Sequence[str]


@dataclass(frozen=True)
class ClockPanel:
    """What templates/clocks/panel.html places. `next`: the promise of the desk that is due first."""

    lines: Sequence[Line]
    drawing: Markup
    rows: Sequence[Row]
    next: Sla | None


def clock_panel(clocks: Sequence[ClockView], now: datetime, *, day_only: bool) -> ClockPanel:
    """Put the clocks of a case into words and a picture.

    Args:
        day_only: the reader must not learn the minute of a report, so no beginnings: the ends alone.
    """
    told = () if day_only else clocks
    running = [clock for clock in clocks if clock.is_open]
    return ClockPanel(
        lines=[_line(clock) for clock in running],
        drawing=timeline(told, now),
        rows=[_row(clock) for clock in told],
        next=_next(running),
    )


def _next(running: Sequence[ClockView]) -> Sla | None:
    owed = [
        (clock.due_at, index)
        for index, clock in enumerate(running)
        if clock.kind in OWNER and clock.due_at and clock.state == "running"
    ]
    return clock_words.sla(running[min(owed)[1]]) if owed else None


def _line(clock: ClockView) -> Line:
    shape, tone = clock_words.shape_of(clock)
    heard = [clock_words.rung_words(rung) for rung in clock.rungs if rung.fired_at]
    return Line(shape, tone, clock_words.sentence(clock), heard[-1] if heard else "")


def _row(clock: ClockView) -> Row:
    return Row(
        name=clock_words.clock_name(clock.kind, clock.stage),
        started=clock_words.until_words(clock.started_at),
        due=clock_words.until_words(clock.due_at) if clock.due_at else "",
        ended=clock_words.until_words(clock.stopped_at) if clock.stopped_at else "",
        parts=[clock_words.stretch_words(stretch) for stretch in clock.stretches],
        rungs=[clock_words.rung_words(rung) for rung in clock.rungs],
    )
