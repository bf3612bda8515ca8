"""What the report form offers at a place: its likeliest categories as big buttons, all others by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby

import yaml
from sqlalchemy import select

from tracker.extensions import db
from tracker.models import Category


@dataclass(frozen=True)
class CategoryChoice:
    """A category as the form shows it; names in both languages."""

    code: str
    group_zh: str
    group_en: str
    zh: str
    en: str
    icon: str
    urgent: bool


@dataclass(frozen=True)
class FormCategories:
    """Big buttons in order of likelihood, and the rest in the catalogue's order, one list a group."""

    likely: Sequence[CategoryChoice]
    groups: Sequence[Sequence[CategoryChoice]]


def form_categories(place_kind: str) -> FormCategories:
    """The current categories, arranged for a kind of place; one query.

    A kind without a list of its own gets no big buttons: every category is still there.
    """
    choices = {choice.code: choice for choice in _current()}
    likely = [choices.pop(code) for code in _likely().get(place_kind, ()) if code in choices]
    groups = groupby(choices.values(), key=lambda choice: choice.group_zh)
    return FormCategories(likely, [list(members) for _, members in groups])


def _current() -> Sequence[CategoryChoice]:
    rows = db.session.execute(
        select(
            Category.code,
            Category.group_zh,
            Category.group_en,
            Category.name_zh,
            Category.name_en,
            Category.icon,
            Category.urgent,
        )
        .where(Category.is_current)
        .order_by(Category.position)
    )
    return [CategoryChoice(*row) for row in rows]


@cache
def _likely() -> dict[str, tuple[str, ...]]:
    path = resources.files("tracker") / "data" / "place_kinds.yaml"
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))["place_kinds"]
    return {kind["code"]: tuple(kind["categories"]) for kind in kinds}
