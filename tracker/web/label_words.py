"""The words of labels: their states, what was done, what is wrong, why one is worth a look; papers and distances."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import lazy_pgettext as pgettext
from flask_babel import ngettext

from tracker.adapters.label_papers import CodeTooSmall, Paper, papers
from tracker.domain.label_health import Finding, LabelLife, Verdict
from tracker.domain.labels import LabelEvent
from tracker.services.label_pages import Spot
from tracker.services.label_troubles import TroubleView
from tracker.web import words
from tracker.web.language import named
from tracker.web.reporter_words import day

STATES: Mapping[str, words.Words] = {
    "printed": pgettext("label", "已印制，待张贴"),
    "posted": pgettext("label", "已张贴"),
    "replaced": pgettext("label", "已更换"),
    "revoked": pgettext("label", "已停用"),
}
TONES = {"printed": "wait", "posted": "good", "replaced": "still", "revoked": "still"}
EVENTS: Mapping[LabelEvent, words.Words] = {
    LabelEvent.PRINTED: pgettext("label", "印制"),
    LabelEvent.POSTED: pgettext("label", "张贴"),
    LabelEvent.TAKEN_DOWN: pgettext("label", "取下"),
    LabelEvent.REPLACED: pgettext("label", "更换为新码"),
    LabelEvent.REVOKED: pgettext("label", "停用"),
    LabelEvent.REPRINT_ASKED: pgettext("label", "要求补印"),
    LabelEvent.REPRINTED: pgettext("label", "补印（同一个码）"),
    LabelEvent.SETTLED: pgettext("label", "看过，没有问题"),
}
DONE: Mapping[str, words.Words] = {
    "down": _lazy("已记为取下：这张标牌又算待张贴了。"),
    "again": _lazy("已列入补印清单，同一个码重新印一张。"),
    "fine": _lazy("已记为看过，没有问题。"),
    "replace": _lazy("已换成新码：旧码会带到新码。新码还要印出来、贴上去。"),
    "revoke": _lazy("已停用：再扫它会看到“已经停用”。"),
}
BATCH_STATES: Mapping[str, words.Words] = {
    "waiting": _lazy("正在制作文件"),
    "ready": _lazy("文件已备好"),
    "faulty": _lazy("检查没通过"),
    "none": _lazy("没有文件"),
}
BATCH_TONES = {"waiting": "work", "ready": "good", "faulty": "bad", "none": "still"}
VERDICTS: Mapping[Verdict, words.Words] = {
    Verdict.NEVER: _lazy("贴出后从没人扫过"),
    Verdict.SILENT: _lazy("以前有人扫，现在没了"),
    Verdict.UNUSUAL: _lazy("静得不寻常"),
    Verdict.FAR: _lazy("有人说不在原处"),
    Verdict.FUNNEL: _lazy("扫的人多，没人报"),
}
ADVICE: Mapping[Verdict, words.Words] = {
    Verdict.NEVER: _lazy("可能没真的贴，或贴在看不见的地方。请顺路看一眼。"),
    Verdict.SILENT: _lazy("可能被撕、被盖、被雨淋坏了。请顺路看一眼。"),
    Verdict.UNUSUAL: _lazy("按它平时被扫的频率，这么多天没人扫的可能不到千分之一。"),
    Verdict.FAR: _lazy("可能被挪走，或被人拍照转发。请看看原处还在不在。"),
    Verdict.FUNNEL: _lazy("可能贴的位置让人误扫，或表单在那里不好用。"),
}


def distance(metres: int) -> str:
    """A coarse distance: ``约 500 米以外``."""
    if metres >= 1000:
        return _("%(n)s 公里以外", n=metres // 1000)
    return _("%(n)s 米以外", n=metres)


def why(finding: Finding, life: LabelLife) -> str:
    """The numbers behind a verdict, in one sentence."""
    if finding.verdict == Verdict.NEVER:
        return _("贴了 %(n)s 天，一次也没扫过。", n=finding.days)
    if finding.verdict in (Verdict.SILENT, Verdict.UNUSUAL):
        return _(
            "已经 %(n)s 天没人扫，最后一次在%(day)s；近 90 天有 %(active)s 天被扫过。",
            n=finding.days,
            day=_day(life.last_on),
            active=life.active_days,
        )
    if finding.verdict == Verdict.FAR:
        told = ngettext("%(num)s 个人这样说", "%(num)s 个人这样说", life.far)
        if life.far_m:
            return _("%(told)s，最远在%(far)s。", told=told, far=distance(life.far_m))
        return _("%(told)s。", told=told)
    return _("近 90 天扫了 %(n)s 次，一件也没报。", n=life.scans)


def paper_name(code: str) -> str:
    """What a paper is called."""
    paper = papers()[code]
    return named(paper.zh, paper.en)


def paper_choice(paper: Paper, modules: int) -> dict[str, Any]:
    """A paper as the form for a batch offers it, with what the code will be like on it."""
    try:
        paper.refuse_if_too_small(modules)
    except CodeTooSmall:
        about, is_fit = _("码太小，扫不出来"), False
    else:
        about, is_fit = (
            _(
                "码宽 %(mm)s 毫米，%(cm)s 厘米内好扫",
                mm=round(paper.code_mm(modules)),
                cm=paper.reads_from_cm(modules),
            ),
            True,
        )
    if paper.placed.logo is None:
        about = _("%(about)s；不放标志", about=about)
    return {"code": paper.code, "name": named(paper.zh, paper.en), "about": about, "is_fit": is_fit}


def spot(found: Spot) -> str:
    """Where a print lies in the pile."""
    if papers()[found.paper].per_page == 1:
        return _("第 %(batch)s 批第 %(page)s 张", batch=found.batch, page=found.page)
    return _("第 %(batch)s 批第 %(page)s 页第 %(n)s 枚", batch=found.batch, page=found.page, n=found.on_page)


def trouble(found: TroubleView) -> list[str]:
    """What is open about a label, one thing a line."""
    said: list[str] = []
    if found.damaged:
        said.append(ngettext("%(num)s 个人说破损、看不清", "%(num)s 个人说破损、看不清", found.damaged))
    if found.misplaced:
        told = ngettext("%(num)s 个人说不在原处", "%(num)s 个人说不在原处", found.misplaced)
        far = _("%(told)s（%(far)s）", told=told, far=distance(found.far_m)) if found.far_m else told
        said.append(far)
    if found.is_asked:
        said.append(_("工作人员要求补印"))
    return said


def choice(chosen: Mapping[str, Any], areas: Mapping[str, str]) -> str:
    """How the places of a batch were chosen."""
    said: list[str] = []
    if chosen.get("area"):
        said.append(areas.get(chosen["area"], chosen["area"]))
    if chosen.get("kind"):
        said.append(str(words.PLACE_KINDS.get(chosen["kind"], chosen["kind"])))
    if chosen.get("codes"):
        count = len(chosen["codes"])
        said.append(ngettext("指定的 %(num)s 处", "指定的 %(num)s 处", count))
    if chosen.get("is_for_new"):
        said.append(_("还没有标牌的"))
    if chosen.get("is_again"):
        said.append(_("需要补印的"))
    return " · ".join(said) or _("全部场所")


def _day(on: date | None) -> str:
    return day(on) if on else ""
