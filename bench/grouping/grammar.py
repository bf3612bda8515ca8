"""A way of writing, read from ``grammars/<name>/*.toml``: what goes wrong, and how people put it.

Every grammar is data alone. ``grammar.toml`` holds the names of the town, the words that any report may hold, the
frames that a report is built in and the slips of whoever types; every other file beside it holds troubles.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.grouping.phrases import Phrase, read_phrase, slots_of

GRAMMARS = Path(__file__).with_name("grammars")
FACTS = frozenset({"street", "no", "mark", "home", "shop"})
"""Slots that the place of the report fills."""
Instead = tuple[tuple[str, tuple[str, ...]], ...]
"""A word and what may stand in its place."""
OF_ANOTHER = "other_"
"""Before the name of a slot: in the words of a trouble that has nothing to do with this one."""


@dataclass(frozen=True)
class Trouble:
    """One kind of thing that goes wrong.

    Attributes:
        mistaken: categories that it is filed under by mistake.
        shape: ``point``, ``street`` or ``area``: how far one cause of it reaches.
        starts_at: kinds of place that its causes begin at.
        hours: a profile of ``causes.HOURS``: when in the day it is reported.
        days: shortest and longest time that a cause lasts.
        weight: how common it is beside the others.
        wording: phrases by the name of the slot they fill.
    """

    key: str
    category: str
    mistaken: tuple[str, ...]
    shape: str
    starts_at: tuple[str, ...]
    hours: str
    days: tuple[float, float]
    weight: float
    wording: Mapping[str, tuple[Phrase, ...]]


@dataclass(frozen=True)
class Frames:
    """How one kind of person builds a report."""

    phrases: tuple[Phrase, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Habits:
    """What happens to the words on their way, as shares of texts (``…_share``) or of letters (``…_rate``)."""

    letters: Mapping[str, str]  # a letter and what is taken for it
    words: Instead  # a word and what dictation makes of it
    swaps: Instead  # an everyday word and others for it
    dialect: Instead
    traditional: Mapping[str, str]
    commas: tuple[str, ...]  # what stands for a comma, one choice a text
    letter_rate: float
    drop_rate: float
    double_rate: float
    word_share: float
    swap_share: float
    dialect_share: float
    traditional_share: float
    figures_share: float


@dataclass(frozen=True)
class Names:
    """What the town is called by: parts of road names, and shop and place names by kind."""

    road_first: tuple[str, ...]
    road_second: tuple[str, ...]
    road_type: tuple[str, ...]
    owner: tuple[str, ...]
    by_kind: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Grammar:
    name: str
    troubles: tuple[Trouble, ...]
    frames: Mapping[str, Frames]  # by persona: owner, resident, courier
    words: Mapping[str, tuple[Phrase, ...]]
    names: Names
    habits: Habits
    no_text_share: float
    vague_share: float


def grammar_names() -> list[str]:
    return sorted(folder.name for folder in GRAMMARS.iterdir() if (folder / "grammar.toml").is_file())


@cache
def read_grammar(name: str) -> Grammar:
    """Read a grammar.

    Raises:
        KeyError: no grammar is called that, or a table lacks something.
        ValueError: a frame has a slot that nothing fills.
    """
    if name not in grammar_names():
        raise KeyError(name)
    folder = GRAMMARS / name
    base = _table(folder / "grammar.toml")
    troubles = tuple(
        _trouble(key, row)
        for path in sorted(folder.glob("*.toml"))
        if path.name != "grammar.toml"
        for key, row in _table(path).items()
    )
    shares = base["shares"]
    grammar = Grammar(
        name,
        troubles,
        {persona: _frames(text) for persona, text in base["frames"].items()},
        {key: _phrases(text) for key, text in base["words"].items()},
        _names(base["names"]),
        _habits(base["habits"], shares),
        shares["no_text"],
        shares["vague"],
    )
    _check(grammar)
    return grammar


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _trouble(key: str, row: Mapping[str, Any]) -> Trouble:
    wording = {
        name: _phrases(value) for name, value in row.items() if name not in Trouble.__dataclass_fields__
    }
    least, most = row["days"]
    return Trouble(
        key,
        row["category"],
        tuple(row["mistaken"]),
        row["shape"],
        tuple(row["starts_at"]),
        row["hours"],
        (least, most),
        row["weight"],
        wording,
    )


def _phrases(text: str) -> tuple[Phrase, ...]:
    """One phrase a line."""
    return tuple(read_phrase(line.strip()) for line in text.strip().splitlines())


def _frames(text: str) -> Frames:
    """One frame a line, its weight before it."""
    rows = [line.split(maxsplit=1) for line in text.strip().splitlines()]
    return Frames(
        tuple(read_phrase(frame.strip()) for _, frame in rows), tuple(float(weight) for weight, _ in rows)
    )


def _names(row: Mapping[str, Any]) -> Names:
    kinds = {kind: tuple(names.split()) for kind, names in row["by_kind"].items()}
    first, second, types = (tuple(row[part].split()) for part in ("road_first", "road_second", "road_type"))
    return Names(first, second, types, tuple(row["owner"].split()), kinds)


def _habits(row: Mapping[str, Any], shares: Mapping[str, float]) -> Habits:
    return Habits(
        letters=_letters(row["letters"]),
        words=_instead(row["words"]),
        swaps=_instead(row["swaps"]),
        dialect=_instead(row["dialect"]),
        traditional=_letters(row["traditional"]),
        commas=tuple(row["commas"]),
        letter_rate=shares["letter"],
        drop_rate=shares["drop"],
        double_rate=shares["double"],
        word_share=shares["word"],
        swap_share=shares["swap"],
        dialect_share=shares["dialect"],
        traditional_share=shares["traditional"],
        figures_share=shares["figures"],
    )


def _letters(text: str) -> dict[str, str]:
    """Read pairs of letters: what is meant and what is taken for it."""
    return {pair[0]: pair[1] for pair in text.split()}


def _instead(text: str) -> Instead:
    """Read ``word:other/another`` pairs."""
    pairs = (pair.split(":") for pair in text.split())
    return tuple((word, tuple(others.split("/"))) for word, others in pairs)


def _check(grammar: Grammar) -> None:
    """Every slot of every frame is filled by the place, by every trouble, or by the grammar's words."""
    for persona, frames in grammar.frames.items():
        for phrase in frames.phrases:
            for name in slots_of(phrase):
                _check_slot(grammar, name.removeprefix(OF_ANOTHER), f"{grammar.name}, {persona}")


def _check_slot(grammar: Grammar, name: str, where: str) -> None:
    if name in FACTS or name in grammar.words:
        return
    lacking = [trouble.key for trouble in grammar.troubles if not trouble.wording.get(name)]
    if lacking:
        message = f"{where}: nothing to say for @{name} of {', '.join(lacking)}"
        raise ValueError(message)
