"""Every expected figure is worked out by hand in the comment beside it."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.grouping.score import Known, known_reports, score_groups, worthy_causes
from bench.grouping.score_arrival import Suggestion, score_delay, score_intake

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def reports(*causes: str | None, reporters: str = "abcdefghijklmnop", days: float = 1) -> list[Known]:
    """One report a time step, each by another person, of these causes."""
    return [
        Known(f"r{nth}", START + timedelta(days=days * nth), reporters[nth], cause)
        for nth, cause in enumerate(causes)
    ]


def labels(*groups: str | None) -> dict[str, str | None]:
    return {f"r{nth}": group for nth, group in enumerate(groups)}


def test_a_perfect_grouping_scores_one_everywhere() -> None:
    scores = score_groups(reports("k", "k", "k", "k", "k", None), labels(*"ggggg", None))
    assert scores.bcubed.f1 == scores.pairwise.f1 == scores.meetings.found.f1 == scores.alone == 1
    assert (scores.meetings.causes, scores.meetings.groups) == (1, 1)


def test_a_stray_member_costs_precision_and_a_split_cause_recall() -> None:
    # Causes: k = r0 r1 r2, l = r3 r4, one report without. Groups: x = r0 r1 r3 r5, y = r2, z = r4.
    scores = score_groups(reports("k", "k", "k", "l", "l", None), labels("x", "x", "y", "x", "z", "x"))
    # B3 P over the five: r0 2/4, r1 2/4, r2 1/1, r3 1/4, r4 1/1 = 3.25 / 5; R: 2/3, 2/3, 1/3, 1/2, 1/2 = 8/3 / 5
    assert scores.bcubed.precision == pytest.approx(0.65)
    assert scores.bcubed.recall == pytest.approx(8 / 15)
    # pairs: x has 6, of which r0-r1 is right; the causes have 3 + 1
    assert scores.pairwise.precision == pytest.approx(1 / 6)
    assert scores.pairwise.recall == pytest.approx(1 / 4)
    assert scores.alone == 0


def test_a_report_without_a_label_is_a_group_of_its_own() -> None:
    scores = score_groups(reports("k", "k", None, None), {"r0": "x", "r2": "y"})
    # both are alone in their group, which holds half of their cause
    assert (scores.bcubed.precision, scores.bcubed.recall) == (1, 0.5)
    assert scores.alone == 1


def test_one_person_reporting_five_times_is_not_worth_a_meeting() -> None:
    assert worthy_causes(reports(*["k"] * 5, reporters="aaaab")) == set()
    assert worthy_causes(reports(*["k"] * 5)) == {"k"}


def test_a_meeting_counts_when_more_than_half_on_both_sides_is_the_same() -> None:
    # k has ten reports. g holds six of them and five others: 6 > 11/2 and 6 > 10/2, a hit. h holds four of k and
    # one more: not half of k. l has five reports and is in nobody's group of five.
    causes = ["k"] * 10 + [None] * 6 + ["l"] * 5
    groups = ["g"] * 6 + ["h"] * 4 + ["g"] * 5 + ["h"] + [None] * 5
    found = score_groups(reports(*causes, reporters="abcdefghijklmnopqrstu"), labels(*groups)).meetings
    assert (found.causes, found.groups) == (2, 2)
    assert (found.found.precision, found.found.recall) == (0.5, 0.5)
    # g has eleven reporters and comes first, h five; there are only two groups and two causes
    assert (found.at10, found.at_n) == (0.5, 0.5)


def test_exactly_half_is_no_hit() -> None:
    causes = ["k"] * 5 + [None] * 5
    found = score_groups(reports(*causes), labels(*["g"] * 10)).meetings
    assert (found.groups, found.found.precision, found.found.f1) == (1, 0, 0)


def test_the_delay_counts_reports_beyond_the_fifth_voice() -> None:
    # r1 stays alone, so the group has its fifth reporter with r5: the sixth report, one later than possible.
    found = score_delay(reports(*["k"] * 7), labels("g", None, *"ggggg"))
    assert (found.flagged, found.mean, found.median, found.p90) == (1, 1, 1, 1)


def test_a_group_of_mostly_others_does_not_notice_a_cause() -> None:
    # At r9 the group holds five others and five of k: not more than half. At r10 it does: the sixth of k.
    causes = [None] * 5 + ["k"] * 6
    found = score_delay(reports(*causes), labels(*["g"] * 11))
    assert (found.flagged, found.mean) == (1, 1)
    assert score_delay(reports(*causes[:10]), labels(*["g"] * 10)).flagged == 0


def test_a_repeated_voice_does_not_make_the_best_possible_moment_earlier() -> None:
    # a reports twice, so the fifth person is the sixth report; noticed there: no delay.
    found = score_delay(reports(*["k"] * 6, reporters="aabcde"), labels(*"gggggg"))
    assert (found.flagged, found.mean) == (1, 0)


def test_over_several_causes_the_delay_has_a_mean_an_upper_median_and_a_share() -> None:
    # k: no delay; l: its first two alone, so noticed at the seventh, two late; m: never, in groups of two.
    causes = ["k"] * 5 + ["l"] * 7 + ["m"] * 5
    groups = [*["g"] * 5, None, None, *["h"] * 5, "u", "u", "v", "v", "w"]
    found = score_delay(reports(*causes, reporters="abcdefghijklmnopqrst"), labels(*groups))
    assert found.flagged == pytest.approx(2 / 3)
    assert (found.mean, found.median, found.p90) == (1, 2, 2)


def test_what_is_joinable_has_an_earlier_report_of_its_cause_within_sixty_days() -> None:
    # r1 comes 60 days after r0: joinable; r2 60 days after r1; the third cause alone; None never.
    found = score_intake(reports("k", "k", "k", "l", None, days=60), {})
    assert (found.joinable, found.not_joinable) == (2, 3)
    assert score_intake(reports("k", "k", days=60.1), {}).joinable == 0


def test_only_the_first_three_earlier_reports_count() -> None:
    given = {"r4": [Suggestion(name, 0.9) for name in ("r5", "r4", "r1", "r2", "r3", "r0")]}
    wrong = reports("k", None, None, None, "k", "k")
    # of r4's list, r5 is later and r4 is itself; then come r1, r2, r3, and r0, the right one, is the fourth
    assert score_intake(wrong, given).recall3 == 0
    right = {"r4": [Suggestion(name, 0.9) for name in ("r5", "r1", "r2", "r0")]}
    assert score_intake(wrong, right).recall3 == pytest.approx(1 / 2)


def test_the_threshold_is_the_lowest_that_keeps_false_alarms_below_the_share() -> None:
    # Twenty reports without a cause are shown 0.05 … 1.00: 5 % of them is one, so the threshold is the
    # second highest, 0.95, and at 10 % the third, 0.90. The two joinable ones have 0.93 and 0.99.
    many = [Known(f"r{nth:02}", START + timedelta(hours=nth), f"p{nth}", None) for nth in range(21)]
    known = [
        Known("a", START - timedelta(days=2), "x", "k"),
        *many[1:],
        Known("b", START + timedelta(days=2), "y", "k"),
        Known("c", START + timedelta(days=3), "z", "k"),
    ]
    given = {f"r{nth:02}": [Suggestion("a", nth / 20)] for nth in range(1, 21)}
    given |= {"b": [Suggestion("a", 0.93)], "c": [Suggestion("b", 0.99)]}
    found = score_intake(known, given)
    # not joinable: the twenty and `a`, the first of its cause: 5 % of 21 is 1, 10 % is 2, 20 % is 4
    assert (found.joinable, found.not_joinable, found.recall3) == (2, 21, 1)
    assert (found.at[5].above, found.at[10].above, found.at[20].above) == (0.95, 0.90, 0.80)
    assert (found.at[5].recall3, found.at[10].recall3) == (0.5, 1)
    # at 5 %: shown are 1.00 and c; at 10 %: 0.95, 1.00, b and c
    assert (found.at[5].precision, found.at[10].precision) == (0.5, 0.5)


def test_records_are_read_in_order_of_time_and_then_of_ids() -> None:
    rows = [
        {"id": name, "submitted_at": at, "reporter_id": "p", "cause_id": None}
        for name, at in (
            ("b", "2026-03-01T08:00:00"),
            ("a", "2026-03-01T08:00:00"),
            ("c", "2026-02-28T23:59:59"),
        )
    ]
    assert [report.id for report in known_reports(rows)] == ["c", "a", "b"]
