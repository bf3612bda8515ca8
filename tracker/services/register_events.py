"""Who took the register out, or a file of places in; rows are never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import RegisterEvent
from tracker.services.imports import Imported


@dataclass(frozen=True)
class EventView:
    """One import or export; `who` empty: a command."""

    kind: str
    format: str
    counts: Mapping[str, int]
    who: str
    at: datetime


def note_import(result: Imported, file_format: str, *, by: Actor | None, now: datetime) -> None:
    """Note an import, inside the caller's transaction."""
    counts = {
        "added": result.added,
        "changed": result.changed,
        "unchanged": result.unchanged,
        "refused": len(result.problems),
    }
    _note("import", file_format, counts, by=by, now=now)


def note_export(file_format: str, counts: Mapping[str, int], *, by: Actor | None, now: datetime) -> None:
    """Note an export, inside the caller's transaction."""
    _note("export", file_format, counts, by=by, now=now)


def register_events(limit: int = 20) -> list[EventView]:
    """The latest imports and exports, newest first."""
    rows = db.session.scalars(
        select(RegisterEvent)
        .options(joinedload(RegisterEvent.user))
        .order_by(RegisterEvent.id.desc())
        .limit(limit)
    )
    return [
        EventView(row.kind, row.format, row.counts, row.user.name if row.user else "", row.at) for row in rows
    ]


def _note(kind: str, file_format: str, counts: Mapping[str, int], *, by: Actor | None, now: datetime) -> None:
    db.session.add(
        RegisterEvent(
            kind=kind,
            format=file_format,
            counts=dict(counts),
            user_id=by.user_id if by else None,
            at=now,
        )
    )
