"""How much may come from one device, network and label before it is slowed down. Plain values; reads no clock.

Each limit is a bucket that leaks: what is sent fills it, time empties it at the rate that is always free. Nobody who
keeps to that rate ever meets a limit, in whatever hour it is counted. A network alone never keeps anybody out: a whole
street may share one carrier's address.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

HOUR_S = 3600.0


class Step(IntEnum):
    """What happens to something that was sent, the mildest first."""

    NORMAL = 0
    PUZZLE = 1
    """First the browser works out a small puzzle, or its owner waits."""
    LATER = 2
    """Not now: try later, or phone."""


class Part(StrEnum):
    """What something can be counted by."""

    DEVICE = "device"
    NETWORK = "network"
    LABEL = "label"


@dataclass(frozen=True)
class Limit:
    """One bucket.

    Attributes:
        name: of the limit; part of what its buckets are found by.
        by: what it is counted by.
        free: so many an hour pass without a word; also how fast the bucket empties.
        most: beyond so many at once: later; 0: never, a puzzle is all.
        has_puzzle: whether there is a step between; without one everything up to `most` passes.
    """

    name: str
    by: frozenset[Part]
    free: int
    most: int = 0
    has_puzzle: bool = True

    @property
    def drain_per_s(self) -> float:
        """What a second takes out of the bucket."""
        return self.free / HOUR_S

    @property
    def cap(self) -> float:
        """Where the bucket overflows: however long an attack went on, it is forgotten within hours."""
        return float(self.most + 1 if self.most else 2 * self.free)


@dataclass(frozen=True)
class Verdict:
    """What to do; `retry_after_s`: seconds until the same would pass, 0 unless it is to come later."""

    step: Step
    retry_after_s: int = 0


PASSES = Verdict(Step.NORMAL)


def level_after(level: float, elapsed_s: float, limit: Limit, amount: float = 1.0) -> float:
    """The bucket after `amount` more, `elapsed_s` seconds after it stood at `level`; a clock put back empties none."""
    return min(limit.cap, max(0.0, level - max(0.0, elapsed_s) * limit.drain_per_s) + amount)


def judge(levels: Mapping[str, float], limits: Iterable[Limit], *, is_odd: bool = False) -> Verdict:
    """The strictest step that any of `limits` asks for.

    Args:
        levels: name of a limit → its bucket, with what is judged already in it.
        is_odd: it was filled in faster than people do, or in a field that nobody sees: a puzzle, never more.
    """
    found = [_of_one(limit, levels[limit.name]) for limit in limits]
    if is_odd:
        found.append(Verdict(Step.PUZZLE))
    return max(found, key=lambda one: (one.step, one.retry_after_s), default=PASSES)


def _of_one(limit: Limit, level: float) -> Verdict:
    if limit.most and level > limit.most:
        return Verdict(Step.LATER, math.ceil((level - limit.most) / limit.drain_per_s) + 1)
    if limit.has_puzzle and level > limit.free:
        return Verdict(Step.PUZZLE)
    return PASSES
