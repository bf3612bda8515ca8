"""What the score is fitted on: each report beside the open groups around it, and which of them were right.

The groups are the program's own, made with the score as it is: a score has to choose among the groups that it makes.
A group is right for a report when at least half of it has the report's cause; several may be, or none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping import Grouper, MemoryStore, Packer, Report
from tracker.domain.grouping.evidence import evidence
from tracker.domain.grouping.group import Group
from tracker.domain.grouping.placing import candidates, weighed
from tracker.domain.grouping.reading import sample_of
from tracker.domain.grouping.weights import DAY, NIGHT, Score

Choice = tuple[NDArray[np.float32], NDArray[np.bool_]]
Mixture = Mapping[str, Counter[str | None]]

_OF_NIGHTS = 3  # every so many reports is looked at before the night's pass, and as many after it
_COMPARED = 10  # groups kept for each report: the best by the score as it is, and those that are right
_LATER = 1e12  # after every report


def choices(reports: Iterable[tuple[Report, str | None]]) -> tuple[list[Choice], list[Choice]]:
    """The choices of one file, by day and at night.

    Args:
        reports: with their causes, in canonical order.
    """
    known = list(reports)
    grouper = Grouper(MemoryStore())
    by_day = list(_by_day(known, grouper))
    grouper.learn()
    before = list(_at_night(known, grouper))[::_OF_NIGHTS]
    grouper.night(_LATER, deep=True)
    grouper.learn()
    return by_day, before + list(_at_night(known, grouper))[1::_OF_NIGHTS]


def _by_day(known: list[tuple[Report, str | None]], grouper: Grouper) -> Iterator[Choice]:
    mixture: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
    for report, cause in known:
        weighing = weighed(report, grouper.store, grouper.model)
        if weighing.groups:
            right = np.array(
                [_is_right(group.size, mixture[group.key][cause], cause) for group in weighing.groups]
            )
            yield _kept(weighing.table, right, DAY)
        mixture[grouper.place(report).key][cause] += 1


def _at_night(known: list[tuple[Report, str | None]], grouper: Grouper) -> Iterator[Choice]:
    store, packer = grouper.store, Packer(grouper.model)
    key_of = {report.id: store.key_of(report.id) or "" for report, _ in known}
    mixture: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
    for report, cause in known:
        mixture[key_of[report.id]][cause] += 1
    for report, cause in known:
        sample, own = sample_of(report, store), store.group(key_of[report.id])
        assert own is not None
        groups: list[Group] = [one for one in candidates(report, sample, store) if one.key != own.key]
        right = [_is_right(group.size, mixture[group.key][cause], cause) for group in groups]
        if own.size > 1:
            groups.append(own.without(report, sample))
            right.append(_is_right(own.size - 1, mixture[own.key][cause] - 1, cause))
        if groups:
            yield _kept(evidence(report, sample, groups, packer), np.array(right), NIGHT)


def _is_right(size: int, of_the_cause: int, cause: str | None) -> bool:
    return cause is not None and 2 * of_the_cause >= size


def _kept(table: NDArray[np.float64], right: NDArray[np.bool_], score: Score) -> Choice:
    best = np.argsort(-score(table), kind="stable")[:_COMPARED]
    rows = np.unique(np.concatenate((best, np.flatnonzero(right)[:_COMPARED])))
    return table[rows].astype(np.float32), right[rows]


def with_causes(records: Iterable[Mapping[str, Any]], read: Any) -> list[tuple[Report, str | None]]:
    """Records of the corpus as reports with their causes, in canonical order."""
    return sorted(((read(row), row["cause_id"]) for row in records), key=lambda one: one[0].order)
