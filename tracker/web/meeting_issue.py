"""On the page of a common issue: the way to a meeting about it."""

from typing import Any

from flask import url_for

from tracker.domain.permissions import Actor, Permission
from tracker.services.agendas import READY
from tracker.services.issue_views import IssueFacts


def new_meeting_panel(facts: IssueFacts, actor: Actor) -> dict[str, Any]:
    """``new_meeting_url`` for meetings/_issue_forms.html; none: it is on an agenda, or not for this person to put."""
    is_ready = facts.state in READY and actor.has(Permission.MEETINGS_KEEP)
    return {"new_meeting_url": url_for("meetings.new", issue=facts.number) if is_ready else None}
