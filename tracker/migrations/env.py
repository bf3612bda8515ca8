"""Runs the migrations on the application's own engine, in one write transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from tracker.extensions import WRITES, Base, db

LOCK_KEY = 0x5CA4_7EAC
"""Any number that nothing else on the server locks."""


def run() -> None:
    with (
        db.engine.connect().execution_options(**{WRITES: True}) as connection,
        tables_may_be_made_anew(connection),
    ):
        if connection.dialect.name == "postgresql":
            # Two servers that start at once migrate one after the other.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        refuse_broken_references(connection)
        connection.commit()


@contextmanager
def tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying it and dropping the old one, which other tables still point at.

    The switch works only outside a transaction, so it is turned before ours begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def refuse_broken_references(connection: Connection) -> None:
    """What the switch let pass is looked at before anything is kept."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration leaves rows that point nowhere: {broken[:5]}")


run()
