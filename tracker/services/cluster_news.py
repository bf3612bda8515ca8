"""Groups that changed are passed on to the common issues: at least once each, after they were written."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from tracker.extensions import db, let_go, transaction
from tracker.models import Case, Cluster, ClusterReport, Issue, Label, Report
from tracker.services.candidates import refresh
from tracker.services.groups import Group, GroupedReport

Hearer = Callable[[Sequence[int], datetime], object]
AT_ONCE = 200
WORTH_TELLING = 3
"""Reports below which a group is nobody's issue, unless it is or was one's."""


class StoredGroups:
    """Groups as the common issues read them (services/groups.py)."""

    def with_ids(self, ids: Sequence[int]) -> Sequence[Group]:
        """The groups with these row ids, as far as they still are."""
        rows = db.session.execute(
            select(
                Cluster.key,
                Report.id,
                Report.case_id,
                Label.place_id,
                Report.device_hash,
                Report.sent_at,
                Case.category,
            )
            .join(ClusterReport, ClusterReport.cluster_id == Cluster.id)
            .join(Report, Report.id == ClusterReport.report_id)
            .join(Label, Label.id == Report.label_id)
            .join(Case, Case.id == Report.case_id)
            .where(Cluster.id.in_(list(ids)))
            .order_by(Cluster.id, ClusterReport.at_s, ClusterReport.name)
        )
        found: dict[str, list[GroupedReport]] = {}
        for key, report_id, case_id, place_id, device_hash, at, category in rows:
            report = GroupedReport(report_id, case_id, place_id, device_hash, at, category)
            found.setdefault(key, []).append(report)
        return [Group(key, reports) for key, reports in found.items()]

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        """Which of the keys still name a group."""
        return set(db.session.scalars(select(Cluster.key).where(Cluster.key.in_(list(keys)))))


def _refresh_issues(cluster_ids: Sequence[int], now: datetime) -> int:
    return refresh(cluster_ids, now, StoredGroups())


HEARERS: tuple[Hearer, ...] = (_refresh_issues,)
"""Who has to know: called with row ids of groups, outside any transaction; again if it failed or died."""


def pass_news_on(now: datetime, *, is_whole: bool) -> int:
    """Tell of the groups that changed, at most so many at once; return how many. In a rebuild they wait."""
    if not is_whole:
        return 0
    rows = db.session.execute(
        select(Cluster.id, Cluster.news, _matters().label("matters"))
        .where(Cluster.news > 0)
        .order_by(Cluster.id)
        .limit(AT_ONCE)
    ).all()
    if not rows:
        return 0
    let_go()
    told = [row.id for row in rows if row.matters]
    for hear in HEARERS if told else ():
        hear(told, now)
    with transaction():
        for version in sorted({row.news for row in rows}):
            ids = [row.id for row in rows if row.news == version]
            unchanged = update(Cluster).where(Cluster.id.in_(ids), Cluster.news == version)
            db.session.execute(unchanged.values(news=0))
    return len(rows)


def _matters() -> ColumnElement[bool]:
    proposed = select(Issue.id).where(Issue.cluster_key == Cluster.key).exists()
    return or_(Cluster.size >= WORTH_TELLING, Cluster.anchor != "", proposed)
