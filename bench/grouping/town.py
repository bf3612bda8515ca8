"""The ground of the corpus: districts set at an angle to one another, each with roads that cross and some lanes.

Metres, east and north of the corner of the first district; every 12 to 36 m of a road stands a place with a code.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.grouping.grammar import Names

DISTRICT_M = 2100.0
ROADS_A_DISTRICT = 16  # eight one way, five across, three lanes
ALONG, ACROSS = 8, 5
CELL_M = 100.0
LANDMARK_M = 170.0
HOME_M = 220.0
KIND_WEIGHTS = {
    "food": 58, "shop": 76, "gate": 22, "office": 6, "bar": 4, "metro": 2, "school": 2, "market": 2, "park": 2,
    "site": 2, "station": 2,
}  # fmt: skip
LANDMARKS = frozenset({"gate", "metro", "school", "market", "park", "office"})
RUN_BY_OWNERS = frozenset({"food", "shop", "bar", "market", "station"})


@dataclass(frozen=True)
class Spot:
    """A place with a code on its door."""

    index: int
    district: int
    road: int
    road_name: str
    house_number: int
    kind: str
    name: str
    east_m: float
    north_m: float

    @property
    def code(self) -> str:
        return f"P{self.index:06d}"

    def distance_m(self, other: "Spot") -> float:
        return math.hypot(self.east_m - other.east_m, self.north_m - other.north_m)


@dataclass(frozen=True)
class _Line:
    """A road before anything stands on it."""

    district: int
    name: str
    east_m: float
    north_m: float
    angle: float
    length_m: float


class Town:
    """All places, and who stands near whom."""

    def __init__(self, names: Names, roads: int, rng: Random) -> None:
        self.spots: list[Spot] = []
        self.roads: list[list[Spot]] = []
        self.districts: list[list[Spot]] = []
        self._cells: dict[tuple[int, int], list[Spot]] = {}
        for line in _lines(names, roads, rng):
            self._build(line, names, rng)
        self._marks = [self._landmark(spot, rng) for spot in self.spots]
        self._homes = [self._home(spot) for spot in self.spots]

    def near(self, spot: Spot, radius_m: float) -> list[Spot]:
        """Everything within the radius, the spot itself included."""
        reach = int(radius_m // CELL_M) + 1
        column, row = _cell(spot.east_m, spot.north_m)
        return [
            other
            for east in range(column - reach, column + reach + 1)
            for north in range(row - reach, row + reach + 1)
            for other in self._cells.get((east, north), ())
            if spot.distance_m(other) <= radius_m
        ]

    def facts(self, spot: Spot) -> dict[str, str]:
        """What a text may say about where it is."""
        return {
            "street": spot.road_name,
            "no": str(spot.house_number),
            "mark": self._marks[spot.index],
            "home": self._homes[spot.index],
            "shop": spot.name,
        }

    def _build(self, line: _Line, names: Names, rng: Random) -> None:
        road, along, number = len(self.roads), rng.uniform(0, 20), rng.randrange(1, 60)
        self.roads.append([])
        if line.district == len(self.districts):
            self.districts.append([])
        while along < line.length_m:
            kind = rng.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0]
            name = rng.choice(names.by_kind[kind])
            spot = Spot(
                len(self.spots),
                line.district,
                road,
                line.name,
                number,
                kind,
                rng.choice(names.owner) + name if kind in RUN_BY_OWNERS else name,
                line.east_m + along * math.cos(line.angle) + rng.uniform(-8, 8),
                line.north_m + along * math.sin(line.angle) + rng.uniform(-8, 8),
            )
            self.spots.append(spot)
            self.roads[road].append(spot)
            self.districts[line.district].append(spot)
            self._cells.setdefault(_cell(spot.east_m, spot.north_m), []).append(spot)
            along += rng.uniform(12, 36)
            number += rng.randrange(1, 6)

    def _landmark(self, spot: Spot, rng: Random) -> str:
        """What people nearby would name; the shop itself where there is nothing."""
        marks = [other.name for other in self.near(spot, LANDMARK_M) if other.kind in LANDMARKS]
        return rng.choice(marks) if marks else spot.name

    def _home(self, spot: Spot) -> str:
        """The nearest gate: where a resident would say to live; the road where there is none."""
        gates = [other for other in self.near(spot, HOME_M) if other.kind == "gate"]
        return min(gates, key=spot.distance_m).name if gates else spot.road_name


def _cell(east_m: float, north_m: float) -> tuple[int, int]:
    return int(east_m // CELL_M), int(north_m // CELL_M)


def _lines(names: Names, roads: int, rng: Random) -> Iterator[_Line]:
    """The roads of as many whole districts as are needed."""
    districts = max(1, round(roads / ROADS_A_DISTRICT))
    columns = math.ceil(math.sqrt(districts))
    road_names = _road_names(names, districts * ROADS_A_DISTRICT, rng)
    for district in range(districts):
        east, north = (district % columns) * DISTRICT_M, (district // columns) * DISTRICT_M
        turned, here = rng.uniform(0, 0.5), road_names[district * ROADS_A_DISTRICT :]
        for nth, name in enumerate(here[:ROADS_A_DISTRICT]):
            yield _line(district, name, nth, corner=(east, north), turned=turned, rng=rng)


def _line(
    district: int, name: str, nth: int, *, corner: tuple[float, float], turned: float, rng: Random
) -> _Line:
    """Along, across, or a lane somewhere between."""
    east, north, angle, length = _course(nth, rng)
    east_m = corner[0] + east * math.cos(turned) - north * math.sin(turned)
    north_m = corner[1] + east * math.sin(turned) + north * math.cos(turned)
    return _Line(district, name, east_m, north_m, angle + turned, length)


def _course(nth: int, rng: Random) -> tuple[float, float, float, float]:
    """Where a district's nth road begins, its angle and its length, before the district is turned."""
    long_m = rng.uniform(700, 1200)
    if nth < ALONG:
        return rng.uniform(0, 240), nth * 170.0 + rng.uniform(-25, 25), 0.0, long_m
    if nth < ALONG + ACROSS:
        return (nth - ALONG) * 260.0 + rng.uniform(-40, 40), rng.uniform(0, 240), math.pi / 2, long_m
    return rng.uniform(100, 900), rng.uniform(100, 900), rng.choice((0.0, math.pi / 2)), rng.uniform(160, 420)


def _road_names(names: Names, many: int, rng: Random) -> Sequence[str]:
    every = [a + b + c for a in names.road_first for b in names.road_second for c in names.road_type]
    rng.shuffle(every)
    return [every[index % len(every)] for index in range(many)]
