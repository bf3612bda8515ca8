"""Measures every row, round after round, so that a slow moment of the machine falls on all of them alike."""

import math
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from bench.cpu_clock import cpu_seconds
from bench.floor import Write
from bench.load import Played, play
from bench.workload import Subject

SAMPLE_LIMIT_S = 10.0
RAW = "raw"
RAW_SHARE = 2.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Sample:
    """One row in one round."""

    played: Played
    cpu_s: float

    @property
    def per_second(self) -> float:
        return len(self.played.latencies_s) / self.played.elapsed_s

    @property
    def cpu_ms(self) -> float:
        """Milliseconds for each request."""
        return 1000 * self.cpu_s / len(self.played.latencies_s)


@dataclass(frozen=True)
class Measured:
    """All samples of one row at one concurrency, and those of its floor in the same rounds.

    Medians over the rounds; percentiles over all requests. Each ratio is taken within a round, then its median.
    """

    key: str
    name: str
    concurrency: int
    floor: str = ""
    samples: list[Sample] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(len(sample.played.latencies_s) for sample in self.samples)

    @property
    def per_second(self) -> float:
        return statistics.median(sample.per_second for sample in self.samples)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(sample.cpu_ms for sample in self.samples)

    @property
    def spread(self) -> float:
        """How far the rounds lie apart in processor time: (most - least) / median."""
        each = [sample.cpu_ms for sample in self.samples]
        return (max(each) - min(each)) / statistics.median(each)

    def percentile_ms(self, percent: int) -> float:
        """The latency that so many per cent of all requests stayed within."""
        latencies = sorted(latency for sample in self.samples for latency in sample.played.latencies_s)
        return 1000 * latencies[math.ceil(len(latencies) * percent / 100) - 1]

    def cpu_ratio(self, floor: "Measured") -> float:
        """How many times the floor's processor time one request takes."""
        pairs = zip(self.samples, floor.samples, strict=True)
        return statistics.median(mine.cpu_ms / its.cpu_ms for mine, its in pairs)

    def rate_ratio(self, floor: "Measured") -> float:
        """How many times as many requests a second the floor answers."""
        pairs = zip(self.samples, floor.samples, strict=True)
        return statistics.median(its.per_second / mine.per_second for mine, its in pairs)


@dataclass(frozen=True)
class Plan:
    """How much is measured: `requests` of a row in each of `rounds`, at each of `concurrencies`."""

    requests: int
    rounds: int
    concurrencies: Sequence[int]


def measure(
    subjects: Sequence[Subject], raw_insert: Write, plan: Plan, *, player: Executor, tell: Tell
) -> list[Measured]:
    """Play every row in every round.

    Args:
        raw_insert: the floor's INSERT, without any web.
        player: runs bench.load.play in another process.
        tell: is told what is going on.
    """
    rows = [
        Measured(key, name, concurrency, floor)
        for concurrency in plan.concurrencies
        for key, name, floor in (
            *((subject.key, subject.name, subject.floor) for subject in subjects),
            (RAW, "the INSERT alone, no web", "insert"),
        )
    ]
    found = {(row.key, row.concurrency): row for row in rows}
    _warm_up(subjects, player)
    for nth in range(1, plan.rounds + 1):
        for concurrency in plan.concurrencies:
            tell(f"round {nth} of {plan.rounds}, {concurrency} at once")
            for subject in subjects:
                count = _count(plan.requests, subject.share, concurrency)
                found[subject.key, concurrency].samples.append(_sample(subject, count, concurrency, player))
            count = _count(plan.requests, RAW_SHARE, concurrency)
            found[RAW, concurrency].samples.append(_sample_raw(raw_insert, count, concurrency))
    return rows


def _count(requests: int, share: float, concurrency: int) -> int:
    return max(concurrency, math.ceil(requests * share))


def _warm_up(subjects: Sequence[Subject], player: Executor) -> None:
    """Templates are compiled and connections opened by the first requests; those are not measured."""
    for subject in subjects:
        _sample(subject, 8, 8, player)


def _sample(subject: Subject, count: int, concurrency: int, player: Executor) -> Sample:
    requests = subject.prepare(count)
    before_s = cpu_seconds(subject.on.pid)
    playing = player.submit(
        play,
        subject.on.port,
        requests,
        status=subject.status,
        concurrency=concurrency,
        limit_s=SAMPLE_LIMIT_S,
    )
    return Sample(playing.result(), cpu_seconds(subject.on.pid) - before_s)


def _sample_raw(insert: Write, count: int, concurrency: int) -> Sample:
    """Write from threads of this process, which does nothing else meanwhile."""
    latencies_s: list[float] = []
    each = count // concurrency
    threads = [threading.Thread(target=_write, args=(insert, each, latencies_s)) for _ in range(concurrency)]
    before_s, start = time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed_s = time.perf_counter() - start
    return Sample(Played(latencies_s, elapsed_s), time.process_time() - before_s)


def _write(insert: Write, count: int, latencies_s: list[float]) -> None:
    for _ in range(count):
        start = time.perf_counter()
        insert()
        latencies_s.append(time.perf_counter() - start)
