"""The parts of a meeting's pages that several subjects share: tabs, sections of its first page, sections for guests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from tracker.domain.meetings import MeetingState
from tracker.domain.words import N_
from tracker.services.guest_pages import GuestMeeting
from tracker.services.meeting_values import MeetingView
from tracker.web import meeting_papers
from tracker.web.pack_guests import guest_section

ALL = frozenset(MeetingState)


@dataclass(frozen=True)
class Tab:
    """One page of a meeting.

    Attributes:
        endpoint: takes ``number``; pages below it start with it up to the last dot.
        states: of the meeting in which the tab is there.
    """

    endpoint: str
    label: str
    states: frozenset[MeetingState] = ALL


TABS: tuple[Tab, ...] = (
    Tab("meetings.show", N_("概况")),
    Tab("meetings.agenda.show", N_("议程")),
    Tab("meetings.guests.show", N_("邀请")),
    Tab("meetings.sign_in.show", N_("签到")),
    Tab("meetings.votes.show", N_("表决")),
    Tab("packs.show", N_("简报"), ALL - {MeetingState.CANCELLED}),
    Tab("minutes.show", N_("纪要"), meeting_papers.WRITTEN),
)
"""In their order; another subject adds a line."""

SECTIONS: tuple[tuple[str, Callable[[MeetingView], Mapping[str, Any]]], ...] = (
    ("packs/_meeting.html", meeting_papers.meeting_section),
)
"""What other subjects show on the first page: (template, what it needs of the meeting)."""

GUEST_SECTIONS: tuple[tuple[str, Callable[[GuestMeeting], Mapping[str, Any]]], ...] = (
    ("packs/_guest.html", guest_section),
)
"""The same on the page of a guest and in the reporter's panel: (template, what it needs); no person may be in it."""


def tabs_of(view: MeetingView) -> list[dict[str, Any]]:
    """The tabs of a meeting's pages, with the present one marked."""
    here = request.endpoint or ""
    return [
        {
            "label": _(tab.label),
            "url": url_for(tab.endpoint, number=view.number),
            "current": here == tab.endpoint or _folder(here) == _folder(tab.endpoint) != "meetings",
        }
        for tab in TABS
        if view.state in tab.states
    ]


def sections_of(view: MeetingView) -> dict[str, Any]:
    """Names of the sections' templates under ``sections``, and everything they need."""
    found: dict[str, Any] = {"sections": [template for template, _make in SECTIONS]}
    for _template, make in SECTIONS:
        found |= make(view)
    return found


def guest_sections_of(meeting: GuestMeeting) -> dict[str, Any]:
    """The same for guests."""
    found: dict[str, Any] = {"sections": [template for template, _make in GUEST_SECTIONS]}
    for _template, make in GUEST_SECTIONS:
        found |= make(meeting)
    return found


def _folder(endpoint: str) -> str:
    return endpoint.rpartition(".")[0]
