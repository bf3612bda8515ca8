"""Votes: links and hands counted apart, ties called ties, options that can be chosen from."""

import pytest

from tracker.domain.votes import Tally, VoteRefused, options_from, result_of


def test_links_and_hands_are_counted_apart_and_never_added() -> None:
    result = result_of([1, 2], {1: 3, 2: 1}, {1: 2, 2: 6}, links=8, people=9)
    assert (result.by_link.counts, result.by_link.total, result.by_link.leaders) == ({1: 3, 2: 1}, 4, (1,))
    assert result.by_hand is not None
    assert (result.by_hand.counts, result.by_hand.total, result.by_hand.leaders) == ({1: 2, 2: 6}, 8, (2,))


def test_an_option_nobody_chose_is_there_with_nought() -> None:
    assert result_of([1, 2, 3], {2: 1}, {}, links=3, people=0).by_link.counts == {1: 0, 2: 1, 3: 0}


def test_hands_are_no_result_where_nobody_counted() -> None:
    assert result_of([1, 2], {1: 1}, {}, links=3, people=5).by_hand is None


def test_a_tie_is_called_one() -> None:
    tie = Tally({1: 2, 2: 2, 3: 1}, 9)
    assert (tie.is_tie, tie.leaders) == (True, (1, 2))
    assert (Tally({1: 2, 2: 1}, 9).is_tie, Tally({1: 0, 2: 0}, 9).leaders) == (False, ())


@pytest.mark.parametrize(
    ("votes", "entitled", "percent"),
    [(0, 3, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (0, 0, None), (4, 3, None)],
)
def test_turnout_is_a_share_of_those_who_could_vote(votes: int, entitled: int, percent: int | None) -> None:
    assert Tally({1: votes}, entitled).turnout_percent == percent


def test_options_are_written_one_a_line() -> None:
    assert options_from(" 划一块停放区 \n\n只加强  清运\n") == ["划一块停放区", "只加强 清运"]
    assert options_from("  \n ") == []


@pytest.mark.parametrize(
    "text", ["只有一个", "\n".join(map(str, range(9))), "同一个\n同一个", "好\n" + "长" * 121]
)
def test_what_cannot_be_chosen_from_is_refused(text: str) -> None:
    with pytest.raises(VoteRefused):
        options_from(text)
