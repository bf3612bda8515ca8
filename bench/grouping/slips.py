"""What becomes of words on their way: other words for the same, dialect, dictation, thumbs, missing commas."""

import re
from collections.abc import Iterator
from random import Random

from bench.grouping.grammar import Habits, Instead

_NUMBER = re.compile(r"[一二两三四五六七八九十](?=[个天辆米点楼号家户台部趟车袋年月])")
_FIGURES = dict(
    zip("一二两三四五六七八九十", ("1", "2", "2", "3", "4", "5", "6", "7", "8", "9", "10"), strict=True)
)


def slip(text: str, habits: Habits, rng: Random) -> str:
    """Return the text as it arrives."""
    text = _swapped(text, habits.swaps, habits.swap_share, rng)
    if rng.random() < habits.dialect_share:
        text = _swapped(text, habits.dialect, 0.8, rng)
    text = _swapped(text, habits.words, habits.word_share, rng)
    if rng.random() < habits.figures_share:
        text = _NUMBER.sub(lambda number: _FIGURES[number.group()], text)
    text = "".join(_typed(text, habits, rng))
    if rng.random() < habits.traditional_share:
        text = "".join(habits.traditional.get(letter, letter) for letter in text)
    return text.replace("，", rng.choice(habits.commas)).strip()


def _swapped(text: str, pairs: Instead, share: float, rng: Random) -> str:
    """Put another word in place of some; the share is that of words that are there."""
    for word, others in pairs:
        if word in text and rng.random() < share:
            text = text.replace(word, rng.choice(others), 1)
    return text


def _typed(text: str, habits: Habits, rng: Random) -> Iterator[str]:
    for letter in text:
        chance = rng.random()
        if chance < habits.letter_rate and letter in habits.letters:
            yield habits.letters[letter]
        elif (
            chance < habits.letter_rate
            or chance >= habits.letter_rate + habits.drop_rate + habits.double_rate
        ):
            yield letter
        elif chance >= habits.letter_rate + habits.drop_rate:
            yield letter * 2
