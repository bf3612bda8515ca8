"""Groups and issues to try things on. Everything here needs an application context.

groups = TypedGroups()                       groups as a test types them, in place of what the grouping found
sents = reports_from(["店一", "店二"])          one report each from shops of their own, by devices of their own
groups["a"] = sents                          they are one group, whose key is "a"
issue = proposed(groups, now)                what refresh makes of them; the newest issue
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tests import factories
from tests.factories import Sent
from tracker.extensions import db
from tracker.models import Case, GroupingRuling, Issue, IssueCase, IssueEvent, Label, Report
from tracker.services.candidates import refresh
from tracker.services.groups import Group, GroupedReport


class TypedGroups(dict[str, Sequence[Sent]]):
    """Key → the reports of the group; rows are numbered in the order the groups were typed."""

    def with_ids(self, ids: Sequence[int]) -> list[Group]:
        return [_group(key, sents) for index, (key, sents) in enumerate(self.items()) if index in ids]

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        return set(keys) & set(self)


def refreshed(groups: TypedGroups, now: datetime) -> int:
    """Refresh every group."""
    return refresh(range(len(groups)), now, groups)


def reports_from(names: Sequence[str], category: str = "A5", **facts: Any) -> list[Sent]:
    """One report from each of these shops, which stand side by side, each by a device of its own."""
    return [report_from(name, category, **facts) for name in names]


def report_from(name: str, category: str = "A5", *, area: str = "PP-1", **facts: Any) -> Sent:
    """A report from a new shop of this name, by a device of its own unless one is given."""
    token = factories.a_place("shop", name=name, area=area)
    return factories.a_report(token, category, **{"device": f"phone of {name}"} | facts)


def proposed(groups: TypedGroups, now: datetime) -> Issue:
    """Refresh, and the newest issue there is."""
    refreshed(groups, now)
    return newest_issue()


def newest_issue() -> Issue:
    """The issue opened last."""
    db.session.rollback()
    return db.session.scalars(select(Issue).order_by(Issue.id.desc())).first() or _missing()


def issue_count() -> int:
    """How many issues there are."""
    db.session.rollback()
    return len(db.session.scalars(select(Issue.id)).all())


def numbers_in(issue_id: int) -> set[str]:
    """The numbers of the cases that are in an issue now."""
    db.session.rollback()
    return set(
        db.session.scalars(
            select(Case.number)
            .join(IssueCase, IssueCase.case_id == Case.id)
            .where(IssueCase.issue_id == issue_id, IssueCase.removed_at.is_(None))
        )
    )


def numbers_of(sents: Iterable[Sent]) -> set[str]:
    """Case numbers of what was sent."""
    return {sent.number for sent in sents}


def rulings_of(issue_id: int) -> dict[str, str]:
    """Case number → ``in`` or ``out``."""
    db.session.rollback()
    rows = db.session.execute(
        select(Case.number, GroupingRuling.kind)
        .join(Report, Report.case_id == Case.id)
        .join(GroupingRuling, GroupingRuling.report_id == Report.id)
        .where(GroupingRuling.issue_id == issue_id)
    )
    return {row.number: row.kind for row in rows}


def actions_of(issue_id: int) -> list[str]:
    """What happened to an issue, oldest first."""
    db.session.rollback()
    return list(
        db.session.scalars(
            select(IssueEvent.action).where(IssueEvent.issue_id == issue_id).order_by(IssueEvent.version)
        )
    )


def _group(key: str, sents: Sequence[Sent]) -> Group:
    rows = db.session.execute(
        select(Report, Case, Label.place_id)
        .join(Case, Case.id == Report.case_id)
        .join(Label, Label.id == Report.label_id)
        .where(Case.number.in_([sent.number for sent in sents]))
        .order_by(Report.sent_at, Report.id)
    )
    return Group(
        key,
        [
            GroupedReport(report.id, case.id, place_id, report.device_hash, report.sent_at, case.category)
            for report, case, place_id in rows
        ],
    )


def _missing() -> Issue:
    raise LookupError("there is no issue")
