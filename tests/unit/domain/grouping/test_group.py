import math

import pytest

from tests.unit.domain.grouping.report_samples import a_report, bikes, grouped
from tracker.domain.grouping import Group, GroupUnreadable, MemoryStore, group_from_bytes, group_to_bytes
from tracker.domain.grouping.group import FIRST_KEPT, LATEST_KEPT, NAMES_KEPT, summed
from tracker.domain.grouping.reading import sample_of


def a_group(count: int) -> Group:
    store = MemoryStore()
    reports = [
        a_report(n, days=n / 10, category=f"k{n}", street=f"s{n}", north_m=n % 90, text="单车" * 200)
        for n in range(count)
    ]
    return summed("r0000", [(report, sample_of(report, store)) for report in reports])


def test_the_state_stays_bounded_whatever_comes_in() -> None:
    group = a_group(500)
    assert group.size == 500
    assert len(group.samples) == FIRST_KEPT + LATEST_KEPT
    assert max(map(len, (group.categories, group.streets, group.places, group.reporters))) == NAMES_KEPT
    assert len(group_to_bytes(group)) < 40_000


def test_the_first_members_and_the_latest_are_remembered() -> None:
    remembered = [sample.report for sample in a_group(100).samples]
    assert remembered[:FIRST_KEPT] == ["r0000", "r0001", "r0002", "r0003"]
    assert remembered[-1] == "r0099"


def test_a_group_comes_back_from_its_bytes_as_it_was() -> None:
    group = grouped(bikes()).store.group("r0000")
    assert group is not None
    again = group_from_bytes(group_to_bytes(group))
    assert group_to_bytes(again) == group_to_bytes(group)
    assert (again.cell, again.main_street, again.size) == (group.cell, group.main_street, 9)


def test_a_group_without_any_position_comes_back_too() -> None:
    nowhere = a_report(1, lat=None, lon=None)
    group = summed("r0001", [(nowhere, sample_of(nowhere, MemoryStore()))])
    again = group_from_bytes(group_to_bytes(group))
    assert again.cell is None
    assert math.isnan(again.lat)


@pytest.mark.parametrize("data", [b"", b"\n", b"[1]\n", b"[9,1,2,3,4,5,6,7,8,9,10,11,12]\n", b"\xff\xfe"])
def test_bytes_that_are_no_group_are_refused(data: bytes) -> None:
    with pytest.raises(GroupUnreadable):
        group_from_bytes(data)


def test_a_member_taken_out_leaves_the_group_as_if_it_had_not_come() -> None:
    store, reports = MemoryStore(), bikes(6)
    samples = [(report, sample_of(report, store)) for report in reports]
    left = summed("r0000", samples).without(*samples[3])
    never = summed("r0000", samples[:3] + samples[4:])
    assert (left.size, left.places, left.reporters) == (never.size, never.places, never.reporters)
    assert left.lat == pytest.approx(never.lat)
    assert left.scatter == pytest.approx(never.scatter)
    assert [sample.report for sample in left.samples] == [sample.report for sample in never.samples]
