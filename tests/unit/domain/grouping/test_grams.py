import numpy as np
import pytest

from tracker.domain.grouping.grams import grams_of, number_of, plain_text


def test_a_text_is_the_runs_of_one_to_three_characters_in_it() -> None:
    runs = {number_of(run) for run in ("路", "灯", "坏", "路灯", "灯坏", "路灯坏")}
    assert runs <= set(grams_of("路灯坏").tolist())


def test_runs_do_not_reach_across_what_separates() -> None:
    assert number_of("灯坏") not in grams_of("路灯，坏了")


@pytest.mark.parametrize("text", ["", "  ", "！！？", "123", "🙏"])
def test_a_text_that_says_nothing_has_no_runs(text: str) -> None:
    assert len(grams_of(text)) == 0


def test_case_width_and_punctuation_make_no_difference() -> None:
    assert np.array_equal(grams_of("ＫＴＶ太吵!!!"), grams_of("ktv太吵。"))


def test_two_everyday_words_of_one_matter_share_something() -> None:
    assert len(np.intersect1d(grams_of("单车"), grams_of("bike"))) == 1


def test_the_name_of_the_street_is_passed_over() -> None:
    assert plain_text("共和新路路灯坏了", "共和新路") == "路灯坏了"
