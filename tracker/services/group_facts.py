"""One group with what is known about its cases: their states, who holds them, what people ruled."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select

from tracker.domain.issues import IssueState
from tracker.domain.lifecycle import State
from tracker.extensions import db
from tracker.models import Case, GroupingRuling, Issue, IssueCase
from tracker.services.groups import Group, GroupedReport

_NOT_COUNTED = (State.VOIDED, State.WITHDRAWN)
"""Tests and mistakes, and what its reporter took back."""
_LETS_GO = (IssueState.CANDIDATE, IssueState.DISMISSED)
"""An issue that nobody accepted lets a case go with its group."""


class GroupFacts:
    """Read once, inside a transaction that holds ``lock_membership``."""

    def __init__(self, group: Group) -> None:
        self.group = group
        ids = {report.case_id for report in group.reports}
        counted = select(Case).where(Case.id.in_(ids), Case.state.not_in(_NOT_COUNTED))
        self.cases = {case.id: case for case in db.session.scalars(counted)}
        """The cases that count, by id."""
        self._ruled = _rulings([report.report_id for report in group.reports])
        self._holders, self._kept_away = _memberships(ids)

    def open_to(self, issue_id: int | None) -> list[GroupedReport]:
        """The reports whose cases may be in this issue (None: a new one), as far as people have decided."""
        return [
            report
            for report in self.group.reports
            if report.case_id in self.cases
            and self._is_allowed(report.report_id, issue_id)
            and self._is_free(report.case_id, issue_id)
        ]

    def ruled_into(self) -> int | None:
        """The issue that people put most of these reports into."""
        votes = Counter(issue for (_report, issue), kind in self._ruled.items() if kind == "in")
        return min(votes, key=lambda issue: (-votes[issue], issue)) if votes else None

    def held_elsewhere(self, case_ids: Iterable[int], issue_id: int) -> dict[int, list[int]]:
        """Other issue → those of these cases that it held when this was read."""
        found: dict[int, list[int]] = {}
        for case_id in sorted(case_ids):
            holder, _ = self._holders.get(case_id, (issue_id, True))
            if holder != issue_id:
                found.setdefault(holder, []).append(case_id)
        return found

    def _is_allowed(self, report_id: int, issue_id: int | None) -> bool:
        if issue_id is not None and (report_id, issue_id) in self._ruled:
            return self._ruled[report_id, issue_id] == "in"
        return not any(each == report_id and kind == "in" for (each, _), kind in self._ruled.items())

    def _is_free(self, case_id: int, issue_id: int | None) -> bool:
        if issue_id is not None and (issue_id, case_id) in self._kept_away:
            return False
        holder, lets_go = self._holders.get(case_id, (issue_id, True))
        return holder == issue_id or lets_go


def _rulings(report_ids: list[int]) -> dict[tuple[int, int], str]:
    """(report, issue) → in or out."""
    rows = db.session.execute(
        select(GroupingRuling.report_id, GroupingRuling.issue_id, GroupingRuling.kind).where(
            GroupingRuling.report_id.in_(report_ids)
        )
    )
    return {(report, issue): kind for report, issue, kind in rows}


def _memberships(
    case_ids: Iterable[int],
) -> tuple[dict[int, tuple[int, bool]], set[tuple[int, int]]]:
    """Case → (the issue that holds it, whether it lets go by itself); and (issue, case) that a person took apart."""
    rows = db.session.execute(
        select(IssueCase, Issue.state)
        .join(Issue, Issue.id == IssueCase.issue_id)
        .where(IssueCase.case_id.in_(list(case_ids)))
    )
    holders, kept_away = {}, set()
    for row, state in rows:
        if row.removed_at is None:
            holders[row.case_id] = (row.issue_id, state in _LETS_GO and row.added_by is None)
        elif row.removed_by is not None:
            kept_away.add((row.issue_id, row.case_id))
    return holders, kept_away
