"""What the installation has taught: frozen between two lessons, so that a restart changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import SPACE, Grams

Floats = NDArray[np.float32]

FIRST_LESSON: Final = 30  # reports before anything is learned
STRANGERS: Final = 4_096  # slots shared by all runs that are not known
CATEGORIES_KEPT: Final = 64  # the most frequent ones; the others share one row


@dataclass(frozen=True, eq=False)
class Model:
    """The lessons so far.

    Attributes:
        lesson: counts up; what was computed with another lesson is stale.
        seen: reports that had been placed when it was learned; next_at: when to learn again.
        known: numbers of the runs that are known, ascending; weights: how telling each of them is, 0 to 1;
        vectors: a row for each of them, or none while there is too little to learn from;
        says: a row for each of them: how much it says for each topic (topics.learned_topics), or none.
        topics: the share of each topic.
        categories: names; confusion: row true, column as filed: probabilities; shares: how often each is filed.
        together: category × category: how much oftener than by chance two reports of one group are filed so,
            as a logarithm.
    """

    lesson: int = 0
    seen: int = 0
    next_at: int = FIRST_LESSON
    known: Grams = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    weights: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    says: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    topics: Floats = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    categories: tuple[str, ...] = ()
    confusion: Floats = field(default_factory=lambda: np.ones((1, 1), dtype=np.float32))
    shares: Floats = field(default_factory=lambda: np.ones(1, dtype=np.float32))
    together: Floats = field(default_factory=lambda: np.zeros((1, 1), dtype=np.float32))

    @cached_property
    def slot_of(self) -> NDArray[np.int32]:
        """Number of a run → its row; those that are not known share the slots after the last row."""
        slots = len(self.known) + np.arange(SPACE, dtype=np.int32) % STRANGERS
        slots[self.known] = np.arange(len(self.known), dtype=np.int32)
        return slots

    @cached_property
    def weight_in(self) -> Floats:
        """Slot → how telling; an unknown run is as telling as the rarest known one."""
        rare = self.weights.max(initial=0.0) or 1.0
        return np.concatenate((self.weights, np.full(STRANGERS, rare, dtype=np.float32)))

    @cached_property
    def part_in(self) -> Floats:
        """Slot → the weighted vector, and what it says for each topic beside it; nought for an unknown run."""
        known = np.hstack([self.vectors * self.weights[:, None], self.says]) if self.is_deep else self.vectors
        return np.concatenate((known, np.zeros((STRANGERS, known.shape[1]), dtype=np.float32)))

    @cached_property
    def topics_log(self) -> Floats:
        """Logarithms of the topics' shares."""
        return np.log(self.topics)

    @cached_property
    def logs(self) -> NDArray[np.float64]:
        """Logarithms of the confusion, filed × true, ready to be multiplied with counts as filed."""
        return np.log(self.confusion.T.astype(np.float64))

    @cached_property
    def ratios(self) -> NDArray[np.float64]:
        """Confusion over how often each category is filed by anybody."""
        return np.asarray(self.confusion / (self.shares @ self.confusion), dtype=np.float64)

    @cached_property
    def column_of(self) -> dict[str, int]:
        """Category → its row and column in the confusion; those without one have the last."""
        return {name: at for at, name in enumerate(self.categories)}

    def column(self, category: str) -> int:
        """The column of a category as filed; those without one of their own share the last."""
        return self.column_of.get(category, len(self.categories))

    def agreement(self, filed: Mapping[str, int]) -> NDArray[np.float64]:
        """What the categories of a group say of a report, for each category it may be filed under.

        Args:
            filed: how often each category occurs in the group.

        Returns:
            Three rows of logarithms, one column a category: how much likelier it is here than anywhere, what the
            group's true category is being weighed by belief; how it goes together with those filed here, in the mean;
            and with the one it goes with best.
        """
        columns = [self.column(name) for name in filed]
        times = np.fromiter(filed.values(), dtype=np.float64, count=len(columns))
        belief = times @ self.logs[columns] + np.log(self.shares)
        belief = np.exp(belief - belief.max())
        beside = self.together[columns]
        return np.array((
            np.log((belief / belief.sum()) @ self.ratios),
            times @ beside / times.sum(),
            beside.max(axis=0),
        ))  # fmt: skip

    @property
    def is_deep(self) -> bool:
        """Whether vectors have been learned."""
        return len(self.vectors) > 0


NOTHING_LEARNED: Final = Model()
