"""What several reports say in the same words, though nobody told them to: for people to see why they belong together.

Chinese has no blanks between words, so words are runs of two to four characters (or a whole Latin word) that many of
the reports hold and others on the street seldom do. No list of words is needed: what everybody writes ("的", "请")
is as common elsewhere and drops out by itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEAST_REPORTS = 2
LEAST_SHARE = 0.25
"""Of the reports that a word must be in."""
LEAST_LIFT = 2.5
"""So many times as often as elsewhere."""
LONGEST = 4
KEPT_OF_SHORTER = 0.75
"""A longer run replaces the shorter one inside it if it is in at least this share of the shorter one's reports."""
_RUNS = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z0-9-]+")


@dataclass(frozen=True)
class SharedWord:
    """A word and how many of the reports hold it."""

    word: str
    reports: int
    of: int


def shared_words(texts: Sequence[str], elsewhere: Sequence[str], most: int = 6) -> list[SharedWord]:
    """The words that `texts` share, the most telling first.

    Args:
        texts: one a report; those without words count, for they share none.
        elsewhere: what other reports of the street say, to know what is ordinary there.
    """
    counts, ordinary = _in_how_many(texts), _in_how_many(elsewhere)
    least = max(LEAST_REPORTS, LEAST_SHARE * len(texts))
    telling = {
        word: count
        for word, count in counts.items()
        if count >= least and _lift(count, len(texts), ordinary[word], len(elsewhere)) >= LEAST_LIFT
    }
    words = dict.fromkeys(_grown(word, texts) for word in _chosen(telling))
    found = [SharedWord(word, sum(word in text.lower() for text in texts), len(texts)) for word in words]
    return [each for each in found if not any(each.word in word and each.word != word for word in words)][
        :most
    ]


def _chosen(telling: dict[str, int]) -> list[str]:
    """Without words inside or around one that was taken; more reports first, then the longer word."""
    taken: list[str] = []
    for word in sorted(telling, key=lambda word: (-telling[word], -len(word), word)):
        longer = [
            other
            for other in telling
            if word in other and other != word and telling[other] >= KEPT_OF_SHORTER * telling[word]
        ]
        best = max(longer, key=lambda other: (telling[other] * len(other), other), default=word)
        if not any(best in other or other in best or _overlap(best, other) for other in taken):
            taken.append(best)
    return taken


def _grown(word: str, texts: Sequence[str]) -> str:
    """The whole run that a word was cut from, as far as nearly all of its reports go on in the same way."""
    if word.isascii():
        return word
    while True:
        holding = [text for text in texts if word in text]
        longer = Counter(run for text in holding for run in _one_longer(word, text))
        best, count = max(longer.items(), key=lambda each: (each[1], each[0]), default=("", 0))
        if count < LEAST_REPORTS or count < KEPT_OF_SHORTER * len(holding):
            return word
        word = best


def _one_longer(word: str, text: str) -> set[str]:
    """The word with the character before and with the one behind it, where those belong to a word."""
    at = text.find(word)
    both = {text[max(at - 1, 0) : at + len(word)], text[at : at + len(word) + 1]}
    return {run for run in both if len(run) > len(word) and _RUNS.fullmatch(run)}


def _overlap(word: str, other: str) -> bool:
    """Whether one ends as the other begins: two halves of a run that was cut in the middle of a word."""
    return any(
        word.endswith(other[:length]) or other.endswith(word[:length])
        for length in range(1, min(len(word), len(other)))
        if not word.isascii()
    )


def _lift(count: int, of: int, ordinary: int, of_others: int) -> float:
    """How many times as often as elsewhere; half a report is added there, since what was never seen may still come."""
    return (count / of) / ((ordinary + 0.5) / (of_others + 1))


def _in_how_many(texts: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(words_of(text)))
    return found


def words_of(text: str) -> Iterable[str]:
    """Every run of two to four characters and every Latin word, in small letters."""
    for run in _RUNS.findall(text):
        if run.isascii():
            yield run.lower()
            continue
        for length in range(2, LONGEST + 1):
            yield from (run[at : at + length] for at in range(len(run) - length + 1))
