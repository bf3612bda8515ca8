"""Visits: the words for what becomes of a line, which shops are due, and in what order to walk.

Pure rules. services/visit_routes.py finds the shops, here they are weighed and put in order.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.domain.distance import distance_m


class LineState(StrEnum):
    """What became of something that was said on a visit."""

    NOTED = "noted"
    CASE = "case"
    JOINED = "joined"
    ANSWERED = "answered"


class EventKind(StrEnum):
    """What can be done about a visit after it was sent."""

    CORRECTION = "correction"
    ANSWERED = "answered"
    CASE = "case"
    JOINED = "joined"
    SHOWN = "shown"
    """The shop's private link was put on the screen for the shop to scan."""


class Due(StrEnum):
    """Why a shop is on today's route, the most pressing first."""

    DISPUTED = "disputed"
    PROMISED = "promised"
    OVERDUE = "overdue"
    OPEN = "open"
    NEVER = "never"
    LONG_AGO = "long_ago"


PRESSING = frozenset({Due.DISPUTED, Due.PROMISED, Due.OVERDUE})
"""Walked to before anything else, whatever lies on the way."""

REST = timedelta(days=7)
"""So long after a visit an open case alone does not call for the next one."""


@dataclass(frozen=True)
class Spot:
    """WGS-84 degrees."""

    lat: float
    lon: float

    def distance_m(self, other: "Spot") -> float:
        """Metres to `other` along the ground."""
        return distance_m(self.lat, self.lon, other.lat, other.lon)


@dataclass(frozen=True)
class Stop:
    """A shop that may be on today's route.

    Attributes:
        dues: every reason that holds, the most pressing first; at least one.
        last_on: day of the last visit; None: never.
        promised_on: day somebody promised to come back.
        spot: None if the register does not know where it is.
    """

    place_id: int
    dues: tuple[Due, ...]
    last_on: date | None = None
    promised_on: date | None = None
    spot: Spot | None = None

    @property
    def is_pressing(self) -> bool:
        """Whether one of the reasons must not wait for the way to lead there."""
        return bool(PRESSING.intersection(self.dues))


def by_need(stops: Iterable[Stop]) -> list[Stop]:
    """The most pressing first: by the first reason, then by how many there are, then the longest not visited.

    Stops that are needed alike stay in the order they came in.
    """
    order = list(Due)

    def need(stop: Stop) -> tuple[int, int, date, date]:
        since = stop.last_on or date.min
        return order.index(stop.dues[0]), -len(stop.dues), stop.promised_on or date.max, since

    return sorted(stops, key=need)


@dataclass(frozen=True)
class Leg:
    """One stop of a route and the way to it in metres; None: not known."""

    stop: Stop
    way_m: float | None


def route(stops: Iterable[Stop], *, many: int, start: Spot | None = None) -> list[Leg]:
    """The `many` most needed stops in an order to walk: pressing ones first, and of each kind the nearest next.

    Args:
        start: where the walk begins; None: at the most needed stop.
    """
    chosen = by_need(stops)[:many]
    legs: list[Leg] = []
    here = start
    for wave in (
        [stop for stop in chosen if stop.is_pressing],
        [stop for stop in chosen if not stop.is_pressing],
    ):
        for leg in _nearest_next(wave, here):
            legs.append(leg)
            here = leg.stop.spot or here
    return legs


def _nearest_next(stops: Sequence[Stop], start: Spot | None) -> Iterable[Leg]:
    """Greedy: from each stop to the nearest one left. Those of unknown position come last, by need."""
    left, here = list(stops), start
    while left:
        best = left[0] if here is None else min(left, key=lambda stop: _way(here, stop))
        left.remove(best)
        way_m = _way(here, best)
        yield Leg(best, None if math.isinf(way_m) else way_m)
        here = best.spot or here


def _way(here: Spot | None, stop: Stop) -> float:
    return here.distance_m(stop.spot) if here and stop.spot else math.inf


# ---------------------------------------------------------------- what a line may be about


def shared_words(text: str, other: str) -> int:
    """How many pairs of neighbouring characters two texts share: enough to rank a handful of suggestions."""
    return len(_pairs(text) & _pairs(other))


def _pairs(text: str) -> set[str]:
    letters = "".join(character for character in text.lower() if character.isalnum())
    return {letters[at : at + 2] for at in range(len(letters) - 1)}
