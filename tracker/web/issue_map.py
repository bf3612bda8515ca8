"""The places of an issue on the plan: exact for staff, a circle for everybody."""

from collections.abc import Sequence

from flask import url_for
from markupsafe import Markup

from tracker.services.issue_suggestions import Suggestion
from tracker.services.issue_views import IssueFacts
from tracker.web.place_map import Landmark, MapPoint, PlaceMap, coarse, coarse_map, place_map, spread

LEAST_PLACES = 3
"""With fewer places a circle would stand around somebody's door."""


def map_of(facts: IssueFacts, suggestions: Sequence[Suggestion] = ()) -> PlaceMap | None:
    """The plan for staff and packs; None: no place has a position."""
    own = {(point.lat, point.lon) for point in facts.points}
    near = [
        MapPoint(
            each.lat,
            each.lon,
            each.place,
            "near",
            note=each.number,
            url=url_for("desk.case.show", number=each.number),
        )
        for each in suggestions
        if (each.lat, each.lon) not in own
    ]
    return place_map([*_points(facts), *near], _landmarks(facts))


def public_map_of(facts: IssueFacts) -> Markup | None:
    """Roughly where it is; None: too few places, or ones that must not be told."""
    known = [point for point in _points(facts) if point.lat is not None]
    if facts.is_guarded or len(known) < LEAST_PLACES:
        return None
    return coarse_map(coarse(spread(known)), _landmarks(facts))


def _points(facts: IssueFacts) -> list[MapPoint]:
    return [
        MapPoint(point.lat, point.lon, point.place, point.kind, point.cases, point.address)
        for point in facts.points
    ]


def _landmarks(facts: IssueFacts) -> list[Landmark]:
    own = {(point.lat, point.lon) for point in facts.points}
    return [
        Landmark(spot.lat, spot.lon, spot.name) for spot in facts.landmarks if (spot.lat, spot.lon) not in own
    ]
