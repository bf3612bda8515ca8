"""One issue as the desk's page places it: reasons in words, numbers with their formulas, drawings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from tracker.domain.candidates import CANDIDATE_PLACES, REVIEW_PLACES
from tracker.domain.issue_ranking import NOW_WEEKS, WEEKS
from tracker.domain.issues import PUBLIC, IssueAction
from tracker.domain.meetings import MeetingState
from tracker.services.issue_lists import promises_for
from tracker.services.issue_messages import Reach, reach_of
from tracker.services.issue_pages import StaffIssue
from tracker.services.issue_suggestions import Suggestion
from tracker.services.issue_views import IssueCaseRow, IssueEventView, IssueFacts, SimilarIssue
from tracker.web import words
from tracker.web.charts import Chart, WeekBar, arrivals_calendar, trend_bars
from tracker.web.clock_words import sla
from tracker.web.issue_map import map_of
from tracker.web.issue_words import (
    ALIKE,
    ITEM_STATES,
    STATES,
    event_words,
    number_words,
    ranking_formula,
)
from tracker.web.language import ago, moment, named
from tracker.web.meeting_words import STATES as MEETING_STATES
from tracker.web.names import Names
from tracker.web.presenters import PhotoLink
from tracker.web.reporter_words import day

DECISIONS = {
    IssueAction.ACCEPT: "accept",
    IssueAction.MESSAGE: "message",
    IssueAction.ADD_CASES: "add",
    IssueAction.EDIT: "edit",
    IssueAction.DISMISS: "dismiss",
    IssueAction.SPLIT: "split",
    IssueAction.REMOVE_CASES: "remove",
}


@dataclass(frozen=True)
class Entry:
    """An event for the timeline."""

    at: str
    when: str
    headline: str
    who: str
    words: str
    internal: bool = False
    photos: Sequence[PhotoLink] = ()


def shown(issue: StaffIssue, now: datetime) -> dict[str, Any]:
    """Everything the template needs but the forms' own state."""
    facts, names = issue.facts, Names()
    promise = promises_for([facts.id], now).get(facts.id)
    may = {DECISIONS[step.action] for step in issue.steps if step.action in DECISIONS}
    return {
        "issue": facts,
        "category": named(facts.category_zh, facts.category_en),
        "state_words": STATES[facts.state],
        "promise": sla(promise) if promise else None,
        "reasons": list(_reasons(facts)),
        "formula": ranking_formula(facts.ranking),
        "score": number_words(facts.ranking.score),
        "facts": _facts(facts, issue.hidden),
        "map": map_of(facts, issue.suggestions),
        "calendar": arrivals_calendar(facts.arrivals, now.astimezone(get_timezone()).date()),
        "trend": trend_chart(facts),
        "photos": [_photo(photo.id, photo.place) for photo in facts.photos],
        "cases": [_case(row, names) for row in facts.cases],
        "hidden": issue.hidden,
        "suggestions": [_suggestion(each) for each in issue.suggestions],
        "similar": [_similar(each, names) for each in facts.similar],
        "events": timeline_of(facts.events[::-1]),
        "messages": facts.messages,
        "meetings": [(meeting, MEETING_STATES[MeetingState(meeting.state)]) for meeting in issue.meetings],
        "voices": issue.voices,
        "may": may,
        "owners": [(str(owner.id), owner.name) for owner in issue.owners],
        "reach": reach_of(facts.id) if "message" in may else Reach(0, 0),
        "is_public": facts.state in PUBLIC,
        "moment": moment,
    }


def trend_chart(facts: IssueFacts) -> Chart:
    """The last two weeks beside the eight before."""
    trend = facts.trend
    bars = [
        WeekBar(week.since, week.reports, index >= WEEKS - NOW_WEEKS)
        for index, week in enumerate(trend.weeks)
    ]
    around = [week.around for week in trend.weeks]
    sentence = _(
        "近 14 天 %(late)s 份上报，此前 8 周平均每 14 天 %(usual)s 份。",
        late=trend.late,
        usual=number_words(trend.per_fortnight),
    ) + _(
        "同片区同类别的案件近 14 天 %(around)s 件，此前 8 周平均每 14 天 %(around_usual)s 件。",
        around=sum(around[-NOW_WEEKS:]),
        around_usual=number_words(sum(around[:-NOW_WEEKS]) * NOW_WEEKS / (WEEKS - NOW_WEEKS)),
    )
    formula = _(
        "按上报的日子每七天数一次，最后一段到今天为止；只数现在归在这个问题里的案件。此前平均 = 前 8 周合计 ÷ 4。"
    )
    return trend_bars(bars, sentence, formula)


def timeline_of(events: Sequence[IssueEventView]) -> list[Entry]:
    """Events for the timeline, in the order given."""
    entries = []
    for event in events:
        headline, details = event_words(event)
        who = event.who or str(words.ROLES["system"])  # type: ignore[index]  # a role is its own code
        note = _(event.note) if event.user_id is None and event.note else event.note
        entries.append(
            Entry(
                event.at.isoformat(),
                moment(event.at),
                headline,
                " · ".join(filter(None, (who, details))),
                note,
            )
        )
    return entries


# ---------------------------------------------------------------- why


def _reasons(facts: IssueFacts) -> Iterator[tuple[str, str]]:
    """What speaks for one trouble that many share: the finding, and how it was counted."""
    counts = facts.counts
    yield (
        _(
            "近 14 天 %(late)s 个不同地点上报，近 30 天 %(month)s 个。",
            late=counts.fortnight_places,
            month=counts.month_places,
        ),
        _(
            "近 14 天达到 %(least)s 个不同地点就列为线索；近 30 天达到 %(must)s 个就必须研判，时限 5 个工作日。",
            least=CANDIDATE_PLACES,
            must=REVIEW_PLACES,
        ),
    )
    people = ngettext("%(num)s 位不同的报事人", "%(num)s 位不同的报事人", counts.reporters)
    yield (
        _("%(people)s，一共 %(reports)s 份上报。", people=people, reports=counts.reports),
        _("同一部手机算一位报事人，不看姓名和电话。"),
    )
    strange = [row for row in facts.cases if row.is_other_category]
    if strange:
        kinds = _("、").join(dict.fromkeys(named(row.category_zh, row.category_en) for row in strange))
        yield (
            ngettext(
                "%(num)s 件原来报在别的类别：%(kinds)s。",
                "%(num)s 件原来报在别的类别：%(kinds)s。",
                len(strange),
                kinds=kinds,
            ),
            _("内容和位置与其他案件相近，类别按报事人的选择保留，没有改动。"),
        )


def _facts(facts: IssueFacts, hidden: int) -> list[tuple[str, str | None]]:
    counts = facts.counts
    cases = _("在办 %(open)s 件，已结束 %(ended)s 件", open=counts.open, ended=counts.ended)
    if hidden:
        cases += _("（其中 %(n)s 件在其他片区，这里不列）", n=hidden)
    voices = _("，公开页上又有 %(n)s 人说也遇到了", n=counts.public_voices) if counts.public_voices else ""
    costs = facts.costs
    return [
        (_("片区"), facts.area_name),
        (_("案件"), cases),
        (
            _("涉及"),
            _("%(places)s 个地点，%(people)s 位报事人", places=counts.places, people=counts.reporters)
            + voices,
        ),
        (_("最早"), moment(facts.first_at) if facts.first_at else None),
        (_("最近"), f"{moment(facts.last_at)} · {ago(facts.last_at)}" if facts.last_at else None),
        (_("负责人"), facts.owner or None),
        (
            _("已经花的功夫"),
            _(
                "签收办理 %(rounds)s 次，返工 %(reworks)s 次，重开 %(reopens)s 次",
                rounds=costs.rounds,
                reworks=costs.reworks,
                reopens=costs.reopens,
            )
            + (
                _("，合计 %(hours)s 个工作小时", hours=number_words(costs.working_hours))
                if costs.working_hours
                else ""
            ),
        ),
        (_("提出"), moment(facts.opened_at)),
    ]


# ---------------------------------------------------------------- rows


def _case(row: IssueCaseRow, names: Names) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": url_for("desk.case.show", number=row.number),
        "category": named(row.category_zh, row.category_en),
        "icon": row.icon,
        "is_other": row.is_other_category,
        "summary": row.summary,
        "place": row.place,
        "department": names.department(row.lead),
        "state": row.state.value,
        "state_words": words.STATES[row.state],
        "at": row.opened_at.isoformat(),
        "when": ago(row.opened_at),
        "reports": row.reports,
        "by_machine": row.by_machine,
    }


def _suggestion(each: Suggestion) -> dict[str, str]:
    parts = [named(each.category_zh, each.category_en), each.place, ago(each.opened_at)]
    moved = _("现在 %(number)s，加入后移过来", number=each.other_issue) if each.other_issue else ""
    return {
        "number": each.number,
        "words": " · ".join(parts),
        "summary": each.summary,
        "moved": moved,
    }


def _similar(each: SimilarIssue, names: Names) -> dict[str, Any]:
    return {
        "number": each.number,
        "url": url_for("issues.show", number=each.number),
        "title": each.title,
        "state": each.state.value,
        "state_words": STATES[each.state],
        "why": _("、").join(str(ALIKE[code]) for code in each.why),
        "when": moment(each.state_at),
        "note": each.note,
        "items": [
            (item.action, names.department(item.department), str(ITEM_STATES[item.state]), day(item.due_on))
            for item in each.items
        ],
    }


def _photo(photo_id: int, place: str) -> PhotoLink:
    return PhotoLink(
        url_for("desk.photo", photo_id=photo_id),
        url_for("desk.photo", photo_id=photo_id, size="thumb"),
        _("%(place)s的现场照片", place=place),
    )
