"""A small network that chooses one of several groups, or none, learned by gradient descent (Adam).

The loss is the conditional logit's: minus the logarithm of the chance given to the right groups together, or to none
where none is right. Inputs are scaled to mean 0 and deviation 1 while learning and back again at the end.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.grouping.pairs import Choice
from tracker.domain.grouping.weights import Score

Floats = NDArray[np.float32]

UNITS = 32
_EPOCHS, _BATCH, _RATE, _DECAY = 30, 256, 3e-3, 1e-4
_NEVER = np.float32(-1e9)


def fitted(choices: Sequence[Choice], *, lift: float, seed: int = 0) -> Score:
    """The score that explains the choices best.

    Args:
        lift: added to the bias: what is likeliest report by report leaves groups in more pieces than is best.
    """
    rows, open_, right = _padded(choices)
    seen = rows[open_]
    mean, deviation = seen.mean(axis=0), seen.std(axis=0) + 1e-6
    rows = np.where(open_[:, :, None], (rows - mean) / deviation, 0).astype(np.float32)
    weights = _start(rows.shape[2], np.random.default_rng(seed))
    _descend(weights, rows, open_, right, np.random.default_rng(seed))
    units, sums = weights["units"] / deviation[:, None], weights["sums"] / deviation
    return Score(
        sums.astype(np.float64),
        units.astype(np.float64),
        (weights["turns"] - mean @ units).astype(np.float64),
        weights["says"].astype(np.float64),
        float(weights["bias"][0] - mean @ sums) + lift,
    )


def _padded(choices: Sequence[Choice]) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    most, features = max(len(table) for table, _ in choices), choices[0][0].shape[1]
    rows = np.zeros((len(choices), most, features), dtype=np.float32)
    open_ = np.zeros((len(choices), most), dtype=bool)
    right = np.zeros((len(choices), most), dtype=bool)
    for at, (table, is_right) in enumerate(choices):
        rows[at, : len(table)], open_[at, : len(table)], right[at, : len(table)] = table, True, is_right
    return rows, open_, right


def _start(features: int, chance: np.random.Generator) -> dict[str, Floats]:
    start = {
        "sums": np.zeros(features),
        "units": chance.normal(0, 0.25, (features, UNITS)),
        "turns": np.zeros(UNITS),
        "says": chance.normal(0, 0.25, UNITS),
        "bias": np.zeros(1),
    }
    return {name: values.astype(np.float32) for name, values in start.items()}


def _descend(  # noqa: PLR0917 - weights, and what they are to explain
    weights: dict[str, Floats],
    rows: Floats,
    open_: NDArray[np.bool_],
    right: NDArray[np.bool_],
    chance: np.random.Generator,
) -> None:
    first: dict[str, NDArray[Any]] = {name: np.zeros_like(values) for name, values in weights.items()}
    second: dict[str, NDArray[Any]] = {name: np.zeros_like(values) for name, values in weights.items()}
    steps = _EPOCHS * (len(rows) // _BATCH + 1)
    for step, batch in enumerate(_batches(len(rows), chance), start=1):
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        slopes = _slopes(weights, rows[batch], open_[batch], right[batch])
        for name, slope in slopes.items():
            steep = slope + _DECAY * weights[name]
            first[name] = 0.9 * first[name] + 0.1 * steep
            second[name] = 0.99 * second[name] + 0.01 * steep * steep
            go = (first[name] / (1 - 0.9**step)) / (np.sqrt(second[name] / (1 - 0.99**step)) + 1e-8)
            weights[name] -= (rate * go).astype(np.float32)


def _batches(count: int, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for _ in range(_EPOCHS):
        order = chance.permutation(count)
        yield from (order[start : start + _BATCH] for start in range(0, count, _BATCH))


def _slopes(
    weights: dict[str, Floats], rows: Floats, open_: NDArray[np.bool_], right: NDArray[np.bool_]
) -> dict[str, Floats]:
    hidden = rows @ weights["units"] + weights["turns"]
    speaking = np.maximum(hidden, 0)
    scores = rows @ weights["sums"] + speaking @ weights["says"] + weights["bias"][0]
    scores = np.where(open_, scores, _NEVER)
    most = np.maximum(scores.max(axis=1), 0)
    likely = np.exp(scores - most[:, None])
    chosen = likely / (likely.sum(axis=1) + np.exp(-most))[:, None]
    wanted = right * likely
    wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-20)
    wrong = ((chosen - wanted) / len(rows)).astype(np.float32)
    back = (wrong[:, :, None] * weights["says"]) * (hidden > 0)
    features = rows.shape[2]
    return {
        "sums": np.einsum("nk,nkf->f", wrong, rows),
        "units": rows.reshape(-1, features).T @ back.reshape(-1, UNITS),
        "turns": back.sum(axis=(0, 1)),
        "says": np.einsum("nk,nkh->h", wrong, speaking),
        "bias": np.array([wrong.sum()]),
    }
