"""Which reports lie close together in space and time: the pairs that vectors are learned from."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.group import Sample
from tracker.domain.grouping.report import DAY_S, metres_a_degree_east, metres_a_degree_north

Ints = NDArray[np.int64]
Weights = NDArray[np.float64]

_FARTHEST_M: Final = 150.0
_LONGEST_DAYS: Final = 20.0
_NEAR_M: Final = 50.0  # over which the weight of a pair falls to a third …
_SOON_DAYS: Final = 6.0  # … and the same in time
_SAME_GROUP: Final = 1.0  # weight of pairs that the grouping holds to be one matter …
_OTHER_GROUP: Final = 0.5  # … and of those that it keeps apart, for it may be wrong
_PAIRS_KEPT: Final = 10  # of one report, the closest


def neighbour_pairs(samples: Sequence[Sample], keys: Sequence[str]) -> tuple[Ints, Ints, Weights]:
    """Pairs of reports with their weights, each pair in both directions, sorted by the first.

    Args:
        samples: where and when; those without a position have no neighbours.
        keys: the group of each.
    """
    spots = np.array([(s.lat, s.lon, s.at) for s in samples], dtype=np.float64).reshape(-1, 3)
    known = np.flatnonzero(~np.isnan(spots[:, 0]))
    if not len(known):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    middle = float(np.median(spots[known, 0]))
    y, x = spots[:, 0] * metres_a_degree_north(), spots[:, 1] * metres_a_degree_east(middle)
    days = spots[:, 2] / DAY_S
    names = {key: at for at, key in enumerate(sorted(set(keys)))}
    group = np.array([names[key] for key in keys])
    found = [
        _pairs_between(here, around, x, y, days, group)
        for here, around in _cells(known, x, y)
        if len(around) > 1
    ]
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    first, second, weight = (np.concatenate(side) for side in zip(*found, strict=True))
    order = np.lexsort((second, -weight, first))
    first, second, weight = first[order], second[order], weight[order]
    starts = np.searchsorted(first, first)
    kept = np.arange(len(first)) - starts < _PAIRS_KEPT
    return first[kept], second[kept], weight[kept]


def _cells(known: Ints, x: Weights, y: Weights) -> list[tuple[Ints, Ints]]:
    """The reports of each square, and those of the nine squares around it."""
    squares: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at in known.tolist():
        squares[int(x[at] // _FARTHEST_M), int(y[at] // _FARTHEST_M)].append(at)
    return [
        (
            np.array(squares[cx, cy]),
            np.array(
                [at for dx in (-1, 0, 1) for dy in (-1, 0, 1) for at in squares.get((cx + dx, cy + dy), ())]
            ),
        )
        for cx, cy in sorted(squares)
    ]


def _pairs_between(  # noqa: PLR0917 - two sides and where everything lies
    here: Ints, around: Ints, x: Weights, y: Weights, days: Weights, group: Ints
) -> tuple[Ints, Ints, Weights]:
    away = np.hypot(x[here][:, None] - x[around], y[here][:, None] - y[around])
    apart = np.abs(days[here][:, None] - days[around])
    close = (away < _FARTHEST_M) & (apart < _LONGEST_DAYS) & (here[:, None] != around)
    a, b = np.nonzero(close)
    weight = np.exp(-away[a, b] / _NEAR_M - apart[a, b] / _SOON_DAYS)
    first, second = here[a], around[b]
    return first, second, weight * np.where(group[first] == group[second], _SAME_GROUP, _OTHER_GROUP)
