"""Did it help: the numbers of a look back in plain words, and as a picture that says the same.

The picture is inline SVG without script or style; sideways in per cent, upright in pixels, so that it fits a phone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from markupsafe import Markup

from tracker.domain.look_back import Answer, Comparison, Verdict, percent
from tracker.services.look_backs import LookBackView, Review
from tracker.web import words
from tracker.web.language import moment

ROW, BAR, TOP, AXIS = 104, 20, 8, 26
"""Pixels: height of a period, of a bar, above the first, of the words under the last."""
_LEFT, _RIGHT = 2.0, 88.0
"""Per cent: where bars begin and where the longest ends; its number stands behind it."""

VERDICTS: Mapping[Verdict, words.Words] = {
    Verdict.WORKED: _lazy("确实少了"),
    Verdict.NOT_SHOWN: _lazy("看不出有变化"),
    Verdict.WORSE: _lazy("反而多了"),
    Verdict.TOO_FEW: _lazy("数据太少，还看不出"),
}
TONES: Mapping[Verdict, str] = {
    Verdict.WORKED: "good",
    Verdict.NOT_SHOWN: "wait",
    Verdict.WORSE: "bad",
    Verdict.TOO_FEW: "still",
}
ANSWERS: Mapping[Answer, words.Words] = {
    Answer.BETTER: _lazy("好些了"),
    Answer.SAME: _lazy("差不多"),
    Answer.WORSE: _lazy("更糟了"),
}
ANSWER_ICONS: Mapping[Answer, str] = {Answer.BETTER: "check", Answer.SAME: "list", Answer.WORSE: "cross"}


@dataclass(frozen=True)
class LookBackLine:
    """One look back; sentence says what was found, or when it will be known."""

    period: str
    before: str
    after: str
    change: str
    interval: str
    verdict: str
    tone: str
    sentence: str
    when: str


@dataclass(frozen=True)
class LookBackPanel:
    """What templates/look_back/_panel.html places. `answers`: (words, count)."""

    since: str
    headline: str
    tone: str
    lines: Sequence[LookBackLine]
    drawing: Markup
    answers: Sequence[tuple[str, int]]
    answered: int


def look_back_panel(review: Review | None) -> LookBackPanel | None:
    """Everything a page says about whether it helped; None: nothing was done yet that could have."""
    if review is None:
        return None
    lines = [_line(view) for view in review.views]
    counted = [view for view in review.views if view.comparison is not None]
    last = _line(counted[-1]) if counted else None
    return LookBackPanel(
        since=moment(review.since_at),
        headline=last.sentence if last else lines[0].sentence if lines else "",
        tone=last.tone if last else "still",
        lines=lines,
        drawing=_drawing(counted),
        answers=[(str(ANSWERS[answer]), count) for answer, count in review.answers.items()],
        answered=sum(review.answers.values()),
    )


def sentence(days: int, before_days: int, found: Comparison) -> str:
    """``前后各 30 天：31 → 9 件，减少 71%（95% 区间：减少 88% 到减少 38%）：确实少了``."""
    counts = {"before": found.before, "after": found.after}
    if before_days == days:
        head = _("前后各 %(days)s 天：%(before)s → %(after)s 件", days=days, **counts)
    else:
        head = _(
            "之前 %(known)s 天 %(before)s 件，之后 %(days)s 天 %(after)s 件",
            known=before_days,
            days=days,
            **counts,
        )
    parts = [head]
    if found.verdict != Verdict.TOO_FEW:
        if found.change_percent is not None:
            parts.append(_change(found.change_percent))
        parts.append(_("95%% 区间：%(interval)s", interval=_interval(found)))
    parts.append(str(VERDICTS[found.verdict]))
    return _("，").join(parts)


def _change(change: int) -> str:
    if change < 0:
        return _("减少 %(num)s%%", num=-change)
    return _("增加 %(num)s%%", num=change) if change else _("没有增减")


def _interval(found: Comparison) -> str:
    low = _change(percent(found.low))
    high = _change(percent(found.high)) if found.high is not None else _("没有上限")
    return _("%(low)s 到 %(high)s", low=low, high=high)


def _line(view: LookBackView) -> LookBackLine:
    period, found = _("%(days)s 天", days=view.days), view.comparison
    if found is None:
        if view.made_at is None:
            told = _("%(days)s 天的回头看在 %(when)s", days=view.days, when=moment(view.due_at))
        else:
            told = _("之前没有记录，没法比较；之后的情况请看报事人怎么说。")
        return LookBackLine(period, "", "", "", "", "", "still", told, moment(view.due_at))
    change = found.change_percent
    return LookBackLine(
        period=period,
        before=_("之前 %(days)s 天 %(num)s 件", num=found.before, days=view.before_days),
        after=_("之后 %(days)s 天 %(num)s 件", num=found.after, days=view.days),
        change=_change(change) if change is not None else "—",
        interval=_interval(found),
        verdict=str(VERDICTS[found.verdict]),
        tone=TONES[found.verdict],
        sentence=sentence(view.days, view.before_days, found),
        when=moment(view.made_at or view.due_at),
    )


# ---------------------------------------------------------------- the picture


def _drawing(views: Sequence[LookBackView]) -> Markup:
    """Two bars a period, as long as there were reports a day; the line under them is the interval."""
    if not views:
        return Markup()
    longest = max(_longest(view) for view in views) or 1.0
    height = TOP + ROW * len(views) + AXIS
    rows = [part for index, view in enumerate(views) for part in _row(view, TOP + ROW * index, longest)]
    return Markup('<svg class="looks" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        height, _("前后对比图，内容见文字和表格"), Markup().join([*rows, *_legend(height)])
    )


def _longest(view: LookBackView) -> float:
    found = view.comparison
    if found is None:
        return 0.0
    rate = found.before / found.before_days
    return max(rate, found.after / found.after_days, min(_most(found), 2 * rate))


def _most(found: Comparison) -> float:
    """The rate after at the upper limit of the interval, if the one before is taken as it was."""
    rate = found.before / found.before_days
    return found.after / found.after_days if found.high is None else rate * found.high


def _row(view: LookBackView, top: int, longest: float) -> Iterator[Markup]:
    found = view.comparison
    if found is None:
        return
    before, after = found.before / found.before_days, found.after / found.after_days
    yield Markup('<text class="looks-head" x="{}%" y="{}">{}</text>').format(
        _LEFT, top + 16, _("前后 %(days)s 天：%(verdict)s", days=view.days, verdict=VERDICTS[found.verdict])
    )
    for y, rate, count, name in (
        (top + 26, before, found.before, _("前")),
        (top + 52, after, found.after, _("后")),
    ):
        kind = "before" if y == top + 26 else "after"
        yield Markup(
            '<rect class="looks-{}" x="{}%" y="{}" width="{:.2f}%" height="{}" rx="3"/>'
            '<text x="{:.2f}%" y="{}" dx="6">{}</text>'
        ).format(
            kind,
            _LEFT,
            y,
            _width(rate, longest),
            BAR,
            _LEFT + _width(rate, longest),
            y + 15,
            _("%(name)s %(num)s 件", name=name, num=count),
        )
    if found.before:
        low, end = _LEFT + _width(before * found.low, longest), _LEFT + _whisker_end(found, longest)
        yield Markup(
            '<line class="looks-span" x1="{0:.2f}%" x2="{1:.2f}%" y1="{2}" y2="{2}"/>'
            '<line class="looks-span" x1="{0:.2f}%" x2="{0:.2f}%" y1="{3}" y2="{4}"/>'
            '<line class="looks-span" x1="{1:.2f}%" x2="{1:.2f}%" y1="{3}" y2="{4}"/>'
        ).format(low, end, top + 79, top + 75, top + 83)


def _whisker_end(found: Comparison, longest: float) -> float:
    return _width(_most(found), longest) if found.before else 0.0


def _width(rate: float, longest: float) -> float:
    return min(rate / longest, 1.0) * (_RIGHT - _LEFT - 14)


def _legend(height: int) -> Iterator[Markup]:
    yield Markup('<text class="looks-note" x="{}%" y="{}">{}</text>').format(
        _LEFT, height - 8, _("条越长，平均每天的上报越多；横线：95% 区间")
    )
