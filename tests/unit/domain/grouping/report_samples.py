"""Reports of a small street: who, where and what in few words."""

from dataclasses import replace
from datetime import datetime, timedelta

from tracker.domain.grouping import Grouper, MemoryStore, Report, Rulings

MONDAY = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - the street's own time
METRE = 1 / 111_320  # of latitude, in degrees

BIKES = (
    "门口共享单车堆成山", "单车把人行道堵死了", "早上单车又停得横七竖八", "共享单车挡住店门进不去", "单车太多没人拖走",
    "骑行车倒了一大片", "单车占了盲道", "楼下单车没人管", "单车堆满路口",
)  # fmt: skip
LAMPS = (
    "路灯不亮晚上看不清",
    "街灯坏了好几天",
    "这段路灯全黑了",
    "路灯一闪一闪的没人修",
    "路灯灭了走夜路害怕",
)


def a_report(
    number: int, text: str = BIKES[0], *, days: float = 0.0, north_m: float = 0.0, **fields: object
) -> Report:
    """A report of the street; what is not given is usual."""
    usual = Report(
        id=f"r{number:04d}",
        at=MONDAY + timedelta(days=days),
        category="非机动车",
        place=f"P{number}",
        street="共和新路",
        lat=31.25 + north_m * METRE,
        lon=121.46,
        text=text,
        reporter=f"somebody {number}",
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


def bikes(count: int = 9, first: int = 0) -> list[Report]:
    """One trouble: within 40 m, a report every other day."""
    return [
        a_report(first + n, BIKES[n % len(BIKES)], days=2 * n, north_m=10 * (n % 5)) for n in range(count)
    ]


def lamps(count: int = 5, first: int = 100) -> list[Report]:
    """Another trouble, half a kilometre away, at night."""
    return [
        a_report(first + n, LAMPS[n % len(LAMPS)], days=2 * n + 0.6, north_m=600 + 10 * n, category="照明")
        for n in range(count)
    ]


def grouped(reports: list[Report], rulings: dict[str, Rulings] | None = None) -> Grouper:
    """All of them placed in canonical order, from an empty start."""
    store = MemoryStore()
    for report_id, ruling in (rulings or {}).items():
        store.rule(report_id, ruling)
    grouper = Grouper(store)
    for report in sorted(reports, key=lambda one: one.order):
        grouper.place(report)
    return grouper


def keys(grouper: Grouper, reports: list[Report]) -> dict[str, str | None]:
    """Report → key of its group."""
    return {report.id: grouper.store.key_of(report.id) for report in reports}
