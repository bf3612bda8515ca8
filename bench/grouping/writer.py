"""One report's words: a frame of the person who writes, filled with the trouble's own phrases."""

from collections.abc import Mapping
from random import Random

from bench.grouping.grammar import OF_ANOTHER, Grammar, Trouble
from bench.grouping.phrases import Phrase, say
from bench.grouping.slips import slip


class Writer:
    """Writes the reports of one grammar."""

    def __init__(self, grammar: Grammar, rng: Random) -> None:
        self._grammar, self._rng = grammar, rng

    def write(self, trouble: Trouble, persona: str, facts: Mapping[str, str]) -> str:
        """Return what a person writes about the trouble; nothing at all for some.

        Args:
            persona: owner, resident or courier.
            facts: of the place: ``street``, ``no`` (house number), ``mark`` (landmark), ``shop``.
        """
        grammar, rng, kind = self._grammar, self._rng, self._rng.random()
        if kind < grammar.no_text_share:
            return ""
        if kind < grammar.no_text_share + grammar.vague_share:
            return say(rng.choice(grammar.words["vague"]), rng, lambda name: facts[name])
        frames = grammar.frames[persona]
        frame = rng.choices(frames.phrases, frames.weights)[0]
        return slip(_Text(grammar, trouble, facts, rng).say(frame), grammar.habits, rng)


class _Text:
    """Fills the slots of one text and says no phrase twice in it, as long as there are others."""

    def __init__(self, grammar: Grammar, trouble: Trouble, facts: Mapping[str, str], rng: Random) -> None:
        self._grammar, self._trouble, self._facts, self._rng = grammar, trouble, facts, rng
        self._said: set[Phrase] = set()
        self._other: Trouble | None = None

    def say(self, phrase: Phrase) -> str:
        return say(phrase, self._rng, self._fill)

    def _fill(self, name: str) -> str:
        if name in self._facts:
            return self._facts[name]
        if name in self._grammar.words:
            return self.say(self._fresh(self._grammar.words[name]))
        trouble, key = self._trouble, name
        if name.startswith(OF_ANOTHER):
            trouble, key = self._another(), name.removeprefix(OF_ANOTHER)
        return self.say(self._fresh(trouble.wording[key]))

    def _fresh(self, phrases: tuple[Phrase, ...]) -> Phrase:
        fresh = [phrase for phrase in phrases if phrase not in self._said] or phrases
        phrase = self._rng.choice(fresh)
        self._said.add(phrase)
        return phrase

    def _another(self) -> Trouble:
        if self._other is None:
            others = [trouble for trouble in self._grammar.troubles if trouble is not self._trouble]
            self._other = self._rng.choice(others)
        return self._other
