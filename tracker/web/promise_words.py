"""What the reporter was promised, in everyday words: honest when it is late, put off, on hold, or not known yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.clocks import OWNER, ClockKind
from tracker.services.clock_pages import ClockView
from tracker.web import words
from tracker.web.clock_words import until_words
from tracker.web.reporter_words import day

_WHAT: Mapping[ClockKind, words.Words] = {
    ClockKind.ACCEPT: _lazy("决定由谁处理"),
    ClockKind.DISPATCH: _lazy("派给负责的单位"),
    ClockKind.CONTACT: _lazy("%(unit)s先联系或到现场看"),
    ClockKind.STAGE: _lazy("%(unit)s%(stage)s"),
    ClockKind.DONE: _lazy("%(unit)s处理好"),
    ClockKind.REDO: _lazy("%(unit)s重新处理好"),
    ClockKind.VERIFY: _lazy("另一位人员到现场核查"),
    ClockKind.INFO: _lazy("请您补充"),
    ClockKind.CONFIRM: _lazy("请您说解决了没有"),
    ClockKind.REVIEW: _lazy("恢复处理"),
}
"""Signing is the office's own business."""

_OTHERWISE: Mapping[ClockKind, words.Words] = {
    ClockKind.INFO: _lazy("过后会按情况不清楚办结。"),
    ClockKind.CONFIRM: _lazy("没有回答会先结案，之后还能要求继续处理。"),
}
"""What happens when the reporter lets his own time pass."""

_STAGES: Mapping[str, words.Words] = {
    "guard": _lazy("先做好防护"),
    "repair": _lazy("修好"),
    "stop": _lazy("先制止"),
    "penalty": _lazy("作出处罚决定"),
    "removal": _lazy("拆掉"),
}

_PAUSED = {
    ClockKind.ACCEPT: _lazy("等您补充时不计时，补充之后接着算。"),
    **dict.fromkeys(
        (ClockKind.DONE, ClockKind.REDO), _lazy("暂缓期间不计时；恢复处理后，这里会写明新的时间。")
    ),
}


@dataclass(frozen=True)
class Promise:
    """Something that will be done.

    Attributes:
        what: by whom and what, such as ``绿化市容所处理好``.
        when: ``最晚 11月27日 17:30 前``; empty: after what stands before it.
        note: why it is late, was put off or does not run.
        kind: of the clock; empty: no clock runs for it.
    """

    what: str
    when: str = ""
    note: str = ""
    is_late: bool = False
    kind: str = ""

    @property
    def is_mine(self) -> bool:
        """Whether it is the reporter who is asked to do it."""
        return self.kind in _OTHERWISE


def promises(clocks: Sequence[ClockView], department: str) -> list[Promise]:
    """The open promises a reporter should know, the earliest first; what rests comes last.

    Args:
        department: name of the lead in the reader's language; empty: none yet.
    """
    unit = department or _("承办单位")
    latest = datetime.max.replace(tzinfo=UTC)
    running = [clock for clock in clocks if clock.state == "running" and clock.kind in _WHAT]
    running.sort(key=lambda clock: clock.due_at or latest)
    resting = [clock for clock in clocks if clock.state == "paused" and clock.kind in _PAUSED]
    return [*(_promise(clock, unit) for clock in running), *(_resting(clock, unit) for clock in resting)]


def _promise(clock: ClockView, unit: str) -> Promise:
    what, kind = _what(clock, unit), clock.kind.value
    if clock.due_at is None:
        unknown = _("要等新的放假安排公布才能算出来，算出来就写在这里。")
        return Promise(what, _("期限待定"), unknown, kind=kind)
    if clock.kind == ClockKind.REVIEW:  # ends with the beginning of a day
        on = day(clock.due_at.astimezone(get_timezone()).date())
        return Promise(what, _("最晚 %(day)s", day=on), kind=kind)
    until = until_words(clock.due_at)
    if clock.over and clock.kind in OWNER:
        reminded = _("已超过答应的时间，已提醒负责人。") if clock.is_alarmed else _("已超过答应的时间。")
        return Promise(what, _("本应在 %(when)s 前", when=until), reminded, is_late=True, kind=kind)
    otherwise = str(_OTHERWISE.get(clock.kind, "")) or "".join(_put_off(clock))
    return Promise(what, _("最晚 %(when)s 前", when=until), otherwise, kind=kind)


def _resting(clock: ClockView, unit: str) -> Promise:
    return Promise(_what(clock, unit), _("暂停计时"), str(_PAUSED[clock.kind]), kind=clock.kind.value)


def _what(clock: ClockView, unit: str) -> str:
    stage = str(_STAGES.get(clock.stage, clock.stage))
    return str(_WHAT[clock.kind]) % {"unit": unit, "stage": stage}


def _put_off(clock: ClockView) -> Iterator[str]:
    """That it was promised for earlier; the reason stands in the history."""
    moved = [one for one in clock.stretches if one.why == "grant_extension" and one.due_from]
    if moved and moved[0].due_from:
        first, count = until_words(moved[0].due_from), len(moved)
        yield ngettext(
            "原定 %(first)s 前，延过 %(num)s 次。", "原定 %(first)s 前，延过 %(num)s 次。", count, first=first
        )
