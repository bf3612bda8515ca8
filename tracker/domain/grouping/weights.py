"""The weights of the score: one for each figure of evidence.evidence, fitted on reports whose causes are known.

Of all weights those were kept under which the right group, or none, is likeliest among the candidates that a report
had on its arrival (conditional logit).
"""

from typing import Final

import numpy as np

from tracker.domain.grouping.evidence import FEATURES

BIAS: Final = -0.368
WEIGHTS: Final = {
    "near": 0.289,
    "reach": -0.180,
    "closest": 0.530,
    "unplaced": -1.714,
    "gap": 0.665,
    "rhythm": 0.565,
    "late": 0.505,
    "hour": 0.464,
    "category": 0.663,
    "vector_best": -0.164,
    "vector_mean": 0.802,
    "words_best": 0.477,
    "words_mean": -0.058,
    "runs_best": 0.221,
    "runs_mean": -0.178,
    "wordless": 1.065,
    "place": 0.193,
    "street": 0.753,
    "other_street": 0.276,
    "reporter": 1.385,
    "size": -0.286,
    "single": -1.526,
}  # fmt: skip
VECTOR: Final = np.array([WEIGHTS[name] for name in FEATURES])
