"""Reports in the database find their groups: in order, once, the same over any number of steps and processes."""

from datetime import timedelta

from sqlalchemy import select

from tests.factories import MORNING, Street, a_report
from tracker.extensions import db
from tracker.models import ClusterReport, Report
from tracker.services import grouping

LATER = MORNING + timedelta(days=30)


def group_all() -> None:
    """Until nothing is left to do."""
    while grouping.group_waiting(LATER):
        pass


def groups() -> set[frozenset[str]]:
    """The keys of the reports of each group."""
    db.session.rollback()
    found: dict[int, set[str]] = {}
    rows = db.session.execute(
        select(ClusterReport.cluster_id, Report.key).join(Report, Report.id == ClusterReport.report_id)
    )
    for cluster, key in rows:
        found.setdefault(cluster, set()).add(key)
    return {frozenset(keys) for keys in found.values()}


BIKES = (
    "共享单车堵住店门口",
    "门口都是共享单车",
    "单车把店门堵了",
    "共享单车挡住店门，进不去",
    "一排单车停在门前",
)
SMOKE = ("饭店油烟直冲楼上", "油烟味太大，开不了窗", "烧烤油烟熏人", "楼下餐馆排油烟", "油烟呛得睡不着")


def a_week(street: Street) -> dict[str, set[str]]:
    """Two troubles in one street, told by five people each; word → keys."""
    told: dict[str, set[str]] = {"bikes": set(), "smoke": set()}
    for day in range(5):
        at = MORNING + timedelta(days=day)
        for name, category, words in (("bikes", "A1", BIKES), ("smoke", "F3", SMOKE)):
            sent = a_report(street.token, category, words[day], device=f"{name}-{day}", at=at)
            told[name].add(sent.key)
    return told


def test_two_troubles_are_two_groups(street: Street) -> None:
    told = a_week(street)
    group_all()
    assert groups() == {frozenset(told["bikes"]), frozenset(told["smoke"])}
