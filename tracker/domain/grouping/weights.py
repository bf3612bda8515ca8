"""The score of a row of evidence: a small network of rectified units beside a weighted sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.evidence import FEATURES, Table
from tracker.domain.grouping.fitted import AT_NIGHT, BY_DAY

Weights = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Score:
    """Log-odds that a report belongs to a group rather than to a group of its own.

    Attributes:
        sums: what each feature says by itself. units: feature × unit. turns, says: of each unit, where it begins to
            speak and how loud. bias: what is said without any evidence.
    """

    sums: Weights
    units: Weights
    turns: Weights
    says: Weights
    bias: float

    def __call__(self, table: Table) -> Weights:
        """The score of each row."""
        return np.asarray(
            table @ self.sums + np.maximum(table @ self.units + self.turns, 0.0) @ self.says + self.bias
        )

    def said(self, row: Weights) -> dict[str, float]:
        """What each feature contributes to the score of one row; their sum is the score but for a constant."""
        speaking = (row @ self.units + self.turns > 0) * self.says
        parts = row * (self.sums + self.units @ speaking)
        return {
            name: round(float(part), 3)
            for name, part in zip(FEATURES, parts, strict=True)
            if abs(part) >= 0.0005
        }


def read_score(text: str) -> Score:
    """A score as it stands in fitted: a line a feature (its sum, then one number a unit), then turns, says and bias."""
    rows = {name: numbers for name, *numbers in map(str.split, text.strip().splitlines())}
    table = np.array([_numbers(rows[name]) for name in FEATURES])
    return Score(
        table[:, 0], table[:, 1:], _numbers(rows["turns"]), _numbers(rows["says"]), float(rows["bias"][0])
    )  # fmt: skip


def _numbers(words: Sequence[str]) -> Weights:
    return np.array([float(word) for word in words])


DAY: Final = read_score(BY_DAY)
NIGHT: Final = read_score(AT_NIGHT)
