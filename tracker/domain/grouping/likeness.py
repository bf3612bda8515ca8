"""How alike two texts are: by the runs of characters they share, and by the vectors learned of those."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import Grams
from tracker.domain.grouping.group import Sample
from tracker.domain.grouping.model import Floats, Model
from tracker.domain.grouping.reading import packed, starts_of

_LEAST: Final = 1e-2  # a topic may be another one than it seems: no text is so far from another as that


@dataclass(frozen=True, eq=False)
class Likeness:
    """One text, ready to be compared with many."""

    has_text: bool
    own: Floats
    vector: Floats
    topics: Floats

    @classmethod
    def of(cls, sample: Sample, model: Model) -> "Likeness":
        """Read a text with what is known."""
        pack = packed([sample], model)
        own = np.zeros(len(model.weight_in), dtype=np.float32)
        if not len(pack.slots):
            return cls(has_text=False, own=own, vector=pack.middle, topics=pack.topics)
        own[pack.slots] = model.weight_in[pack.slots] ** 2 / pack.texts[0, 1]
        return cls(has_text=True, own=own, vector=pack.vectors[0], topics=_against(pack.topics, model))

    @property
    def has_vector(self) -> bool:
        """Whether anything that was learned is known of this text."""
        return self.vector.size > 0 and bool(self.vector.any())

    def by_topics(self, chances: Floats) -> NDArray[np.float64]:
        """How much likelier than by chance it is that each of many is of the same topic, as a logarithm."""
        return np.log(np.asarray(chances @ self.topics, dtype=np.float64) + _LEAST)

    def by_words(self, slots: Grams, texts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weighted share of common runs (cosine), 0 to 1, with many texts written one after another."""
        common = np.add.reduceat(self.own[slots], starts_of(texts[:, 0]))
        return np.asarray(common / np.maximum(texts[:, 1], 1e-9))

    def by_vector(self, vectors: Floats) -> NDArray[np.float64]:
        """The cosine of the learned vectors with many others, −1 to 1."""
        return np.asarray(vectors @ self.vector, dtype=np.float64)


def _against(chances: Floats, model: Model) -> Floats:
    return chances / model.topics
