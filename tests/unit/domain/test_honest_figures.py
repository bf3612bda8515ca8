import pytest

from tracker.domain.honest_figures import Ending, Figures, ending_of, percent


@pytest.mark.parametrize(
    ("part", "whole", "wanted"),
    [
        (0, 9, None),
        (9, 9, None),
        (0, 10, 0),
        (1, 8, None),
        (5, 10, 50),
        (1, 200, 1),
        (143, 312, 46),
        (7, 7, None),
    ],
)
def test_small_numbers_are_not_made_into_percentages(part: int, whole: int, wanted: int | None) -> None:
    assert percent(part, whole) == wanted


@pytest.mark.parametrize(
    ("state", "outcome", "closing", "ending"),
    [
        ("closed", "fixed", "confirmed", "fixed"),
        ("closed", "partly_fixed", "confirmed", "fixed"),
        ("closed", "fixed_on_spot", "confirmed", "fixed"),
        ("closed", "explained", "confirmed", "answered"),
        ("closed", "planned", "confirmed", "answered"),
        ("closed", "fixed", "lapsed", "unanswered"),
        ("closed", "explained", "lapsed", "unanswered"),
        ("verified", "fixed", "", "waiting"),
        ("resolved", "fixed", "", "open"),
        ("in_progress", "", "", "open"),
        ("on_hold", "", "", "open"),
        ("declined", "", "", "declined"),
        ("declined", "not_found", "", "declined"),
        ("merged", "", "", "merged"),
        ("withdrawn", "", "", "withdrawn"),
        ("voided", "", "", "voided"),
    ],
)
def test_silence_is_never_counted_as_satisfaction(
    state: str, outcome: str, closing: str, ending: str
) -> None:
    assert ending_of(state, outcome, closing) == ending


def test_the_endings_add_up_to_what_was_reported() -> None:
    figures = Figures(endings={Ending.FIXED: 3, Ending.OPEN: 2, Ending.WAITING: 1})
    assert figures.reported == 6
    assert figures.count(Ending.OPEN, Ending.WAITING) == 3
    assert figures.count(Ending.UNANSWERED) == 0
