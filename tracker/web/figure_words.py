"""The figures of the front page in plain words: each with what it was counted from, beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import format_date, get_timezone, ngettext
from flask_babel import gettext as _

from tracker.domain.honest_figures import Ending, Figures, Median, Span, percent
from tracker.services import clock_pages
from tracker.services.figures import Counted
from tracker.web.clock_words import span_words
from tracker.web.language import moment


@dataclass(frozen=True)
class Figure:
    """One number.

    Attributes:
        share: whole percent; None: too few cases to say one.
        share_words: the same in words, or that there are too few.
        formula: what was counted, out of what.
    """

    tone: str
    label: str
    count: int
    share: int | None
    share_words: str
    formula: str


@dataclass(frozen=True)
class TimeRow:
    """How long one step took: cases promised in service hours, and cases promised by the clock."""

    label: str
    formula: str
    service: str
    service_count: str
    clock: str
    clock_count: str


@dataclass(frozen=True)
class FigureWords:
    """What the page places."""

    reported: int
    head: str
    counted: str
    figures: Sequence[Figure]
    rest: str
    sum: str
    times: Sequence[TimeRow]


def period_words(days: int) -> str:
    """A period as the switch names it."""
    return _("过去一年") if days == 365 else _("过去 %(n)s 天", n=days)


def figure_words(counted: Counted) -> FigureWords:
    """Everything about one period."""
    figures = counted.figures
    since = format_date(counted.since_at.astimezone(get_timezone()).date(), _("y年M月d日"))
    return FigureWords(
        reported=figures.reported,
        head=ngettext(
            "%(period)s（%(since)s起）共上报 %(num)s 件。",
            "%(period)s（%(since)s起）共上报 %(num)s 件。",
            figures.reported,
            period=period_words(counted.days),
            since=since,
        ),
        counted=_("%(when)s 算出，每 5 分钟重算一次。", when=moment(counted.counted_at)),
        figures=list(_figures(figures)),
        rest=_("其余：%(rest)s。", rest=_("、").join(_rest(figures))),
        sum=_sum(figures),
        times=[_time_row(span, figures) for span in Span],
    )


# ---------------------------------------------------------------- how it ended


def _figures(figures: Figures) -> Iterator[Figure]:
    still_open = figures.count(Ending.OPEN, Ending.WAITING)
    waiting = figures.count(Ending.WAITING)
    fixed_after_all = ngettext(
        "报的人至少说过一次“没解决”。其中 %(num)s 件后来解决了，也算在“解决了”里",
        "报的人至少说过一次“没解决”。其中 %(num)s 件后来解决了，也算在“解决了”里",
        figures.disputed_fixed,
    )
    asked = ngettext("其中 %(num)s 件已核查，等报的人回答", "其中 %(num)s 件已核查，等报的人回答", waiting)
    share = percent(figures.overdue, still_open)
    rows = (
        ("good", _("解决了"), figures.count(Ending.FIXED), _("动了手，而且报的人自己说“解决了”")),
        ("bad", _("说没解决"), figures.disputed, fixed_after_all),
        (
            "wait",
            _("没有回答"),
            figures.count(Ending.UNANSWERED),
            _("核查通过后，报的人到期没有回答。不算满意"),
        ),
        ("still", _("不予受理"), figures.count(Ending.DECLINED), _("不归这里管，或现场没有发现")),
        ("work", _("还没办完"), still_open, asked),
    )
    for tone, label, count, formula in rows:
        yield _of_reported(figures, tone, label, count=count, formula=formula)
    yield Figure(
        "bad",
        _("已经超时"),
        figures.overdue,
        share,
        _of_open(share, still_open),
        _("还没办完，而且答应的时间已经过了"),
    )


def _of_reported(figures: Figures, tone: str, label: str, *, count: int, formula: str) -> Figure:
    share = percent(count, figures.reported)
    return Figure(tone, label, count, share, _of_all(share, figures.reported), formula)


def _of_all(share: int | None, whole: int) -> str:
    if share is None:
        return _("上报的只有 %(n)s 件，太少，不算百分比", n=whole)
    return _("占上报的 %(n)s 件的 %(share)s%%", n=whole, share=share)


def _of_open(share: int | None, whole: int) -> str:
    if share is None:
        return _("没办完的只有 %(n)s 件，太少，不算百分比", n=whole)
    return _("占没办完的 %(n)s 件的 %(share)s%%", n=whole, share=share)


def _rest(figures: Figures) -> Iterator[str]:
    """The endings that have no number of their own above."""
    for ending, words in (
        (Ending.ANSWERED, _("说明、转交或列入计划，报的人认可 %(n)s 件")),
        (Ending.MERGED, _("并入同一件事 %(n)s 件")),
        (Ending.WITHDRAWN, _("报的人撤回 %(n)s 件")),
        (Ending.VOIDED, _("测试或误报 %(n)s 件")),
    ):
        yield words % {"n": figures.count(ending)}


def _sum(figures: Figures) -> str:
    """That every case counts once: the numbers added up."""
    endings = (
        (Ending.FIXED,),
        (Ending.UNANSWERED,),
        (Ending.DECLINED,),
        (Ending.OPEN, Ending.WAITING),
        (Ending.ANSWERED, Ending.MERGED, Ending.WITHDRAWN, Ending.VOIDED),
    )
    parts = [str(figures.count(*each)) for each in endings]
    return _(
        "每件只算一次：解决了 + 没有回答 + 不予受理 + 还没办完 + 其余 = %(parts)s = %(total)s。",
        parts=" + ".join(parts),
        total=figures.reported,
    )


# ---------------------------------------------------------------- how long it took


def _time_row(span: Span, figures: Figures) -> TimeRow:
    label, formula = {
        Span.FILED: (_("多久立案"), _("从上报到工作人员立案；按规则当场立案的不算，那些不用等")),
        Span.ANSWERED: (_("多久有人管"), _("从上报到工作人员第一次办理；规则自动做的不算")),
        Span.FIXED: (
            _("多久办好"),
            _("从上报到最后一次办好并通过核查；中间退回重办、暂缓的时间都算。还没办好的不在内"),
        ),
    }[span]
    medians = figures.times[span]
    service_day = timedelta(seconds=figures.service_day_s)
    return TimeRow(
        label,
        formula,
        _median(
            medians.service,
            clock_pages.Span(timedelta(seconds=medians.service.seconds), service_day, is_service=True),
        ),
        _of(medians.service),
        _median(medians.clock, clock_pages.Span(timedelta(seconds=medians.clock.seconds))),
        _of(medians.clock),
    )


def _median(median: Median, length: clock_pages.Span) -> str:
    return span_words(length) if median.is_told else "—"


def _of(median: Median) -> str:
    if not median.is_told:
        return _("只有 %(n)s 件，太少，不算", n=median.count)
    return ngettext("%(num)s 件的中间一件", "%(num)s 件的中间一件", median.count)
