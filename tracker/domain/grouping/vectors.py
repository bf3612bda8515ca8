"""A vector for every run of characters: runs that reports of one matter use have vectors that point the same way.

Nobody says which reports are of one matter; those close in space and time often are. So: count how often two runs
occur in neighbouring reports, compare with chance (positive pointwise mutual information, the context's counts to
the power 0.75: Levy, Goldberg and Dagan 2015), and take the main directions of that matrix (randomised subspace
iteration: Halko, Martinsson and Tropp 2011). Then every run, the rare ones as well, gets the mean of the texts it
occurs in and of their neighbours: that is what makes some thousand reports enough.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import Grams
from tracker.domain.grouping.model import Floats
from tracker.domain.grouping.neighbours import Ints, Weights

_CORE: Final = 2_000  # the most frequent runs, between which pairs are counted: 16 MB
_EVERYWHERE: Final = 0.1  # a run in more than this share of the texts tells too little to be counted
_CORE_TIMES: Final = 3
_DIRECTIONS: Final = 64
_MORE: Final = 10  # directions carried along and left out at the end
_ROUNDS: Final = 3
_FLATTEN: Final = 0.75
_SHIFT: Final = 0.3  # association below this is taken for chance
_DOUBT: Final = 2.0  # a run that occurred so often is trusted by half
_LEAST_RUNS: Final = 200


def learned_vectors(
    texts: Sequence[Grams], pairs: tuple[Ints, Ints, Weights], rows: NDArray[np.int32], weights: Floats
) -> Floats:
    """A row for each known run; no rows at all if the texts are too few.

    Args:
        texts: of the reports, empty ones among them.
        pairs: neighbours.neighbour_pairs of the same reports.
        rows: number of a run → row, -1: not known. weights: how telling each known run is.
    """
    known = [rows[grams] for grams in texts]
    own = [one[one >= 0] for one in known]
    lengths = np.array([len(one) for one in own])
    flat = np.concatenate(own) if own else np.zeros(0, dtype=np.int32)
    core, times = _core(flat, len(weights), int(np.count_nonzero(lengths)))
    nothing = np.zeros((0, 0), dtype=np.float32)
    if len(core) < _LEAST_RUNS or not len(pairs[0]):
        return nothing
    place = np.full(len(weights), -1, dtype=np.int64)
    place[core] = np.arange(len(core))
    directions = _main_directions(_association(own, place, pairs, len(core)))
    first = np.zeros((len(weights), directions.shape[1]), dtype=np.float32)
    first[core] = directions
    meaning = _spread(_text_vectors(flat, lengths, first, weights), pairs)
    return _means(flat, lengths, meaning, times)


def _core(flat: Grams, known: int, texts: int) -> tuple[Ints, Ints]:
    times = np.bincount(flat, minlength=known)
    frequent = np.flatnonzero((times >= _CORE_TIMES) & (times <= max(_CORE_TIMES, _EVERYWHERE * texts)))
    chosen = frequent[np.argsort(-times[frequent], kind="stable")[:_CORE]]
    return np.sort(chosen), times


def _association(
    own: Sequence[Grams], place: Ints, pairs: tuple[Ints, Ints, Weights], size: int
) -> NDArray[np.float32]:
    """How much likelier than by chance two runs stand in neighbouring reports; the logarithm, nothing below zero."""
    once = pairs[0] < pairs[1]
    first, second, weight = (side[once] for side in pairs)
    core = [(at := place[one])[at >= 0] for one in own]
    counts = np.zeros((size, size), dtype=np.float32)
    reports, starts = np.unique(first, return_index=True)
    for report, start, end in zip(reports, starts, [*starts[1:], len(first)], strict=True):
        mine = core[report]
        if not len(mine):
            continue
        others = [core[at] for at in second[start:end]]
        repeated = np.repeat(weight[start:end], [len(other) for other in others])
        near = np.bincount(np.concatenate(others), repeated, minlength=size)
        counts[mine] += near.astype(np.float32)
    counts += counts.T.copy()
    total = counts.sum(axis=1, dtype=np.float64)
    total = np.maximum(total, 1e-9)
    flattened = total**_FLATTEN
    counts /= total[:, None].astype(np.float32)
    counts /= (flattened / flattened.sum()).astype(np.float32)
    np.maximum(counts, np.float32(np.exp(_SHIFT)), out=counts)
    np.log(counts, out=counts)
    counts -= np.float32(_SHIFT)
    return counts


def _main_directions(matrix: NDArray[np.float32]) -> Floats:
    """Rows scaled by the root of their direction's strength."""
    wanted = min(_DIRECTIONS, matrix.shape[0] // 4)
    start = np.random.default_rng(4).standard_normal((matrix.shape[0], wanted + _MORE))
    basis = np.linalg.qr(start.astype(np.float32))[0]
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(matrix @ basis)[0]
    small = basis.T @ (matrix @ basis)
    values, turns = np.linalg.eigh((small + small.T) / 2)
    strongest = np.argsort(-np.abs(values), kind="stable")[:wanted]
    return np.asarray((basis @ turns[:, strongest]) * np.sqrt(np.abs(values[strongest])), dtype=np.float32)


def _text_vectors(flat: Grams, lengths: Ints, vectors: Floats, weights: Floats) -> Floats:
    """The weighted sum of each text's runs, of length one, less what all texts share."""
    texts = np.zeros((len(lengths), vectors.shape[1]), dtype=np.float32)
    spoken = np.flatnonzero(lengths)
    ends = np.cumsum(lengths)
    for block in np.array_split(spoken, max(1, len(spoken) // 500)):
        first, last = ends[block[0]] - lengths[block[0]], ends[block[-1]]
        runs = flat[first:last]
        parts = vectors[runs] * weights[runs][:, None]
        texts[block] = np.add.reduceat(parts, ends[block] - lengths[block] - first, axis=0)
    texts[spoken] /= np.maximum(np.linalg.norm(texts[spoken], axis=1, keepdims=True), 1e-9)
    texts[spoken] -= texts[spoken].mean(axis=0)
    return texts


def _spread(texts: Floats, pairs: tuple[Ints, Ints, Weights]) -> Floats:
    """Each text's vector with those of its neighbours, of length one, less what all share."""
    first, second, weight = pairs
    spread = texts.copy()
    reports, starts = np.unique(first, return_index=True)
    for block in np.array_split(np.arange(len(reports)), max(1, len(reports) // 500)):
        start = starts[block[0]]
        end = starts[block[-1] + 1] if block[-1] + 1 < len(starts) else len(first)
        parts = texts[second[start:end]] * weight[start:end, None].astype(np.float32)
        spread[reports[block]] += np.add.reduceat(parts, starts[block] - start, axis=0)
    length = np.linalg.norm(spread, axis=1, keepdims=True)
    spread /= np.maximum(length, 1e-9)
    spread -= spread[length[:, 0] > 0].mean(axis=0)
    return spread


def _means(flat: Grams, lengths: Ints, meaning: Floats, times: Ints) -> Floats:
    """The mean meaning of the texts that each run occurs in, less trusted the rarer it is."""
    means = np.zeros((len(times), meaning.shape[1]), dtype=np.float32)
    report = np.repeat(np.arange(len(lengths)), lengths)
    order = np.argsort(flat, kind="stable")
    report, ends = report[order], np.cumsum(times)
    used = np.flatnonzero(times)
    for block in np.array_split(used, max(1, len(used) // 500)):
        first, last = ends[block[0]] - times[block[0]], ends[block[-1]]
        means[block] = np.add.reduceat(
            meaning[report[first:last]], ends[block] - times[block] - first, axis=0
        )
    return np.asarray(means / (times + _DOUBT)[:, None], dtype=np.float32)
