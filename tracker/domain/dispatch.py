"""Category × area → which departments, and whether by itself.

The rule for the nearest area wins: a rule for the 片区 beats one for the street, and that beats the category's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """Who gets a case of one category in one area, and why.

    Attributes:
        area: code the rule was made for; empty: the category's own departments.
        lead, co: department codes.
        auto_file, auto_dispatch: done by the rule at once, without an operator.
    """

    category: str
    area: str
    lead: str
    co: tuple[str, ...]
    auto_file: bool
    auto_dispatch: bool


def choose_route(default: Route, rules: Iterable[Route], area_path: Sequence[str]) -> Route:
    """The route for a case.

    Args:
        default: the category's own.
        rules: those of the same category, any area, any order.
        area_path: codes from the place's own area up to the street, nearest first.
    """
    by_area = {rule.area: rule for rule in rules}
    return next((by_area[code] for code in area_path if code in by_area), default)
