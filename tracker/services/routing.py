"""Which departments a category's cases go to in an area, asked of the database."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import aliased

from tracker.domain.dispatch import Route, choose_route
from tracker.extensions import db
from tracker.models import Area, Calendar, Category, RoutingRule
from tracker.services.calendars import current_columns, take_current


def _path_with_rules(*beside: Any) -> Select[Any]:
    """The area and all above it, each with the category as it is now and the rule for it there.

    Args:
        beside: columns of the present calendars, each of which then has a row of its own.
    """
    here = select(Area.code, Area.parent_code).where(Area.code == bindparam("area"))
    path = here.cte("path", recursive=True)
    parent = aliased(Area)
    path = path.union_all(select(parent.code, parent.parent_code).where(parent.code == path.c.parent_code))
    is_rule_here = (RoutingRule.area_code == path.c.code) & (
        RoutingRule.category_code == bindparam("category")
    )
    is_category = (Category.code == bindparam("category")) & Category.is_current
    found = (
        select(path.c.code, path.c.parent_code, Category, RoutingRule, *beside)
        .select_from(path)
        .join(Category, is_category)
        .outerjoin(RoutingRule, is_rule_here)
    )
    return found.outerjoin(Calendar, Calendar.is_current.is_(True)) if beside else found


@cache
def _statement(*beside: Any) -> Select[Any]:
    """Made once each: putting it together costs more than the database takes to answer it."""
    return _path_with_rules(*beside)


def category_and_route(code: str, area_code: str) -> tuple[Category, Route]:
    """The category that new cases of `code` are opened under, and their route in the area; one query.

    Raises:
        LookupError: no category has this code, or there is no such area.
    """
    rows = db.session.execute(_statement(), {"area": area_code, "category": code}).all()
    return _chosen(rows, code, area_code)


def category_route_and_calendars(code: str, area_code: str) -> tuple[Category, Route]:
    """The same, and the present calendars, kept until the transaction ends; still one query.

    Raises:
        LookupError: no category has this code, or there is no such area.
    """
    statement = _statement(*current_columns())
    rows = db.session.execute(statement, {"area": area_code, "category": code}).all()
    take_current([row[4:] for row in rows])
    return _chosen(rows, code, area_code)


def _chosen(rows: Sequence[Row[Any]], code: str, area_code: str) -> tuple[Category, Route]:
    if not rows:
        raise LookupError(code)
    category = rows[0].Category
    rules = {row.RoutingRule.id: _route(row.RoutingRule) for row in rows if row.RoutingRule}.values()
    path = _upwards(area_code, {row.code: row.parent_code for row in rows})
    return category, choose_route(_own_route(category), list(rules), path)


def route_for(code: str, area_code: str) -> Route:
    """The route of a case of category `code` in the area; one query. Raises LookupError."""
    return category_and_route(code, area_code)[1]


def _upwards(code: str, parents: dict[str, str | None]) -> list[str]:
    path: list[str] = []
    here: str | None = code
    while here:
        path.append(here)
        here = parents.get(here)
    return path


def _own_route(category: Category) -> Route:
    return Route(
        category=category.code,
        area="",
        lead=category.lead_code,
        co=tuple(category.co_codes),
        auto_file=category.auto_file,
        auto_dispatch=category.auto_dispatch,
    )


def _route(rule: RoutingRule) -> Route:
    return Route(
        category=rule.category_code,
        area=rule.area_code,
        lead=rule.lead_code,
        co=tuple(rule.co_codes),
        auto_file=rule.auto_file,
        auto_dispatch=rule.auto_dispatch,
    )


def as_details(route: Route) -> dict[str, str]:
    """Why a case went where it went, for its history."""
    return {"rule_category": route.category, "rule_area": route.area}
