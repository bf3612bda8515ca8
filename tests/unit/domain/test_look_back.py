"""Before and after, with the interval of a textbook; verdicts that do not say more than the counts can."""

import pytest

from tracker.domain.look_back import Comparison, Verdict, binomial_interval, compare, ratio_interval


def test_the_interval_of_the_ratio_is_that_of_the_textbook() -> None:
    """Breast cancer after fluoroscopy: 41 in 28,010 person-years against 15 in 19,017.

    Source: Boice and Monson 1977, as in Rothman, Epidemiology, and in the manual of Stata (ST, epitab: iri 41 15 28010
    19017): ratio 1.855759, exact interval 1.005684 to 3.6093.
    """
    low, high = ratio_interval(41, 15, 28_010, 19_017)
    assert pytest.approx(1.855759, abs=5e-7) == (41 / 28_010) / (15 / 19_017)
    assert low == pytest.approx(1.005684, abs=5e-7)
    assert high == pytest.approx(3.6093, abs=5e-5)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.30850),
        (1, 10, 0.00253, 0.44502),
        (5, 10, 0.18709, 0.81291),
        (10, 10, 0.69150, 1.0),
    ],
)
def test_the_limits_of_a_share_are_those_of_clopper_and_pearson(
    successes: int, trials: int, low: float, high: float
) -> None:
    """Source: exact limits for 10 trials, as binom.test of R gives them."""
    assert binomial_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_before_and_after_change_places_and_the_interval_turns_round() -> None:
    low, high = ratio_interval(9, 31, 56, 56)
    turned = ratio_interval(31, 9, 56, 56)
    assert high is not None
    assert turned == pytest.approx((1 / high, 1 / low))


def test_unequal_lengths_are_rates_not_counts() -> None:
    found = compare(10, 30, 10, 30)
    assert found.ratio == 1
    assert found.verdict == Verdict.NOT_SHOWN


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (31, 9, Verdict.WORKED),
        (12, 9, Verdict.NOT_SHOWN),
        (9, 31, Verdict.WORSE),
        (6, 0, Verdict.WORKED),
        (5, 0, Verdict.TOO_FEW),
        (3, 1, Verdict.TOO_FEW),
        (0, 0, Verdict.TOO_FEW),
        (0, 7, Verdict.WORSE),
    ],
)
def test_what_the_counts_say(before: int, after: int, verdict: Verdict) -> None:
    assert compare(before, after, 30, 30).verdict == verdict


def test_the_change_is_in_per_cent_and_there_is_none_from_nothing() -> None:
    assert compare(31, 9, 56, 56).change_percent == -71
    assert compare(0, 7, 7, 7).change_percent is None
    assert compare(0, 7, 7, 7).high is None


@pytest.mark.parametrize("wrong", [(-1, 1, 7, 7), (1, -1, 7, 7), (1, 1, 0, 7), (1, 1, 7, 0)])
def test_what_cannot_be_is_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="exposures"):
        compare(*wrong)


def test_a_street_s_largest_counts_are_no_trouble() -> None:
    found: Comparison = compare(4000, 3000, 90, 90)
    assert 0.71 < found.low < 0.75 < (found.high or 0) < 0.79
