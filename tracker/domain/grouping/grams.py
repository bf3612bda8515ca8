"""A text as a set of numbers: hashed runs of one to three characters, and the matters it speaks of.

Nothing is cut into words: people type as they speak, with slips, and in several scripts; overlapping short runs
survive all of that. A run of Latin letters counts as one character. Punctuation and digits separate: a house number
says where, not what.
"""

import re
import unicodedata
import zlib
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.matters import MATTERS

Grams = NDArray[np.int32]

SPACE: Final = 1 << 18  # numbers a run is hashed to; at 20,000 runs in use one in thirteen shares its number
_LIMIT: Final = 160  # characters read of one text; whoever writes more has said it by then
_BETWEEN: Final = re.compile(r"[\W\d_]+")
_LATIN: Final = re.compile(r"[a-z\u00c0-\u024f]+")
_PRIVATE: Final = (
    0xE000,
    6_400,
)  # the characters that Unicode leaves to everyone: a Latin word becomes one of them
_FACTORS: Final = np.array(
    [0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], dtype=np.uint32
)  # odd, no pattern: Knuth, MurmurHash
NO_GRAMS: Final[Grams] = np.zeros(0, dtype=np.int32)


@lru_cache(maxsize=16_384)
def grams_of(text: str, *, but: str = "") -> Grams:
    """The numbers of a text, sorted, each once.

    Args:
        text: as typed; may be empty.
        but: words to pass over, such as the name of the street, which is known without the text.
    """
    plain = plain_text(text, but)
    if not plain:
        return NO_GRAMS
    codes = np.frombuffer(plain.encode("utf-32-le"), dtype=np.uint32)
    first, second, third = (codes * factor for factor in _FACTORS)
    apart = codes == 32
    pairs = (first[:-1] ^ (second[1:] >> np.uint32(3))) * _FACTORS[1]
    threes = (pairs[:-1] + (third[2:] >> np.uint32(5))) * _FACTORS[2]
    gap = apart[:-1] | apart[1:]
    found = np.concatenate((first[~apart], pairs[~gap], threes[~(gap[:-1] | apart[2:])])) >> np.uint32(14)
    return np.unique(np.concatenate((found.astype(np.int32), matters_in(plain))))


def plain_text(text: str, but: str = "") -> str:
    """Lower case, usual widths, one blank for whatever separates, one character for a Latin word."""
    short = unicodedata.normalize("NFKC", text[:_LIMIT]).lower()
    if but:
        short = short.replace(but.lower(), " ")
    return _LATIN.sub(_one_character, _BETWEEN.sub(" ", short)).strip()


def _one_character(word: re.Match[str]) -> str:
    start, room = _PRIVATE
    return chr(start + zlib.crc32(word[0].encode()) % room)


def number_of(run: str) -> int:
    """The number of a single run of one to three characters of plain text."""
    codes = np.frombuffer(run.encode("utf-32-le"), dtype=np.uint32)
    first, second, third = (codes * factor for factor in _FACTORS)
    value = first[:1]
    if len(codes) > 1:
        value = (value ^ (second[1:2] >> np.uint32(3))) * _FACTORS[1]
    if len(codes) > 2:
        value = (value + (third[2:3] >> np.uint32(5))) * _FACTORS[2]
    return int(value[0] >> np.uint32(14))


def matters_in(plain: str) -> Grams:
    """The numbers of the matters that a plain text names by one of their everyday words."""
    found = {_matter_of()[word] for word in _every_word().findall(plain)}
    return np.fromiter(found, dtype=np.int32, count=len(found))


@lru_cache(maxsize=1)
def _matter_of() -> dict[str, int]:
    """Everyday word → number of its matter; a matter stands for itself beside the runs of its words."""
    return {
        plain_text(word): zlib.crc32(f"matter {name}".encode()) % SPACE
        for name, words in MATTERS.items()
        for word in words.split()
    }


@lru_cache(maxsize=1)
def _every_word() -> re.Pattern[str]:
    longest_first = sorted(_matter_of(), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))
