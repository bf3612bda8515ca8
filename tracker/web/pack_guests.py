"""The frozen pack as guests of a meeting read it, behind their own link: nothing internal, no person, no exact place.

Photos stand inside the page, so that no address of one can be passed on.
"""

import base64
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.extensions import now
from tracker.services import guest_pages
from tracker.services.guest_pages import GuestMeeting
from tracker.services.meeting_moves import MeetingMissing
from tracker.services.packs import GuestPack, pack_for_guests
from tracker.services.parts import parts
from tracker.web.access import public
from tracker.web.pack_update_words import ITEM_STATES
from tracker.web.pack_words import seal_words, section_views

bp = Blueprint("pack_guests", __name__)


@bp.get("/m/<token>/pack")
@public
def by_mail(token: str) -> ResponseReturnValue:
    """For a guest who was asked by mail."""
    meeting = guest_pages.meeting_of_guest(token, now())
    return _page(meeting, url_for("private_meeting.show", token=token))


@bp.get("/t/<key>/meetings/<number>/pack")
@public
def by_report(key: str, number: str) -> ResponseReturnValue:
    """For somebody who was asked through the page of his report."""
    for meeting in guest_pages.meetings_of_reporter(key, now()):
        if meeting.number == number:
            return _page(meeting, url_for("following.show", key=key))
    raise MeetingMissing(number)


def guest_section(meeting: GuestMeeting) -> dict[str, Any]:
    """What templates/packs/_guest.html places: the link to the pack, on whichever private page it stands."""
    pack = pack_for_guests(meeting.number)
    if pack is None:
        return {"pack": None}
    where = request.view_args or {}
    if "key" in where:
        url = url_for("pack_guests.by_report", key=where["key"], number=meeting.number)
    else:
        url = url_for("pack_guests.by_mail", token=where.get("token", ""))
    return {"pack": {"url": url, "seal": seal_words(pack.number, pack.frozen_at)}}


def _page(meeting: GuestMeeting, back: str) -> ResponseReturnValue:
    pack = pack_for_guests(meeting.number)
    if pack is None:
        raise MeetingMissing(meeting.number)
    return render_template("packs/guest.html", back=back, **_placed(pack))


def _placed(pack: GuestPack) -> dict[str, Any]:
    sources = [_inside(photo["sha256"]) for section in pack.sections for photo in section["photos"]]
    return {
        "pack": pack,
        "seal": seal_words(pack.number, pack.frozen_at),
        "sections": section_views([dict(each) for each in pack.sections], sources, {}, for_guests=True),
        "item_states": ITEM_STATES,
    }


def _inside(sha256: str) -> str:
    content = parts().photo_store.path(sha256, "thumb").read_bytes()
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
