"""What came after a pack was frozen, in plain words; and what states and events of issues and items are called."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import ngettext

from tracker.services.pack_updates import Update
from tracker.web.action_words import STATES
from tracker.web.presenters import when

ITEM_STATES: Mapping[str, Any] = {state.value: words for state, words in STATES.items()}
ISSUE_STATES: Mapping[str, Any] = {
    "candidate": _lazy("线索"),
    "dismissed": _lazy("不成立"),
    "accepted": _lazy("认定"),
    "scheduled": _lazy("列入议题"),
    "met": _lazy("已开会"),
    "acting": _lazy("落实中"),
    "reviewing": _lazy("回头看"),
    "done": _lazy("办结"),
    "long_term": _lazy("转长期"),
    "raised": _lazy("提级"),
}
EVENTS: Mapping[str, Any] = {
    "first_report": _lazy("第一件上报"),
    "latest_report": _lazy("最近一件上报"),
    "accept": _lazy("认定为共性问题"),
    "schedule": _lazy("列入会议议题"),
    "unschedule": _lazy("从议题中撤下"),
    "meet": _lazy("开会讨论"),
    "act": _lazy("开始落实"),
    "review": _lazy("开始回头看"),
    "finish": _lazy("问题办结"),
    "lengthen": _lazy("转为长期解决"),
    "raise_up": _lazy("提级解决"),
    "reopen": _lazy("又有新的上报，重新处理"),
    "split": _lazy("拆分"),
    "add_cases": _lazy("并入案件"),
    "remove_cases": _lazy("移出案件"),
    "edit": _lazy("修改了标题或成因"),
    "dismiss": _lazy("认为不成立"),
    "must_review": _lazy("达到必须研究的规模"),
}
_SEEN_NOW = frozenset({"places", "voices", "question", "options", "added", "removed"})
"""Differences that no row gives a moment to: they are told as of now."""
_MOST_PLACES = 5


def update_words(update: Update) -> tuple[str, str]:
    """When and what: a sentence for something that came after the freeze."""
    at = when(update.at, day_only=update.is_day)[1]
    if update.kind in _SEEN_NOW:
        at = _("截至%(day)s", day=at)
    return at, _SENTENCES[update.kind](update.values)


def _reports(values: Mapping[str, Any]) -> str:
    return ngettext("新增上报 %(num)s 件。", "新增上报 %(num)s 件。", values["n"])


def _places(values: Mapping[str, Any]) -> str:
    listed = _("、").join(values["places"][:_MOST_PLACES])
    return _("新增 %(n)s 个地点：%(places)s。", n=values["n"], places=listed)


def _voices(values: Mapping[str, Any]) -> str:
    return ngettext("反映人数增加 %(num)s 人。", "反映人数增加 %(num)s 人。", values["n"])


def _cases_ended(values: Mapping[str, Any]) -> str:
    return ngettext("又有 %(num)s 件案件结束。", "又有 %(num)s 件案件结束。", values["n"])


def _question(values: Mapping[str, Any]) -> str:
    return _("要决定的问题改为：%(text)s", text=values["text"])


def _options(values: Mapping[str, Any]) -> str:
    return _("选项改为：%(options)s", options=_("；").join(values["options"]) or _("（无）"))


def _item(values: Mapping[str, Any]) -> str:
    return _(
        "行动项 %(number)s（%(action)s）：%(state)s。",
        number=values["number"],
        action=values["action"],
        state=ITEM_STATES.get(values["state"], values["state"]),
    )


def _added(values: Mapping[str, Any]) -> str:
    return _("议程新增：%(title)s。简报中没有这一项，需要时请再定稿一版。", title=values["issue"])


def _removed(_values: Mapping[str, Any]) -> str:
    return _("这一项已从议程中撤下。")


def _event(values: Mapping[str, Any]) -> str:
    words = str(EVENTS.get(values["action"], values["action"]))
    if not values["is_move"]:
        return _("%(words)s。", words=words)
    return _("%(words)s，现在是“%(state)s”。", words=words, state=ISSUE_STATES[values["state"]])


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "reports": _reports,
    "places": _places,
    "voices": _voices,
    "cases_ended": _cases_ended,
    "question": _question,
    "options": _options,
    "item": _item,
    "added": _added,
    "removed": _removed,
    "event": _event,
}
