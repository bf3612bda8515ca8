"""What strangers may see of closed cases: cleared by a person photo by photo, withdrawn at once.

The original of a photo never leaves the desk. What strangers get was drawn anew (adapters/photo_masking.py), and
is served only as long as its row is here and its case is closed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from tracker.adapters.photo_masking import public_picture
from tracker.adapters.photo_reading import CleanPhoto
from tracker.domain.case_rules import Incomplete
from tracker.domain.clearing import ClearedPhoto, Clearing, read_areas, write_areas
from tracker.domain.lifecycle import State
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import db, insert_rows, let_go
from tracker.models import Case, Category, Photo, PublicCase, PublicPhoto
from tracker.services.parts import parts

NAME_BYTES = 12
"""Of a public picture's address: it says nothing about the photo, and cannot be guessed."""


class NotPublic(LookupError):
    """No such picture is public, or no more."""


@dataclass(frozen=True)
class Shown:
    """What is public of a case now.

    Attributes:
        photos: id of the original → what was destroyed in the public picture.
    """

    words: str
    photos: dict[int, str]
    cleared_at: datetime


def shown_of(case_number: str) -> Shown | None:
    """What strangers may see of a case; None: nothing."""
    row = db.session.scalar(
        select(PublicCase).join(Case, Case.id == PublicCase.case_id).where(Case.number == case_number)
    )
    if row is None:
        return None
    photos = db.session.execute(
        select(PublicPhoto.photo_id, PublicPhoto.areas).where(PublicPhoto.case_id == row.case_id)
    )
    return Shown(row.words, {photo.photo_id: photo.areas for photo in photos}, row.cleared_at)


def drawn_for_strangers(sha256: str, areas: str) -> CleanPhoto:
    """The picture that strangers would see of a stored photo; nothing is stored. Takes a moment.

    Raises:
        AreasUnreadable: `areas` make no sense.
        PhotoMissing: no such photo is stored.
    """
    marked = read_areas(areas)
    let_go()
    return public_picture(parts().photo_store.path(sha256).read_bytes(), marked)


def make_public_picture(photo_id: int, sha256: str, areas: str) -> ClearedPhoto:
    """Draw and store it, before any transaction; it is public only once the case's move names it.

    Raises:
        AreasUnreadable, PhotoMissing: as ``drawn_for_strangers``.
        StorageFailed: the disk takes none now.
    """
    stored = parts().photo_store.save(drawn_for_strangers(sha256, areas))
    return ClearedPhoto(photo_id, stored.sha256, stored.width, stored.height, write_areas(read_areas(areas)))


def public_photo(name: str) -> str:
    """The content hash of a public picture.

    Raises:
        NotPublic: never cleared, withdrawn, or its case is not closed any more.
    """
    found = db.session.scalar(
        select(PublicPhoto.sha256)
        .join(Case, Case.id == PublicPhoto.case_id)
        .join(Category, Category.id == Case.category_id)
        .where(PublicPhoto.name == name, Case.state == State.CLOSED.value)
        .where(~Category.private, ~Category.protect_reporter)
    )
    if found is None:
        raise NotPublic(name)
    return found


# ---------------------------------------------------------------- inside a move (services/cases.py)


def show_strangers(case: Case, clearing: Clearing | None, by: Actor, now: datetime) -> dict[str, Any]:
    """Make exactly `clearing` public of a locked case, or nothing at all; return what the history keeps of it.

    Raises:
        Incomplete: a photo is none of this case's, or one that only staff may see.
    """
    originals = _originals(case, clearing.photos) if clearing else {}
    withdrawn = _forget(case.id)
    if clearing is None:
        return {"withdrawn": withdrawn}
    if case.closed_at is None:
        raise ValueError(f"{case.number} is not closed")
    words = plain_text(clearing.words)
    db.session.add(
        PublicCase(
            case_id=case.id, words=words, closed_at=case.closed_at, cleared_at=now, cleared_by=by.user_id
        )
    )
    db.session.flush()
    insert_rows(PublicPhoto, [_row(case.id, photo) for photo in clearing.photos])
    cleared = [
        {"photo": originals[photo.photo_id], "shown": photo.sha256, "areas": photo.areas}
        for photo in clearing.photos
    ]
    return {"cleared": cleared, "words": words}


def _originals(case: Case, photos: Sequence[ClearedPhoto]) -> dict[int, str]:
    """Photo id → content hash of the original."""
    wanted = {photo.photo_id for photo in photos}
    rows = db.session.execute(
        select(Photo.id, Photo.sha256).where(
            Photo.case_id == case.id, Photo.kind != "staff", Photo.id.in_(wanted)
        )
    )
    found = {row.id: row.sha256 for row in rows}
    if set(found) != wanted:
        raise Incomplete({"clearing": N_("只能公开本案件处置前、处置后的照片。")})
    return found


def _forget(case_id: int) -> list[str]:
    """Nothing of the case is public any more; return the hashes of the pictures that were."""
    gone = db.session.scalars(
        delete(PublicPhoto).where(PublicPhoto.case_id == case_id).returning(PublicPhoto.sha256)
    ).all()
    db.session.execute(delete(PublicCase).where(PublicCase.case_id == case_id))
    return sorted(gone)


def _row(case_id: int, photo: ClearedPhoto) -> dict[str, Any]:
    return {
        "photo_id": photo.photo_id,
        "case_id": case_id,
        "name": secrets.token_urlsafe(NAME_BYTES),
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "areas": photo.areas,
    }
