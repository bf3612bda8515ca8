"""The one place where a case changes: state, counters, departments and the history row, together.

Use cases decide what is walked (services/cases.py, services/intake.py); here it is written. The order of locks
is always: case, then the head of the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain import history_chain
from tracker.domain.case_effects import advance
from tracker.domain.case_record import CaseRecord, changes_between
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import Action, State, Step
from tracker.domain.permissions import Actor
from tracker.extensions import db, insert_rows
from tracker.models import Case, CaseDepartment, Clock, HistoryHead, HistoryRow, Photo
from tracker.services.clocks import Followed, follow, store
from tracker.services.notices import notice_moves
from tracker.services.parts import parts
from tracker.services.voices import recount

_FIELDS = tuple(each.name for each in fields(CaseRecord))


@dataclass(frozen=True)
class Move:
    """One arrow somebody takes, with what he supplies.

    Attributes:
        details: further facts for the history row; JSON values.
        photos: already on disk.
    """

    step: Step
    supplied: Supplied
    by: Actor
    details: Mapping[str, Any] = field(default_factory=dict)
    photos: Sequence[StoredPhoto] = ()


def record_of(case: Case) -> CaseRecord:
    """The case's columns as the rules' plain value."""
    values = {name: getattr(case, name) for name in _FIELDS}
    return CaseRecord(
        **values | {"state": State(case.state), "co": tuple(case.co), "handled_by": tuple(case.handled_by)}
    )


def columns_of(record: CaseRecord) -> dict[str, Any]:
    """The rules' plain value as columns."""
    values = {name: getattr(record, name) for name in _FIELDS}
    return values | {
        "state": record.state.value,
        "co": list(record.co),
        "handled_by": list(record.handled_by),
    }


def take(case: Case, moves: Sequence[Move], now: datetime) -> CaseRecord:
    """Take a stored, locked case along `moves` and write its history. Inside a transaction.

    The caller has asked the rules (``case_rules.choose_step``); this writes.
    """
    before = record_of(case)
    seen = _walked(before, moves, now)
    after = seen[-1].after
    for name, value in columns_of(after).items():
        if getattr(case, name) != value:
            setattr(case, name, value)
    if after.state != before.state:
        case.moved_at = now
    db.session.flush()
    if after.departments != before.departments:
        db.session.execute(delete(CaseDepartment).where(CaseDepartment.case_id == case.id))
        _place_with_departments(case.id, after)
    if after.main_case != before.main_case:
        recount({before.main_case, after.main_case} - {""})
    store(follow(case, seen, now), case.id)
    notice_moves(case, seen, now)
    _write_history(case.id, before, moves, seen, now=now)
    return after


def opened(moves: Sequence[Move], now: datetime) -> CaseRecord:
    """The record of a new case after its first `moves`, before anything is stored."""
    return _walked(CaseRecord(), moves, now)[-1].after


def clocks_of_opening(case: Case, moves: Sequence[Move], now: datetime) -> list[Clock]:
    """The clocks that the first `moves` of a case start; sets its nearest promise. Before it is stored."""
    return follow(case, _walked(CaseRecord(), moves, now), now, is_new=True)


def write_opening(case: Case, moves: Sequence[Move], clocks: Sequence[Clock], now: datetime) -> None:
    """Write the first history of a case whose columns are those of ``opened(moves)``. Inside a transaction."""
    _place_with_departments(case.id, record_of(case))
    store(clocks, case.id)
    seen = _walked(CaseRecord(), moves, now)
    notice_moves(case, seen, now)
    _write_history(case.id, CaseRecord(), moves, seen, now=now)


def _walked(record: CaseRecord, moves: Sequence[Move], now: datetime) -> list[Followed]:
    """`moves` with the record after each of them, from `record` on: what clocks, notices and the history read."""
    seen = []
    for move in moves:
        record = advance(record, move.step, move.supplied, now)
        seen.append(Followed(move.step.action, record, move.by, move.supplied))
    return seen


def _place_with_departments(case_id: int, record: CaseRecord) -> None:
    rows = [{"case_id": case_id, "department_code": code} for code in sorted(record.departments)]
    insert_rows(CaseDepartment, rows)


def _write_history(
    case_id: int, record: CaseRecord, moves: Sequence[Move], seen: Sequence[Followed], *, now: datetime
) -> None:
    """Append one row a move to the chain, and its photos, under the lock of the chain's head."""
    head = db.session.scalars(select(HistoryHead).where(HistoryHead.id == 1).with_for_update()).one()
    position, last = head.count, head.hash
    rows, photos = [], []
    for move, after in zip(moves, (each.after for each in seen), strict=True):
        position += 1
        row = _history_row(record, after, move, now) | {"case_id": case_id}
        row |= {"position": position, "previous_hash": last}
        last = row["hash"] = history_chain.row_hash(position, content_of(row), last)
        rows.append(row)
        here = {"case_id": case_id, "version": after.version, "kind": _kind_of_photos(move), "added_at": now}
        photos += [here | _photo_columns(photo) for photo in move.photos]
        record = after
    insert_rows(HistoryRow, rows)
    insert_rows(Photo, photos)
    head.count, head.hash = position, last
    head.signature = history_chain.sign_head(position, last, parts().config.secret_keys[0])


def _history_row(before: CaseRecord, after: CaseRecord, move: Move, now: datetime) -> dict[str, Any]:
    details = dict(move.details)
    if move.photos:
        details["photos"] = [photo.sha256 for photo in move.photos]
    return {
        "version": after.version,
        "at": now,
        "action": move.step.action.value,
        "from_state": "" if move.step.action == Action.REPORT else before.state.value,
        "to_state": after.state.value,
        "actor_kind": move.by.kind,
        "user_id": move.by.user_id,
        "report_id": move.by.report_id,
        "note": move.supplied.note,
        "is_public": move.step.public,
        "changes": changes_between(replace(before, version=0), replace(after, version=0)),
        "details": details,
    }


_KIND_OF_PHOTO = {Action.RESOLVE: "after", Action.FIX_ON_SPOT: "after", Action.SEEN_GONE: "after"}


def _kind_of_photos(move: Move) -> str:
    return _KIND_OF_PHOTO.get(move.step.action, "before" if move.step.public else "staff")


def _photo_columns(photo: StoredPhoto) -> dict[str, Any]:
    return {"sha256": photo.sha256, "width": photo.width, "height": photo.height}


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a history row the hash covers: everything but the chain itself, as JSON values."""
    content = {name: row[name] for name in _HASHED}
    return content | {"at": row["at"].astimezone(UTC).isoformat()}


_HASHED = (
    "case_id",
    "version",
    "action",
    "from_state",
    "to_state",
    "actor_kind",
    "user_id",
    "report_id",
    "note",
    "is_public",
    "changes",
    "details",
)
