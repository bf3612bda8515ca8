"""What goes wrong where and when, and who reports it: the process behind the reports, so that the truth is known.

A cause has a trouble, a centre, a footprint (a point, a stretch of a road, an area), a beginning and an end; its
number of reports follows a power law. Two causes of the same trouble never overlap in space and time, and no
report without a cause comes from inside a cause of its trouble: a perfect answer exists, but for texts that say
nothing.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from random import Random

from bench.grouping.grammar import Grammar, Trouble
from bench.grouping.ground import Claim, Ground
from bench.grouping.town import RUN_BY_OWNERS, Spot, Town

CAUSED_SHARE = 0.6
WRONG_CATEGORY_SHARE = 0.12
AGAIN_SHARE = 0.15  # reports of a cause by somebody who reported it before
ONE_VOICE_SHARE = 0.04  # causes that one person alone reports, again and again
SCANNED_ELSEWHERE_SHARE = 0.02
REPORTS_A_ROAD_AND_DAY = 1.0
POINT_M = 42.0
STRETCH_M = (60.0, 130.0)
AREA_M = (80.0, 180.0)
GAP_M, GAP_DAYS = 60.0, 25.0  # between two causes of the same trouble
ALONE_SPOT_M = 5.0
ALONE_M, ALONE_DAYS = 75.0, 10.0  # between a cause and a report without one
EXPONENT = 1.9
LATEST_START = 0.97
"""Of the whole span: a cause that begins later would have no time."""

HOURS = {  # weights of the hours 0 to 23
    "any": (1, 1, 1, 1, 1, 1, 2, *(3,) * 15, 2, 1),
    "shop": (*(0,) * 7, 1, 3, 5, 6, 5, 3, 3, 5, 5, 5, 4, 3, 3, 2, 1, 0, 0),
    "rush": (*(0,) * 6, 1, 6, 9, 5, 2, 1, 2, 1, 1, 2, 3, 7, 8, 4, 2, 1, 0, 0),
    "table": (*(0,) * 9, 1, 3, 7, 7, 3, 1, 1, 2, 6, 8, 6, 4, 2, 1, 0),
    "dusk": (*(0,) * 14, 1, 1, 3, 6, 7, 8, 7, 4, 2, 1),
    "night": (8, 6, 4, 2, 1, 1, 1, 2, 2, 1, *(0,) * 10, 2, 4, 6, 8),
    "dawn": (0, 0, 0, 2, 6, 9, 9, 7, 5, 3, 2, *(1,) * 9, 0, 0, 0, 0),
    "storm": (1, 1, 1, 1, 1, 2, 4, 6, 6, 5, 4, 4, 4, 3, 4, 4, 5, 6, 5, 4, 3, 2, 1, 1),
    "class": (*(0,) * 6, 3, 9, 6, 1, 1, 2, 1, 0, 1, 6, 8, 5, 2, 1, 1, 0, 0, 0),
}


@dataclass(frozen=True)
class Sighting:
    """One report before it is put into words.

    Attributes:
        day: since the beginning of the span; the fraction is the time of day.
        spot: where the trouble is.
        scanned: whose code was scanned.
        cause: a key; None for a report that shares its cause with no other.
    """

    day: float
    trouble: Trouble
    spot: Spot
    scanned: Spot
    category: str
    reporter: str
    persona: str
    cause: str | None


@dataclass(frozen=True)
class _Cause:
    key: str
    trouble: Trouble
    claim: Claim
    reports: int
    has_one_voice: bool


class Process:
    """Draws everything that is reported in one town."""

    def __init__(self, grammar: Grammar, n: int, rng: Random) -> None:
        self._troubles, self._rng, self._n = grammar.troubles, rng, n
        self.span_days = min(730.0, max(60.0, 60.0 * (n / 1000) ** 0.36))
        roads = max(16, round(n / self.span_days / REPORTS_A_ROAD_AND_DAY))
        self.town = Town(grammar.names, roads, rng)
        self._rains = [rng.uniform(0, self.span_days) for _ in range(int(self.span_days / 9) + 1)]
        self._largest = 60 if n <= 2_000 else 120 if n <= 20_000 else 250
        self._ground = Ground()
        self._causes = 0

    def run(self) -> list[Sighting]:
        """Return `n` sightings in order of time."""
        caused = self._caused(int(self._n * CAUSED_SHARE))
        seen = list(islice(chain(caused, self._alone()), self._n))
        return sorted(seen, key=lambda sighting: sighting.day)

    # ------------------------------------------------------------ causes

    def _caused(self, wanted: int) -> Iterator[Sighting]:
        made = 0
        while made < wanted:
            first = self._first_cause()
            if first is None:
                continue
            for cause in (first, *self._follow_ups(first)):
                made += cause.reports
                yield from self._sightings(cause)

    def _first_cause(self) -> _Cause | None:
        trouble = self._a_trouble(1.0)
        district = self._rng.choice(self.town.districts)
        centres = [spot for spot in district if spot.kind in trouble.starts_at]
        if not centres:
            return None
        begins = (
            self._rng.choice(self._rains)
            if trouble.hours == "storm"
            else self._rng.uniform(-5, self.span_days)
        )
        return self._cause(
            trouble, self._rng.choice(centres), begins, one_voice=self._rng.random() < ONE_VOICE_SHARE
        )

    def _follow_ups(self, first: _Cause) -> Iterator[_Cause]:
        """What makes it hard: the same trouble in the next street, another on the same spot, the same come back."""
        if first.reports < 5:
            return
        rng, chance = self._rng, self._rng.random()
        cause = None
        if chance < 0.30:
            nearby = [
                spot
                for spot in self.town.near(first.claim.spot, 420)
                if spot.distance_m(first.claim.spot) > 150
            ]
            if nearby:
                cause = self._cause(
                    first.trouble, rng.choice(nearby), first.claim.begins + rng.uniform(-6, 6)
                )
        elif chance < 0.60:
            cause = self._cause(
                self._easily_confused(first.trouble),
                first.claim.spot,
                first.claim.begins + rng.uniform(-4, 8),
            )
        elif chance < 0.72:
            later = first.claim.begins + first.trouble.days[1] + rng.uniform(30, 70)
            if later < self.span_days * LATEST_START:
                cause = self._cause(first.trouble, first.claim.spot, later)
        if cause:
            yield cause

    def _easily_confused(self, trouble: Trouble) -> Trouble:
        """Mostly one that is filed, or often mistaken, as this one is."""
        others = [other for other in self._troubles if other is not trouble]
        alike = [other for other in others if trouble.category in (other.category, *other.mistaken)]
        return self._rng.choice(alike if alike and self._rng.random() < 0.7 else others)

    def _cause(
        self, trouble: Trouble, centre: Spot, begins: float, *, one_voice: bool = False
    ) -> _Cause | None:
        """Return a cause; None where the same trouble is too near."""
        rng = self._rng
        begins = min(max(begins, 0.0), self.span_days * LATEST_START)
        ends = min(self.span_days, begins + rng.uniform(*trouble.days))
        radius_m = {"point": POINT_M, "street": rng.uniform(*STRETCH_M), "area": rng.uniform(*AREA_M)}[
            trouble.shape
        ]
        reports = rng.randrange(4, 14) if one_voice else self._size()
        claim = Claim(trouble.key, centre, radius_m, begins, ends)
        if not self._ground.is_free(claim, GAP_M, GAP_DAYS):
            return None
        self._ground.take(claim)
        self._causes += 1
        return _Cause(f"K{self._causes:06d}", trouble, claim, reports, one_voice)

    def _size(self) -> int:
        """A whole number from two on, cut off at the largest, whose density falls with EXPONENT."""
        low, high = (bound ** (1 - EXPONENT) for bound in (2, self._largest + 1))
        return int((low + self._rng.random() * (high - low)) ** (1 / (1 - EXPONENT)))

    def _sightings(self, cause: _Cause) -> Iterator[Sighting]:
        rng, spots = self._rng, self._footprint(cause)
        fade_m = max(40.0, cause.claim.radius_m * 0.7)
        nearness = [math.exp(-spot.distance_m(cause.claim.spot) / fade_m) for spot in spots]
        crowding = rng.choice((1.0, 1.0, 1.6, 0.7))  # above one: most reports come early
        voices = [self._somebody(cause.claim.spot)] if cause.has_one_voice else []
        for _ in range(cause.reports):
            day = cause.claim.begins + (cause.claim.ends - cause.claim.begins) * rng.random() ** crowding
            spot = rng.choices(spots, nearness)[0]
            if cause.has_one_voice or (voices and rng.random() < AGAIN_SHARE):
                voice = rng.choice(voices)
            else:
                voice = self._somebody(spot)
                voices.append(voice)
            at = max(self._at_its_hour(cause.trouble, day), cause.claim.begins)
            yield self._sighting(cause.trouble, spot, at, by=voice, cause=cause.key)

    def _footprint(self, cause: _Cause) -> Sequence[Spot]:
        within = self.town.near(cause.claim.spot, cause.claim.radius_m)
        if cause.trouble.shape == "street":
            return [spot for spot in within if spot.road == cause.claim.spot.road]
        return within

    # ------------------------------------------------------------ reports

    def _alone(self) -> Iterator[Sighting]:
        """Reports that share their cause with no other, without end."""
        while True:
            trouble = self._a_trouble(0.7)
            spot = self._rng.choice(self.town.spots)
            day = self._at_its_hour(trouble, self._rng.uniform(0, self.span_days - 1))
            claim = Claim(trouble.key, spot, ALONE_SPOT_M, day, day)
            if self._ground.is_free(claim, ALONE_M, ALONE_DAYS):
                self._ground.take(claim)
                yield self._sighting(trouble, spot, day, by=self._somebody(spot), cause=None)

    def _sighting(
        self, trouble: Trouble, spot: Spot, day: float, *, by: tuple[str, str], cause: str | None
    ) -> Sighting:
        rng = self._rng
        is_mistaken = rng.random() < WRONG_CATEGORY_SHARE
        category = rng.choice(trouble.mistaken) if is_mistaken else trouble.category
        is_elsewhere = rng.random() < SCANNED_ELSEWHERE_SHARE
        scanned = rng.choice(self.town.districts[spot.district]) if is_elsewhere else spot
        day = min(day, self.span_days - 1e-4)
        return Sighting(day, trouble, spot, scanned, category, *by, cause)

    def _somebody(self, spot: Spot) -> tuple[str, str]:
        """Return a reporter and what he is: the shop's owner, a resident of the road, a courier of the district."""
        chance = self._rng.random()
        if chance < 0.45 and spot.kind in RUN_BY_OWNERS:
            return f"owner-{spot.index}", "owner"
        if chance < 0.85:
            return f"resident-{spot.road}-{self._rng.randrange(90)}", "resident"
        return f"courier-{spot.district}-{self._rng.randrange(45)}", "courier"

    def _a_trouble(self, evenness: float) -> Trouble:
        """Draw one by weight; below one, the evenness lifts the rare ones."""
        weights = [trouble.weight**evenness for trouble in self._troubles]
        return self._rng.choices(self._troubles, weights)[0]

    def _at_its_hour(self, trouble: Trouble, day: float) -> float:
        hour = self._rng.choices(range(24), HOURS[trouble.hours])[0]
        return int(day) + (hour + self._rng.random()) / 24
