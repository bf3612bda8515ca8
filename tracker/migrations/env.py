"""Runs the migrations on the application's own engine, in one write transaction."""

from alembic import context
from sqlalchemy import text

from tracker.extensions import WRITES, Base, db

LOCK_KEY = 0x5CA4_7EAC
"""Any number that nothing else on the server locks."""


def run() -> None:
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        if (
            connection.dialect.name == "postgresql"
        ):  # two servers that start at once migrate one after the other
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
