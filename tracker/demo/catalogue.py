"""What the demo needs of the starting data in `tracker/data`: categories, departments, kinds of place."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True)
class Category:
    code: str
    lead: str
    co: tuple[str, ...]
    icon: str
    is_automatic: bool  # filed and dispatched by rule, so a person never finds it in `reported`
    needs_evidence: bool


@dataclass(frozen=True)
class Department:
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class PlaceKind:
    code: str
    zh: str
    serves_people: bool
    categories: tuple[str, ...]  # category codes, likeliest first


@cache
def categories() -> dict[str, Category]:
    return {
        row["code"]: Category(
            code=row["code"],
            lead=row["lead"],
            co=tuple(row["co"]),
            icon=row["icon"],
            is_automatic=row["auto_file"] and row["auto_dispatch"],
            needs_evidence=row["evidence"],
        )
        for row in _rows("categories")
    }


@cache
def departments() -> dict[str, Department]:
    return {row["code"]: Department(row["code"], row["zh"], row["en"]) for row in _rows("departments")}


@cache
def place_kinds() -> dict[str, PlaceKind]:
    return {
        row["code"]: PlaceKind(row["code"], row["zh"], row["serves_people"], tuple(row["categories"]))
        for row in _rows("place_kinds")
    }


def _rows(name: str) -> list[dict[str, Any]]:
    """Return the one list of a data file; it is named after the file."""
    text = (resources.files("tracker") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)[name]
    return rows
