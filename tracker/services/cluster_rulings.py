"""What people decided about reports and issues, as the grouping obeys it: a ruling is about the issue's number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update

from tracker.domain.grouping.store import NO_RULINGS, Rulings
from tracker.extensions import db
from tracker.models import ClusterReport, GroupingRuling, Issue


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


_OPEN = text("NOT grouping_rulings.is_obeyed")
"""In the words of the index over the open ones: SQLite uses it for no others."""


@dataclass(frozen=True)
class Ruled:
    """A ruling that is to be carried out: its row as it was read, and the name of the report."""

    id: int
    at: datetime
    name: str


def not_obeyed(limit: int) -> list[Ruled]:
    """Rulings on grouped reports that the groups do not follow yet, oldest first."""
    rows = db.session.execute(
        select(GroupingRuling.id, GroupingRuling.at, ClusterReport.name)
        .join(ClusterReport, ClusterReport.report_id == GroupingRuling.report_id)
        .where(_OPEN)
        .order_by(GroupingRuling.at, GroupingRuling.id)
        .limit(limit)
    )
    return [Ruled(row_id, at, name) for row_id, at, name in rows]


def note_obeyed(ruled: Sequence[Ruled]) -> None:
    """The groups follow these from now on; one that was decided anew meanwhile stays open. Inside a transaction."""
    for each in ruled:
        as_it_was = update(GroupingRuling).where(GroupingRuling.id == each.id, GroupingRuling.at == each.at)
        db.session.execute(as_it_was.values(is_obeyed=True).execution_options(synchronize_session=False))


def forget_obedience() -> None:
    """The groups are to be made anew: every ruling is to be carried out on them. Inside a transaction."""
    again = update(GroupingRuling).where(GroupingRuling.is_obeyed).values(is_obeyed=False)
    db.session.execute(again.execution_options(synchronize_session=False))


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
