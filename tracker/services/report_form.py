"""What the report form offers at a place: its likeliest categories as big buttons, all others by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

import yaml
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from tracker.domain.streets import street_of
from tracker.domain.tile_order import TILES, faded, likeliest_first, street_key
from tracker.extensions import db
from tracker.models import Category, CategoryHabit


@dataclass(frozen=True)
class CategoryChoice:
    """A category as the form shows it; names in both languages.

    Attributes:
        guarded: its reporter is protected: the handling department learns the day, not the minute; strangers at
            the same code see neither place nor photo (services/case_pages.py, suggestions.py).
    """

    code: str
    group_zh: str
    group_en: str
    zh: str
    en: str
    icon: str
    urgent: bool
    guarded: bool


@dataclass(frozen=True)
class Standing:
    """Where the form is asked for, as far as the order of its buttons depends on it."""

    kind: str
    area_code: str
    address: str


@dataclass(frozen=True)
class FormCategories:
    """Big buttons in order of likelihood, and the rest in the catalogue's order, one list a group.

    Attributes:
        street: by whose reports the buttons are ordered too; empty while there are too few.
        knows_kind: the reports from such places count, not only the list made for them.
    """

    likely: Sequence[CategoryChoice]
    groups: Sequence[Sequence[CategoryChoice]]
    street: str = ""
    knows_kind: bool = False


def form_categories(where: Standing, now: datetime) -> FormCategories:
    """The current categories, arranged for a place; one query.

    Where nothing was reported yet, the list made for the kind of place decides. A kind without such a list gets the
    big buttons that its reports call for; every other category is there in any case.
    """
    street = street_of(where.address)
    choices: dict[str, CategoryChoice] = {}
    of_kind: dict[str, float] = {}
    of_street: dict[str, float] = {}
    for row in _current(where.kind, street_key(where.area_code, street)):
        *facts, kind_weight, street_weight = tuple(row)
        choice = CategoryChoice(*facts)
        choices[choice.code] = choice
        for counts, weight in ((of_kind, kind_weight), (of_street, street_weight)):
            if weight:
                counts[choice.code] = faded(weight, now)
    listed = [code for code in _listed().get(where.kind, ()) if code in choices]
    order = likeliest_first(listed, of_kind, of_street)
    likely = [choices.pop(code) for code in order.codes[:TILES]]
    groups = groupby(choices.values(), key=lambda choice: choice.group_zh)
    return FormCategories(
        likely,
        [list(members) for _, members in groups],
        street=street if order.knows_street else "",
        knows_kind=order.knows_kind,
    )


def _current(kind: str, street: str) -> Sequence[Any]:
    """Every current category, with how much it is reported from such places and on this street, if at all."""
    in_kind, on_street = aliased(CategoryHabit), aliased(CategoryHabit)
    rows = db.session.execute(
        select(
            Category.code,
            Category.group_zh,
            Category.group_en,
            Category.name_zh,
            Category.name_en,
            Category.icon,
            Category.urgent,
            Category.protect_reporter,
            in_kind.weight,
            on_street.weight,
        )
        .outerjoin(in_kind, _habit_of(in_kind, "kind", kind))
        .outerjoin(on_street, _habit_of(on_street, "street", street))
        .where(Category.is_current)
        .order_by(Category.position)
    )
    return rows.all()


def _habit_of(habit: type[CategoryHabit], scope: str, name: str) -> ColumnElement[bool]:
    return and_(habit.scope == scope, habit.name == name, habit.category == Category.code)


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    path = resources.files("tracker") / "data" / "place_kinds.yaml"
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))["place_kinds"]
    return {kind["code"]: tuple(kind["categories"]) for kind in kinds}
