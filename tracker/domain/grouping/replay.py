"""Reports one after another: placed, lessons learned when due, nights passed through."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tracker.domain.grouping.lessons import is_due, learn
from tracker.domain.grouping.model import NOTHING_LEARNED, Model
from tracker.domain.grouping.nights import SETTLED_DAYS, nightly
from tracker.domain.grouping.placing import Placement, Weighing, place, suggestions, weighed
from tracker.domain.grouping.reading import Packer
from tracker.domain.grouping.report import DAY_S, Report, seconds
from tracker.domain.grouping.store import GroupStore


@dataclass(frozen=True, slots=True)
class Arrival:
    """What happened to one report on its arrival."""

    report: Report
    suggestions: list[tuple[str, float]]
    placement: Placement


@dataclass
class Grouper:
    """A store and a model that move on together."""

    store: GroupStore
    model: Model = NOTHING_LEARNED
    _packer: Packer | None = field(default=None, repr=False)
    _weighed: tuple[Report, Weighing] | None = field(default=None, repr=False)

    def suggest(self, report: Report, n: int = 3) -> list[tuple[str, float]]:
        """See placing.suggest."""
        self._weighed = report, weighed(report, self.store, self.model, self._packing())
        return suggestions(self._weighed[1], n)

    def place(self, report: Report) -> Placement:
        """See placing.place; learns afterwards when a lesson is due."""
        known = self._weighed[1] if self._weighed and self._weighed[0] is report else None
        self._weighed = None
        placement = place(report, self.store, self.model, self._packing(), known=known)
        if is_due(self.store, self.model):
            self.learn()
        return placement

    def learn(self) -> None:
        """See lessons.learn."""
        self._weighed = None
        self.model = learn(self.store, self.model)

    def night(self, now: float, *, deep: bool = False) -> set[str]:
        """See nights.nightly."""
        self._weighed = None
        return nightly(self.store, self.model, now, deep=deep)

    def _packing(self) -> Packer:
        if self._packer is None or self._packer.model is not self.model:
            self._packer = Packer(self.model)
        return self._packer


def replayed(reports: Iterable[Report], grouper: Grouper, *, suggesting: bool = False) -> Iterator[Arrival]:
    """Play reports in canonical order; a night passes between two days, and a deep one at the end."""
    last: float | None = None
    for report in sorted(reports, key=lambda one: one.order):
        now = seconds(report.at)
        if last is not None and now // DAY_S > last // DAY_S:
            grouper.night(now // DAY_S * DAY_S)
        last = now
        suggested = grouper.suggest(report) if suggesting else []
        yield Arrival(report, suggested, grouper.place(report))
    if last is not None:
        for _ in range(2):
            grouper.learn()
            grouper.night(last + SETTLED_DAYS * DAY_S, deep=True)
