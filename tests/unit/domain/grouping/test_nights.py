from tests.unit.domain.grouping.report_samples import a_report, bikes, grouped, keys
from tracker.domain.grouping import Group, MemoryStore, Report, Rulings, nightly
from tracker.domain.grouping.model import NOTHING_LEARNED
from tracker.domain.grouping.nights import SETTLED_DAYS
from tracker.domain.grouping.reading import sample_of
from tracker.domain.grouping.report import DAY_S, seconds


def apart(groups: list[list[Report]], rulings: dict[str, Rulings] | None = None) -> MemoryStore:
    """Groups as they are given, whatever the score says."""
    store = MemoryStore()
    for report_id, ruling in (rulings or {}).items():
        store.rule(report_id, ruling)
    for members in groups:
        group = Group(members[0].id, anchor=store.rulings(members[0].id).home)
        for report in members:
            group.add(report, sample_of(report, store))
            store.put(report, group)
    return store


def night(store: MemoryStore, reports: list[Report]) -> set[str]:
    later = max(seconds(report.at) for report in reports) + SETTLED_DAYS * DAY_S
    return nightly(store, NOTHING_LEARNED, later, deep=True)


def test_two_groups_that_are_one_trouble_are_merged_under_the_larger_ones_key() -> None:
    reports = bikes()
    store = apart([reports[:3], reports[3:]])
    assert night(store, reports) >= {"r0000", "r0003"}
    assert {store.key_of(report.id) for report in reports} == {"r0003"}
    merged = store.group("r0003")
    assert merged is not None
    assert merged.size == 9


def test_a_report_that_fits_another_group_is_moved() -> None:
    reports, stranger = bikes(), a_report(70, "路灯不亮", days=4, north_m=900, category="照明")
    lost = a_report(50, days=9, north_m=12)
    store = apart([reports, [stranger, lost]])
    night(store, [*reports, stranger, lost])
    assert store.key_of("r0050") == "r0000"
    assert store.key_of("r0070") == "r0070"


def test_a_second_night_changes_nothing() -> None:
    reports = bikes()
    store = apart([reports[:3], reports[3:]])
    night(store, reports)
    assert night(store, reports) == set()


def test_groups_that_people_keep_apart_are_never_merged() -> None:
    reports = bikes()
    rulings = {"r0000": Rulings(home="one"), "r0003": Rulings(home="two")}
    store = apart([reports[:3], reports[3:]], rulings)
    night(store, reports)
    assert store.key_of("r0000") == "r0000"
    assert store.key_of("r0003") == "r0003"


def test_a_group_people_decided_about_takes_others_in_under_its_own_key() -> None:
    reports = bikes()
    store = apart([reports[:3], reports[3:]], {"r0000": Rulings(home="one")})
    night(store, reports)
    assert {store.key_of(report.id) for report in reports} == {"r0000"}


def test_a_report_at_home_is_not_moved_and_a_barred_one_does_not_come_back() -> None:
    reports = bikes()
    rulings = {report.id: Rulings(home="one") for report in reports[:5]}
    rulings["r0007"] = Rulings(barred=frozenset({"one"}))
    away = a_report(80, "路灯不亮", days=5, north_m=700, category="照明")
    rulings["r0080"] = Rulings(home="one")
    grouper = grouped([*reports, away], rulings)
    store = grouper.store
    assert isinstance(store, MemoryStore)
    for _ in range(2):
        night(store, [*reports, away])
    found = keys(grouper, [*reports, away])
    assert found["r0080"] == found["r0000"]
    assert found["r0007"] != found["r0000"]
