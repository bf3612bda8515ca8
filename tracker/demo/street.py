"""The demo street on the map: its areas, its shopping streets and its places.

The ground is a square of three by three 片区, each 640 m wide, in the north of Shanghai; five invented
shopping streets cut through it in straight lines, and the places of a street stand along its line.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from tracker.demo.catalogue import place_kinds
from tracker.demo.names import (
    ESTATES,
    FACILITIES,
    HOURS,
    KEEPER_SURNAMES,
    KEEPER_TITLES,
    PLACED_NAMES,
    PREFIXES,
    TRADES,
)

STREET_CODE = "PP"
STREET_NAME = "彭浦街道(演示)"

# South-west corner of the ground, WGS-84, and the side of one 片区.
ORIGIN_LAT, ORIGIN_LON = 31.2915, 121.4400
DISTRICT_M = 640.0
METRES_PER_DEGREE_LAT = 110_870.0  # at 31.3 N on the WGS-84 ellipsoid
METRES_PER_DEGREE_LON = 95_230.0

# West to east, row by row from the south.
DISTRICT_NAMES = ("南薰", "望舒", "安澜", "春禾", "星河", "百卉", "北辰", "长亭", "和畅")

# Share of each kind among the places; every kind has at least one place, the metro its three.
METRO_ENTRANCES = 3
KIND_WEIGHTS = {
    "shop": 66, "restaurant": 44, "residential_gate": 16, "building_door": 14, "street_furniture": 10,
    "bus_stop": 8, "office": 8, "bin_room": 6, "park": 4, "courier_station": 4, "charging_point": 4,
    "school_gate": 3, "market": 3, "canteen": 2, "service_centre": 2, "works_site": 2,
    "riverside": 1,
}  # fmt: skip
FEWEST_PLACES = len(KIND_WEIGHTS) + METRO_ENTRANCES


@dataclass(frozen=True)
class Point:
    """Metres east and north of the ground's south-west corner."""

    east_m: float
    north_m: float

    def distance_m(self, other: "Point") -> float:
        return math.hypot(self.east_m - other.east_m, self.north_m - other.north_m)


@dataclass(frozen=True)
class Area:
    code: str
    name: str
    parent: str | None  # an area's code; None for the street itself


@dataclass(frozen=True)
class ShoppingStreet:
    code: str
    name: str
    start: Point
    end: Point

    @property
    def length_m(self) -> float:
        return self.start.distance_m(self.end)

    def at(self, share: float, offset_m: float = 0.0) -> Point:
        """Return the point at a share (0-1) of the way, `offset_m` to the left of the line."""
        east, north = self.end.east_m - self.start.east_m, self.end.north_m - self.start.north_m
        left_east, left_north = -north / self.length_m, east / self.length_m
        return Point(
            self.start.east_m + east * share + left_east * offset_m,
            self.start.north_m + north * share + left_north * offset_m,
        )


@dataclass(frozen=True)
class Place:
    code: str
    kind: str
    name: str
    address: str
    area: str  # code of a 居委 or road section
    shopping_street: str
    lat: float
    lon: float
    keeper_name: str
    keeper_phone: str
    opening_hours: str  # "HH:MM-HH:MM, …"; empty unless the kind serves people
    facilities: tuple[str, ...]
    spot: Point


@dataclass(frozen=True)
class Street:
    areas: tuple[Area, ...]  # parents before children
    shopping_streets: tuple[ShoppingStreet, ...]
    places: tuple[Place, ...]

    def places_near(self, spot: Point, radius_m: float) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.spot.distance_m(spot) <= radius_m)

    @property
    def metro(self) -> Place:
        """The first metro entrance: where the bikes pile up."""
        return next(place for place in self.places if place.kind == "metro")


SHOPPING_STREETS = (
    ShoppingStreet("R1", "星河路", Point(0, 960), Point(1920, 960)),
    ShoppingStreet("R2", "长亭路", Point(960, 0), Point(960, 1920)),
    ShoppingStreet("R3", "春禾路", Point(0, 1500), Point(1920, 1440)),
    ShoppingStreet("R4", "望舒路", Point(60, 300), Point(1880, 420)),
    ShoppingStreet("R5", "百卉街", Point(1450, 40), Point(1700, 1880)),
)

METRO_CROSSING = Point(960, 960)


def build_street(seed: int, places: int = 200) -> Street:
    """Return the same street for the same seed.

    Args:
        seed: Any whole number.
        places: How many; at least one of each kind.

    Raises:
        ValueError: Too few places for one of each kind.
    """
    if places < FEWEST_PLACES:
        message = f"示范街道至少要有 {FEWEST_PLACES} 个点位"
        raise ValueError(message)
    rng = Random(f"street {seed}")
    areas = tuple(_areas(rng))
    return Street(areas, SHOPPING_STREETS, tuple(_places(rng, places, _sections_by_district(areas))))


def area_path(areas: tuple[Area, ...], code: str) -> tuple[str, ...]:
    """Return an area's code and those of all areas it lies in, innermost first."""
    parents = {area.code: area.parent for area in areas}
    path: list[str] = []
    step: str | None = code
    while step is not None:
        path.append(step)
        step = parents[step]
    return tuple(path)


def _areas(rng: Random) -> Iterator[Area]:
    yield Area(STREET_CODE, STREET_NAME, None)
    for number, name in enumerate(DISTRICT_NAMES, start=1):
        district = f"{STREET_CODE}-{number}"
        yield Area(district, f"{name}片区", STREET_CODE)
        sections = [f"{name}第一居委会", f"{name}第二居委会", f"{name}路段"][: rng.choice((2, 3))]
        for part, section in enumerate(sections, start=1):
            yield Area(f"{district}-{part}", section, district)


def _sections_by_district(areas: tuple[Area, ...]) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for area in areas:
        if area.parent not in (None, STREET_CODE):
            sections.setdefault(str(area.parent), []).append(area.code)
    return sections


@dataclass(frozen=True)
class _Stand:
    """Where a place stands: a house number and its spot beside the road."""

    road: ShoppingStreet
    number: int
    spot: Point


def _places(rng: Random, total: int, sections: dict[str, list[str]]) -> Iterator[Place]:
    namer = _Namer(rng)
    stands = _stands(rng, total)
    for index, (kind, stand) in enumerate(zip(_kinds(rng, stands), stands, strict=True), start=1):
        area = _section(stand.spot, sections)
        yield _place(rng, f"P{index:04d}", namer.name(kind, stand), kind, stand=stand, area=area)


def _stands(rng: Random, total: int) -> list[_Stand]:
    """Spread the stands over the roads; house numbers rise along a road, even ones on the left."""
    per_road = -(-total // len(SHOPPING_STREETS))
    stands = []
    for index in range(total):
        nth, road_index = divmod(index, len(SHOPPING_STREETS))
        road, number = SHOPPING_STREETS[road_index], nth + 11
        side = 1 if number % 2 == 0 else -1
        spot = road.at((nth + rng.uniform(0.2, 0.8)) / per_road, rng.uniform(11, 16) * side)
        stands.append(_Stand(road, number, spot))
    return stands


def _kinds(rng: Random, stands: list[_Stand]) -> list[str]:
    """Return a kind for each stand: each kind at least once, the metro where the first two roads cross."""
    every = list(KIND_WEIGHTS)
    more = len(stands) - METRO_ENTRANCES - len(every)
    others = every + rng.choices(every, weights=list(KIND_WEIGHTS.values()), k=more)
    rng.shuffle(others)
    nearest = sorted(range(len(stands)), key=lambda index: stands[index].spot.distance_m(METRO_CROSSING))
    entrances = set(nearest[:METRO_ENTRANCES])
    return ["metro" if index in entrances else others.pop() for index in range(len(stands))]


def _section(spot: Point, sections: dict[str, list[str]]) -> str:
    """Return the section a spot lies in: a 片区 is cut into strips of equal width, from west to east."""
    column, row = (min(2, max(0, int(metres // DISTRICT_M))) for metres in (spot.east_m, spot.north_m))
    strips = sections[f"{STREET_CODE}-{row * 3 + column + 1}"]
    share = min(0.999, max(0.0, spot.east_m / DISTRICT_M - column))
    return strips[int(share * len(strips))]


def _place(rng: Random, code: str, name: str, kind: str, *, stand: _Stand, area: str) -> Place:
    serves_people = place_kinds()[kind].serves_people
    offers = FACILITIES[kind] if serves_people else ()
    return Place(
        code=code,
        kind=kind,
        name=name,
        address=f"{stand.road.name}{stand.number}号",
        area=area,
        shopping_street=stand.road.code,
        lat=round(ORIGIN_LAT + stand.spot.north_m / METRES_PER_DEGREE_LAT, 6),
        lon=round(ORIGIN_LON + stand.spot.east_m / METRES_PER_DEGREE_LON, 6),
        keeper_name=rng.choice(KEEPER_SURNAMES) + KEEPER_TITLES.get(kind, "值守"),
        keeper_phone=fictitious_phone(rng),
        opening_hours=rng.choice(HOURS[kind]) if serves_people else "",
        facilities=tuple(sorted(rng.sample(offers, k=min(3, len(offers))), key=offers.index)),
        spot=stand.spot,
    )


def fictitious_phone(rng: Random) -> str:
    """Return a mobile number nobody has: 154 was never given to an operator. Otherwise it is as real ones are."""
    return f"1540000{rng.randrange(10_000):04d}"


class _Namer:
    """Gives every place a name of its own."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()
        self._running = {kind: count(1) for kind in ("metro", *KIND_WEIGHTS)}

    def name(self, kind: str, stand: _Stand) -> str:
        name = self._proposal(kind, stand)
        if name in self._taken:
            name = f"{name}({stand.road.name}{stand.number}号)"
        self._taken.add(name)
        return name

    def _proposal(self, kind: str, stand: _Stand) -> str:
        n = next(self._running[kind])
        if kind in TRADES:
            return self._rng.choice(PREFIXES) + self._rng.choice(TRADES[kind])
        estate = self._rng.choice(ESTATES)
        return PLACED_NAMES[kind].format(road=stand.road.name, number=stand.number, n=n, estate=estate)
