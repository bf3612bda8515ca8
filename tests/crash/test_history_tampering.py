"""Somebody with the database in his hands changes the past: `verify` finds it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from tests import factories
from tests.databases import Database
from tests.factories import Street
from tracker.domain.history_chain import HistoryBroken
from tracker.domain.lifecycle import State
from tracker.extensions import db, transaction
from tracker.services import history

Signed = tuple[int, str, str]


@pytest.fixture
def street(app: Flask) -> Iterator[Street]:
    """A street with some history, its end noted outside the database, and no trigger left to guard it."""
    with app.app_context():
        made, crew = factories.a_street(), factories.a_crew()
        factories.walk_to(factories.a_report(made.token).number, State.VERIFIED, crew)
        factories.a_report(made.token, "A1")
        factories.a_report(made.token, "A1")
        yield made


@pytest.fixture
def kept(street: Street) -> int:  # noqa: ARG001 - of that street
    """The history was verified once, so its end is kept in a file; how many rows that were."""
    return history.verify()


def attack(database: Database, *statements: str) -> None:
    """What a thief of the database does: first the guards go, then the rows."""
    db.session.remove()
    if database.engine == "sqlite":
        guards = [
            "DROP TRIGGER history_no_update",
            "DROP TRIGGER history_no_delete",
            "DROP TRIGGER history_no_replace",
        ]
        raw = db.engine.raw_connection()
        for statement in ("PRAGMA query_only=OFF", "PRAGMA foreign_keys=OFF", *guards, *statements):
            raw.execute(statement)
        raw.invalidate()
        return
    with transaction():
        for statement in ("SET LOCAL session_replication_role = replica", *statements):
            db.session.execute(text(statement))


INSERTION = """
INSERT INTO history
SELECT position + 100, case_id, version + 100, at, action, from_state, to_state, actor_kind, user_id, report_id,
       note, is_public, changes, details, previous_hash, 'made up'
FROM history WHERE position = 3
"""


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE history SET note = 'never said' WHERE position = 3"],
        ["UPDATE history SET user_id = NULL WHERE position = 3"],
        ["UPDATE history SET at = '2026-01-01 00:00:00' WHERE position = 3"],
        ["UPDATE history SET details = '{}', is_public = NOT is_public WHERE position = 12"],
        ["DELETE FROM history WHERE position = 3"],
        [
            "DELETE FROM history WHERE position = 3",
            "UPDATE history SET position = position - 1 WHERE position > 3",
        ],
        ["DELETE FROM history WHERE position = 1"],
        ["DELETE FROM history WHERE position = 12"],
        ["DELETE FROM history WHERE position > 4"],
        ["DELETE FROM history"],
        [
            "UPDATE history SET position = 900 WHERE position = 3",
            "UPDATE history SET position = 3 WHERE position = 4",
            "UPDATE history SET position = 4 WHERE position = 900",
        ],
        [INSERTION],
        ["UPDATE cases SET state = 'voided', closed_at = opened_at"],
        ["DELETE FROM cases WHERE id = 1"],
    ],
    ids=[
        "a note rewritten",
        "a name taken out",
        "a moment moved",
        "the newest row edited",
        "a row removed",
        "a row removed and the gap closed",
        "the first row removed",
        "the newest row removed",
        "many newest rows removed",
        "everything removed",
        "two rows in each other's place",
        "a row inserted",
        "a case moved by hand",
        "a case removed",
    ],
)
@pytest.mark.parametrize("was_kept", [False, True], ids=["never verified", "verified before"])
@pytest.mark.usefixtures("street")
def test_a_changed_past_is_found(database: Database, statements: list[str], *, was_kept: bool) -> None:
    if was_kept:
        history.verify()
    attack(database, *statements)
    with pytest.raises(HistoryBroken):
        history.verify()


def signed_end() -> Signed:
    """The head as it stands, for putting back later."""
    row = db.session.execute(text("SELECT count, hash, signature FROM history_head")).one()
    return row.count, row.hash, row.signature  # type: ignore[return-value]  # a column, not the tuple's method


def cut_back_to(database: Database, end: Signed) -> None:
    """Everything after an older signed end goes: rows, cases, reports; and the old head comes back."""
    count, last, signature = end
    gone = f"IN (SELECT case_id FROM history GROUP BY case_id HAVING min(position) > {count})"  # noqa: S608 - ours
    attack(
        database,
        f"DELETE FROM notices WHERE case_id {gone}",  # noqa: S608
        f"DELETE FROM clocks WHERE case_id {gone}",  # noqa: S608
        f"DELETE FROM report_devices WHERE report_id IN (SELECT id FROM reports WHERE case_id {gone})",  # noqa: S608
        f"DELETE FROM reports WHERE case_id {gone}",  # noqa: S608
        f"DELETE FROM case_departments WHERE case_id {gone}",  # noqa: S608
        f"DELETE FROM cases WHERE id {gone}",  # noqa: S608
        f"DELETE FROM history WHERE position > {count}",  # noqa: S608
        f"UPDATE history_head SET count = {count}, hash = '{last}', signature = '{signature}'",  # noqa: S608
    )


def test_newest_rows_cut_off_with_an_old_head_put_back_are_found_by_the_kept_end(
    database: Database, street: Street
) -> None:
    old = signed_end()
    factories.a_report(street.token, "A1")
    history.verify()
    cut_back_to(database, old)
    with pytest.raises(HistoryBroken, match="signed"):
        history.verify()


def test_and_also_when_just_as_many_new_rows_were_written_in_their_place(
    database: Database, street: Street
) -> None:
    old = signed_end()
    factories.a_report(street.token, "A1", "真的发生过")
    count = history.verify()
    cut_back_to(database, old)
    factories.a_report(street.token, "A1", "后来编的")
    assert signed_end()[0] == count
    with pytest.raises(HistoryBroken, match="signed twice"):
        history.verify()


def test_and_when_more_were_written(database: Database, street: Street) -> None:
    old = signed_end()
    factories.a_report(street.token, "A1", "真的发生过")
    history.verify()
    cut_back_to(database, old)
    for _ in range(3):
        factories.a_report(street.token, "A1", "后来编的")
    with pytest.raises(HistoryBroken, match="not the one that was signed"):
        history.verify()


def test_what_nobody_touched_is_whole(kept: int) -> None:
    assert kept == history.verify() == 12
