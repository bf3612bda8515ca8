from random import Random

import pytest

from tracker.demo import words
from tracker.demo.catalogue import categories
from tracker.demo.words import report_text


@pytest.mark.parametrize("category", sorted(categories()))
def test_people_word_the_same_trouble_in_many_ways(category: str) -> None:
    rng = Random(3)
    texts = {report_text(category, rng) for _ in range(60)}
    assert len(texts) >= 25
    assert all(1 <= len(text) <= 200 for text in texts)


def test_no_wording_carries_a_phone_number() -> None:
    rng = Random(4)
    for category in categories():
        for _ in range(20):
            assert sum(letter.isdigit() for letter in report_text(category, rng)) == 0


def test_there_is_a_note_for_every_icon_a_handler_puts_right() -> None:
    assert set(words.FIXED) == {category.icon for category in categories().values()}
