"""The history as a whole: walked, verified, and its signed ends kept outside the database."""

import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from tracker.domain.case_record import CaseRecord, rebuild
from tracker.domain.history_chain import Head, HistoryBroken, Link, check_head, walk
from tracker.extensions import db
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
    head = _head()
    keys = parts().config.secret_keys
    if head.count:
        check_head(head, keys)
    kept = _kept_heads()
    for each in kept:
        check_head(each, keys)
    known = {each.count: each.hash for each in kept if each.count} | (
        {head.count: head.hash} if head.count else {}
    )
    count = walk(_links(), known)
    if count != head.count:
        raise HistoryBroken(f"the head counts {head.count} rows, {count} are there")
    _compare_cases()
    _keep(head)
    return count


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
    return [Head(**json.loads(line)) for line in path.read_text(encoding="ascii").splitlines() if line]


def _keep(head: Head) -> None:
    if not head.count:
        return
    with heads_file().open("a", encoding="ascii") as file:
        file.write(json.dumps({"count": head.count, "hash": head.hash, "signature": head.signature}) + "\n")
