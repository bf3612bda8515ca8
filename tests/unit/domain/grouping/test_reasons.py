from tests.unit.domain.grouping.report_samples import a_report, bikes, lamps
from tracker.domain.grouping import why


def test_the_words_that_a_group_shares_are_those_that_others_do_not_use() -> None:
    reasons = why(bikes(), lamps())
    assert reasons.words[0].word in {"单车", "共享单车"}
    assert reasons.words[0].members >= 8
    assert reasons.words[0].elsewhere < 0.2


def test_reasons_count_places_people_and_what_was_filed_otherwise() -> None:
    reports = [*bikes(5), a_report(20, category="占道", place="P0", reporter="somebody 0", days=3)]
    reasons = why(reports, lamps())
    assert (reasons.places, reasons.reporters) == (5, 5)
    assert reasons.main_category == "非机动车"
    assert reasons.misfiled == ("r0020",)
    assert reasons.categories == {"非机动车": 5, "占道": 1}


def test_reasons_say_how_far_and_how_often() -> None:
    reasons = why(bikes(), lamps())
    assert reasons.gap_days == 2.0
    assert reasons.spread_m is not None
    assert 10 < reasons.spread_m < 25
    assert reasons.hours[8] == 9


def test_one_report_without_words_or_position_has_reasons_too() -> None:
    reasons = why([a_report(1, "", lat=None, lon=None)], [])
    assert (reasons.words, reasons.spread_m, reasons.gap_days) == ((), None, None)
