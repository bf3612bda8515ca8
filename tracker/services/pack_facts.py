"""What a pack says: everything about a meeting's issues at one moment, as plain values that can be frozen.

Nothing here names a person who reported; a case stands for itself. What guests may read of it: ``services/packs.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tracker.domain.issues import IssueAction
from tracker.extensions import db
from tracker.models import ActionItem, AgendaItem, Department, Invitation, Issue, Meeting, Option, PackNote
from tracker.models.action import ITEM_ENDED
from tracker.services import look_backs
from tracker.services.issue_pages import issue_facts
from tracker.services.issue_views import IssueFacts
from tracker.services.meeting_heads import AgendaLine, MeetingHead
from tracker.services.parts import parts

PHOTOS = 3
"""Of one section. Source: design brief, section 6."""
MOST_OPEN_ACTIONS = 60
TIMELINE = frozenset(
    {
        IssueAction.ACCEPT,
        IssueAction.SCHEDULE,
        IssueAction.UNSCHEDULE,
        IssueAction.MEET,
        IssueAction.ACT,
        IssueAction.REVIEW,
        IssueAction.FINISH,
        IssueAction.LENGTHEN,
        IssueAction.RAISE_UP,
        IssueAction.REOPEN,
    }
)
"""Events that a committee follows an issue by; the rest is handling."""

Facts = dict[str, Any]


@dataclass(frozen=True)
class Note:
    """What the secretary added to a section by hand; version 0: nothing yet."""

    costs: str = ""
    background: str = ""
    invite: Sequence[str] = ()
    version: int = 0


def facts_of(meeting: MeetingHead, now: datetime) -> Facts:
    """Everything the pack of a meeting shows at `now`; JSON values alone. The caller has checked who asks."""
    notes = notes_of(meeting.id)
    names = _department_names()
    return {
        "meeting": {
            "number": meeting.number,
            "title": meeting.title,
            "area": meeting.area_name,
            "starts_at": meeting.starts_at.isoformat(),
            "ends_at": meeting.ends_at.isoformat(),
            "room": meeting.room,
            "chair": meeting.chair_name,
        },
        "open_actions": open_actions_before(meeting.area_code, meeting.starts_at, meeting.id, names),
        "sections": [_section(item, notes.get(item.issue_id, Note()), names, now) for item in meeting.agenda],
    }


def notes_of(meeting_id: int) -> dict[int, Note]:
    """Issue → what was added by hand."""
    rows = db.session.scalars(select(PackNote).where(PackNote.meeting_id == meeting_id))
    return {row.issue_id: Note(row.costs, row.background, tuple(row.invite), row.version) for row in rows}


def open_actions_before(
    area: str, starts_at: datetime, meeting_id: int, names: Mapping[str, Sequence[str]]
) -> list[Facts]:
    """Action items of earlier meetings of the area that have not ended; those of the last meeting first."""
    rows = db.session.execute(
        select(ActionItem, Meeting, Issue)
        .join(Meeting, Meeting.id == ActionItem.meeting_id)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .where(
            Meeting.area_code == area,
            Meeting.starts_at < starts_at,
            Meeting.id != meeting_id,
            ActionItem.state.not_in(ITEM_ENDED),
        )
        .order_by(Meeting.starts_at.desc(), ActionItem.due_on, ActionItem.id)
        .limit(MOST_OPEN_ACTIONS)
    )
    return [
        {
            **_item(item, names),
            "meeting": held.number,
            "held_on": _day(held.starts_at),
            "issue": issue.number,
            "issue_title": issue.title,
        }
        for item, held, issue in rows
    ]


def _section(item: AgendaLine, note: Note, names: Mapping[str, Sequence[str]], now: datetime) -> Facts:
    facts = issue_facts(item.issue_id, now)
    return {
        "position": item.position,
        "question": item.question,
        "issue": {
            "id": facts.id,
            "number": facts.number,
            "title": facts.title,
            "cause": facts.cause,
            "state": facts.state.value,
            "category": [facts.category_zh, facts.category_en],
            "is_guarded": facts.is_guarded,
        },
        "counts": _counts(facts),
        "since": _day(facts.first_at) if facts.first_at else "",
        "latest": _day(facts.last_at) if facts.last_at else "",
        "arrivals": {day.isoformat(): count for day, count in sorted(facts.arrivals.items())},
        "trend": {
            "weeks": [[week.since.isoformat(), week.reports] for week in facts.trend.weeks],
            "late": facts.trend.late,
            "before": facts.trend.before,
            "per_fortnight": facts.trend.per_fortnight,
        },
        "points": [[at.lat, at.lon, at.place, at.address, at.kind, at.cases] for at in facts.points],
        "landmarks": [[spot.lat, spot.lon, spot.name] for spot in facts.landmarks],
        "photos": _photos(facts),
        "timeline": _timeline(facts),
        "costs": _costs(facts, note),
        "background": note.background,
        "tried": _tried(facts, names),
        "options": _options(item.id),
        "invite": _invite(facts, item.id, note, names),
        "look_back": look_backs.for_pack(facts.id),
    }


def _counts(facts: IssueFacts) -> Facts:
    counts = facts.counts
    return {
        "cases": counts.cases,
        "open": counts.open,
        "ended": counts.ended,
        "places": counts.places,
        "reports": counts.reports,
        "voices": counts.reporters + counts.public_voices,
    }


def _photos(facts: IssueFacts) -> list[Facts]:
    """The newest of up to three different places; none of a guarded issue (the facts hold none then)."""
    if facts.is_guarded:
        return []
    chosen = list({photo.place: photo for photo in reversed(facts.photos)}.values())[::-1]
    rest = [photo for photo in facts.photos if photo not in chosen]
    return [
        {
            "id": photo.id,
            "sha256": photo.sha256,
            "width": photo.width,
            "height": photo.height,
            "place": photo.place,
            "case": photo.case_number,
            "on": _day(photo.added_at),
        }
        for photo in (*chosen, *rest)[:PHOTOS]
    ]


def _timeline(facts: IssueFacts) -> list[Facts]:
    """From the first report to today, oldest first; reports by their day alone."""
    rows: list[Facts] = []
    if facts.first_at:
        rows.append({"on": _day(facts.first_at), "what": "first_report", "note": "", "meeting": ""})
    rows += [
        {
            "on": _day(event.at),
            "what": event.action,
            "note": event.note,
            "meeting": str(event.facts.get("meeting", "")),
        }
        for event in sorted(facts.events, key=lambda event: event.version)
        if event.action in TIMELINE
    ]
    if facts.last_at and facts.last_at != facts.first_at:
        rows.append({"on": _day(facts.last_at), "what": "latest_report", "note": "", "meeting": ""})
    return sorted(rows, key=lambda row: str(row["on"]))


def _costs(facts: IssueFacts, note: Note) -> Facts:
    costs = facts.costs
    return {
        "rounds": costs.rounds,
        "reworks": costs.reworks,
        "reopens": costs.reopens,
        "returns": costs.returns,
        "working_hours": costs.working_hours,
        "words": note.costs,
    }


def _tried(facts: IssueFacts, names: Mapping[str, Sequence[str]]) -> Facts:
    """What was decided about this very issue before, and about similar ones."""
    own = db.session.scalars(
        select(ActionItem).where(ActionItem.issue_id == facts.id).order_by(ActionItem.made_at, ActionItem.id)
    )
    return {
        "own": [_item(item, names) for item in own],
        "similar": [
            {
                "number": each.number,
                "title": each.title,
                "state": str(each.state),
                "on": _day(each.state_at),
                "why": list(each.why),
                "note": each.note,
                "items": [
                    {
                        "action": item.action,
                        "department": _names_of(item.department, names),
                        "state": item.state,
                        "due_on": item.due_on.isoformat(),
                    }
                    for item in each.items
                ],
            }
            for each in facts.similar
            if each.items or each.note
        ],
    }


def _item(item: ActionItem, names: Mapping[str, Sequence[str]]) -> Facts:
    return {
        "number": item.number,
        "action": item.action,
        "department": _names_of(item.department_code, names),
        "person": item.person_name,
        "due_on": item.due_on.isoformat(),
        "measure": item.measure,
        "state": item.state,
        "ended_on": _day(item.ended_at) if item.ended_at else "",
    }


def _options(item_id: int) -> list[str]:
    options = select(Option.words).where(Option.agenda_item_id == item_id).order_by(Option.position)
    return list(db.session.scalars(options))


def _invite(facts: IssueFacts, item_id: int, note: Note, names: Mapping[str, Sequence[str]]) -> list[Facts]:
    """Whose cases these are, who was added by hand, who is invited already; each once, with the first reason."""
    invited = db.session.scalars(
        select(Invitation.department_code)
        .join(AgendaItem, AgendaItem.meeting_id == Invitation.meeting_id)
        .where(AgendaItem.id == item_id, Invitation.kind == "department", Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.number)
    )
    known = [code for code in invited if code]
    reasons: dict[str, str] = {}
    for why, codes in (("cases", _leads(facts)), ("added", note.invite), ("invited", known)):
        for code in codes:
            reasons.setdefault(code, why)
    return [
        {"code": code, "name": _names_of(code, names), "why": why, "is_invited": code in known}
        for code, why in reasons.items()
    ]


def _leads(facts: IssueFacts) -> Iterable[str]:
    """Departments that lead its cases, the one with the most first."""
    counted: dict[str, int] = {}
    for case in facts.cases:
        if case.lead:
            counted[case.lead] = counted.get(case.lead, 0) + 1
    return sorted(counted, key=lambda code: (-counted[code], code))


def _names_of(code: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    return list(names.get(code, (code, code)))


def _department_names() -> dict[str, Sequence[str]]:
    rows = db.session.execute(select(Department.code, Department.name_zh, Department.name_en))
    return {code: (zh, en) for code, zh, en in rows}


def _day(at: datetime) -> str:
    return at.astimezone(parts().zone).date().isoformat()
