"""The demo street's registers, put into an empty database through the use cases that imports use."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random

from sqlalchemy import select

from tracker.adapters.csv_table import Line
from tracker.demo.catalogue import categories
from tracker.demo.people import PASSWORD, people
from tracker.demo.street import Place, Street
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import User
from tracker.services import labels
from tracker.services.area_import import import_areas
from tracker.services.calendars import save_version, shipped_facts
from tracker.services.catalogue import import_categories, import_departments, shipped
from tracker.services.imports import Imported
from tracker.services.people import actor_of, add_person
from tracker.services.place_import import import_places
from tracker.services.routing_import import import_routing

ROUTES = (
    # category, area, lead, co. Who helps differs with the area; the bikes at the metro have a rule of their own.
    ("A1", "PP-5", "ZF", "BK DJ"),
    ("A1", "PP-8", "ZF", "BK WY"),
    ("A2", "PP-2", "JJ", "PC"),
    ("A3", "PP-4", "ZF", "SG JW"),
    # These wait for an operator everywhere; in these areas another department is proposed to him.
    ("A5", "PP-3", "LR", "ZF"),
    ("A5", "PP-6", "WY", "LR"),
    ("C7", "PP-1", "WY", "PS"),
    ("D1", "PP-7", "FG", "ZF"),
    ("F4", "PP-9", "PC", "ZF"),
)


def fill_registers(street: Street, seed: int, opened_at: datetime) -> None:
    """Store departments, categories, areas, routes, places with posted labels, and people.

    Args:
        street: from ``build_street``.
        seed: also decides the labels' tokens, so that a printed demo label stays good.
        opened_at: when the labels were printed and posted: before the first case.
    """
    save_version(shipped_facts(), opened_at)
    _all_taken(import_departments(shipped("departments")))
    _all_taken(import_categories(shipped("categories")))
    areas = ({"code": area.code, "name": area.name, "parent": area.parent or ""} for area in street.areas)
    _all_taken(import_areas(_lines(areas)))
    _all_taken(import_routing(_lines(_routes())))
    _all_taken(import_places(_lines(map(_place_values, street.places))))
    labels.issue(labels.places_within(), opened_at, Random(f"labels {seed}").getrandbits)
    for label in labels.labels(state="printed"):
        labels.post(label.token, opened_at)
    for person in people():
        for area in person.areas or (None,):
            add_person(
                person.login,
                person.name,
                PASSWORD,
                role=person.role,
                area=area,
                department=person.department,
                is_demo=True,
            )


def actors() -> dict[str, Actor]:
    """Everyone who signs in on the demo street, as the rules see him, by login."""
    return {user.login: actor_of(user) for user in db.session.scalars(select(User).where(User.is_demo))}


def _routes() -> Iterator[dict[str, str]]:
    for category, area, lead, co in ROUTES:
        is_automatic = "yes" if categories()[category].is_automatic else "no"
        yield {
            "category": category,
            "area": area,
            "lead": lead,
            "co": co,
            "auto_file": is_automatic,
            "auto_dispatch": is_automatic,
        }


def _place_values(place: Place) -> dict[str, str]:
    return {
        "code": place.code,
        "kind": place.kind,
        "name": place.name,
        "address": place.address,
        "area_code": place.area,
        "lat": str(place.lat),
        "lon": str(place.lon),
        "keeper_name": place.keeper_name,
        "keeper_phone": place.keeper_phone,
        "facilities": "、".join(place.facilities),
        "opening_hours": place.opening_hours,
    }


def _lines(rows: Iterable[dict[str, str]]) -> Iterator[Line]:
    return (Line(number, values) for number, values in enumerate(rows, start=2))


def _all_taken(result: Imported) -> None:
    """A demo street that does not fit our own registers is a fault of ours, not of who loads it."""
    if result.problems:
        raise AssertionError(result.problems)
