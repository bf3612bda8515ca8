"""The pack as guests of a meeting read it on their own page: photos stand inside, so that no address of one exists."""

import base64
from typing import Any

from tracker.services.packs import latest_for_guests
from tracker.services.parts import parts
from tracker.web.pack_update_words import ITEM_STATES
from tracker.web.pack_words import seal_words, section_views


def guest_pack(meeting_id: int) -> dict[str, Any]:
    """What templates/packs/_guest.html places; the caller has checked that his reader is a guest of this meeting."""
    pack = latest_for_guests(meeting_id)
    if pack is None:
        return {"guest_pack": None}
    sources = [_inside(photo["sha256"]) for section in pack.sections for photo in section["photos"]]
    return {
        "guest_pack": {
            "number": pack.number,
            "seal": seal_words(pack.number, pack.frozen_at),
            "sections": section_views([dict(each) for each in pack.sections], sources, {}, for_guests=True),
            "item_states": ITEM_STATES,
        }
    }


def _inside(sha256: str) -> str:
    content = parts().photo_store.path(sha256, "thumb").read_bytes()
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
