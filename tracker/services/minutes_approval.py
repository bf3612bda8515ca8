"""Approving the minutes: what was decided becomes action items, the issues move on, the meeting is closed, at once.

Approved minutes are versions: the first is what was approved, each later one a correction with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.meetings import MeetingState
from tracker.domain.minutes import TICKED, Line, missing_from
from tracker.domain.permissions import Actor, NotPermitted
from tracker.domain.plain_text import plain_text
from tracker.domain.public_words import names_a_phone
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Issue, Meeting, MinutesVersion, User
from tracker.services.decisions import make_item, tell_reporters
from tracker.services.issue_moves import locked_issue, take_issue
from tracker.services.meeting_heads import may_approve, meeting_head
from tracker.services.meeting_moves import locked_meeting_numbered
from tracker.services.meetings import close_locked
from tracker.services.minutes import require_open
from tracker.services.minutes_draft import Draft, cursor_of, draft_of
from tracker.services.parts import parts

Content = dict[str, Any]


class StaleMinutes(Exception):
    """Somebody wrote or corrected something since the page that approves was shown; nothing was written."""


@dataclass(frozen=True)
class Version:
    """Approved minutes. `content` holds plain values; see ``content_of``."""

    number: int
    approved_at: datetime
    approved_by: str
    reason: str
    content: Content


def approve(number: str, cursor: int, *, by: Actor, now: datetime) -> int:
    """Approve the minutes as the page showed them; return the number of the approved version.

    In one transaction: version 1, an action item for every line, MEET for every issue (and ACT by its first item), one
    sentence to the reporters of each issue, and the meeting closed. Approving again changes nothing.

    Args:
        cursor: latest save that the page showed.

    Raises:
        MeetingMissing: no such meeting for this person.
        NotPermitted: neither the chair nor a supervisor.
        StaleMinutes: something was written since.
        Incomplete: what is missing, by name of the field.
        NotYet, MinutesLocked: its day has not come, or it was called off.
    """

    def use_case() -> int:
        with transaction():
            meeting = locked_meeting_numbered(number, by)
            _require_right(meeting, by)
            if meeting.state == MeetingState.CLOSED:
                return 1
            require_open(meeting, by, now)
            if cursor_of(meeting.id) != cursor:
                raise StaleMinutes
            draft = draft_of(number, by, now)
            problems = problems_of(draft, now)
            if problems:
                raise Incomplete(problems)
            content = content_of(draft)
            for item in content["items"]:
                _carry_out(meeting, item, by, now)
            _keep(meeting, 1, content, by=by, now=now)
            close_locked(meeting, by=by, now=now)
            return 1

    return again_if_interrupted(use_case)


def correct(
    number: str, based_on: int, reason: str, texts: Mapping[str, str], *, by: Actor, now: datetime
) -> int:
    """Approve a corrected version; return its number. What became action items is changed there, not here.

    Args:
        based_on: number of the version that was corrected.
        texts: name of a field → its text; action lines are not among them, and what is left out stays as it was.

    Raises:
        MeetingMissing, NotPermitted: as for approving.
        StaleMinutes: another correction came first.
        Incomplete: no reason, or nothing was changed.
    """

    def use_case() -> int:
        with transaction():
            meeting = locked_meeting_numbered(number, by)
            _require_right(meeting, by)
            latest = _latest(meeting)
            if latest is None or latest.number != based_on:
                raise StaleMinutes
            content = _corrected(latest.content, texts)
            why = plain_text(reason)
            if not why:
                raise Incomplete({"reason": N_("请写明更正的原因。")})
            if content == latest.content:
                raise Incomplete({"reason": N_("内容没有变化，不需要更正。")})
            _keep(meeting, based_on + 1, content, by=by, now=now, reason=why)
            return based_on + 1

    return again_if_interrupted(use_case)


def versions_of(number: str, by: Actor) -> list[Version]:
    """Every approved version, the newest first; empty: not approved yet.

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    return approved_versions(meeting_head(number, by).id)


def approved_versions(meeting_id: int) -> list[Version]:
    """Every approved version of a meeting, the newest first; the caller has checked who asks."""
    rows = db.session.execute(
        select(MinutesVersion, User.name)
        .join(User, User.id == MinutesVersion.approved_by)
        .where(MinutesVersion.meeting_id == meeting_id)
        .order_by(MinutesVersion.number.desc())
    )
    return [Version(row.number, row.approved_at, who, row.reason, row.content) for row, who in rows]


def problems_of(draft: Draft, now: datetime) -> dict[str, str]:
    """What stands in the way of approving, by name of the field; sentences to be translated."""
    today = now.astimezone(parts().zone).date()
    problems: dict[str, str] = {}
    if now < draft.meeting.starts_at:
        problems["others"] = N_("会议还没有开始，不能批准纪要。")
    for copy in draft.copies:
        problems[copy.name] = N_("这里有两份不同的文字，请先选择或合并。")
    for item in draft.meeting.agenda:
        decision = draft.text(f"decision.{item.id}")
        if not decision:
            problems.setdefault(f"decision.{item.id}", N_("请写明决定；没有形成决定也请写明。"))
        elif names_a_phone(decision):
            problems.setdefault(f"decision.{item.id}", N_("决定会告诉报事人，请不要写电话号码。"))
    codes = [code for code, _zh, _en in draft.departments]
    for line in draft.lines:
        for part, why in missing_from(line, codes, today):
            problems.setdefault(f"line.{line.agenda_item}.{line.uid}.{part}", why)
    return problems


def content_of(draft: Draft) -> Content:
    """The minutes as plain values, with every name written out: they say in ten years what they say today."""
    names = {code: [zh, en] for code, zh, en in draft.departments}
    meeting = draft.meeting
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
        "people": [
            {
                "ref": one.ref,
                "kind": one.kind,
                "name": one.name,
                "number": one.number,
                "department": names.get(one.department, ["", ""]),
                "is_here": is_here(draft, one.ref, signed_in=one.is_here),
            }
            for one in draft.people
        ],
        "others": draft.text("others"),
        "items": [
            {
                "agenda_item": item.id,
                "position": item.position,
                "question": item.question,
                "issue": item.issue_number,
                "issue_id": item.issue_id,
                "title": item.issue_title,
                "notes": draft.text(f"notes.{item.id}"),
                "decision": draft.text(f"decision.{item.id}"),
                "lines": [
                    {
                        "uid": line.uid,
                        "action": line.action,
                        "department": line.department,
                        "department_name": names.get(line.department, ["", ""]),
                        "person": line.person,
                        "due_on": line.due,
                        "measure": line.measure,
                    }
                    for line in draft.lines
                    if line.agenda_item == item.id
                ],
            }
            for item in meeting.agenda
        ],
        "remarks": draft.text("remarks"),
    }


def is_here(draft: Draft, ref: str, *, signed_in: bool) -> bool:
    """Whether somebody is ticked: as he signed in, unless the tick was changed by hand."""
    field = draft.fields.get(f"here.{ref}")
    return signed_in if field is None else field.text == TICKED


def _carry_out(meeting: Meeting, item: dict[str, Any], by: Actor, now: datetime) -> None:
    """Issue and action items of one agenda item; each line gets the number of its action item."""
    issue: Issue = locked_issue(item["issue_id"])
    if issue.state == IssueState.SCHEDULED:
        facts = {"meeting": meeting.number}
        take_issue(issue, IssueAction.MEET, by=by, now=now, note=item["decision"], facts=facts)
    for row in item["lines"]:
        line = Line(
            row["uid"],
            item["agenda_item"],
            action=row["action"],
            department=row["department"],
            person=row["person"],
            due=row["due_on"],
            measure=row["measure"],
        )
        row["number"] = make_item(line, issue.id, meeting.id, by=by, now=now)
    tell_reporters(
        issue, item["decision"], meeting=meeting.number, has_items=bool(item["lines"]), by=by, now=now
    )


def _corrected(content: Content, texts: Mapping[str, str]) -> Content:
    items = [
        item
        | {
            part: plain_text(texts.get(f"{part}.{item['agenda_item']}", item[part]))
            for part in ("notes", "decision")
        }
        for item in content["items"]
    ]
    free = {name: plain_text(texts.get(name, content[name])) for name in ("others", "remarks")}
    people = [
        one | {"is_here": texts.get(f"here.{one['ref']}", TICKED if one["is_here"] else "") == TICKED}
        for one in content["people"]
    ]
    return content | free | {"items": items, "people": people}


def _keep(
    meeting: Meeting, number: int, content: Content, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    row = MinutesVersion(
        meeting_id=meeting.id,
        number=number,
        approved_at=now,
        approved_by=by.user_id,
        reason=reason,
        content=content,
    )
    db.session.add(row)
    db.session.flush()


def _latest(meeting: Meeting) -> MinutesVersion | None:
    newest = select(func.max(MinutesVersion.number)).where(MinutesVersion.meeting_id == meeting.id)
    return db.session.scalar(
        select(MinutesVersion).where(
            MinutesVersion.meeting_id == meeting.id, MinutesVersion.number == newest.scalar_subquery()
        )
    )


def _require_right(meeting: Meeting, by: Actor) -> None:
    if not may_approve(meeting, by):
        raise NotPermitted("approve")


def changed_items(before: Content, after: Content) -> Sequence[tuple[str, str, str]]:
    """(name of the field, text before, text after) of everything a correction changed in words."""
    pairs = [("others", before["others"], after["others"]), ("remarks", before["remarks"], after["remarks"])]
    for old, new in zip(before["items"], after["items"], strict=True):
        pairs += [(f"{part}.{new['agenda_item']}", old[part], new[part]) for part in ("notes", "decision")]
    return [pair for pair in pairs if pair[1] != pair[2]]
