"""Cases as the desk's templates place them: codes become words, ids become links, moments become text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import who_may
from tracker.domain.lifecycle import AT_WORK, INTAKE, Action, Outcome, State, step_of
from tracker.domain.permissions import Role
from tracker.services.case_pages import CasePage, Event, PhotoView, StaffCase
from tracker.services.worklists import QueueRow
from tracker.web import words
from tracker.web.language import ago, moment, named
from tracker.web.names import Names
from tracker.web.reporter_words import day


@dataclass(frozen=True)
class PhotoLink:
    """A photo for the photo strip."""

    url: str
    thumb_url: str
    alt: str


def when(at: datetime, *, day_only: bool = False) -> tuple[str, str]:
    """A moment for machines and for people; only its day where the minute could say who reported."""
    on = at.astimezone(get_timezone()).date()
    return (on.isoformat(), day(on)) if day_only else (at.isoformat(), moment(at))


def queue_row(row: QueueRow, names: Names) -> dict[str, Any]:
    """One line of the case table; the keys are those of components/case_table.html."""
    at, words_for_day = when(row.opened_at, day_only=row.day_only)
    return {
        "number": row.number,
        "url": url_for("desk.case.show", number=row.number),
        "category": named(row.category_zh, row.category_en),
        "icon": row.icon,
        "urgent": row.urgent,
        "place": row.place,
        "summary": row.summary,
        "department": names.department(row.lead),
        "state": row.state.value,
        "state_words": words.STATES[row.state],
        "at": at,
        "when": words_for_day if row.day_only else ago(row.opened_at),
        "thumb_url": url_for("desk.thumb", number=row.number) if row.has_photo else None,
        "flags": list(_flags(row)),
        "said": list(_said(row)),
        "heat": heat(row.voices),
    }


def heat(voices: int) -> dict[str, str] | None:
    """How many others met it too, short and in a sentence; None: nobody else."""
    others = voices - 1
    if not others:
        return None
    said = ngettext("另有 %(num)s 人也遇到", "另有 %(num)s 人也遇到", others)
    return {"short": f"+{others}", "words": said}


def _flags(row: QueueRow) -> Iterator[str]:
    if row.look_by:
        yield _("待过问")
    if row.appeal_open:
        yield _("申诉")
    if row.extension_on:
        yield _("申请延期")
    if row.reopens:
        yield ngettext("重开 %(num)s 次", "重开 %(num)s 次", row.reopens)
    if row.reworks:
        yield ngettext("返工 %(num)s 次", "返工 %(num)s 次", row.reworks)
    if row.returns:
        yield ngettext("退单 %(num)s 次", "退单 %(num)s 次", row.returns)


def _said(row: QueueRow) -> Iterator[dict[str, str]]:
    """What people on the street say of it, and what the verifier saw: tone and words."""
    if row.worse:
        yield {"tone": "bad", "words": _worse_words(row.worse)}
    if row.gone and row.gone_at:
        yield {"tone": "look", "words": _gone_words(row.gone, row.gone_at)}
    if row.gone_seen_at:
        yield {"tone": "good", "words": _("核查员看过：已经没了")}


def _worse_words(count: int) -> str:
    return ngettext("%(num)s 人说更严重了", "%(num)s 人说更严重了", count)


def _gone_words(count: int, since: datetime) -> str:
    """With the day alone: the minute could say who it was."""
    on = day(since.astimezone(get_timezone()).date())
    return ngettext("%(num)s 人说已经没了，%(day)s起", "%(num)s 人说已经没了，%(day)s起", count, day=on)


# ---------------------------------------------------------------- photos and history


def photo_link(photo: PhotoView) -> PhotoLink:
    return PhotoLink(
        url_for("desk.photo", photo_id=photo.id),
        url_for("desk.photo", photo_id=photo.id, size="thumb"),
        str(words.PHOTO_KINDS[photo.kind]),
    )


def photo_links(page: CasePage, kind: str) -> list[PhotoLink]:
    return [photo_link(photo) for photo in page.photos if photo.kind == kind]


# ---------------------------------------------------------------- the head of the case page


Fact = tuple[str, str | Markup | None]


def facts(case: StaffCase, names: Names) -> list[Fact]:
    """What, where, whose, by when: term and words, for the facts list; what is not known is left out."""
    page, record = case.page, case.page.record
    return [
        (_("类别"), names.category(record.category)),
        (_("地点"), _beside(page.place_name, words.PLACE_KINDS.get(page.place_kind, page.place_kind))),
        (_("地址"), f"{page.address} · {page.area_name}"),
        (_("上报"), _moment_and_age(page.opened_at, page)),
        (_("进入本状态"), _moment_and_age(page.moved_at, page)),
        (_("主办"), names.department(record.lead) or None),
        (_("协办"), _("、").join(map(names.department, record.co)) or None),
        (_("派单依据"), _why(case, names)),
        *_result_facts(record),
        (_("主案件"), _case_link(record.main_case) if record.main_case else None),
        (_("并入本案"), Markup(" ").join(map(_case_link, case.merged)) or None),
        (_("多少人遇到"), _people(page.voices) if page.voices > 1 else None),
        (_("次数"), _("，").join(_counted(record)) or None),
    ]


def _people(voices: int) -> str:
    counted = ngettext("%(num)s 人", "%(num)s 人", voices)
    return _beside(counted, _("同一部手机、同一个电话算一个人"))


def _moment_and_age(at: datetime, page: CasePage) -> str:
    words_for_at = when(at, day_only=page.day_only)[1]
    return words_for_at if page.day_only else _beside(words_for_at, ago(at))


def _beside(first: str, more: words.Words) -> str:
    return _("%(first)s（%(more)s）", first=first, more=more)


def _result_facts(record: CaseRecord) -> Iterator[Fact]:
    if record.outcome:
        yield _("结果"), str(words.OUTCOMES[Outcome(record.outcome)])
    if record.decline_reason:
        yield _("不予受理原因"), str(words.DECLINE_REASONS[record.decline_reason])
        yield _("应去的渠道"), str(words.CHANNELS[record.decline_channel])
    if record.due_on:
        yield _("批准的期限"), day(record.due_on)
    if record.hold_until_on:
        yield _("挂账原因"), str(words.HOLD_REASONS[record.hold_reason])
        yield _("复核日"), day(record.hold_until_on)
    if record.closing:
        yield _("结案方式"), str(words.CLOSINGS[record.closing])
    if record.rating:
        yield _("评价"), _("%(score)s 分（满分 5 分）", score=record.rating)


def _counted(record: CaseRecord) -> Iterator[str]:
    if record.returns:
        yield ngettext("退单 %(num)s 次", "退单 %(num)s 次", record.returns)
    if record.reworks:
        yield ngettext("返工 %(num)s 次", "返工 %(num)s 次", record.reworks)
    if record.reopens:
        yield ngettext("重开 %(num)s 次", "重开 %(num)s 次", record.reopens)
    if record.extensions:
        yield ngettext("延期 %(num)s 次", "延期 %(num)s 次", record.extensions)


def _case_link(number: str) -> Markup:
    return Markup('<a class="number" href="{}">{}</a>').format(
        url_for("desk.case.show", number=number), number
    )


def _why(case: StaffCase, names: Names) -> str | None:
    """Why the case lies where it lies: the rule that sent it there, or who did."""
    placed = [event for event in case.page.events if event.changes.get("lead", ["", ""])[1]]
    if not placed or not case.page.record.lead:
        return None
    event = placed[-1]
    lead = names.department(event.changes["lead"][1])
    if category := event.details.get("rule_category"):
        area = event.details.get("rule_area", "")
        where = case.area_names.get(area, area) or _("各片区")
        return _(
            "按规则：%(category)s × %(area)s → %(lead)s",
            category=names.category(category),
            area=where,
            lead=lead,
        )
    return _("由%(who)s派遣 → %(lead)s", who=actor_words(event), lead=lead)


def actor_words(event: Event) -> str:
    """Who did it: a colleague by name, everyone else by what he is."""
    return event.who or str(words.ROLES[Role(event.actor_kind)])


# ---------------------------------------------------------------- what must not be overlooked


@dataclass(frozen=True)
class Banner:
    """A notice above the case."""

    tone: str
    words: str


def banners(record: CaseRecord, names: Names) -> Iterator[Banner]:
    """What stands in the way or waits for somebody's decision, and whose."""
    if record.held:
        yield Banner(
            "wait", _("发来的设备已停用，所以单独存放：没有派单，也没有通知。真有其事，请转为正式案件。")
        )
    elif record.flagged:
        yield Banner("bad", _("已按恶意上报作废，照片点开才显示。"))
    if record.look_by:
        role = words.ROLES[Role(record.look_by)]
        yield Banner("bad", _("多次没有办好：%(role)s先过问，承办单位才能办结。", role=role))
    if record.appeal_open:
        yield Banner(
            "wait", _("报事人对不予受理提出申诉，由%(role)s重新决定。", role=_decider(Action.FILE, record))
        )
    if record.state == State.RETURN_REQUESTED:
        yield Banner(
            "wait",
            _(
                "%(lead)s申请退单，建议改派%(other)s，由%(role)s决定。退单期间照常办理。",
                lead=names.department(record.lead),
                other=names.department(record.return_to),
                role=_decider(Action.GRANT_RETURN, record),
            ),
        )
    yield from _street_banners(record)
    if record.extension_on:
        yield Banner(
            "wait",
            _(
                "承办单位申请延期至%(day)s，由%(role)s决定。",
                day=day(record.extension_on),
                role=_decider(Action.GRANT_EXTENSION, record),
            ),
        )


def _street_banners(record: CaseRecord) -> Iterator[Banner]:
    """What people on the street say, and what the verifier saw."""
    if record.worse:
        yield Banner("bad", _("%(said)s，请看办理记录里的情况和照片。", said=_worse_words(record.worse)))
    if record.gone and record.gone_at:
        said = _gone_words(record.gone, record.gone_at)
        yield Banner("wait", _("%(said)s。等核查员到现场看：还在，还是没了。", said=said))
    if record.gone_seen_at:
        on = day(record.gone_seen_at.astimezone(get_timezone()).date())
        yield Banner("good", _GONE_NEXT[record.state](on))


def _by_check(on: str) -> str:
    return _("核查员%(day)s到现场看过：已经没了。请派核实，由核查员以“未发现”了结。", day=on)


def _by_verifier(on: str) -> str:
    return _("核查员%(day)s到现场看过：已经没了。请核查员以“未发现”了结。", day=on)


def _by_dispatch(on: str) -> str:
    return _("核查员%(day)s到现场看过：已经没了。派遣后由承办单位以“现场未发现”办结。", day=on)


def _by_handler(on: str) -> str:
    return _("核查员%(day)s到现场看过：已经没了。承办单位可以以“现场未发现”办结。", day=on)


_GONE_NEXT: Mapping[State, Callable[[str], str]] = {
    **dict.fromkeys((State.REPORTED, State.NEEDS_INFO), _by_check),
    State.CHECKING: _by_verifier,
    State.FILED: _by_dispatch,
    **dict.fromkeys(AT_WORK - INTAKE - {State.FILED}, _by_handler),
}
"""What the case table offers for the end of a case whose trouble is gone, as it stands."""

_FIRST_DECIDER = {
    Action.FILE: Role.OPERATOR,
    Action.GRANT_RETURN: Role.DUTY_LEAD,
    Action.GRANT_EXTENSION: Role.DUTY_LEAD,
}


def _decider(action: Action, record: CaseRecord) -> str:
    roles = who_may(step_of(action, _FIRST_DECIDER[action]), record)
    return _("、").join(str(words.ROLES[role]) for role in sorted(roles))
