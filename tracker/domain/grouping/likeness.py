"""How alike two texts are, measured against how alike this text is to any text of the installation.

A short text and a vague one are a little like everything; a long one is like nothing much. So no likeness is used
as it stands: what counts is by how many standard deviations it exceeds that of the same text with the background.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import Grams
from tracker.domain.grouping.group import Sample
from tracker.domain.grouping.model import Floats, Model
from tracker.domain.grouping.reading import behind_of, packed, starts_of

_MOST: Final = 8.0  # standard deviations; more than that says no more
_LEAST_DEVIATION: Final = 0.02
_BELIEF: Final = (
    100.0  # background texts that the following is worth: a first trouble must not be its own background
)
_BEFORE_ANY_LESSON: Final = (
    0.05,
    0.06,
)  # of two texts in general: most share a run or two of those in every sentence


@dataclass(frozen=True, eq=False)
class Likeness:
    """One text, ready to be compared with many."""

    model: Model
    has_text: bool
    own: Floats
    vector: Floats
    words_usual: tuple[float, float] = _BEFORE_ANY_LESSON
    vector_usual: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(cls, sample: Sample, model: Model) -> "Likeness":
        """Read a text against the background of a model."""
        pack = packed([sample], model)
        own = np.zeros(len(model.weight_in), dtype=np.float32)
        if not len(pack.slots):
            return cls(model, has_text=False, own=own, vector=pack.vectors)
        own[pack.slots] = model.weight_in[pack.slots] ** 2 / pack.texts[0, 1]
        bare = cls(model, has_text=True, own=own, vector=pack.vectors)
        behind = behind_of(model)
        if not len(behind.texts):
            return bare
        words, count = bare.shares(behind.slots, behind.texts), len(behind.texts)
        mean, deviation = (
            (count * seen + _BELIEF * before) / (count + _BELIEF)
            for seen, before in zip(_usual(words), _BEFORE_ANY_LESSON, strict=True)
        )
        vector = _usual(behind.vectors @ bare.vector[0]) if bare.has_vector else (0.0, 1.0)
        return replace(bare, words_usual=(mean, deviation), vector_usual=vector)

    @property
    def is_deep(self) -> bool:
        """Whether vectors have been learned at all."""
        return self.model.is_deep

    @property
    def has_vector(self) -> bool:
        """Whether anything that was learned is known of this text."""
        return self.vector.size > 0 and bool(self.vector.any())

    def shares(self, slots: Grams, texts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weighted share of common runs, 0 to 1, for many texts written one after another."""
        common = np.add.reduceat(self.own[slots], starts_of(texts[:, 0]))
        return np.asarray(common / np.maximum(texts[:, 1], 1e-9))

    def by_words(self, slots: Grams, texts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same as deviations."""
        return _deviations(self.shares(slots, texts), self.words_usual)

    def by_vector(self, vectors: Floats) -> NDArray[np.float64]:
        """Deviations of the cosine of the learned vectors."""
        return _deviations(vectors @ self.vector[0], self.vector_usual)


def _usual(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.mean()), max(_LEAST_DEVIATION, float(values.std()))


def _deviations(values: NDArray[np.float64], usual: tuple[float, float]) -> NDArray[np.float64]:
    mean, deviation = usual
    return np.clip((values - mean) / deviation, -_MOST, _MOST)
