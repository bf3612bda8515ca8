"""The panel of a reporter's own page that asks him to a meeting. What he sends from it: web/reporter_meetings.py."""

from collections.abc import Mapping
from typing import Any

from flask import g

from tracker.extensions import now
from tracker.services import guest_pages
from tracker.services.case_pages import ReporterCase
from tracker.web.guest_words import NOTHING_SAID, Said, meeting_words
from tracker.web.names import Names


def panel(key: str, view: ReporterCase) -> Mapping[str, Any]:
    """The meetings that this reporter was asked to, for following/_meetings.html."""
    said: Said = g.get("said_to_meeting", NOTHING_SAID)
    found = guest_pages.meetings_of_reporter(key, now())
    names = Names()
    return {
        "meetings": [meeting_words(meeting, key, said, names=names) for meeting in found],
        "may_speak": view.speaks,
    }
