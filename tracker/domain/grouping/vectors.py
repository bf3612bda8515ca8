"""A vector for every run of characters: runs that reports of one matter use have vectors that point the same way.

Nobody says which reports are of one matter, but the grouping has an opinion, and its errors do not all err alike. So
the reports of one group are read as one document: which runs stand in it, how much oftener than by chance (positive
pointwise mutual information: Church and Hanks 1990; Levy, Goldberg and Dagan 2015), and what are the main directions
of that matrix (randomised subspace iteration: Halko, Martinsson and Tropp 2011). Only what occurs is stored and
multiplied, so that memory grows with the text read and not with documents times runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import Grams
from tracker.domain.grouping.model import Floats

Ints = NDArray[np.int64]

_DOCUMENT: Final = 40  # reports read together at most; a larger group makes several documents
_LEAST_TIMES: Final = 2
_EVERYWHERE: Final = 0.25  # a run in more than this share of the texts tells too little to be counted
_MOST_RUNS: Final = 12_000
_LEAST_RUNS: Final = 200
_DIRECTIONS: Final = 48
_MORE: Final = 8  # directions carried along and left out at the end
_ROUNDS: Final = 2
_WEIGHT: Final = 0.75  # a document counts by its reports to this power …
_WEIGHT_MOST: Final = 15  # … and those of a large group no more than so many
_BLOCK: Final = 50_000  # entries multiplied at once: 11 MB


def learned_vectors(documents: Sequence[Sequence[Grams]], known: int) -> Floats:
    """A row for each known run, zeros for those too rare or too common; no rows at all if the texts are too few.

    Args:
        documents: the texts of one group together, each as rows of the known runs.
        known: how many runs are known.
    """
    parts = [
        part
        for texts in documents
        for part in (texts[at : at + _DOCUMENT] for at in range(0, len(texts), _DOCUMENT))
    ]
    rows = [np.concatenate(part) for part in parts]
    flat = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32)
    place, size = _places(flat, known, sum(map(len, parts)))
    if size < _LEAST_RUNS:
        return np.zeros((0, 0), dtype=np.float32)
    document = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    matrix = _associations(document, place[flat], size, np.array([len(part) for part in parts]))
    vectors = np.zeros((known, _DIRECTIONS), dtype=np.float32)
    vectors[place >= 0] = _main_directions(matrix)
    return vectors


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix by its entries: sorted by row, and once more by column."""

    shape: tuple[int, int]
    row: Ints
    column: Ints
    value: Floats

    def times(self, other: Floats) -> Floats:
        """This matrix times a narrow one."""
        return _summed(self.row, self.column, self.value, other, self.shape[0])

    def turned(self) -> "Sparse":
        """The transposed matrix."""
        order = np.argsort(self.column, kind="stable")
        rows, columns = self.shape
        return Sparse((columns, rows), self.column[order], self.row[order], self.value[order])


def _summed(  # noqa: PLR0917 - the entries, and what they are multiplied with
    row: Ints, column: Ints, value: Floats, other: Floats, rows: int
) -> Floats:
    out = np.zeros((rows, other.shape[1]), dtype=np.float32)
    starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
    block = 0
    while block < len(starts):
        first = starts[block]
        end = int(np.searchsorted(starts, first + _BLOCK))
        end = max(end, block + 1)
        last = starts[end] if end < len(starts) else len(row)
        parts = other[column[first:last]] * value[first:last, None]
        out[row[starts[block:end]]] = np.add.reduceat(parts, starts[block:end] - first, axis=0)
        block = end
    return out


def _places(flat: Grams, known: int, texts: int) -> tuple[Ints, int]:
    """Run → its column, −1 for none; and how many columns."""
    times = np.bincount(flat, minlength=known)
    fit = np.flatnonzero((times >= _LEAST_TIMES) & (times <= max(_LEAST_TIMES, _EVERYWHERE * texts)))
    chosen = np.sort(fit[np.argsort(-times[fit], kind="stable")[:_MOST_RUNS]])
    place = np.full(known, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    return place, len(chosen)


def _associations(document: Ints, column: Ints, columns: int, sizes: Ints) -> Sparse:
    """How much oftener than by chance each run stands in each document; the logarithm, nothing below zero."""
    used = column >= 0
    entry, times = np.unique(document[used] * columns + column[used], return_counts=True)
    row, column = entry // columns, entry % columns
    in_row = np.bincount(row, weights=times, minlength=len(sizes))
    in_column = np.bincount(column, weights=times, minlength=columns)
    value = np.log(times * float(times.sum()) / (in_row[row] * in_column[column]))
    value = np.maximum(value, 0.0) * (np.minimum(sizes, _WEIGHT_MOST) ** _WEIGHT)[row]
    return Sparse((len(sizes), columns), row, column, value.astype(np.float32))


def _main_directions(matrix: Sparse) -> Floats:
    """A row for each column of the matrix, scaled by the root of each direction's strength."""
    turned = matrix.turned()
    start = np.random.default_rng(3).standard_normal((matrix.shape[1], _DIRECTIONS + _MORE))
    basis = start.astype(np.float32)
    for _ in range(_ROUNDS):
        left = np.linalg.qr(matrix.times(basis))[0]
        basis = np.linalg.qr(turned.times(left))[0]
    _, strength, turns = np.linalg.svd(matrix.times(basis), full_matrices=False)
    found = (basis @ turns.T)[:, :_DIRECTIONS] * np.sqrt(strength[:_DIRECTIONS])
    out = np.zeros((matrix.shape[1], _DIRECTIONS), dtype=np.float32)
    out[:, : found.shape[1]] = found
    return out
