"""How alike two texts are, measured against how alike this text is to any text of the installation.

A short text and a vague one are a little like everything; a long one is like nothing much. So no likeness is used
as it stands: what counts is by how many standard deviations it exceeds that of the same text with the background.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracker.domain.grouping.grams import SPACE, Grams
from tracker.domain.grouping.group import Sample
from tracker.domain.grouping.model import Floats, Model
from tracker.domain.grouping.reading import behind_of, packed

_MOST: Final = 8.0  # standard deviations; more than that says no more
_LEAST_DEVIATION: Final = 0.02


@dataclass(frozen=True, eq=False)
class Likeness:
    """One text, ready to be compared with many."""

    has_text: bool
    scratch: Floats
    vector: Floats
    words_usual: tuple[float, float]
    vector_usual: tuple[float, float]

    @classmethod
    def of(cls, sample: Sample, model: Model) -> "Likeness":
        """Read a text against the background of a model."""
        own = packed([sample], model)
        nothing = cls(len(own.grams) > 0, np.zeros(0, dtype=np.float32), own.vectors, (0.0, 1.0), (0.0, 1.0))
        if not nothing.has_text:
            return nothing
        scratch = np.zeros(SPACE, dtype=np.float32)
        scratch[own.grams] = model.weight_of[own.grams] ** 2 / own.norms[0]
        ready = cls(True, scratch, own.vectors, (0.0, 1.0), (0.0, 1.0))
        behind = behind_of(model)
        if not len(behind.lengths):
            return ready
        words = ready.by_words(behind.grams, behind.lengths, behind.norms)
        vector = ready.by_vector(behind.vectors) if ready.has_vector else np.zeros(1)
        return cls(True, scratch, own.vectors, _usual(words), _usual(vector))

    @property
    def has_vector(self) -> bool:
        """Whether anything that was learned is known of this text."""
        return self.vector.size > 0 and bool(self.vector.any())

    def by_words(self, grams: Grams, lengths: Grams, norms: Floats) -> Floats:
        """Deviations of the weighted share of common runs, for many texts written one after another."""
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)
        share = np.add.reduceat(self.scratch[grams], starts) / np.maximum(norms, 1e-9)
        return _deviations(share, self.words_usual)

    def by_vector(self, vectors: Floats) -> Floats:
        """Deviations of the cosine of the learned vectors."""
        return _deviations(vectors @ self.vector[0], self.vector_usual)


def _usual(values: Floats) -> tuple[float, float]:
    return float(values.mean()), max(_LEAST_DEVIATION, float(values.std()))


def _deviations(values: Floats, usual: tuple[float, float]) -> Floats:
    mean, deviation = usual
    return np.clip((values - mean) / deviation, -_MOST, _MOST)
