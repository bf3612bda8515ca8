"""What people decided about reports and issues, as the grouping obeys it: a ruling is about the issue's number."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from tracker.domain.grouping.store import NO_RULINGS, Rulings
from tracker.extensions import db
from tracker.models import ClusterReport, GroupingRuling, Issue

OVERLAP = timedelta(minutes=1)
"""Rulings are looked at once more for so long: one may be committed after another that was made later."""


def rulings_on(report_ids: Mapping[str, int]) -> dict[str, Rulings]:
    """Name → what people decided about the report; every name has an entry. Of several homes the latest counts."""
    homes: dict[int, str] = {}
    barred: dict[int, set[str]] = {}
    rows = db.session.execute(
        select(GroupingRuling.report_id, GroupingRuling.kind, Issue.number)
        .join(Issue, Issue.id == GroupingRuling.issue_id)
        .where(GroupingRuling.report_id.in_(sorted(report_ids.values())))
        .order_by(GroupingRuling.at, GroupingRuling.id)
    )
    for report_id, kind, number in rows:
        if kind == "in":
            homes[report_id] = number
        else:
            barred.setdefault(report_id, set()).add(number)
    return {
        name: Rulings(homes.get(report_id, ""), frozenset(barred.get(report_id, ())))
        if report_id in homes or report_id in barred
        else NO_RULINGS
        for name, report_id in report_ids.items()
    }


def ruled_since(moment: datetime | None, limit: int) -> tuple[Sequence[str], datetime | None]:
    """Names of grouped reports that people ruled on since `moment`, oldest ruling first, and until when they go."""
    ruled = (
        select(ClusterReport.name, GroupingRuling.at)
        .join(ClusterReport, ClusterReport.report_id == GroupingRuling.report_id)
        .order_by(GroupingRuling.at, GroupingRuling.id)
        .limit(limit)
    )
    if moment is not None:
        ruled = ruled.where(GroupingRuling.at >= moment - OVERLAP)
    rows = db.session.execute(ruled).all()
    return list(dict.fromkeys(row.name for row in rows)), rows[-1].at if rows else moment


def issues_ruled_on(report_ids: Sequence[int]) -> Sequence[tuple[str, str]]:
    """(number, key of its group) of every issue that people ruled these reports in or out of."""
    rows = db.session.execute(
        select(Issue.number, Issue.cluster_key)
        .where(
            Issue.id.in_(
                select(GroupingRuling.issue_id).where(GroupingRuling.report_id.in_(sorted(report_ids)))
            )
        )
        .order_by(Issue.id)
    )
    return [(number, key) for number, key in rows]
