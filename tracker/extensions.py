"""What the application is bound to: the database, its transactions, translation and form protection.

Created unbound; ``tracker.create_app`` binds them. Writing happens inside ``transaction()`` and nowhere else.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from flask import Flask, current_app
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData, Table, event, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

_ONCE = "tracker_once"
WRITES = "tracker_writes"
"""Execution option of a connection whose transaction will write."""

Clock = Callable[[], datetime]
"""Tells the time: aware UTC. Read once at the edge and passed in."""

_POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c synchronous_commit=on -c statement_timeout=10s -c lock_timeout=5s"
    " -c idle_in_transaction_session_timeout=15s -c tcp_keepalives_idle=30"
)
_RETRIED = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock: nothing was done, so the use case runs again."""
_TRIES = 4
_SQLITE_WAIT_S = 8
_sqlite_turn = threading.RLock()


class Base(DeclarativeBase):
    """Parent of every table; constraint names follow one pattern so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
babel = Babel()
csrf = CSRFProtect()

Result = TypeVar("Result")


class WroteWhileReading(RuntimeError):
    """Something tried to write outside ``transaction()``: a GET would have changed data."""


@contextmanager
def transaction() -> Iterator[None]:
    """One write transaction: commits at the end, rolls back on any error.

    What the request read before is let go first, so that everything decided inside is read under the lock.
    SQLite takes its write lock at once (BEGIN IMMEDIATE); PostgreSQL locks the rows the use case asks for.
    """
    db.session.rollback()
    db.session.info[_ONCE] = {}
    try:
        with _turn_to_write():
            try:
                db.session.connection(execution_options={WRITES: True})
                yield
                db.session.commit()
            except BaseException:
                db.session.rollback()
                raise
    finally:
        del db.session.info[_ONCE]


@contextmanager
def _turn_to_write() -> Iterator[None]:
    """Let this process's writers into SQLite one after the other.

    Left to the database alone they sleep and try again, ever longer, and a few wait very long
    (docs/measurements.md). Who waits too long here goes on, and the database decides.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    has_turn = _sqlite_turn.acquire(timeout=_SQLITE_WAIT_S)
    try:
        yield
    finally:
        if has_turn:
            _sqlite_turn.release()


def once_a_transaction(name: str, look_up: Callable[[], Result]) -> Result:
    """What `look_up` returns, asked for once in a write transaction however often it is needed there."""
    known = db.session.info.get(_ONCE)
    if known is None:
        return look_up()
    if name not in known:
        known[name] = look_up()
    found: Result = known[name]
    return found


def insert_rows(table: type["Base"], rows: Sequence[Mapping[str, Any]]) -> None:
    """One statement for all rows, whatever is null in them (the ORM's own would sort them into several)."""
    if rows:
        db.session.execute(insert(cast(Table, table.__table__)), rows)


def let_go() -> None:
    """Give the connection back before slow work (photos, passwords): what was read so far ends here.

    SQLite's log grows behind an open reader, and PostgreSQL ends one that is idle for 15 seconds.
    """
    db.session.rollback()


def read_one_moment() -> None:
    """Let everything read from here on, until the session ends, be as it stood at one moment.

    SQLite always reads that way; PostgreSQL would show each statement what others wrote meanwhile.
    """
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def again_if_interrupted(use_case: Callable[[], Result]) -> Result:
    """Run a use case, again when the database asks for it (deadlock, serialisation, lost connection).

    A connection lost during COMMIT leaves the outcome unknown; repeating is harmless because reports carry
    their sender's key and moves carry the version they were made on.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            return use_case()
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            if attempt == _TRIES or not (error.connection_invalidated or state in _RETRIED):
                raise
            time.sleep(0.02 * attempt)  # lets the other transaction finish; decides nothing
    raise AssertionError("unreachable")


def now() -> datetime:
    """The present moment, aware UTC, from the clock this application was made with."""
    clock: Clock = current_app.extensions["clock"]
    return clock()


def machine_clock() -> datetime:
    """What this machine says the time is: aware UTC."""
    return datetime.now(UTC)


def shared_now() -> datetime:
    """The present moment on the one clock that all machines share, aware UTC: for leases and for what is due.

    Machines that use one PostgreSQL server take its clock, for their own may differ; SQLite has one machine. An
    application that was made with another clock keeps to that.
    """
    if current_app.extensions["clock"] is not machine_clock or db.engine.dialect.name != "postgresql":
        return now()
    with db.engine.connect() as connection:  # not the session's: it may be in the middle of a transaction
        moment: datetime = connection.scalars(select(func.clock_timestamp())).one()
    return moment.astimezone(UTC)


def one_at_a_time(number: int) -> None:
    """Wait until no other transaction does what `number` stands for; let go when this one ends.

    For decisions over rows that do not exist yet or are not known yet. On SQLite a writer is alone anyway.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(number)))


def engine_options(address: str) -> dict[str, Any]:
    """How the pool opens connections for `address` (an SQLAlchemy URL).

    What went into a statement stays out of its errors: they are logged, and people's words must not be.
    """
    options: dict[str, Any] = {"hide_parameters": True}
    if address.startswith("sqlite"):
        return options | {"connect_args": {"timeout": _SQLITE_WAIT_S, "isolation_level": None}}
    return options | {
        "pool_pre_ping": True,
        "pool_size": 10,
        "connect_args": {"options": _POSTGRESQL_OPTIONS},
    }


def bind_engine(app: Flask) -> None:
    """Put this project's rules on the engine: pragmas on connect, the right BEGIN, no write outside ours."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    event.listen(db.session, "before_flush", _refuse_stray_write)


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=8000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """Left to itself the driver would begin late and lose updates (threats, part A). A read cannot write."""
    writes = connection.get_execution_options().get(WRITES)
    driver = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Any) -> None:
    """The driver sends BEGIN with the first statement; a read is declared as one, so that it cannot write."""
    writes = connection.get_execution_options().get(WRITES)
    connection.connection.dbapi_connection.read_only = not writes


def _refuse_stray_write(session: Any, _context: Any, _instances: Any) -> None:
    if not session.connection().get_execution_options().get(WRITES):
        raise WroteWhileReading("write inside transaction(), not here")
