"""Runs the migrations on the application's own engine, in one write transaction."""

from alembic import context

from tracker.extensions import WRITES, Base, db


def run() -> None:
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
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
