"""Does the order of arrival, or a restart, ever change a group?"""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.domain.grouping.report_samples import BIKES, LAMPS, METRE, grouped, keys
from tracker.domain.grouping import (
    Group,
    Grouper,
    MemoryStore,
    Report,
    Rulings,
    group_from_bytes,
    group_to_bytes,
    model_from_bytes,
    model_to_bytes,
)

START = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - the street's own time


@st.composite
def streets(draw: st.DrawFn) -> list[Report]:
    """Reports of an afternoon to a month, several at the same moment, some without text or position."""
    count = draw(st.integers(2, 45))
    reports = []
    for number in range(count):
        known = draw(st.booleans()) or draw(st.booleans())
        reports.append(
            Report(
                id=f"r{number:03d}",
                at=START + timedelta(days=draw(st.integers(0, 20))),
                category=draw(st.sampled_from(["单车", "照明", "其他"])),
                place=draw(st.sampled_from(["P1", "P2", "P3", ""])),
                street=draw(st.sampled_from(["甲路", "乙路", ""])),
                lat=31.25 + draw(st.integers(0, 12)) * 40 * METRE if known else None,
                lon=121.46 if known else None,
                text=draw(st.sampled_from([*BIKES, *LAMPS, "", "见图", "!!"])),
                reporter=draw(st.sampled_from(["a", "b", "c", ""])),
            )
        )
    return reports


@settings(max_examples=25, deadline=None)
@given(streets(), st.randoms(use_true_random=False))
def test_reports_of_the_same_moment_give_the_same_groups_in_any_order(
    reports: list[Report], chance: object
) -> None:
    shuffled = list(reports)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert keys(grouped(shuffled), reports) == keys(grouped(reports), reports)


@settings(max_examples=25, deadline=None)
@given(streets(), st.data())
def test_a_restart_in_the_middle_changes_no_group(reports: list[Report], data: st.DataObject) -> None:
    ordered = sorted(reports, key=lambda report: report.order)
    cut = data.draw(st.integers(0, len(ordered)))
    before = grouped(ordered[:cut])
    assert isinstance(before.store, MemoryStore)
    after = Grouper(restarted(before.store), model_from_bytes(model_to_bytes(before.model)))
    for report in ordered[cut:]:
        after.place(report)
    after.night(1e12, deep=True)
    straight = grouped(ordered)
    straight.night(1e12, deep=True)
    assert keys(after, reports) == keys(straight, reports)


@settings(max_examples=25, deadline=None)
@given(streets(), st.data())
def test_what_people_ruled_holds_after_nights_and_a_rebuild(
    reports: list[Report], data: st.DataObject
) -> None:
    homes = data.draw(
        st.lists(st.sampled_from(["", "", "one", "two"]), min_size=len(reports), max_size=len(reports))
    )
    rulings = {
        report.id: Rulings(home)
        if home
        else Rulings(barred=frozenset(data.draw(st.sampled_from([(), ("one",)]))))
        for report, home in zip(reports, homes, strict=True)
    }
    grouper = grouped(reports, rulings)
    for _ in range(2):
        for report_id, ruling in rulings.items():
            group = grouper.store.group(grouper.store.key_of(report_id) or "")
            assert group is not None
            assert not ruling.home or group.anchor == ruling.home
            assert not (group.anchor and group.anchor in ruling.barred)
        grouper.night(1e12, deep=True)
    assert sum(group.size for group in groups_of(grouper, reports)) == len(reports)


def groups_of(grouper: Grouper, reports: list[Report]) -> list[Group]:
    found = {key or "" for key in keys(grouper, reports).values()}
    return [group for key in sorted(found) if (group := grouper.store.group(key))]


def restarted(store: MemoryStore) -> MemoryStore:
    """A store as it would come back: every group from its bytes."""
    fresh = MemoryStore()
    for report, key in store.latest(10_000):
        group = store.group(key)
        assert group is not None
        fresh.put(report, group_from_bytes(group_to_bytes(group)))
    return fresh
