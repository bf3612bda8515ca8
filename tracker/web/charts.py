"""Small charts drawn on the server: the calendar of arrivals and bars by week. Inline SVG without script or style.

Numbers stand in the picture, one sentence tells the finding and a table says everything once more
(components/chart.html), so nothing is told by colour alone. Colours stand in attributes, as in web/place_map.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from tracker.web.reporter_words import day as day_words

WIDTH = 400
"""Units of every drawing; pixels on a phone."""
CELL, GAP, LEFT, TOP = 31, 3, 46, 20
"""Units of the calendar: a day's cell, the room between two, the margins for names."""
CALENDAR_WEEKS = 10
_A_MONDAY = date(2026, 1, 5)
_SHADES = (0.0, 0.25, 0.55, 1.0)
"""How full a day's cell is coloured: none, one, two or three, more."""
BARS, BARS_TOP, BARS_FOOT = 110, 26, 34
"""Units of the bar chart: height of the tallest bar, room for its number, for the days below."""


@dataclass(frozen=True)
class Chart:
    """What components/chart.html places.

    Attributes:
        sentence: the finding.
        formula: how the numbers were counted; empty: the sentence says it.
        head, rows: the same as a table.
    """

    svg: Markup
    sentence: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    formula: str = ""


@dataclass(frozen=True)
class WeekBar:
    """Seven days from `since` on, both ends in them; `is_late` counts to the time that is compared."""

    since: date
    count: int
    is_late: bool


def arrivals_calendar(days: Mapping[date, int], today: date) -> Chart:
    """One cell a day for the last ten weeks, Monday on top; the number in it says how many reports came."""
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=CALENDAR_WEEKS - 1)
    shown = [first + timedelta(days=index) for index in range((today - first).days + 1)]
    drawn = [*_weekdays(), *_months(first)]
    for day in shown:
        drawn += _day_cell(day, days.get(day, 0), first)
    height = TOP + 7 * CELL
    total = sum(days.get(day, 0) for day in shown)
    with_any = [day for day in shown if days.get(day)]
    return Chart(
        svg=_svg(drawn, height, "chart-days", _("每天来了几件，内容见下面的表")),
        sentence=_calendar_sentence(total, with_any),
        head=(_("日期"), _("件数")),
        rows=[(day_words(day), str(days[day])) for day in reversed(with_any)],
    )


def trend_bars(weeks: Sequence[WeekBar], sentence: str, formula: str) -> Chart:
    """One bar a week; what is compared stands out by its pattern, and a line shows the mean of the weeks before.

    Args:
        sentence, formula: what the bars show, and how it was counted; written by the caller who knows.
    """
    most = max([week.count for week in weeks] + [1])
    step = (WIDTH - 24) / len(weeks)
    before = [week.count for week in weeks if not week.is_late]
    drawn = [*_mean_line(sum(before) / len(before), most, 12 + len(before) * step)] if before else []
    for index, week in enumerate(weeks):
        drawn += _bar(week, 12 + index * step, step, week.count / most)
    return Chart(
        svg=_svg(drawn, BARS_TOP + BARS + BARS_FOOT, "chart-weeks", _("每周来了几件，内容见下面的表")),
        sentence=sentence,
        head=(_("七天"), _("件数"), ""),
        rows=[
            (
                _(
                    "%(since)s 至 %(until)s",
                    since=day_words(week.since),
                    until=day_words(week.since + timedelta(6)),
                ),
                str(week.count),
                _("近 14 天") if week.is_late else _("此前"),
            )
            for week in weeks
        ],
        formula=formula,
    )


SPARK_WIDTH, SPARK_HEIGHT = 84, 30


def spark(weeks: Sequence[int], words: str) -> Markup:
    """Ten bars for a row of a list; words: the same for those who do not see it."""
    most, step = max([*weeks, 1]), SPARK_WIDTH / len(weeks)
    bars = []
    for index, count in enumerate(weeks):
        height = max(count / most * (SPARK_HEIGHT - 2), 1.5)
        is_late = index >= len(weeks) - 2
        bars.append(
            Markup(
                '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>'
            ).format(
                "chart-late" if is_late else "chart-before",
                index * step + 1,
                SPARK_HEIGHT - height,
                step - 2,
                height,
                "#0a5c36" if is_late else "#a9c4b5",
            )
        )
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    ).format(SPARK_WIDTH, SPARK_HEIGHT, SPARK_WIDTH, SPARK_HEIGHT, words, Markup().join(bars))


def _calendar_sentence(total: int, with_any: Sequence[date]) -> str:
    if not with_any:
        return _("最近 10 周没有新的上报。")
    return ngettext(
        "最近 10 周共 %(num)s 件，分布在 %(days)s 天，最近一件在%(last)s。",
        "最近 10 周共 %(num)s 件，分布在 %(days)s 天，最近一件在%(last)s。",
        total,
        days=len(with_any),
        last=day_words(with_any[-1]),
    )


def _svg(drawn: Sequence[Markup], height: int, kind: str, label: str) -> Markup:
    return Markup(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}" font-size="12">{}</svg>'
    ).format(kind, WIDTH, height, label, Markup().join(drawn))


def _weekdays() -> Iterator[Markup]:
    for index in range(0, 7, 2):
        name = str(format_date(_A_MONDAY + timedelta(days=index), "EEE"))
        yield _text("chart-words", LEFT - 8, TOP + index * CELL + 19, name, anchor="end")


def _months(first: date) -> Iterator[Markup]:
    """The month over the first week that begins in it, and over the first week of all."""
    last_month = 0
    for week in range(CALENDAR_WEEKS):
        monday = first + timedelta(weeks=week)
        if monday.month != last_month:
            last_month = monday.month
            yield _text("chart-words", LEFT + week * (CELL + GAP), TOP - 7, format_date(monday, "MMM"))


def _day_cell(day: date, count: int, first: date) -> Iterator[Markup]:
    week, weekday = divmod((day - first).days, 7)
    x, y = LEFT + week * (CELL + GAP), TOP + weekday * CELL
    shade = _SHADES[min(3, (count + 1) // 2 + (count > 1)) if count > 1 else count]
    yield Markup(
        '<rect class="chart-cell" x="{}" y="{}" width="{}" height="{}" rx="4" fill="#0a5c36" fill-opacity="{}"'
        ' stroke="#d8dfd9"/>'
    ).format(x, y, CELL, CELL - GAP, shade)
    if count:
        kind, ink = ("chart-on", "#fff") if shade > 0.5 else ("chart-number", "#16211b")
        yield _text(kind, x + CELL / 2, y + 19, str(count), anchor="middle", ink=ink, bold=True)


def _bar(week: WeekBar, x: float, step: float, share: float) -> Iterator[Markup]:
    height = max(share * BARS, 1.5)
    y, middle = BARS_TOP + BARS - height, x + step / 2
    kind, fill = ("chart-late", "#0a5c36") if week.is_late else ("chart-before", "#a9c4b5")
    yield Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>').format(
        kind, x + 4, y, step - 8, height, fill
    )
    wide = 9 * len(str(week.count)) + 4
    yield Markup(
        '<rect class="chart-paper" x="{:.1f}" y="{:.1f}" width="{}" height="14" fill="#fff"/>'
    ).format(middle - wide / 2, y - 17, wide)
    yield _text("chart-number", middle, y - 5, str(week.count), anchor="middle", bold=week.is_late)
    words = f"{week.since.month}/{week.since.day}"
    yield _text("chart-words", middle, BARS_TOP + BARS + 16, words, anchor="middle", size=11)


def _mean_line(mean: float, most: int, until: float) -> Iterator[Markup]:
    y = BARS_TOP + BARS - mean / most * BARS
    yield Markup(
        '<path class="chart-mean" d="M12 {:.1f}H{:.1f}" fill="none" stroke="#8a3d05" stroke-width="1.5"'
        ' stroke-dasharray="5 4"/>'
    ).format(y, until)
    yield _text(
        "chart-words",
        12,
        BARS_TOP + BARS + 31,
        _("- - 此前每周平均 %(n)s 件", n=f"{mean:.1f}"),
        size=11,
    )


def _text(
    kind: str,
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    ink: str = "#435049",
    bold: bool = False,
    size: int = 12,
) -> Markup:
    return Markup(
        '<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}" font-weight="{}" font-size="{}">{}</text>'
    ).format(kind, x, y, anchor, ink, 700 if bold else 400, size, words)
