"""What a reporter's private page shows beside his case: each subject adds one panel and what it needs."""

from collections.abc import Callable, Mapping
from typing import Any

from tracker.services.case_pages import ReporterCase

Panel = Callable[[str, ReporterCase], Mapping[str, Any]]
"""(link key, what the page shows) → names for the templates."""

PANELS: tuple[Panel, ...] = ()


def panels_of(key: str, view: ReporterCase) -> dict[str, Any]:
    """Everything that the panels of the private page need."""
    found: dict[str, Any] = {}
    for panel in PANELS:
        found |= panel(key, view)
    return found
