"""Which cases belong to an issue, who put them there, and what people ruled about them.

A case is in one issue at a time. Everything that changes this first takes ``lock_membership``, so that the grouping
and people never put one case into two issues at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, union, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from tracker.domain.permissions import SYSTEM, Actor
from tracker.extensions import db, one_at_a_time
from tracker.models import Case, GroupingRuling, Issue, IssueCase, IssueVoice, Report

_MEMBERSHIP = 4_001
"""What ``one_at_a_time`` knows this decision by."""


def lock_membership() -> None:
    """Wait until nobody else changes which cases issues have. Inside a transaction, before any issue is locked."""
    one_at_a_time(_MEMBERSHIP)


def present_case_ids(issue_id: int) -> list[int]:
    """The cases that are in the issue now."""
    return list(
        db.session.scalars(
            select(IssueCase.case_id)
            .where(IssueCase.issue_id == issue_id, IssueCase.removed_at.is_(None))
            .order_by(IssueCase.case_id)
        )
    )


def holders_of(case_ids: Iterable[int]) -> dict[int, list[int]]:
    """Issue → those of these cases that are in it now, both in order of their ids."""
    rows = db.session.execute(
        select(IssueCase.issue_id, IssueCase.case_id)
        .where(IssueCase.case_id.in_(list(case_ids)), IssueCase.removed_at.is_(None))
        .order_by(IssueCase.issue_id, IssueCase.case_id)
    )
    found: dict[int, list[int]] = {}
    for issue_id, case_id in rows:
        found.setdefault(issue_id, []).append(case_id)
    return found


def reports_of(issue_id: int) -> Select[Any]:
    """SELECT of the ids of all reports that count for an issue: of its cases, and of cases merged into them."""
    own, main = aliased(Case), aliased(Case)
    members = select(IssueCase.case_id).where(IssueCase.issue_id == issue_id, IssueCase.removed_at.is_(None))
    merged = select(own.id).join(main, main.number == own.main_case).where(main.id.in_(members))
    return select(Report.id).where(or_(Report.case_id.in_(members), Report.case_id.in_(merged)))


def voices_of(issue_id: int) -> int:
    """Distinct devices that reported it or said on the public page that it concerns them too."""
    sent = select(Report.device_hash).where(Report.id.in_(reports_of(issue_id)))
    said = select(IssueVoice.device_hash).where(IssueVoice.issue_id == issue_id)
    return db.session.scalar(select(func.count()).select_from(union(sent, said).subquery())) or 0


def put_in(issue: Issue, case_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Let cases belong to the issue; whichever issue held one before lets it go."""
    for case_id in sorted(case_ids):
        db.session.execute(
            update(IssueCase)
            .where(
                IssueCase.case_id == case_id, IssueCase.issue_id != issue.id, IssueCase.removed_at.is_(None)
            )
            .values(removed_at=now, removed_by=by.user_id)
        )
        row = db.session.get(IssueCase, (issue.id, case_id))
        if row is None:
            row = IssueCase(issue_id=issue.id, case_id=case_id)
            db.session.add(row)
        row.added_at, row.added_by = now, by.user_id
        row.removed_at = row.removed_by = None
    db.session.flush()


def take_out(issue: Issue, case_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Let cases belong to the issue no more; the rows stay, for what was is not forgotten."""
    db.session.execute(
        update(IssueCase)
        .where(
            IssueCase.issue_id == issue.id,
            IssueCase.case_id.in_(list(case_ids)),
            IssueCase.removed_at.is_(None),
        )
        .values(removed_at=now, removed_by=by.user_id)
    )
    db.session.flush()


def rule(case_ids: Iterable[int], issue: Issue, kind: str, *, by: Actor, now: datetime) -> None:
    """Keep what a person decided about every report of these cases: ``in`` the issue's group, or ``out`` of it.

    The latest decision about a report and an issue counts.
    """
    if by == SYSTEM:
        raise ValueError("only people rule")
    report_ids = db.session.scalars(select(Report.id).where(Report.case_id.in_(list(case_ids)))).all()
    if not report_ids:
        return
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    decided = {"kind": kind, "at": now, "user_id": by.user_id, "is_obeyed": False}
    rows = [{"report_id": each, "issue_id": issue.id} | decided for each in report_ids]
    statement = dialect.insert(GroupingRuling).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=[GroupingRuling.report_id, GroupingRuling.issue_id], set_=decided
    )
    db.session.execute(statement)


def numbers_of(case_ids: Sequence[int]) -> list[str]:
    """The numbers of cases, for events and pages."""
    return list(db.session.scalars(select(Case.number).where(Case.id.in_(case_ids)).order_by(Case.number)))
