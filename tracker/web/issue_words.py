"""Common issues in the words of staff and of everybody."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import ngettext

from tracker.domain.issue_ranking import Ranking
from tracker.domain.issues import IssueAction, IssueState
from tracker.services.issue_views import IssueEventView
from tracker.web.words import Words

STATES: Mapping[IssueState, Words] = {
    IssueState.CANDIDATE: _lazy("线索"),
    IssueState.ACCEPTED: _lazy("认定"),
    IssueState.SCHEDULED: _lazy("列入议题"),
    IssueState.MET: _lazy("已开会"),
    IssueState.ACTING: _lazy("落实中"),
    IssueState.REVIEWING: _lazy("回头看"),
    IssueState.DONE: _lazy("办结"),
    IssueState.LONG_TERM: _lazy("转长期"),
    IssueState.RAISED: _lazy("提级"),
    IssueState.DISMISSED: _lazy("不成立"),
}

PUBLIC_STATES: Mapping[IssueState, Words] = {
    IssueState.ACCEPTED: _lazy("街区已认定为共性问题，正在安排协商。"),
    IssueState.SCHEDULED: _lazy("已列入协商会议题。"),
    IssueState.MET: _lazy("已经开会协商，正在分工。"),
    IssueState.ACTING: _lazy("正在按会议决定落实。"),
    IssueState.REVIEWING: _lazy("措施已经做完，正在看有没有效果。"),
    IssueState.DONE: _lazy("已经办结。"),
    IssueState.LONG_TERM: _lazy("短期内解决不了，转为长期推进。"),
    IssueState.RAISED: _lazy("街道解决不了，已经提到上一级。"),
}

ACTIONS: Mapping[IssueAction, Words] = {
    IssueAction.PROPOSE: _lazy("提出线索"),
    IssueAction.PROPOSE_AGAIN: _lazy("再次提出"),
    IssueAction.MUST_REVIEW: _lazy("列为必须研判"),
    IssueAction.ACCEPT: _lazy("认定"),
    IssueAction.DISMISS: _lazy("不成立"),
    IssueAction.SPLIT: _lazy("拆分"),
    IssueAction.ADD_CASES: _lazy("加入案件"),
    IssueAction.REMOVE_CASES: _lazy("移出案件"),
    IssueAction.EDIT: _lazy("修改"),
    IssueAction.MESSAGE: _lazy("告诉报事人"),
    IssueAction.SCHEDULE: _lazy("列入议题"),
    IssueAction.UNSCHEDULE: _lazy("移出议题"),
    IssueAction.MEET: _lazy("开会"),
    IssueAction.ACT: _lazy("开始落实"),
    IssueAction.REVIEW: _lazy("开始回头看"),
    IssueAction.FINISH: _lazy("办结"),
    IssueAction.LENGTHEN: _lazy("转长期"),
    IssueAction.RAISE_UP: _lazy("提级"),
    IssueAction.REOPEN: _lazy("重新打开"),
}

ITEM_STATES: Mapping[str, Words] = {
    "open": _lazy("待落实"),
    "in_progress": _lazy("落实中"),
    "done_claimed": _lazy("已做，待核实"),
    "closed": _lazy("已完成"),
    "long_term": _lazy("转长期"),
    "raised": _lazy("提级"),
}

ALIKE: Mapping[str, Words] = {
    "category": _lazy("类别相同"),
    "near": _lazy("相距不远"),
    "words": _lazy("说法相近"),
}


def event_words(event: IssueEventView) -> tuple[str, str]:
    """What happened: the headline, and what it was about."""
    done = str(ACTIONS[IssueAction(event.action)])
    reached = str(STATES[IssueState(event.to_state)])
    if event.from_state not in ("", event.to_state) and reached != done:
        done = f"{done} → {reached}"
    return done, _("；").join(_details(event.facts))


def _details(facts: Mapping[str, Any]) -> list[str]:
    found = []
    cases = facts.get("cases")
    if isinstance(cases, list) and cases:
        found.append(_("案件 %(numbers)s", numbers=_("、").join(cases)))
    elif isinstance(cases, int):
        found.append(ngettext("%(num)s 件案件", "%(num)s 件案件", cases))
    if places := facts.get("places"):
        found.append(ngettext("%(num)s 个地点", "%(num)s 个地点", places))
    if voices := facts.get("voices"):
        found.append(ngettext("%(num)s 位报事人", "%(num)s 位报事人", voices))
    if other := facts.get("other"):
        found.append(_("另见 %(number)s", number=other))
    if reports := facts.get("reports"):
        found.append(ngettext("发给 %(num)s 份上报", "发给 %(num)s 份上报", reports))
    title = facts.get("title")
    if isinstance(title, list):
        found.append(_("标题：%(old)s → %(new)s", old=title[0], new=title[1]))
    if "owner_id" in facts:
        found.append(_("换了负责人"))
    if facts.get("cause") is True:
        found.append(_("改了原因"))
    return found


def number_words(value: float) -> str:
    """One decimal place, none where it says nothing: ``1.8``, ``4``."""
    return f"{value:.1f}".removesuffix(".0")


def ranking_words(ranking: Ranking) -> str:
    """``6 × 5 × 1.8``."""
    return f"{ranking.places} × {ranking.persistence} × {number_words(ranking.growth)}"


def ranking_formula(ranking: Ranking) -> list[tuple[str, str]]:
    """Each factor with what it was counted from, and the product."""
    return [
        (_("地点"), _("%(n)s 个不同地点有上报", n=ranking.places)),
        (_("持续"), _("近 8 周里有 %(n)s 周来过上报", n=ranking.persistence)),
        (
            _("增长"),
            _(
                "（近 14 天 %(late)s 份 + 1）÷（此前 8 周平均每 14 天 %(usual)s 份 + 1）= %(growth)s，最小 0.5，最大 4",
                late=ranking.late,
                usual=number_words(ranking.per_fortnight),
                growth=number_words(ranking.growth),
            ),
        ),
        (_("排序分"), f"{ranking_words(ranking)} = {number_words(ranking.score)}"),
    ]
