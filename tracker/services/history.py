"""The history as a whole: walked, verified, and its signed ends kept outside the database."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import select

from tracker.domain.case_record import CaseRecord, rebuild
from tracker.domain.history_chain import Head, HistoryBroken, Link, check_head, walk
from tracker.extensions import db, read_one_moment
from tracker.models import Case, HistoryHead, HistoryRow
from tracker.services.moves import content_of, record_of
from tracker.services.parts import parts

ROWS_AT_ONCE = 1000
_COLUMNS = tuple(HistoryRow.__table__.columns)


def verify() -> int:
    """Walk the whole chain, compare every case with its history, and keep the signed end; return the rows seen.

    Raises:
        HistoryBroken: something was changed, removed, moved or inserted; the message says where.
    """
    read_one_moment()
    head, kept = _head(), _kept_heads()
    ends = [*kept, head] if head.count else kept
    for end in ends:
        check_head(end, parts().config.secret_keys)
    count = walk(_links(), _known(ends))
    if count != head.count:
        raise HistoryBroken(f"the head counts {head.count} rows, {count} are there")
    _compare_cases()
    if head.count and head not in kept:
        _keep(head)
    return count


def _known(ends: Iterable[Head]) -> dict[int, str]:
    """Row count → hash, as it was signed; two hashes for one count mean that rows were taken back and replaced."""
    known: dict[int, str] = {}
    for end in ends:
        if known.setdefault(end.count, end.hash) != end.hash:
            raise HistoryBroken(f"row {end.count} was signed twice with different content")
    return known


def record_from_history(case_id: int) -> CaseRecord:
    """The case's record rebuilt from its history alone."""
    return rebuild(
        (version, changes)
        for version, changes in db.session.execute(
            select(HistoryRow.version, HistoryRow.changes)
            .where(HistoryRow.case_id == case_id)
            .order_by(HistoryRow.version)
        )
    )


def heads_file() -> Path:
    """Where the signed ends are kept, one JSON line each; copy it to another machine."""
    return parts().config.data_dir / "history-heads.jsonl"


def _head() -> Head:
    row = db.session.get_one(HistoryHead, 1)
    return Head(row.count, row.hash, row.signature)


def _links() -> Iterator[Link]:
    last = 0
    while True:
        rows = (
            db.session.execute(
                select(*_COLUMNS)
                .where(HistoryRow.position > last)
                .order_by(HistoryRow.position)
                .limit(ROWS_AT_ONCE)
            )
            .mappings()
            .all()
        )
        for row in rows:
            yield Link(row["position"], content_of(dict(row)), row["previous_hash"], row["hash"])
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1]["position"]


def _compare_cases() -> None:
    vanished = (
        select(HistoryRow.case_id).outerjoin(Case, Case.id == HistoryRow.case_id).where(Case.id.is_(None))
    )
    if (case_id := db.session.scalar(vanished.limit(1))) is not None:
        raise HistoryBroken(f"case {case_id} has a history and is gone")
    last = 0
    while cases := db.session.scalars(
        select(Case).where(Case.id > last).order_by(Case.id).limit(ROWS_AT_ONCE)
    ).all():
        for case in cases:
            if record_from_history(case.id) != record_of(case):
                raise HistoryBroken(f"case {case.number} is not what its history says")
        last = cases[-1].id
        db.session.expunge_all()


def _kept_heads() -> list[Head]:
    path = heads_file()
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    return [_kept_head(number, line) for number, line in enumerate(lines, start=1)]


def _kept_head(number: int, line: str) -> Head:
    try:
        return Head(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise HistoryBroken(f"line {number} of {heads_file().name} cannot be read") from error


def _keep(head: Head) -> None:
    with heads_file().open("a", encoding="ascii") as file:
        file.write(json.dumps(asdict(head)) + "\n")
