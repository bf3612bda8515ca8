"""What the pages of an issue show beside what belongs to it: each subject adds one function and its own partial."""

from collections.abc import Callable, Mapping
from typing import Any

from tracker.domain.permissions import Actor
from tracker.services.issue_views import IssueFacts
from tracker.web.issue_endings import issue_panel
from tracker.web.meeting_issue import new_meeting_panel

Panel = Callable[[IssueFacts, Actor], Mapping[str, Any]]
"""(the issue, who reads) → names for templates/<subject>/_issue.html."""
PublicPanel = Callable[[IssueFacts], Mapping[str, Any]]
"""The issue → names for templates/<subject>/_public.html."""

PANELS: tuple[Panel, ...] = (issue_panel, new_meeting_panel)
PUBLIC_PANELS: tuple[PublicPanel, ...] = ()


def panels_of(facts: IssueFacts, actor: Actor) -> dict[str, Any]:
    """Everything that the panels of the desk's page need."""
    found: dict[str, Any] = {}
    for panel in PANELS:
        found |= panel(facts, actor)
    return found


def public_panels_of(facts: IssueFacts) -> dict[str, Any]:
    """Everything that the panels of the public page need."""
    found: dict[str, Any] = {}
    for panel in PUBLIC_PANELS:
        found |= panel(facts)
    return found
