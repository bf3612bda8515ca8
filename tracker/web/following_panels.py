"""What a reporter's private page shows beside his case: each subject adds one panel and what it needs."""

from collections.abc import Callable, Mapping
from typing import Any

from tracker.services import issue_messages, links
from tracker.services.case_pages import ReporterCase
from tracker.web import meeting_panel
from tracker.web.look_back import better_panel, decided_panel

Panel = Callable[[str, ReporterCase], Mapping[str, Any]]
"""(link key, what the page shows) → names for the templates."""


def _committee(key: str, _view: ReporterCase) -> dict[str, Any]:
    """The common issue that the case is part of, and what was written to its reporters."""
    report = links.report_behind(key)
    return {
        "followed_issue": issue_messages.issue_followed_by(report),
        "committee_messages": issue_messages.messages_for(report),
    }


PANELS: tuple[Panel, ...] = (_committee, meeting_panel.panel, decided_panel, better_panel)


def panels_of(key: str, view: ReporterCase) -> dict[str, Any]:
    """Everything that the panels of the private page need."""
    found: dict[str, Any] = {}
    for panel in PANELS:
        found |= panel(key, view)
    return found
