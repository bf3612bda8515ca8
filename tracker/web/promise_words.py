"""What the reporter was promised, in everyday words: honest when it is late, on hold, or not known yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.clocks import OWNER, ClockKind
from tracker.services.clock_pages import ClockView
from tracker.web import words
from tracker.web.clock_words import until_words

_WORK = (ClockKind.CONTACT, ClockKind.STAGE, ClockKind.DONE, ClockKind.REDO)

_KEPT: Mapping[ClockKind, words.Words] = {
    ClockKind.ACCEPT: _lazy("将在 %(when)s 前决定由谁处理。"),
    ClockKind.DISPATCH: _lazy("将在 %(when)s 前派给负责的单位。"),
    ClockKind.CONTACT: _lazy("%(unit)s将在 %(when)s 前先联系或到现场看。"),
    ClockKind.STAGE: _lazy("%(unit)s将在 %(when)s 前%(stage)s。"),
    ClockKind.DONE: _lazy("%(unit)s将在 %(when)s 前处理好。"),
    ClockKind.REDO: _lazy("%(unit)s将在 %(when)s 前重新处理好。"),
    ClockKind.VERIFY: _lazy("另一位人员将在 %(when)s 前到现场核查。"),
    ClockKind.INFO: _lazy("请在 %(when)s 前补充；过后会按情况不清楚办结。"),
    ClockKind.CONFIRM: _lazy("请在 %(when)s 前告诉我们解决了没有；没有回答会先结案，之后还能要求继续处理。"),
    ClockKind.REVIEW: _lazy("最迟 %(when)s 恢复处理。"),
}
"""Signing is the office's own business."""

_BROKEN: Mapping[ClockKind, words.Words] = {
    ClockKind.ACCEPT: _lazy("本应在 %(when)s 前决定由谁处理，"),
    ClockKind.DISPATCH: _lazy("本应在 %(when)s 前派给负责的单位，"),
    ClockKind.CONTACT: _lazy("%(unit)s本应在 %(when)s 前先联系或到现场看，"),
    ClockKind.STAGE: _lazy("%(unit)s本应在 %(when)s 前%(stage)s，"),
    ClockKind.DONE: _lazy("%(unit)s本应在 %(when)s 前处理好，"),
    ClockKind.REDO: _lazy("%(unit)s本应在 %(when)s 前重新处理好，"),
    ClockKind.VERIFY: _lazy("本应在 %(when)s 前到现场核查，"),
}

_STAGES: Mapping[str, words.Words] = {
    "guard": _lazy("先做好防护"),
    "repair": _lazy("修好"),
    "stop": _lazy("先制止"),
    "penalty": _lazy("作出处罚决定"),
    "removal": _lazy("拆掉"),
}


@dataclass(frozen=True)
class Promise:
    """One sentence. `kind` of the clock, empty for what concerns all of them."""

    words: str
    is_late: bool = False
    kind: str = ""


def promises(clocks: Sequence[ClockView], department: str) -> list[Promise]:
    """The open promises a reporter should know, the earliest first.

    Args:
        department: name of the lead in the reader's language; empty: none yet.
    """
    unit = department or _("承办单位")
    latest = datetime.max.replace(tzinfo=UTC)
    running = [clock for clock in clocks if clock.state == "running" and clock.kind in _KEPT]
    running.sort(key=lambda clock: clock.due_at or latest)
    return [*(_promise(clock, unit) for clock in running), *_waiting(clocks)]


def _promise(clock: ClockView, unit: str) -> Promise:
    kind = clock.kind.value
    if clock.due_at is None:
        return Promise(_("期限待定：要等新的放假安排公布才能算出来，算出来就写在这里。"), kind=kind)
    facts = {
        "when": until_words(clock.due_at),
        "unit": unit,
        "stage": str(_STAGES.get(clock.stage, clock.stage)),
    }
    if not clock.over or clock.kind not in OWNER:
        return Promise(str(_KEPT[clock.kind]) % facts, kind=kind)
    reminded = _("已超过答应的时间，已提醒负责人。") if clock.is_alarmed else _("已超过答应的时间。")
    return Promise(str(_BROKEN[clock.kind]) % facts + reminded, is_late=True, kind=kind)


def _waiting(clocks: Sequence[ClockView]) -> Iterator[Promise]:
    if any(clock.state == "paused" and clock.kind in _WORK for clock in clocks):
        yield Promise(_("暂缓期间不计时；恢复处理后，这里会写明新的时间。"))
