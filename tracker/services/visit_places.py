"""The places a visitor may go to, found as people name them: by code, by name, by the label on the door."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import joinedload

from tracker.domain.permissions import ROLE_PERMISSIONS, Actor, NotPermitted, Permission, Role
from tracker.domain.qr_token import TokenMistyped, read_token
from tracker.domain.visits import Spot
from tracker.extensions import db
from tracker.models import Label, Place

FOUND_AT_MOST = 12
_LINK = re.compile(r"/q/([^/?#]+)", re.IGNORECASE)


class VisitMissing(NotPermitted):
    """No such visit, line, photo or place for this person."""


@dataclass(frozen=True)
class PlaceView:
    """A place as a visitor sees it; `spot` None: the register does not know where it is."""

    id: int
    code: str
    name: str
    kind: str
    address: str
    area_code: str
    area_name: str
    keeper_name: str
    spot: Spot | None


def may_visit(actor: Actor, area: str) -> bool:
    """Whether visits in this area (code) are this person's business."""
    return any(grant.covers(area, ()) for grant in actor.grants if _visits(grant.role))


def in_areas_of(actor: Actor) -> ColumnElement[bool]:
    """SQL that holds for the places whose visits are this person's business: the same rule as ``may_visit``."""
    limits = [grant.areas for grant in actor.grants if _visits(grant.role)]
    if any(areas is None for areas in limits):
        return true()
    return or_(false(), *(Place.area_code.in_(sorted(areas)) for areas in limits if areas))


def _visits(role: Role) -> bool:
    return Permission.VISITS_KEEP in ROLE_PERMISSIONS.get(role, ())


def place_for(code: str, actor: Actor) -> PlaceView:
    """The place with this code.

    Raises:
        VisitMissing: there is none in this person's areas.
    """
    found = _places(Place.code == code, actor)
    if not found:
        raise VisitMissing(code)
    return found[0]


def place_by_id(place_id: int, actor: Actor) -> PlaceView:
    """The place of a row.

    Raises:
        VisitMissing: it is not in this person's areas.
    """
    found = _places(Place.id == place_id, actor)
    if not found:
        raise VisitMissing(place_id)
    return found[0]


def find_places(typed: str, actor: Actor) -> list[PlaceView]:
    """The places meant by `typed`, at most twelve: one if it is a code, a label's link or token; else by name.

    A code may be followed by a name, as lists of choices show it.
    """
    typed = typed.strip()
    if not typed:
        return []
    if link := _LINK.search(typed):
        return _behind_label(link[1], actor)
    word = typed.split()[0]
    exact = _places(Place.code.in_((word, word.upper())), actor)
    return exact or _behind_label(typed, actor) or _named(typed, actor)


def _behind_label(typed: str, actor: Actor) -> list[PlaceView]:
    """Whatever the label's state: it hung at this place, and the visitor stands there."""
    try:
        token = read_token(typed)
    except TokenMistyped:
        return []
    return _places(Place.id.in_(select(Label.place_id).where(Label.token == token)), actor)


def _named(typed: str, actor: Actor) -> list[PlaceView]:
    words = [
        or_(
            Place.name.icontains(word, autoescape=True),
            Place.address.icontains(word, autoescape=True),
            Place.code.istartswith(word, autoescape=True),
        )
        for word in typed.split()[:4]
    ]
    wanted = words[0]
    for word in words[1:]:
        wanted = wanted & word
    return _places(wanted, actor)


def _places(wanted: ColumnElement[bool], actor: Actor) -> list[PlaceView]:
    rows = db.session.scalars(
        select(Place)
        .where(wanted, in_areas_of(actor))
        .options(joinedload(Place.area, innerjoin=True))
        .order_by(Place.code)
        .limit(FOUND_AT_MOST)
    )
    return views_of(rows)


def views_of(places: Iterable[Place]) -> list[PlaceView]:
    """Rows as plain values."""
    return [view_of(place) for place in places]


def view_of(place: Place) -> PlaceView:
    """A row as a plain value; reads its area."""
    return PlaceView(
        id=place.id,
        code=place.code,
        name=place.name,
        kind=place.kind,
        address=place.address,
        area_code=place.area_code,
        area_name=place.area.name,
        keeper_name=place.keeper_name,
        spot=spot_of(place),
    )


def spot_of(place: Place) -> Spot | None:
    """Where a place is, if the register knows."""
    if place.lat is None or place.lon is None:
        return None
    return Spot(place.lat, place.lon)


VISITED_KINDS: Sequence[str] = (
    "shop",
    "restaurant",
    "market",
    "canteen",
    "courier_station",
    "charging_point",
)
"""Kinds of place where somebody is behind a counter: these are put on a route. A visit can be made to any place."""
