"""Phrases with alternatives and slots: ``(又|天天)堵在@mark(门口|)`` says one of many things.

``(a|b|c)`` is one of its alternatives, each equally likely, and an empty one may be said, too; alternatives may
hold others. ``@name`` is a slot that whoever says the phrase fills; a digit after the name (``@said2``) asks for
one more of the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

_TOKEN = re.compile(r"@[a-z_]+\d?|[()|]|[^@()|]+")


@dataclass(frozen=True)
class Slot:
    name: str


@dataclass(frozen=True)
class Choice:
    options: tuple["Phrase", ...]


Phrase = tuple[str | Slot | Choice, ...]


class PhraseMalformed(ValueError):
    """A phrase has brackets that do not match, or alternatives outside of brackets. The message shows it."""


def read_phrase(text: str) -> Phrase:
    """Read one phrase.

    Raises:
        PhraseMalformed: its brackets do not match, or alternatives stand outside of them.
    """
    tokens = iter(_TOKEN.findall(text))
    options, end = _alternatives(tokens, text)
    if end or len(options) > 1:
        raise PhraseMalformed(text)
    return options[0]


def _alternatives(tokens: Iterator[str], text: str) -> tuple[tuple[Phrase, ...], str]:
    """Read up to the closing bracket or the end; return what stands between the bars, and the token it ended with."""
    options: list[list[str | Slot | Choice]] = [[]]
    for part in tokens:
        match part:
            case ")":
                return tuple(map(tuple, options)), part
            case "|":
                options.append([])
            case "(":
                inner, end = _alternatives(tokens, text)
                if not end:
                    raise PhraseMalformed(text)
                options[-1].append(Choice(inner))
            case _:
                options[-1].append(Slot(part[1:].rstrip("0123456789")) if part[0] == "@" else part)
    return tuple(map(tuple, options)), ""


def slots_of(phrase: Phrase) -> Iterator[str]:
    """The names of all slots that may be said."""
    for part in phrase:
        if isinstance(part, Slot):
            yield part.name
        elif isinstance(part, Choice):
            for option in part.options:
                yield from slots_of(option)


def say(phrase: Phrase, rng: Random, fill: Callable[[str], str]) -> str:
    """Say one of the many things; `fill` returns the words for a slot's name."""
    return "".join(_said(phrase, rng, fill))


def _said(phrase: Phrase, rng: Random, fill: Callable[[str], str]) -> Iterator[str]:
    for part in phrase:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Slot):
            yield fill(part.name)
        else:
            yield from _said(rng.choice(part.options), rng, fill)
