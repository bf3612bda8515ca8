"""The weights of the score: one for each figure of evidence.evidence, fitted by bench/grouping/fit.py."""

from typing import Final

import numpy as np

from tracker.domain.grouping.evidence import FEATURES

BIAS: Final = -0.708
WEIGHTS: Final = {
    "near": 0.276,
    "reach": 0.585,
    "closest": 0.480,
    "unplaced": -1.671,
    "gap": 0.699,
    "rhythm": 1.338,
    "late": 0.561,
    "hour": 0.417,
    "category": 0.644,
    "vector_best": -0.112,
    "vector_mean": 0.719,
    "words_best": 0.100,
    "words_mean": -0.025,
    "runs_best": 0.0, "runs_mean": 0.0, "wordless": 1.152,
    "place": 0.147,
    "street": 1.346,
    "other_street": 0.018,
    "reporter": 0.967,
    "size": -1.115,
    "single": -1.697,
}  # fmt: skip
VECTOR: Final = np.array([WEIGHTS[name] for name in FEATURES])
