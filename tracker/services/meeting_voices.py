"""The reporters behind a meeting's issues: how many people, and through which report each can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from tracker.domain.lifecycle import State
from tracker.extensions import db
from tracker.models import AgendaItem, Case, Invitation, IssueCase, Report

_NOT_ASKED = (State.WITHDRAWN, State.VOIDED)
"""Whoever took his report back, or whose report was a test, is not asked."""


@dataclass(frozen=True)
class Voices:
    """Reporters of an agenda's issues.

    Attributes:
        by_issue: issue id → people.
        total: each counted once.
        not_asked: of them, those who have no invitation yet.
        with_phone: of those, how many left a number and will get a line.
    """

    by_issue: Mapping[int, int]
    total: int
    not_asked: int
    with_phone: int


@dataclass(frozen=True)
class Voice:
    """Whoever reported from one phone at one place.

    Attributes:
        report_id: of the newest report, whose page asks him.
        reports: ids of all of them.
    """

    report_id: int
    reports: frozenset[int]
    issues: frozenset[int]
    has_phone: bool


def voices_of(meeting_id: int) -> Voices:
    """The reporters of a meeting's issues, counted; who they are is nobody's business."""
    people = people_of(meeting_id)
    asked = asked_reports(meeting_id)
    new = [person for person in people if not person.reports & asked]
    by_issue: dict[int, int] = {}
    for person in people:
        for issue_id in person.issues:
            by_issue[issue_id] = by_issue.get(issue_id, 0) + 1
    return Voices(by_issue, len(people), len(new), sum(person.has_phone for person in new))


def people_of(meeting_id: int) -> list[Voice]:
    """One each phone and place, in the order they first reported.

    Two shops may share a phone, and one shop may report ten times.
    """
    issue_of = _issues_of_cases(meeting_id)
    own = select(Case.id).where(or_(Case.number.in_(issue_of), Case.main_case.in_(issue_of)))
    rows = db.session.execute(
        select(Report, Case.place_id, Case.number, Case.main_case)
        .join(Case, Case.id == Report.case_id)
        .where(Case.id.in_(own), Case.state.not_in(sorted(_NOT_ASKED)))
        .order_by(Report.id)
    )
    people: dict[tuple[str, int], list[tuple[Report, int]]] = {}
    for report, place_id, number, main_case in rows:
        issue_id = issue_of[number] if number in issue_of else issue_of[main_case]
        people.setdefault((report.device_hash, place_id), []).append((report, issue_id))
    return [
        Voice(
            report_id=told[-1][0].id,
            reports=frozenset(report.id for report, _ in told),
            issues=frozenset(issue_id for _, issue_id in told),
            has_phone=bool(told[-1][0].phone_sealed),
        )
        for told in people.values()
    ]


def _issues_of_cases(meeting_id: int) -> dict[str, int]:
    """Number of a case → the agenda's issue that it belongs to."""
    rows = db.session.execute(
        select(Case.number, IssueCase.issue_id)
        .join(IssueCase, IssueCase.case_id == Case.id)
        .join(AgendaItem, AgendaItem.issue_id == IssueCase.issue_id)
        .where(AgendaItem.meeting_id == meeting_id, IssueCase.removed_at.is_(None))
    )
    return dict(rows.all())


def asked_reports(meeting_id: int) -> set[int]:
    """Ids of the reports whose senders were asked to the meeting."""
    ids = db.session.scalars(
        select(Invitation.report_id).where(
            Invitation.meeting_id == meeting_id, Invitation.report_id.is_not(None)
        )
    )
    return {report_id for report_id in ids if report_id is not None}
