"""The weights of the score: one for each figure of evidence.evidence, fitted by bench/grouping/fit.py."""

from typing import Final

import numpy as np

from tracker.domain.grouping.evidence import FEATURES

BIAS: Final = -1.5
WEIGHTS: Final = {
    "near": 0.5, "reach": 0.5, "closest": 0.4, "unplaced": -2.5, "gap": 0.5, "rhythm": 0.4, "late": 0.3, "hour": 0.6,
    "category": 0.9, "vector_best": 0.3, "vector_mean": 0.5, "words_best": 0.25, "words_mean": 0.4, "wordless": 0.0,
    "place": 0.7, "street": 0.7, "other_street": 0.3, "reporter": 2.5, "size": 0.3, "single": -0.3,
}  # fmt: skip
VECTOR: Final = np.array([WEIGHTS[name] for name in FEATURES])
