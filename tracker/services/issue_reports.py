"""The reports of a common issue: those of its cases, and of cases that were merged into them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from tracker.extensions import db
from tracker.models import Case, IssueCase, Report


def of_issue(issue_id: int) -> ColumnElement[bool]:
    """SQL that holds for the reports of the issue's present cases."""
    linked = select(IssueCase.case_id).where(IssueCase.issue_id == issue_id, IssueCase.removed_at.is_(None))
    numbers = select(Case.number).where(Case.id.in_(linked))
    merged = select(Case.id).where(Case.main_case.in_(numbers), Case.main_case != "")
    return or_(Report.case_id.in_(linked), Report.case_id.in_(merged))


def reachable(issue_id: int, until: datetime | None = None) -> list[str]:
    """Recipients of messages: reporters of the issue who left a number, those who reported it by `until`."""
    statement = select(Report.id).where(of_issue(issue_id), Report.phone_sealed != "")
    if until is not None:
        statement = statement.where(Report.sent_at <= until)
    rows = db.session.scalars(statement.order_by(Report.id))
    return [f"report:{report_id}" for report_id in rows]


def count_between(issue_id: int, since: datetime, until: datetime) -> int:
    """How many reports of the issue were sent from `since` until before `until`."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Report)
            .where(of_issue(issue_id), Report.sent_at >= since, Report.sent_at < until)
        )
        or 0
    )


def sent_after(issue_id: int, moment: datetime) -> Sequence[tuple[str, datetime]]:
    """(number of its case, when) of each report of the issue that was sent after `moment`, oldest first."""
    rows = db.session.execute(
        select(Case.number, Report.sent_at)
        .join(Report, Report.case_id == Case.id)
        .where(of_issue(issue_id), Report.sent_at > moment)
        .order_by(Report.sent_at, Report.id)
    )
    return [(number, at) for number, at in rows]


def first_report_at() -> datetime | None:
    """When the very first report came in; None: none did. Before that nothing could be counted."""
    return db.session.scalar(select(func.min(Report.sent_at)))
