"""The pack of a meeting 会议简报: frozen by number, never changed; what came later is told beside it, not in it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from tracker.adapters.photo_store import PhotoMissing
from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import AgendaItem, Department, Meeting, Pack, PackNote, User
from tracker.services.meeting_heads import MeetingHead, meeting_head
from tracker.services.meeting_moves import MeetingMissing, locked_meeting_numbered
from tracker.services.pack_facts import Facts, Note, facts_of, notes_of
from tracker.services.parts import parts

FREEZABLE = frozenset({"planned", "invited", "held"})
"""After its minutes are approved a meeting needs no further pack, and one that was called off needs none."""
FOR_GUESTS = (
    "position",
    "question",
    "counts",
    "since",
    "latest",
    "trend",
    "points",
    "landmarks",
    "photos",
    "options",
)
"""Of a section, what a guest reads; of its places he sees a rough circle (web/pack_words.py)."""
GUEST_TIMELINE = frozenset({"first_report", "latest_report", "accept", "meet", "act", "finish"})


class PackClosed(Exception):
    """The meeting is over or called off: no further edition is made. The message can be shown."""

    def __init__(self) -> None:
        super().__init__(N_("会议已经结束或取消，不能再定稿新的简报。"))


class StaleNote(Exception):
    """Somebody changed the addition since the page was shown; nothing was written."""


class NothingOnAgenda(Exception):
    """The agenda is empty. The message can be shown."""

    def __init__(self) -> None:
        super().__init__(N_("议程是空的，先把共性问题列入议题。"))


@dataclass(frozen=True)
class Edition:
    """A frozen pack.

    Attributes:
        facts: as they were frozen (services/pack_facts.py).
        facts_hash: SHA-256 of them.
    """

    number: int
    frozen_at: datetime
    frozen_by: str
    facts: Facts
    facts_hash: str


@dataclass(frozen=True)
class GuestPack:
    """What a guest reads of the latest edition: nothing internal, no person, no exact place."""

    number: int
    frozen_at: datetime
    meeting: Mapping[str, Any]
    sections: Sequence[Mapping[str, Any]]


def draft_of(number: str, by: Actor, now: datetime) -> tuple[MeetingHead, Facts, dict[int, Note]]:
    """The meeting, what its pack would say now, and what was added by hand (by issue).

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    meeting = meeting_head(number, by)
    return meeting, facts_of(meeting, now), notes_of(meeting.id)


def freeze(number: str, key: str, *, by: Actor, now: datetime) -> int:
    """Freeze what the pack says now; return the number of the edition. The same key again makes no other.

    Raises:
        MeetingMissing: no such meeting for this person.
        PackClosed, NothingOnAgenda: nothing was written.
    """

    def use_case() -> int:
        with transaction():
            meeting = locked_meeting_numbered(number, by)
            known = db.session.scalar(select(Pack).where(Pack.key == key, Pack.meeting_id == meeting.id))
            if known is not None:
                return known.number
            if meeting.state not in FREEZABLE:
                raise PackClosed
            facts = facts_of(meeting_head(number, by), now)
            if not facts["sections"]:
                raise NothingOnAgenda
            latest = select(func.max(Pack.number)).where(Pack.meeting_id == meeting.id)
            edition = (db.session.scalar(latest) or 0) + 1
            row = Pack(
                meeting_id=meeting.id,
                number=edition,
                key=key,
                frozen_at=now,
                frozen_by=by.user_id,
                facts=facts,
                facts_hash=hash_of_facts(facts),
            )
            db.session.add(row)
            return edition

    return again_if_interrupted(use_case)


def save_note(number: str, item_id: int, given: Note, *, by: Actor, now: datetime) -> None:
    """Keep what the secretary adds to a section by hand.

    Args:
        given: what it should say; its version is that of the addition the page showed.

    Raises:
        MeetingMissing: no such meeting for this person, or no such item on its agenda.
        StaleNote, Incomplete, PackClosed: nothing was written.
    """
    limit = parts().config.text_limit_chars
    words = {"costs": plain_text(given.costs), "background": plain_text(given.background)}
    problems = {name: N_("文字太长，请缩短后再提交。") for name, text in words.items() if len(text) > limit}
    if problems:
        raise Incomplete(problems)

    def use_case() -> None:
        with transaction():
            meeting = locked_meeting_numbered(number, by)
            if meeting.state not in FREEZABLE:
                raise PackClosed
            item = db.session.get(AgendaItem, item_id)
            if item is None or item.meeting_id != meeting.id:
                raise MeetingMissing(number)
            known = set(db.session.scalars(select(Department.code)))
            row = db.session.get(PackNote, (meeting.id, item.issue_id))
            if (row.version if row else 0) != given.version:
                raise StaleNote
            if row is None:
                row = PackNote(meeting_id=meeting.id, issue_id=item.issue_id)
                db.session.add(row)
            row.costs, row.background = words["costs"], words["background"]
            row.invite = [code for code in dict.fromkeys(given.invite) if code in known]
            row.version, row.saved_at, row.saved_by = given.version + 1, now, by.user_id or 0

    again_if_interrupted(use_case)


def editions(number: str, by: Actor) -> list[Edition]:
    """Every edition of a meeting's pack, the newest first.

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    return _editions(meeting_head(number, by).id)


def edition(number: str, wanted: int, by: Actor) -> Edition:
    """One edition.

    Raises:
        MeetingMissing: no such meeting for this person, or no such edition of it.
    """
    for one in editions(number, by):
        if one.number == wanted:
            return one
    raise MeetingMissing(number)


def photo_of(number: str, wanted: int, position: int, by: Actor) -> str:
    """Content hash of a photo in an edition, the first one of the pack being 1.

    Raises:
        MeetingMissing: no such edition for this person.
        PhotoMissing: it has no such photo.
    """
    found = photos_of(edition(number, wanted, by).facts)
    if not 0 < position <= len(found):
        raise PhotoMissing
    return str(found[position - 1]["sha256"])


def photos_of(facts: Facts) -> list[Facts]:
    """Every photo of a pack, in the order of its sections."""
    return [photo for section in facts["sections"] for photo in section["photos"]]


def latest_for_guests(meeting_id: int) -> GuestPack | None:
    """What guests of a meeting read of the latest edition; None: nothing was frozen yet.

    The caller has checked that his reader is a guest of this meeting.
    """
    found = _editions(meeting_id)[:1]
    if not found:
        return None
    latest = found[0]
    meeting = latest.facts["meeting"]
    return GuestPack(
        number=latest.number,
        frozen_at=latest.frozen_at,
        meeting={name: meeting[name] for name in ("number", "title", "starts_at", "room")},
        sections=[_for_guests(section) for section in latest.facts["sections"]],
    )


def pack_for_guests(number: str) -> GuestPack | None:
    """The same by the meeting's number."""
    meeting_id = db.session.scalar(select(Meeting.id).where(Meeting.number == number))
    return latest_for_guests(meeting_id) if meeting_id is not None else None


def hash_of_facts(facts: Facts) -> str:
    """SHA-256 of the facts' canonical JSON."""
    canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _for_guests(section: Facts) -> Facts:
    """A section without numbers of cases, notes of colleagues, departments' work and names of places."""
    seen = {name: section[name] for name in FOR_GUESTS}
    issue = section["issue"]
    return seen | {
        "issue": {name: issue[name] for name in ("number", "title", "category", "is_guarded")},
        "photos": [
            {name: photo[name] for name in ("sha256", "width", "height", "on")} for photo in section["photos"]
        ],
        "points": [
            [lat, lon, "", "", kind, cases] for lat, lon, _name, _address, kind, cases in section["points"]
        ],
        "timeline": [row | {"note": ""} for row in section["timeline"] if row["what"] in GUEST_TIMELINE],
        "tried": [
            {name: item[name] for name in ("action", "department", "due_on", "state", "ended_on")}
            for item in section["tried"]["own"]
        ],
    }


def _editions(meeting_id: int) -> list[Edition]:
    rows = db.session.execute(
        select(Pack, User.name)
        .join(User, User.id == Pack.frozen_by)
        .where(Pack.meeting_id == meeting_id)
        .order_by(Pack.number.desc())
    )
    return [Edition(row.number, row.frozen_at, who, row.facts, row.facts_hash) for row, who in rows]
