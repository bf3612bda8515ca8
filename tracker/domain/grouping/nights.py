"""At night: groups that turn out to be one are merged, and reports that fit another group better are moved.

By day a report meets only what came before it; at night it is compared with what came after as well. What people
ruled stays: a report at home is not moved, and two anchored groups are never merged.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from tracker.domain.grouping.evidence import Table, evidence
from tracker.domain.grouping.group import Group, Sample, summed
from tracker.domain.grouping.model import Model
from tracker.domain.grouping.placing import CANDIDATES, WINDOW_DAYS, allowed, candidates, free_key
from tracker.domain.grouping.reading import Packer, sample_of
from tracker.domain.grouping.report import DAY_S, Report
from tracker.domain.grouping.store import GroupStore
from tracker.domain.grouping.weights import DAY, NIGHT

DEEP_REPORTS: Final = 12_000  # the latest so many are looked at by a deep pass
SHALLOW_REPORTS: Final = 6_000  # and by a shallow one
MEMBERS_READ: Final = 400  # of one group; older members stay where they are
SETTLED_DAYS: Final = 10.0  # a report gets its second look when so much of what came after it is known
_A_NIGHTS_DAYS: Final = 2.0  # a shallow pass looks at what has settled since the night before, and a day more
_ROUNDS: Final = 2  # more looks of a deep pass at what changed
_NIGHT_FROM: Final = (
    800  # reports from which the score of the night is fitted; before, that of the day is used
)
_JUDGES: Final = 8  # members of the smaller group that are asked whether it belongs to the larger one
_MERGE_ABOVE: Final = 0.0  # their mean score
_MOVE_ABOVE: Final = 0.5  # by how much another group has to fit better than the own


def nightly(store: GroupStore, model: Model, now: float, *, deep: bool = False) -> set[str]:
    """Merge and move; returns the keys of the groups that changed or ended.

    Args:
        now: seconds; only what came in SETTLED_DAYS before it is looked at, so that what came after is known.
        deep: look at all of the latest DEEP_REPORTS reports instead of those that settled since the night before, and
            again at what changed. Worth it after a lesson.
    """
    night = Night(store, model)
    until = now - SETTLED_DAYS * DAY_S
    since = -math.inf if deep else until - _A_NIGHTS_DAYS * DAY_S
    placed = store.latest(DEEP_REPORTS if deep else SHALLOW_REPORTS)
    settled = [report for report, _ in placed if since <= report.order[0] <= until]
    keys = sorted({key for report in settled if (key := store.key_of(report.id)) is not None})
    night.merge(keys)
    night.move(settled)
    for _ in range(_ROUNDS if deep else 0):
        again = night.news()
        night.merge(sorted(again))
        night.move(report for report in settled if store.key_of(report.id) in again)
    night.news()
    return night.changed


class Night:
    """One pass over some reports and their groups."""

    def __init__(self, store: GroupStore, model: Model) -> None:
        self.changed: set[str] = set()
        self._news: set[str] = set()
        self._store, self._packer = store, Packer(model)
        self._score = NIGHT if model.seen >= _NIGHT_FROM else DAY
        self._samples: dict[str, Sample] = {}

    def news(self) -> set[str]:
        """The groups that changed since this was asked last."""
        news, self._news = self._news, set()
        self.changed |= news
        return news

    def merge(self, keys: Iterable[str]) -> None:
        """Merge each of these groups into the one it fits best, if its members say so."""
        for key in keys:
            group = self._store.group(key)
            if group is not None:
                self._merge_one(group)

    def _merge_one(self, group: Group) -> None:
        others = [other for other in self._around(group) if self._may_merge(group, other)]
        if not others:
            return
        members = self._store.members(group.key, MEMBERS_READ)
        judges = members[:: max(1, len(members) // _JUDGES)][:_JUDGES]
        said = np.mean([self._scores(report, others) for report in judges], axis=0)
        best = int(np.argmax(said))
        if said[best] > _MERGE_ABOVE:
            self._unite(group, others[best])

    def _around(self, group: Group) -> Sequence[Group]:
        since, until = group.first - WINDOW_DAYS / 2 * DAY_S, group.last + WINDOW_DAYS / 2 * DAY_S
        if group.located:
            return self._store.near(group.lat, group.lon, since, until, CANDIDATES)
        return self._store.on_street(group.main_street, since, until, CANDIDATES) if group.main_street else ()

    def _may_merge(self, group: Group, other: Group) -> bool:
        if other.key == group.key or (group.anchor and other.anchor) or other.size < group.size:
            return False
        anchor, joining = group.anchor or other.anchor, other if group.anchor else group
        if not anchor:
            return True
        members = self._store.members(joining.key, MEMBERS_READ)
        return not any(anchor in self._store.rulings(report.id).barred for report in members)

    def _unite(self, group: Group, other: Group) -> None:
        """The larger one keeps its key, unless people decided about the other."""
        stays, goes = (group, other) if group.anchor else (other, group)
        moving = self._store.members(goes.key, goes.size)
        united = self._summed(stays, [*self._store.members(stays.key, MEMBERS_READ), *moving])
        united.size = stays.size + goes.size
        self._store.move([report.id for report in moving], united)
        self._store.drop(goes.key)
        self._news |= {stays.key, goes.key}

    def move(self, reports: Iterable[Report]) -> None:
        """Move each of these reports to the group it fits clearly better, or out of one it does not fit."""
        for report in reports:
            key, rulings = self._store.key_of(report.id), self._store.rulings(report.id)
            own = None if key is None else self._store.group(key)
            if own is not None and not rulings.home:
                self._move_one(report, own)

    def _move_one(self, report: Report, own: Group) -> None:
        sample = self._sample(report)
        near = allowed(candidates(report, sample, self._store), self._store.rulings(report.id))
        others = [group for group in near if group.key != own.key]
        rest = own.without(report, sample) if own.size > 1 else None
        compared = [*others, *([rest] if rest else [])]
        if not compared:
            return
        scores = self._scores(report, compared, sample)
        stay = max(0.0, float(scores[-1])) if rest else 0.0
        best = int(np.argmax(scores[: len(others)])) if others else -1
        if best >= 0 and scores[best] > max(stay + (_MOVE_ABOVE if rest else 0.0), 0.0):
            self._transfer(report, own, others[best])
        elif rest and scores[-1] < -_MOVE_ABOVE and report.id != own.key:
            alone = Group(free_key(report.id, self._store))
            self._transfer(report, own, alone)

    def _transfer(self, report: Report, own: Group, to: Group) -> None:
        members = self._store.members(to.key, MEMBERS_READ)
        joined = self._summed(to, [*members, report])
        joined.size = to.size + 1
        self._store.move([report.id], joined)
        if own.size == 1:
            self._store.drop(own.key)
        else:
            left = self._summed(own, self._store.members(own.key, MEMBERS_READ))
            left.size = own.size - 1
            self._store.keep(left)
        self._news |= {own.key, to.key}

    def _summed(self, group: Group, members: Sequence[Report]) -> Group:
        ordered = sorted(members, key=lambda report: report.order)
        return summed(group.key, [(one, self._sample(one)) for one in ordered], group.anchor)

    def _scores(self, report: Report, groups: Sequence[Group], sample: Sample | None = None) -> Table:
        sample = sample or self._sample(report)
        return self._score(evidence(report, sample, groups, self._packer))

    def _sample(self, report: Report) -> Sample:
        if report.id not in self._samples:
            self._samples[report.id] = sample_of(report, self._store)
        return self._samples[report.id]
