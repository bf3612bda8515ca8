"""The demo street's registers, put into an empty database through the use cases that imports use."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random

from sqlalchemy import select

from tracker.adapters.csv_table import Line
from tracker.adapters.label_sheet import PLAIN
from tracker.demo.catalogue import categories
from tracker.demo.people import PASSWORD, people
from tracker.demo.street import Place, Street
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import User
from tracker.services import label_batches, labels
from tracker.services.area_import import import_areas
from tracker.services.calendars import save_version, shipped_facts
from tracker.services.catalogue import import_categories, import_departments, shipped
from tracker.services.imports import Imported
from tracker.services.label_batches import Choice
from tracker.services.people import actor_of, add_person, make_lead
from tracker.services.place_import import import_places
from tracker.services.routing_import import import_routing

HELP_BY_AREA = (
    # category, area, co: filed and dispatched by rule everywhere; who helps the category's own lead differs.
    ("A1", "PP-5", "BK DJ"),
    ("A1", "PP-8", "BK WY"),
    ("A2", "PP-2", "PC"),
    ("A3", "PP-4", "SG JW"),
    ("C7", "PP-1", "WY"),
)
LEAD_BY_AREA = (
    # category, area, lead, co: these wait for an operator, who is proposed another department in these areas.
    ("A5", "PP-3", "LR", "ZF"),
    ("A5", "PP-6", "WY", "LR"),
    ("F4", "PP-9", "PC", "ZF"),
    ("E3", "PP-7", "WY", "LR"),
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
    label_batches.make(
        Choice(),
        PLAIN,
        now=opened_at,
        wants_files=False,
        random_bits=Random(f"labels {seed}").getrandbits,
    )
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
        if person.role == Role.HANDLER and person.department:
            make_lead(person.department, person.login)


def actors() -> dict[str, Actor]:
    """Everyone who signs in on the demo street, as the rules see him, by login."""
    return {user.login: actor_of(user) for user in db.session.scalars(select(User).where(User.is_demo))}


def _routes() -> Iterator[dict[str, str]]:
    """Stories are told without knowing these rules, so a rule that dispatches keeps the category's own lead."""
    for category, area, co in HELP_BY_AREA:
        yield _route(category, area, categories()[category].lead, co, by_rule="yes")
    for category, area, lead, co in LEAD_BY_AREA:
        yield _route(category, area, lead, co, by_rule="no")


def _route(category: str, area: str, lead: str, co: str, *, by_rule: str) -> dict[str, str]:
    where = {"category": category, "area": area}
    return where | {"lead": lead, "co": co, "auto_file": by_rule, "auto_dispatch": by_rule}


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
