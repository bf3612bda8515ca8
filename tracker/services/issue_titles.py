"""What a candidate is called before a person finds better words: the trouble, and a spot that everybody knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from tracker.extensions import db
from tracker.models import Area, Case, Category, Place

TITLE_CHARS = 80
LANDMARK_KINDS = ("metro", "school_gate", "market", "park", "bus_stop", "service_centre", "residential_gate")
"""Kinds of place that are nobody's shop, so that they may be named to everybody; the best known first."""
LANDMARKS = 8
_NEAR_DEGREES = 0.004
"""About 400 m, which is as far as a candidate's cases usually lie apart."""

_IN_BRACKETS = re.compile(r"[(\uff08].*?[)\uff09]")
"""Such as a house number behind the name; the latter two are the brackets of Chinese text."""


@dataclass(frozen=True)
class Spot:
    """Something that everybody knows: WGS-84 degrees and a name."""

    lat: float
    lon: float
    name: str


def title_for(cases: Sequence[Case]) -> str:
    """A working title for issues of these cases: category and landmark, or the area; names no shop."""
    first = min(cases, key=lambda case: case.id)
    category = db.session.scalar(
        select(Category.name_zh).where(Category.code == _most(cases), Category.is_current)
    )
    spots = landmarks_around([case.place for case in cases])
    where = spots[0].name if spots else db.session.get_one(Area, first.area_code).name
    return f"{category or first.category_version.name_zh} · {where}"[:TITLE_CHARS]


def landmarks_around(places: Sequence[Place], limit: int = LANDMARKS) -> list[Spot]:
    """Known spots around the middle of `places`, the best known first, then the nearest; at most `limit`."""
    known = [(place.lat, place.lon) for place in places if place.lat is not None and place.lon is not None]
    if not known:
        return []
    lat, lon = (sum(each) / len(known) for each in zip(*known, strict=True))
    rows = db.session.execute(
        select(Place.kind, Place.name, Place.lat, Place.lon)
        .where(
            Place.kind.in_(LANDMARK_KINDS),
            Place.area_code.in_({place.area_code for place in places}),
            Place.lat.between(lat - _NEAR_DEGREES, lat + _NEAR_DEGREES),
            Place.lon.between(lon - _NEAR_DEGREES, lon + _NEAR_DEGREES),
        )
        .limit(200)
    )

    ranked = sorted(
        (LANDMARK_KINDS.index(kind), abs(at_lat - lat) + abs(at_lon - lon), name, at_lat, at_lon)
        for kind, name, at_lat, at_lon in rows
        if at_lat is not None and at_lon is not None
    )
    return [Spot(at_lat, at_lon, _IN_BRACKETS.sub("", name)) for _, _, name, at_lat, at_lon in ranked[:limit]]


def _most(cases: Sequence[Case]) -> str:
    codes = [case.category for case in cases]
    return min(set(codes), key=lambda code: (-codes.count(code), code))
