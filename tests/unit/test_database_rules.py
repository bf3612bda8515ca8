"""What the database itself refuses, whoever asks; and how connections are opened."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from config import Config
from tests import factories
from tests.databases import Database
from tests.factories import Sent
from tracker import create_app
from tracker.domain.lifecycle import State
from tracker.extensions import db, transaction
from tracker.models import Case, Department
from tracker.services import history
from tracker.services.parts import parts
from tracker.web.access import public


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The application, with a context."""
    with app.app_context():
        yield app


@pytest.fixture
def sent(inside: Flask) -> Sent:  # noqa: ARG001 - the context it needs
    """A report, taken in."""
    return factories.a_report(factories.a_street().token)


def write(*sql: str) -> None:
    """What somebody at the database's own prompt would type."""
    with transaction():
        db.session.execute(text(" ".join(sql)))


# ---- cases: states and columns that cannot be true together


@pytest.mark.parametrize(
    "nonsense",
    [
        "state = 'half_done'",
        "state = ''",
        "state = NULL",
        "state = 'closed'",
        "state = 'closed', closed_at = opened_at, outcome = 'fixed'",
        "state = 'closed', closed_at = opened_at, closing = 'confirmed'",
        "state = 'declined'",
        "closed_at = opened_at",
        "state = 'merged', closed_at = opened_at",
        "main_case = '261123-0009'",
        "state = 'merged', closed_at = opened_at, main_case = number",
        "state = 'on_hold', lead = 'ZF'",
        "hold_until_on = '2026-12-01'",
        "state = 'dispatched'",
        "state = 'in_progress'",
        "state = 'resolved', lead = 'ZF'",
        "state = 'verified'",
        "outcome = 'good enough'",
        "closing = 'confirmed'",
        "rating = 6",
        "rating = -1",
        "returns = -1",
        "appeals = 2",
        "place_id = 999",
        "area_code = 'XX'",
    ],
)
@pytest.mark.usefixtures("sent")
def test_a_case_cannot_be_nonsense(nonsense: str) -> None:
    with pytest.raises(DBAPIError):
        write("UPDATE cases SET", nonsense)
    history.verify()


@pytest.mark.usefixtures("sent")
def test_what_makes_sense_can_be_stored() -> None:
    write("UPDATE cases SET state = 'closed', closed_at = opened_at, outcome = 'fixed', closing = 'lapsed'")


@pytest.mark.parametrize("table", ["cases", "reports", "users", "places", "departments"])
def test_what_others_refer_to_cannot_be_removed(sent: Sent, table: str) -> None:
    crew = factories.a_crew()
    factories.walk_to(sent.number, State.IN_PROGRESS, crew)
    with pytest.raises(DBAPIError):
        write("DELETE FROM", table)


@pytest.mark.usefixtures("sent")
def test_one_key_has_one_report() -> None:
    rest = (
        "content_hash, case_id, label_id, text, language, sent_at, phone_sealed, phone_fingerprint, "
        "device_hash, consent_version, code_failures"
    )
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        write("INSERT INTO reports (key, link_hash,", rest, ") SELECT key, 'another',", rest, "FROM reports")


# ---- the history


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history SET note = 'never said'",
        "UPDATE history SET note = note",
        "DELETE FROM history",
        "DELETE FROM history WHERE position = (SELECT max(position) FROM history)",
    ],
)
@pytest.mark.usefixtures("sent")
def test_the_history_is_not_changed_or_removed(change: str) -> None:
    with pytest.raises(DBAPIError, match="never changed or removed"):
        write(change)
    assert history.verify() == 1


COLUMNS = (
    "case_id, version, at, action, from_state, to_state, actor_kind, user_id, report_id, note, is_public, "
    "changes, details, previous_hash, hash"
)


def copied(position: str, columns: str) -> tuple[str, ...]:
    """The rest of a statement that copies the history's rows."""
    return "INTO history (position,", COLUMNS, ") SELECT", position, ",", columns, "FROM history WHERE true"


@pytest.mark.usefixtures("sent")
def test_a_row_of_the_history_is_not_replaced_by_the_ways_each_database_has(database: Database) -> None:
    ways: dict[str, tuple[tuple[str, ...], ...]] = {
        "sqlite": (
            ("INSERT OR REPLACE", *copied("position", COLUMNS)),
            ("INSERT OR REPLACE", *copied("position + 1", COLUMNS)),
            ("INSERT OR REPLACE", *copied("position + 1", COLUMNS.replace("version", "version + 1"))),
            ("UPDATE OR REPLACE history SET position = 1",),
        ),
        "postgresql": (
            ("TRUNCATE history CASCADE",),
            ("INSERT", *copied("position", COLUMNS), "ON CONFLICT (position) DO UPDATE SET note = ''"),
            ("MERGE INTO history USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",),
        ),
    }
    for way in ways[database.engine]:
        with pytest.raises(DBAPIError, match="never changed or removed"):
            write(*way)
    assert history.verify() == 1


# ---- connections


@pytest.mark.usefixtures("inside")
def test_every_connection_of_the_pool_is_durable_and_strict(database: Database) -> None:
    rules: dict[str, dict[str, str | int]] = {
        "sqlite": {
            "PRAGMA journal_mode": "wal",
            "PRAGMA synchronous": 2,
            "PRAGMA foreign_keys": 1,
            "PRAGMA busy_timeout": 8000,
        },
        "postgresql": {
            "SHOW synchronous_commit": "on",
            "SHOW timezone": "UTC",
            "SHOW statement_timeout": "10s",
            "SHOW lock_timeout": "5s",
            "SHOW idle_in_transaction_session_timeout": "15s",
            "SHOW transaction_isolation": "read committed",
        },
    }
    wanted = rules[database.engine]
    several = [db.engine.connect() for _ in range(4)]  # at once, so four of them
    for connection in several:
        seen = {question: connection.exec_driver_sql(question).scalar() for question in wanted}
        assert seen == wanted
    for connection in several:
        connection.close()


@pytest.mark.usefixtures("inside")
def test_writing_outside_a_transaction_of_ours_is_refused_however_it_is_tried(database: Database) -> None:
    factories.a_street()
    db.session.add(Department(code="XX", name_zh="无", name_en="none"))
    with pytest.raises(RuntimeError, match="inside transaction"):
        db.session.flush()
    db.session.rollback()
    refused = "readonly database" if database.engine == "sqlite" else "read-only transaction"
    for statement in (update(Department).values(name_en="x"), text("DELETE FROM grants")):
        with pytest.raises(DBAPIError, match=refused):
            db.session.execute(statement)
        db.session.rollback()
    with pytest.raises(DBAPIError, match=refused), db.engine.connect() as connection:
        connection.execute(text("DELETE FROM grants"))


@pytest.mark.usefixtures("inside")
def test_after_a_read_a_connection_writes_again_and_the_other_way_round() -> None:
    for number in range(3):
        with transaction():
            db.session.add(Department(code=f"X{number}", name_zh="无", name_en="none"))
        db.session.remove()
        with pytest.raises(DBAPIError):
            db.session.execute(text("DELETE FROM departments"))
        db.session.remove()


@pytest.mark.usefixtures("inside")
def test_what_fails_inside_a_transaction_leaves_nothing() -> None:
    def use_case() -> None:
        with transaction():
            db.session.add(Department(code="X1", name_zh="无", name_en="none"))
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_case()
    assert db.session.get(Department, "X1") is None


def test_a_page_that_is_only_looked_at_cannot_write(settings: Config) -> None:
    app = create_app(settings)  # it is given one more page

    @app.get("/writes")
    @public
    def writes() -> str:
        db.session.execute(update(Case).values(rating=5))
        db.session.commit()
        return "written"

    client: FlaskClient = app.test_client()
    with app.app_context():
        factories.a_report(factories.a_street().token)
    assert client.get("/writes").status_code == 503
    with app.app_context():
        assert history.verify() == 1
        db.session.remove()
        db.engine.dispose()


def test_two_applications_in_one_process_keep_their_own_parts(app: Flask) -> None:
    with app.app_context():
        config = parts().config
    other = create_app(config)
    with app.app_context(), other.app_context():
        assert parts() is other.extensions["tracker"]
        db.session.remove()
        db.engine.dispose()
