"""One file of reports grouped from an empty start in a process of its own: how good, how soon, how dear."""

import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.grouping.corpus import generate
from bench.grouping.score import known_reports, score_groups
from bench.grouping.score_arrival import Suggestion, score_delay, score_intake
from tracker.domain.grouping import Grouper, MemoryStore, Placement, Report, replayed
from tracker.domain.grouping.evidence import FEATURES
from tracker.domain.grouping.replay import Arrival
from tracker.domain.grouping.weights import DAY, NIGHT


@dataclass(frozen=True)
class Task:
    """What to group: a file, or reports of the own corpus; without some features, if any are named."""

    name: str
    file: Path | None = None
    grammar: str = "chat"
    count: int = 1000
    seed: int = 1
    without: tuple[str, ...] = ()
    is_scored: bool = True


@dataclass(frozen=True)
class Figures:
    """What came out; shares are 0 to 1.

    Attributes:
        online_ms: CPU per report to suggest, place and learn; night_ms: the passes at night, beside it.
        peak_mb: of the whole process, reports and truth included.
    """

    name: str
    reports: int
    scores: Mapping[str, float]
    online_ms: float
    night_ms: float
    peak_mb: float


class TimedGrouper(Grouper):
    """Adds up the processor time spent by day and at night."""

    online_s = 0.0
    night_s = 0.0

    def suggest(self, report: Report, n: int = 3) -> list[tuple[str, float]]:
        start = time.process_time()
        try:
            return super().suggest(report, n)
        finally:
            self.online_s += time.process_time() - start

    def place(self, report: Report) -> Placement:
        start = time.process_time()
        try:
            return super().place(report)
        finally:
            self.online_s += time.process_time() - start

    def night(self, now: float, *, deep: bool = False) -> set[str]:
        start = time.process_time()
        try:
            return super().night(now, deep=deep)
        finally:
            self.night_s += time.process_time() - start


def figures(tasks: Sequence[Task]) -> Iterator[Figures]:
    """Run each task in a fresh process, one after another, so that each has its own peak of memory."""
    for task in tasks:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            yield alone.submit(measured, task).result()


def measured(task: Task) -> Figures:
    """Group the reports of one task here and now."""
    records = list(_records(task))
    store = MemoryStore()
    grouper = TimedGrouper(store)
    with _features_off(task.without):
        going = replayed((report_of(row) for row in records), grouper, suggesting=True)
        arrivals = [arrival if task.is_scored else _dropped(arrival) for arrival in going]
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return Figures(
        name=task.name,
        reports=len(records),
        scores=_scores(records, arrivals, store) if task.is_scored else {},
        online_ms=1000 * grouper.online_s / len(records),
        night_ms=1000 * grouper.night_s / len(records),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
    )


def _dropped(arrival: Arrival) -> Arrival:
    return Arrival(arrival.report, [], arrival.placement)


def _records(task: Task) -> Iterable[dict[str, Any]]:
    if task.file is None:
        return generate(task.count, task.seed, task.grammar)
    with task.file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def report_of(row: Mapping[str, Any]) -> Report:
    """A record of the corpus as the grouping reads it."""
    return Report(
        row["id"], datetime.fromisoformat(row["submitted_at"]), row["category"], row["place_id"], row["street"],
        row["lat"], row["lon"], row["text"], row["reporter_id"],
    )  # fmt: skip


def _scores(
    records: Sequence[Mapping[str, Any]], arrivals: Sequence[Arrival], store: MemoryStore
) -> dict[str, float]:
    known = known_reports(records)
    at_arrival = {arrival.report.id: arrival.placement.key for arrival in arrivals}
    after = {report.id: store.key_of(report.id) for report in known}
    early, late, delay = (
        score_groups(known, at_arrival),
        score_groups(known, after),
        score_delay(known, at_arrival),
    )
    shown = {
        arrival.report.id: [Suggestion(earlier, score) for earlier, score in arrival.suggestions]
        for arrival in arrivals
    }
    intake = score_intake(known, shown)
    return {
        "B³ at arrival": early.bcubed.f1,
        "meeting at arrival": early.meetings.found.f1,
        "B³ after nights": late.bcubed.f1,
        "meeting after nights": late.meetings.found.f1,
        "delay": delay.mean if delay.mean is not None else float("nan"),
        "flagged": delay.flagged,
        "recall@3 at 5 %": intake.at[5].recall3,
        "recall@3 at 10 %": intake.at[10].recall3,
    }


@contextmanager
def _features_off(names: Sequence[str]) -> Iterator[None]:
    """The score as if some features said nothing; the others keep the weights they have beside them."""
    places = [FEATURES.index(name) for name in names]
    weights = [side for score in (DAY, NIGHT) for side in (score.sums, score.units)]
    held = [side[places].copy() for side in weights]
    for side in weights:
        side[places] = 0.0
    try:
        yield
    finally:
        for side, values in zip(weights, held, strict=True):
            side[places] = values
