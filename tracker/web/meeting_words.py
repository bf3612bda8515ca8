"""The words of meetings: states, who somebody is, what he answered, what happened, how a vote went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_date, format_time, get_timezone, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import lazy_pgettext as pgettext

from tracker.domain.meetings import MeetingAction, MeetingState
from tracker.domain.votes import Result, Tally
from tracker.services.meeting_values import AgendaView, AnswerCounts, MeetingEventView
from tracker.web.language import moment
from tracker.web.names import Names

Words = Any
"""A lazy string: becomes words when a page places it."""

STATES: Mapping[MeetingState, Words] = {
    MeetingState.PLANNED: pgettext("meeting", "筹备中"),
    MeetingState.INVITED: pgettext("meeting", "已邀请"),
    MeetingState.HELD: pgettext("meeting", "已召开"),
    MeetingState.CLOSED: pgettext("meeting", "已结束"),
    MeetingState.CANCELLED: pgettext("meeting", "已取消"),
}
KINDS: Mapping[str, Words] = {
    "department": _lazy("单位"),
    "guest": _lazy("嘉宾"),
    "reporter": _lazy("商户代表"),
    "walk_in": _lazy("现场来的"),
}
ANSWERS: Mapping[str, Words] = {
    "yes": _lazy("来"),
    "maybe": _lazy("不一定"),
    "no": _lazy("不来"),
    "": _lazy("还没答复"),
}
EVENTS: Mapping[MeetingAction, Words] = {
    MeetingAction.PLAN: _lazy("建了会议"),
    MeetingAction.EDIT: _lazy("改了安排"),
    MeetingAction.SET_AGENDA: _lazy("改了议程"),
    MeetingAction.SET_ITEM: _lazy("写了问题或选项"),
    MeetingAction.SET_GUESTS: _lazy("改了邀请名单"),
    MeetingAction.INVITE: _lazy("发出邀请"),
    MeetingAction.SIGN_IN: _lazy("改了签到"),
    MeetingAction.OPEN_VOTE: _lazy("开始表决"),
    MeetingAction.CLOSE_VOTE: _lazy("结束表决"),
    MeetingAction.COUNT: _lazy("登记了举手人数"),
    MeetingAction.HOLD: _lazy("会议已开始"),
    MeetingAction.CLOSE: _lazy("会议结束"),
    MeetingAction.CANCEL: _lazy("取消了会议"),
}
FIELDS: Mapping[str, Words] = {
    "title": _lazy("名称"),
    "area_code": _lazy("片区"),
    "starts_at": _lazy("开始"),
    "ends_at": _lazy("结束"),
    "room": _lazy("地点"),
    "chair_id": _lazy("主持人"),
}
_PLAIN_FIELDS = frozenset({"title", "room"})


@dataclass(frozen=True)
class Entry:
    """One event as the timeline places it."""

    at: str
    when: str
    headline: str
    who: str
    words: str


def hours(starts_at: datetime, ends_at: datetime) -> str:
    """From when until when, on the street's clock: ``11月27日 周五 14:00–16:00``."""
    until = format_time(ends_at, "HH:mm")
    if starts_at.astimezone(get_timezone()).date() != ends_at.astimezone(get_timezone()).date():
        until = moment(ends_at)
    return f"{moment(starts_at)}–{until}"


def day_and_month(at: datetime) -> tuple[str, str]:
    """The day as a number and the month, for the leaf of a calendar."""
    return format_date(at, "d"), format_date(at, _("M月"))


def who(
    kind: str,
    number: int,
    name: str,
    department_code: str,
    *,
    names: Names,
    organisation: str = "",
) -> str:
    """What somebody is called: a department, a firm, ``商户代表 3号``, or the name he gave himself."""
    if kind == "department":
        department = names.department(department_code)
        return _("%(unit)s · %(name)s", unit=department, name=name) if name else department
    if kind == "reporter":
        unnamed = _("商户代表 %(number)s号", number=number)
        return _("%(who)s（%(name)s）", who=unnamed, name=name) if name else unnamed
    return _("%(unit)s · %(name)s", unit=organisation, name=name) if organisation else name


def counts(asked: AnswerCounts) -> str:
    """How a kind of guests answered, in one line."""
    said = [
        (_("%(count)s 来", count=asked.yes), asked.yes),
        (_("%(count)s 不一定", count=asked.maybe), asked.maybe),
        (_("%(count)s 不来", count=asked.no), asked.no),
        (_("%(count)s 没答复", count=asked.silent), asked.silent),
    ]
    return _("，").join(words for words, number in said if number) or _("还没邀请")


def entries(events: Sequence[MeetingEventView], names: Names) -> list[Entry]:
    """The history, in the order given."""
    return [
        Entry(
            at=event.at.isoformat(),
            when=moment(event.at),
            headline=str(EVENTS[event.action]),
            who=event.who,
            words="\n".join(filter(None, (_details(event, names), event.note))),
        )
        for event in events
    ]


def _details(event: MeetingEventView, names: Names) -> str:
    facts = event.facts
    if "changes" in facts:
        return "\n".join(_change(name, pair) for name, pair in facts["changes"].items())
    if event.action == MeetingAction.INVITE:
        asked = [
            _("%(kind)s %(count)s", kind=KINDS[kind], count=facts[kind])
            for kind in ("department", "guest", "reporter")
            if facts.get(kind)
        ]
        return _("，").join(asked)
    if event.action == MeetingAction.SET_GUESTS:
        return _guest_change(facts, names)
    if "by_hand" in facts:
        return _("另数人数：%(before)s → %(after)s", before=facts["by_hand"][0], after=facts["by_hand"][1])
    moved = facts.get("added") or facts.get("removed")
    return str(moved) if event.action == MeetingAction.SET_AGENDA and moved else ""


def _change(name: str, pair: Sequence[Any]) -> str:
    """What a field was and is; of codes and ids only that it changed."""
    if name in _PLAIN_FIELDS:
        before, after = pair
    elif name in ("starts_at", "ends_at"):
        before, after = (moment(datetime.fromisoformat(value)) for value in pair)
    else:
        return str(FIELDS[name])
    return _("%(field)s：%(before)s → %(after)s", field=FIELDS[name], before=before, after=after)


def _guest_change(facts: Mapping[str, Any], names: Names) -> str:
    code = facts.get("added") or facts.get("removed")
    if not code:
        return ""
    name = str(KINDS["guest"]) if code == "guest" else names.department(code)
    return _("加上：%(name)s", name=name) if "added" in facts else _("去掉：%(name)s", name=name)


# ---- votes


@dataclass(frozen=True)
class Bar:
    """One option's votes. share: hundredths of all votes given this way."""

    words: str
    count: int
    share: int
    leads: bool


@dataclass(frozen=True)
class TallyWords:
    """One way of voting: its heading, its sentence, its bars."""

    heading: str
    sentence: str
    bars: Sequence[Bar]


def tallies(result: Result | None, options: Mapping[int, str], *, is_closed: bool) -> list[TallyWords]:
    """The result of a vote, links and hands apart; empty while there is nothing to read."""
    if result is None:
        return []
    shown = [_tally(_("私人链接投票"), result.by_link, options)] if is_closed else []
    if result.by_hand is not None:
        shown.append(_tally(_("现场举手"), result.by_hand, options))
    return shown


def counted_by(item: AgendaView) -> str:
    """Who counted hands and when; empty where nobody did."""
    for option in item.vote.options:
        if option.counted_at is not None:
            return _("%(who)s于%(when)s登记", who=option.counted_by, when=moment(option.counted_at))
    return ""


def _tally(heading: str, tally: Tally, options: Mapping[int, str]) -> TallyWords:
    bars = [
        Bar(options[option], count, 100 * count // tally.total if tally.total else 0, option in tally.leaders)
        for option, count in tally.counts.items()
    ]
    return TallyWords(heading, _sentence(tally, options), bars)


def _sentence(tally: Tally, options: Mapping[int, str]) -> str:
    if not tally.total:
        return _("没有人投票。")
    leaders = _("、").join(_("“%(option)s”", option=options[option]) for option in tally.leaders)
    most = max(tally.counts.values())
    if tally.is_tie:
        outcome = _("%(options)s票数相同，各 %(count)s 票。", options=leaders, count=most)
    else:
        outcome = _("%(option)s最多，%(count)s 票。", option=leaders, count=most)
    return outcome + " " + _turnout(tally)


def _turnout(tally: Tally) -> str:
    percent = tally.turnout_percent
    if percent is None:
        return ngettext("共 %(num)s 票。", "共 %(num)s 票。", tally.total)
    return _(
        "共 %(total)s 票，能投的 %(entitled)s 人，投票率 %(percent)s%%。",
        total=tally.total,
        entitled=tally.entitled,
        percent=percent,
    )
