"""What pack, sign-in sheet and minutes add to the pages of a meeting: a section of the first one."""

from typing import Any

from tracker.domain.meetings import MeetingState
from tracker.services import minutes_approval, packs
from tracker.services.meeting_values import MeetingView
from tracker.web.access import current_actor
from tracker.web.pack_words import seal_words

WRITTEN = frozenset({MeetingState.INVITED, MeetingState.HELD, MeetingState.CLOSED})
"""States in which there are minutes, or may be on the meeting's day."""


def meeting_section(view: MeetingView) -> dict[str, Any]:
    """What templates/packs/_meeting.html places."""
    actor = current_actor()
    editions = packs.editions(view.number, actor)
    versions = minutes_approval.versions_of(view.number, actor)
    return {
        "papers": {
            "number": view.number,
            "seal": seal_words(editions[0].number, editions[0].frozen_at) if editions else "",
            "edition": editions[0].number if editions else 0,
            "approved": versions[0].number if versions else 0,
            "is_written": view.state in WRITTEN,
        }
    }
