from tests.unit.domain.grouping.report_samples import a_report, bikes, grouped, keys, lamps
from tracker.domain.grouping import NOTHING_LEARNED, Grouper, MemoryStore, Rulings, suggest


def test_nine_reports_in_nine_wordings_become_one_group_named_after_the_first() -> None:
    reports = bikes()
    assert set(keys(grouped(reports), reports).values()) == {"r0000"}


def test_another_trouble_elsewhere_is_another_group() -> None:
    near, far = bikes(), lamps()
    found = keys(grouped(near + far), near + far)
    assert {found[report.id] for report in near}.isdisjoint({found[report.id] for report in far})


def test_an_empty_text_is_placed_by_where_and_when_and_what_it_was_filed_as() -> None:
    wordless = a_report(50, "", days=9, north_m=15)
    assert grouped([*bikes(), wordless]).store.key_of("r0050") == "r0000"


def test_a_report_nobody_can_place_on_the_map_is_compared_on_its_street() -> None:
    lost = a_report(50, days=9, lat=None, lon=None, place="")
    assert grouped([*bikes(), lost]).store.key_of("r0050") == "r0000"


def test_a_report_long_after_the_last_one_founds_a_group_of_its_own() -> None:
    late = a_report(50, days=120)
    assert grouped([*bikes(), late]).store.key_of("r0050") == "r0050"


def test_a_placement_says_what_spoke_for_it() -> None:
    grouper = grouped(bikes(5))
    placement = grouper.place(a_report(50, days=9))
    assert (placement.key, placement.is_new) == ("r0000", False)
    assert placement.score > 0
    assert {"vector_mean", "words_mean"} & set(placement.features)


def test_suggestions_are_earlier_reports_best_first_and_nothing_is_changed_by_them() -> None:
    grouper = grouped(bikes() + lamps())
    before = grouper.store.count()
    found = suggest(a_report(50, days=18), grouper.store, grouper.model)
    assert found[0][0] in {report.id for report in bikes()}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert len(found) <= 3
    assert grouper.store.count() == before


def test_the_first_report_of_all_has_no_suggestions() -> None:
    assert suggest(a_report(1), MemoryStore(), NOTHING_LEARNED) == []


def test_a_report_fixed_by_people_goes_home_whatever_it_says() -> None:
    reports = [*bikes(), *lamps()]
    fixed = {report.id: Rulings(home="G26-0001") for report in (*bikes(3), reports[-1])}
    grouper = grouped(reports, fixed)
    home = grouper.store.anchored("G26-0001")
    assert home is not None
    assert all(grouper.store.key_of(report_id) == home.key for report_id in fixed)


def test_a_report_barred_by_people_stays_out_whatever_it_says() -> None:
    reports = bikes()
    rulings = {report.id: Rulings(home="G26-0001") for report in reports[:4]}
    rulings["r0006"] = Rulings(barred=frozenset({"G26-0001"}))
    found = keys(grouped(reports, rulings), reports)
    assert found["r0006"] != found["r0000"]
    assert found["r0007"] == found["r0000"]


def test_who_left_a_group_of_his_name_founds_another_one_beside_it() -> None:
    store = MemoryStore()
    grouper = Grouper(store)
    for report in bikes(3):
        grouper.place(report)
    again = a_report(0, days=130)
    assert grouper.place(again).key == "r0000~2"
