"""What is noted about a label: who did what to it, when, why. Rows are never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.domain.labels import LabelEvent
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.extensions import db
from tracker.models import LabelNote

REASON_LIMIT_CHARS = 200


@dataclass(frozen=True)
class NoteView:
    """One line of a label's history; `who` empty: a command."""

    id: int
    kind: LabelEvent
    at: datetime
    who: str
    reason: str
    batch: int | None
    has_photo: bool


def note(
    label_id: int,
    kind: LabelEvent,
    now: datetime,
    *,
    by: Actor | None = None,
    reason: str = "",
    batch_id: int | None = None,
    other_id: int | None = None,
    photo_sha256: str = "",
) -> None:
    """Add a line to a label's history, inside the caller's transaction."""
    db.session.add(
        LabelNote(
            label_id=label_id,
            kind=kind.value,
            at=now,
            user_id=by.user_id if by else None,
            reason=plain_text(reason)[:REASON_LIMIT_CHARS],
            batch_id=batch_id,
            other_id=other_id,
            photo_sha256=photo_sha256,
        )
    )


def notes_of(label_id: int) -> list[NoteView]:
    """A label's history, newest first."""
    rows = db.session.scalars(
        select(LabelNote)
        .where(LabelNote.label_id == label_id)
        .options(joinedload(LabelNote.user))
        .order_by(LabelNote.id.desc())
    )
    return [
        NoteView(
            id=row.id,
            kind=LabelEvent(row.kind),
            at=row.at,
            who=row.user.name if row.user else "",
            reason=row.reason,
            batch=row.batch_id,
            has_photo=bool(row.photo_sha256),
        )
        for row in rows
    ]
