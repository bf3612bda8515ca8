"""The words of action items: states, actions, what happened, and rows of their lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from babel.dates import format_date
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import lazy_pgettext as pgettext

from tracker.domain.actions import ItemAction, ItemState
from tracker.services.action_pages import ItemEvent, ItemRow, PublicItem
from tracker.web import words
from tracker.web.clock_words import Sla, sla
from tracker.web.language import moment
from tracker.web.names import Names

STATES: Mapping[ItemState, words.Words] = {
    ItemState.OPEN: _lazy("待办理"),
    ItemState.IN_PROGRESS: pgettext("item", "办理中"),
    ItemState.DONE_CLAIMED: _lazy("待验收"),
    ItemState.CLOSED: pgettext("item", "已办结"),
    ItemState.LONG_TERM: _lazy("转长期"),
    ItemState.RAISED: _lazy("已提级"),
}
"""Each with its shape in templates/actions/badge.html."""

ACTIONS: Mapping[ItemAction, words.Words] = {
    ItemAction.MAKE: _lazy("定下这一项"),
    ItemAction.TAKE_ON: _lazy("开始办理"),
    ItemAction.NOTE: _lazy("写一句进展"),
    ItemAction.CLAIM: _lazy("做完了，请验收"),
    ItemAction.ACCEPT: _lazy("验收通过"),
    ItemAction.SEND_BACK: pgettext("item", "退回"),
    ItemAction.ASK_TIME: pgettext("item", "申请延期"),
    ItemAction.EXTEND: _lazy("改完成日期"),
    ItemAction.LENGTHEN: _lazy("转为长期工作"),
    ItemAction.RAISE_UP: _lazy("提级，报上级"),
}

HAPPENED: Mapping[ItemAction, words.Words] = {
    ItemAction.MAKE: _lazy("定下了这一项"),
    ItemAction.TAKE_ON: _lazy("已开始办理"),
    ItemAction.NOTE: _lazy("进展"),
    ItemAction.CLAIM: _lazy("报告做完了"),
    ItemAction.ACCEPT: _lazy("已验收通过"),
    ItemAction.SEND_BACK: _lazy("没有通过，已退回"),
    ItemAction.ASK_TIME: _lazy("申请了延期"),
    ItemAction.EXTEND: _lazy("改了完成日期"),
    ItemAction.LENGTHEN: _lazy("已转长期"),
    ItemAction.RAISE_UP: _lazy("已提级"),
}
"""The same once it is done, for the history."""

ABOUT: Mapping[ItemAction, words.Words] = {
    ItemAction.TAKE_ON: _lazy("由我们来做"),
    ItemAction.NOTE: _lazy("不改变状态"),
    ItemAction.CLAIM: _lazy("附照片或写明做了什么"),
    ItemAction.ACCEPT: _lazy("看过证据，确实做到了"),
    ItemAction.SEND_BACK: _lazy("还没做到，写明缺什么"),
    ItemAction.ASK_TIME: _lazy("写明原因和新的日期，由街区书记定"),
    ItemAction.EXTEND: _lazy("前后两个日期都会留下"),
    ItemAction.LENGTHEN: _lazy("短期做不完，列入长期工作"),
    ItemAction.RAISE_UP: _lazy("本级解决不了，报上级"),
}

NOTES: Mapping[ItemAction, words.Words] = {
    ItemAction.NOTE: _lazy("进展"),
    ItemAction.CLAIM: _lazy("做了什么"),
    ItemAction.SEND_BACK: _lazy("还缺什么"),
    ItemAction.ASK_TIME: _lazy("为什么要延期"),
    ItemAction.EXTEND: _lazy("为什么改"),
    ItemAction.LENGTHEN: _lazy("为什么转长期"),
    ItemAction.RAISE_UP: _lazy("为什么提级"),
}
"""What the words that go with an action are asked for; the others say 说明."""

FOR_EVERYBODY: Mapping[ItemState, words.Words] = {
    ItemState.OPEN: _lazy("还没开始"),
    ItemState.IN_PROGRESS: _lazy("正在做"),
    ItemState.DONE_CLAIMED: _lazy("做完了，正在验收"),
    ItemState.CLOSED: _lazy("做完了"),
    ItemState.LONG_TERM: _lazy("短期做不完，列入长期工作"),
    ItemState.RAISED: _lazy("本级解决不了，已报上级"),
}
"""The same for whoever reported it."""


@dataclass(frozen=True)
class Line:
    """A row of a list of items; day: ISO, due: in words. `sla` names no kind of promise: there is one."""

    number: str
    url: str
    action: str
    issue: str
    issue_url: str
    title: str
    doer: str
    person: str
    state: str
    state_words: str
    day: str
    due: str
    sla: Sla | None


@dataclass(frozen=True)
class PublicLine:
    """An item as everybody may read it."""

    action: str
    doer: str
    state: str
    words: str


@dataclass(frozen=True)
class PhotoLink:
    """For photo_strip."""

    url: str
    thumb_url: str
    alt: str


@dataclass(frozen=True)
class Entry:
    """For timeline."""

    at: str
    when: str
    headline: str
    who: str
    words: str
    photos: Sequence[PhotoLink]


def day_words(day: date) -> str:
    """A day as people write it here: ``11月27日 周五``."""
    return format_date(day, _("M月d日 EEE"), locale=get_locale())


def item_lines(rows: Iterable[ItemRow], names: Names) -> list[Line]:
    """Rows for templates/actions/table.html and the panels."""
    return [
        Line(
            number=row.number,
            url=url_for("actions.show", number=row.number),
            action=row.action,
            issue=row.issue,
            issue_url=f"/issues/{row.issue}",
            title=row.title,
            doer=names.department(row.department),
            person=row.person,
            state=row.state.value,
            state_words=str(STATES[row.state]),
            day=row.due_on.isoformat(),
            due=day_words(row.due_on),
            sla=replace(sla(row.clock), kind="") if row.clock else None,
        )
        for row in rows
    ]


def public_lines(items: Iterable[PublicItem], names: Names) -> list[PublicLine]:
    """What was decided, for those who reported it."""
    return [
        PublicLine(
            action=item.action,
            doer=names.department(item.department),
            state=item.state.value,
            words=_public_words(item),
        )
        for item in items
    ]


def _public_words(item: PublicItem) -> str:
    words_ = str(FOR_EVERYBODY[item.state])
    if item.ended_at is not None:
        return words_
    return _("%(state)s，%(day)s前完成", state=words_, day=day_words(item.due_on))


def entries(events: Iterable[ItemEvent]) -> list[Entry]:
    """An item's history, in the order given."""
    return [
        Entry(
            at=event.at.isoformat(),
            when=moment(event.at),
            headline=_headline(event),
            who=event.who,
            words=event.note,
            photos=[
                PhotoLink(
                    url=url_for("actions.photo", photo_id=photo.id),
                    thumb_url=url_for("actions.photo", photo_id=photo.id, size="thumb"),
                    alt=_("证据照片"),
                )
                for photo in event.photos
            ],
        )
        for event in events
    ]


def _headline(event: ItemEvent) -> str:
    head = str(HAPPENED[event.action])
    facts = event.facts
    if "due_to" in facts:
        before, after = (day_words(date.fromisoformat(facts[name])) for name in ("due_from", "due_to"))
        return _("%(what)s：%(before)s → %(after)s", what=head, before=before, after=after)
    if "asked_on" in facts:
        day = day_words(date.fromisoformat(facts["asked_on"]))
        return _("%(what)s，到 %(day)s", what=head, day=day)
    return head
