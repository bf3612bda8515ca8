"""The clocks of a case, drawn: one lane a promise, time from left to right. Inline SVG, no script, no style.

Sideways everything is in per cent and upright in pixels, so that the picture fits a phone and a desk while its words
keep their size. Shape and line tell what colour tells: solid runs, dashed is paused, ■ is past its end. What it shows
is also written beside it; the caller sees to that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _
from markupsafe import Markup

from tracker.services.clock_pages import ClockView
from tracker.web.clock_words import clock_name, shape_of, sla
from tracker.web.language import language

LANE, TOP, AXIS = 52, 22, 24
"""Pixels: height of a lane, of the line that says "now", of the axis."""
_BAR, _MARKS = 28, 46
"""Pixels below a lane's top: the bar's middle, the foot of the rungs' triangles."""
_EDGE = 2.0
"""Per cent kept free on both sides, for marks at the ends."""
_TICKS = 4
"""At most so many words on the axis: a phone holds no more."""
_STEPS = (
    *(timedelta(minutes=count) for count in (10, 30)),
    *(timedelta(hours=count) for count in (1, 2, 3, 6, 12)),
    *(timedelta(days=count) for count in (1, 2, 4, 7, 14, 30, 60, 120, 365)),
)


@dataclass(frozen=True)
class _Scale:
    """Moments to places."""

    since: datetime
    until: datetime

    def x(self, at: datetime) -> str:
        """Where `at` stands, in per cent; what lies outside stands at the edge."""
        share = (min(max(at, self.since), self.until) - self.since) / (self.until - self.since)
        return f"{_EDGE + (100 - 2 * _EDGE) * share:.2f}%"

    def holds(self, at: datetime) -> bool:
        return self.since <= at <= self.until


def timeline(clocks: Sequence[ClockView], now: datetime) -> Markup:
    """The picture, or nothing if there is nothing to draw."""
    if not clocks:
        return Markup()
    scale = _scale(clocks, now)
    height = TOP + LANE * len(clocks) + AXIS
    lanes = (_lane(clock, TOP + LANE * index, scale, now) for index, clock in enumerate(clocks))
    drawn = [
        *_axis(scale, height),
        *(part for lane in lanes for part in lane),
        *_now_line(scale, now, height),
    ]
    return Markup('<svg class="clocks" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        height, _("计时图，内容见文字和表格"), Markup().join(drawn)
    )


def _scale(clocks: Sequence[ClockView], now: datetime) -> _Scale:
    ends = [clock.stopped_at or max(now, clock.due_at or now) for clock in clocks]
    since = min(clock.started_at for clock in clocks)
    return _Scale(since, max(*ends, since + timedelta(minutes=10)))


def _lane(clock: ClockView, top: int, scale: _Scale, now: datetime) -> Iterator[Markup]:
    shape, tone = shape_of(clock)
    name = f"{shape} {clock_name(clock.kind, clock.stage)}"
    yield _text("clocks-name", f"{_EDGE}%", top + 14, name)
    if clock.is_open:
        yield _text(f"clocks-left tone-{tone}", f"{100 - _EDGE}%", top + 14, sla(clock).words, anchor="end")
    yield from _bar(clock, top + _BAR, scale, now)
    for rung in clock.rungs:
        if scale.holds(rung.at):
            mark = "▲" if rung.fired_at else "△"
            yield _text("clocks-rung", scale.x(rung.at), top + _MARKS, mark, anchor="middle")


def _bar(clock: ClockView, middle: int, scale: _Scale, now: datetime) -> Iterator[Markup]:
    end = clock.stopped_at or now
    for stretch in clock.stretches:
        kind = "pause" if stretch.state == "paused" else "run"
        yield _line(kind, scale, stretch.from_at, stretch.to_at or end, y=middle)
    if clock.due_at is None:
        return
    if clock.is_open and clock.due_at > end:
        yield _line("rest", scale, end, clock.due_at, y=middle)
    if end > clock.due_at:
        yield _line("over", scale, clock.due_at, end, y=middle)
    for given in _given(clock):
        yield _line("given", scale, *given, y=middle + 7)
    if clock.is_open or end > clock.due_at:
        x = scale.x(clock.due_at)
        yield Markup('<line class="clocks-due" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            x, x, middle - 9, middle + 9
        )


def _given(clock: ClockView) -> Iterator[tuple[datetime, datetime]]:
    """From where to where an end was moved on."""
    for stretch in clock.stretches:
        if stretch.due_from and stretch.due_to and stretch.due_to > stretch.due_from:
            yield stretch.due_from, stretch.due_to


def _now_line(scale: _Scale, now: datetime, height: int) -> Iterator[Markup]:
    if scale.holds(now):
        x = scale.x(now)
        yield Markup('<line class="clocks-now" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            x, x, TOP - 6, height - AXIS
        )
        share = float(x.rstrip("%"))
        anchor = "start" if share < 10 else "end" if share > 90 else "middle"
        yield _text("clocks-tick", x, TOP - 9, _("现在"), anchor=anchor)


def _axis(scale: _Scale, height: int) -> Iterator[Markup]:
    length = scale.until - scale.since
    step = next((step for step in _STEPS if length / step <= _TICKS), _STEPS[-1])
    for at in _ticks(scale, step):
        x = scale.x(at)
        yield Markup('<line class="clocks-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            x, x, TOP, height - AXIS
        )
        share = float(x.rstrip("%"))
        anchor = "start" if share < 8 else "end" if share > 92 else "middle"
        yield _text("clocks-tick", x, height - 7, _tick_words(at, step), anchor=anchor)


def _ticks(scale: _Scale, step: timedelta) -> Iterator[datetime]:
    """Round moments on the street's own clock, from its midnight on."""
    at = scale.since.astimezone(get_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    while at <= scale.until:
        if at >= scale.since:
            yield at
        at += step


def _tick_words(at: datetime, step: timedelta) -> str:
    is_day = step >= timedelta(days=1) or (at.hour, at.minute) == (0, 0)
    pattern = ("d MMM" if language() == "en" else "M/d") if is_day else "HH:mm"
    return format_datetime(at, pattern, tzinfo=get_timezone(), locale=get_locale())


def _line(kind: str, scale: _Scale, since: datetime, until: datetime, *, y: int) -> Markup:
    return Markup('<line class="clocks-{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        kind, scale.x(since), scale.x(until), y, y
    )


def _text(kind: str, x: str, y: int, words: str, *, anchor: str = "start") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, words
    )
