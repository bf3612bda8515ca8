"""Meetings on the page of a common issue: those about it, and the way to the next one."""

from typing import Any

from flask import url_for

from tracker.domain.permissions import Actor, Permission
from tracker.services.agendas import READY
from tracker.services.issue_views import IssueFacts
from tracker.services.meeting_list import meetings_about
from tracker.web.meeting_words import STATES, hours


def issue_meetings_panel(facts: IssueFacts, actor: Actor) -> dict[str, Any]:
    """``issue_meetings`` (rows) for meetings/_issue.html; ``new_meeting_url``: none if no meeting can take it up."""
    keeps = actor.has(Permission.MEETINGS_KEEP)
    found = meetings_about(facts.id, actor) if keeps else []
    is_ready = keeps and facts.state in READY
    return {
        "issue_meetings": [
            {
                "number": one.number,
                "url": url_for("meetings.show", number=one.number),
                "title": one.title,
                "state": one.state.value,
                "state_words": STATES[one.state],
                "at": one.starts_at.isoformat(),
                "hours": hours(one.starts_at, one.ends_at),
            }
            for one in found
        ],
        "new_meeting_url": url_for("meetings.new", issue=facts.number) if is_ready else None,
    }
