"""Promises in the words of staff: how long is left, until when, what moved the end, who was reminded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime
from flask_babel import get_locale, get_timezone, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.clocks import OWNER, ClockKind
from tracker.domain.escalation import Hearer, rung
from tracker.domain.lifecycle import Action
from tracker.services.clock_pages import ClockView, Forecast, RungView, Span, Stretch
from tracker.web import words
from tracker.web.language import moment

KINDS: Mapping[ClockKind, words.Words] = {
    ClockKind.ACCEPT: _lazy("受理"),
    ClockKind.INFO: _lazy("等补充"),
    ClockKind.DISPATCH: _lazy("派遣"),
    ClockKind.SIGN: _lazy("签收"),
    ClockKind.CONTACT: _lazy("先行联系"),
    ClockKind.STAGE: _lazy("分段时限"),
    ClockKind.DONE: _lazy("处置"),
    ClockKind.REDO: _lazy("返工"),
    ClockKind.VERIFY: _lazy("核查"),
    ClockKind.CONFIRM: _lazy("等确认"),
    ClockKind.REVIEW: _lazy("等复核"),
    ClockKind.ISSUE_REVIEW: _lazy("共性问题研判"),
    ClockKind.ITEM: _lazy("行动项办理"),
}

STAGES: Mapping[str, words.Words] = {
    "guard": _lazy("先行防护"),
    "repair": _lazy("修复"),
    "stop": _lazy("责令停止"),
    "penalty": _lazy("处罚决定"),
    "removal": _lazy("拆除"),
}

HEARERS: Mapping[Hearer, words.Words] = {
    Hearer.OWNER: _lazy("经办人"),
    Hearer.DEPARTMENT_LEAD: _lazy("单位负责人"),
    Hearer.DUTY_LEAD: _lazy("值班长"),
    Hearer.SUPERVISOR: _lazy("督办领导"),
}

_STARTS: Mapping[ClockKind, words.Words] = {
    ClockKind.DONE: _lazy("办结期限将是%(when)s。"),
    ClockKind.REDO: _lazy("返工期限将是%(when)s。"),
    ClockKind.VERIFY: _lazy("须在%(when)s前核查。"),
    ClockKind.CONFIRM: _lazy("报事人可以答复到%(when)s，之后自动结案。"),
    ClockKind.INFO: _lazy("报事人可以补充到%(when)s，计时暂停。"),
    ClockKind.REVIEW: _lazy("计时暂停，%(when)s自动恢复处置。"),
}

_NEAR = timedelta(minutes=1)


@dataclass(frozen=True)
class Sla:
    """The promise of a row of the queue: shape ●, ▲ or ■ and words; `at` ISO, empty if unknown."""

    shape: str
    tone: str
    kind: str
    words: str
    at: str
    full: str


def clock_name(kind: ClockKind, stage: str = "") -> str:
    """What a promise is called: ``处置``, ``分段时限：先行防护``."""
    name = str(KINDS[kind])
    return _("%(term)s：%(change)s", term=name, change=STAGES.get(stage, stage)) if stage else name


def until_words(at: datetime) -> str:
    """A due moment as people say it, without the weekday: ``11月25日 17:30``."""
    return format_datetime(at.astimezone(get_timezone()), _("M月d日 HH:mm"), locale=get_locale())


def span_words(span: Span) -> str:
    """``1 个工作日 3 小时``, ``3 小时 20 分``, ``40 分钟``: the two greatest units."""
    days, rest = divmod(span.time, span.day)
    minutes = int(rest / _NEAR)
    hours, minutes = divmod(minutes, 60)
    if days:
        count = (
            ngettext("%(num)s 个工作日", "%(num)s 个工作日", days)
            if span.is_service
            else ngettext("%(num)s 天", "%(num)s 天", days)
        )
        return f"{count} {_hours(hours)}" if hours else count
    if hours:
        rest_of_hour = ngettext("%(num)s 分", "%(num)s 分", minutes)
        return f"{_hours(hours)} {rest_of_hour}" if minutes else _hours(hours)
    return ngettext("%(num)s 分钟", "%(num)s 分钟", minutes) if minutes else _("不到 1 分钟")


def _hours(count: int) -> str:
    return ngettext("%(num)s 小时", "%(num)s 小时", count)


# ---------------------------------------------------------------- one promise


def shape_of(clock: ClockView) -> tuple[str, str]:
    """Shape and tone by urgency: ■ past its end, ▲ soon, ● neither; a paused one is ● too, and quiet."""
    if clock.over:
        return "■", "bad"
    if clock.is_soon:
        return "▲", "wait"
    return "●", "still" if clock.state != "running" else "good"


def sla(clock: ClockView) -> Sla:
    """The cell of the queue."""
    shape, tone = shape_of(clock)
    at = clock.due_at.isoformat() if clock.due_at else ""
    return Sla(shape, tone, clock_name(clock.kind, clock.stage), _short(clock), at, sentence(clock))


def _short(clock: ClockView) -> str:
    if clock.over:
        return _("超 %(time)s", time=span_words(clock.over)) if clock.over.time >= _NEAR else _("刚超时")
    if clock.state == "paused":
        return _("暂停中")
    if clock.left is None:
        return _("期限待定")
    return _("剩 %(time)s", time=span_words(clock.left))


def sentence(clock: ClockView) -> str:
    """``处置：还有 1 个工作日 3 小时（11月25日 17:30 前），暂停过 1 次共 2 小时，延期 1 次``."""
    parts = [_standing(clock), *_moved(clock)]
    return _("%(term)s：%(change)s", term=clock_name(clock.kind, clock.stage), change=_("，").join(parts))


def _standing(clock: ClockView) -> str:
    until = until_words(clock.due_at) if clock.due_at else ""
    if not clock.is_open:
        return _ended(clock)
    if clock.due_at is None:
        return _("期限待定，工作日历还没有排到那一天")
    if clock.over:
        return _("已超 %(time)s（应在 %(until)s 前）", time=span_words(clock.over), until=until)
    left = span_words(clock.left) if clock.left else ""
    if clock.state == "paused":
        since = until_words(clock.stretches[-1].from_at)
        return _("%(since)s 起暂停计时，恢复后还有 %(time)s", since=since, time=left)
    if clock.kind == ClockKind.REVIEW:
        return _("还有 %(time)s（%(until)s）", time=left, until=until)
    return _("还有 %(time)s（%(until)s 前）", time=left, until=until)


def _ended(clock: ClockView) -> str:
    used = span_words(clock.used) if clock.used else ""
    if clock.kind not in OWNER:
        return _("用了 %(time)s", time=used)
    if clock.over:
        return _("用了 %(time)s，超时 %(over)s", time=used, over=span_words(clock.over))
    return _("用了 %(time)s，按时", time=used) if clock.due_at else _("用了 %(time)s", time=used)


def _moved(clock: ClockView) -> Iterator[str]:
    ended_pauses = clock.pauses - (clock.state == "paused")
    if ended_pauses:
        total = span_words(clock.paused)
        yield ngettext(
            "暂停过 %(num)s 次共 %(total)s", "暂停过 %(num)s 次共 %(total)s", ended_pauses, total=total
        )
    if clock.extensions:
        yield ngettext("延期 %(num)s 次", "延期 %(num)s 次", clock.extensions)


def stretch_words(stretch: Stretch) -> str:
    """What a part of a clock's life was: when, why, by whom, and where it moved the end."""
    state = _("暂停") if stretch.state == "paused" else _("计时")
    since, until = until_words(stretch.from_at), until_words(stretch.to_at) if stretch.to_at else _("现在")
    why = _("工作日历调整") if stretch.why == "calendar" else str(words.ACTIONS[Action(stretch.why)])
    by = _("，").join([why, stretch.who] if stretch.who else [why])
    line = _("%(state)s %(since)s—%(until)s（%(by)s）", state=state, since=since, until=until, by=by)
    if not stretch.moved:
        return line
    before, after = (until_words(at) if at else _("待定") for at in (stretch.due_from, stretch.due_to))
    return line + _("，期限 %(before)s → %(after)s", before=before, after=after)


# ---------------------------------------------------------------- the ladder


def share_words(number: int) -> str:
    """At which share of the time a rung stands; after the ladder: each working day."""
    percent = rung(number).percent
    return f"{percent}%" if percent else _("此后每个工作日")


def hearers_words(number: int) -> str:
    """Who hears of a rung, by their part."""
    return _("、").join(str(HEARERS[hearer]) for hearer in rung(number).hearers)


def rung_words(one: RungView) -> str:
    """``▲ 75% 11月24日 10:00 已提醒经办人``; △ and 将 for one to come."""
    facts = {"share": share_words(one.number), "when": until_words(one.at), "who": hearers_words(one.number)}
    if one.fired_at:
        return _("▲ %(share)s（%(when)s）已提醒%(who)s", **facts)
    return _("△ %(share)s（%(when)s）将提醒%(who)s", **facts)


# ---------------------------------------------------------------- before a move


def forecast_words(found: Forecast, action: Action) -> str:
    """What a move will promise, to be read before it is made."""
    if action in (Action.REQUEST_EXTENSION, Action.GRANT_EXTENSION):
        before = moment(found.before) if found.before else _("待定")
        if found.at is None:
            return _("现在的期限是%(when)s。", when=before)
        return _("现在的期限是%(before)s，延期后是%(after)s。", before=before, after=moment(found.at))
    if found.before is not None:
        return _("办结期限不变，仍是%(when)s。", when=moment(found.before))
    if found.at is None:
        return _("期限待定：工作日历还没有排到那一天。")
    return str(_STARTS[found.kind]) % {"when": moment(found.at)}
