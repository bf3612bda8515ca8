"""What the installation has taught: frozen between two lessons, so that a restart changes nothing."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import SPACE, Grams

Floats = NDArray[np.float32]

FIRST_LESSON: Final = 30  # reports before anything is learned
CATEGORIES_KEPT: Final = 64  # the most frequent ones; the others share one row


@dataclass(frozen=True, eq=False)
class Model:
    """The lessons so far.

    Attributes:
        lesson: counts up; what was computed with another lesson is stale.
        seen: reports that had been placed when it was learned; next_at: when to learn again.
        known: numbers of the runs that are known, ascending; weights: how telling each of them is, 0 to 1;
        vectors: a row for each of them, or none while there is too little to learn from.
        background: texts (as numbers) of reports from all over the installation.
        categories: names; confusion: row true, column as filed: probabilities; shares: how often each is filed.
        hours: how often each hour of day occurs, 24 shares.
    """

    lesson: int = 0
    seen: int = 0
    next_at: int = FIRST_LESSON
    known: Grams = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    weights: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    background: tuple[Grams, ...] = ()
    categories: tuple[str, ...] = ()
    confusion: Floats = field(default_factory=lambda: np.ones((1, 1), dtype=np.float32))
    shares: Floats = field(default_factory=lambda: np.ones(1, dtype=np.float32))
    hours: Floats = field(default_factory=lambda: np.full(24, 1 / 24, dtype=np.float32))

    @cached_property
    def row_of(self) -> NDArray[np.int32]:
        """Number of a run → its row, -1: not known."""
        rows = np.full(SPACE, -1, dtype=np.int32)
        rows[self.known] = np.arange(len(self.known), dtype=np.int32)
        return rows

    @cached_property
    def weight_of(self) -> Floats:
        """Number of a run → how telling it is; an unknown one is as telling as the rarest known."""
        rare = float(self.weights.max(initial=1.0)) if self.lesson else 1.0
        weights = np.full(SPACE, rare, dtype=np.float32)
        weights[self.known] = self.weights
        return weights

    @cached_property
    def column_of(self) -> dict[str, int]:
        """Category → its row and column in the confusion; those without one have the last."""
        return {name: at for at, name in enumerate(self.categories)}

    @property
    def is_deep(self) -> bool:
        """Whether vectors have been learned."""
        return self.vectors.shape[0] > 0


NOTHING_LEARNED: Final = Model()
