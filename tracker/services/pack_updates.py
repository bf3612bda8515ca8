"""What came after a pack was frozen: what would be said now and is not in it, with its moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from tracker.domain.issues import IssueAction
from tracker.extensions import db
from tracker.models import ActionItem, Case, Issue, IssueCase, IssueEvent
from tracker.services.pack_facts import Facts
from tracker.services.packs import Edition
from tracker.services.parts import parts

TOLD = frozenset(IssueAction) - {IssueAction.PROPOSE, IssueAction.PROPOSE_AGAIN, IssueAction.MESSAGE}


@dataclass(frozen=True)
class Update:
    """One thing that came later.

    Attributes:
        at: when; only its day counts where `is_day`: the minute of a report could say who sent it.
        kind: reports, places, voices, cases_ended, question, options, event, item, added, removed.
        values: what the words need; see web/pack_words.py.
    """

    at: datetime
    is_day: bool
    kind: str
    values: dict[str, Any]


def updates_of(edition: Edition, current: Facts, now: datetime) -> dict[int, list[Update]]:
    """Issue → what came since the edition was frozen, oldest first; 0: what is about the whole pack.

    Args:
        current: what the pack would say at `now`.
    """
    then = {section["issue"]["id"]: section for section in edition.facts["sections"]}
    today = {section["issue"]["id"]: section for section in current["sections"]}
    found: dict[int, list[Update]] = {0: []}
    for issue_id in today.keys() - then.keys():
        found[0].append(_now(now, "added", {"issue": today[issue_id]["issue"]["title"]}))
    for issue_id, section in then.items():
        if issue_id in today:
            rows = [*_differences(section, today[issue_id], edition.frozen_at, now)]
        else:
            rows = [_now(now, "removed", {})]
        rows += _events(issue_id, edition.frozen_at)
        rows += _ended_cases(issue_id, edition.frozen_at)
        found[issue_id] = sorted(rows, key=lambda row: row.at)
    found[0] += _items(edition)
    return found


def _differences(then: Facts, today: Facts, frozen_at: datetime, now: datetime) -> Iterator[Update]:
    for day, count in today["arrivals"].items():
        more = count - then["arrivals"].get(day, 0)
        if more > 0:
            yield Update(
                _start_of(date.fromisoformat(day), frozen_at), is_day=True, kind="reports", values={"n": more}
            )
    known = {point[2] for point in then["points"]}
    new = [point[2] for point in today["points"] if point[2] not in known]
    if new:
        yield _now(now, "places", {"n": len(new), "places": new})
    more = today["counts"]["voices"] - then["counts"]["voices"]
    if more > 0:
        yield _now(now, "voices", {"n": more})
    if today["question"] != then["question"]:
        yield _now(now, "question", {"text": today["question"]})
    if today["options"] != then["options"]:
        yield _now(now, "options", {"options": today["options"]})


def _events(issue_id: int, since: datetime) -> Iterator[Update]:
    rows = db.session.scalars(
        select(IssueEvent)
        .where(IssueEvent.issue_id == issue_id, IssueEvent.at > since)
        .order_by(IssueEvent.version)
    )
    for row in rows:
        if row.action in TOLD and row.user_id is not None:
            values = {"action": row.action, "state": row.to_state, "is_move": row.from_state != row.to_state}
            yield Update(row.at, is_day=False, kind="event", values=values)


def _ended_cases(issue_id: int, since: datetime) -> Iterator[Update]:
    """Cases of the issue that ended, by day."""
    moments = db.session.scalars(
        select(Case.closed_at)
        .join(IssueCase, IssueCase.case_id == Case.id)
        .where(IssueCase.issue_id == issue_id, IssueCase.removed_at.is_(None), Case.closed_at > since)
        .order_by(Case.closed_at)
    )
    days: dict[date, list[datetime]] = {}
    for at in moments:
        if at is not None:
            days.setdefault(at.astimezone(parts().zone).date(), []).append(at)
    for each in days.values():
        yield Update(each[-1], is_day=True, kind="cases_ended", values={"n": len(each)})


def _items(edition: Edition) -> Iterator[Update]:
    """Open action items of earlier meetings that went on since."""
    then = {item["number"]: item["state"] for item in edition.facts["open_actions"]}
    rows = db.session.execute(
        select(ActionItem, Issue.title)
        .join(Issue, Issue.id == ActionItem.issue_id)
        .where(ActionItem.number.in_(then))
        .order_by(ActionItem.state_at)
    )
    for item, title in rows:
        if item.state != then[item.number]:
            values = {"number": item.number, "action": item.action, "state": item.state, "issue": title}
            yield Update(item.state_at, is_day=False, kind="item", values=values)


def _now(now: datetime, kind: str, values: dict[str, Any]) -> Update:
    """The difference is seen now; when it came about no row says."""
    return Update(now, is_day=True, kind=kind, values=values)


def _start_of(day: date, frozen_at: datetime) -> datetime:
    """The day's first moment, but never before the freeze that it came after."""
    start = datetime(day.year, day.month, day.day, tzinfo=parts().zone)
    return max(start, frozen_at + timedelta(microseconds=1))
