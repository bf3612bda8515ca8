"""``python -m bench.sweep``: what one look for due rungs costs with 10 k, 100 k and 1 M open clocks.

None due: an index probe. A thousand due: what those thousand cost. Times are medians; nothing else runs meanwhile.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import flask_migrate
from sqlalchemy import func, select, text, update

from tests.factories import MORNING, a_report, a_street
from tests.postgres import PostgresServer, execute, url_of
from tests.processes import ROOT
from tests.settings import settings_in
from tracker import create_app
from tracker.extensions import WRITES, db, transaction
from tracker.models import Clock, Escalation
from tracker.services.escalations import fire_due_rungs

SIZES = (10_000, 100_000, 1_000_000)
DUE = 1_000
LOOKS = 21


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on one database and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweep", description="Looking for due rungs.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="open clocks; default 10 k, 100 k, 1 M"
    )
    options = parser.parse_args(arguments)
    print(f"{options.database}: {'open clocks':>12} {'none due':>12} {f'{DUE} due':>12} {'a rung':>10}")
    with _database(options.database) as (url, folder):
        app = create_app(settings_in(folder, database_url=url), lambda: MORNING)
        with app.app_context():
            flask_migrate.upgrade()
            a_report(a_street().token)
            for size in options.sizes:
                _fill(size)
                idle_s = _median_s(_look_in_vain)
                due_s = _with_some_due()
                print(
                    f"{'':>12} {size:>12,} {idle_s * 1e3:>9.2f} ms {due_s:>10.2f} s {due_s / DUE * 1e3:>7.2f} ms"
                )
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _database(engine: str) -> Iterator[tuple[str, Path]]:
    """An empty database on the disk beside the program."""
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="sweep-", dir=ROOT / "var"))
    server = PostgresServer(durable=True) if engine == "postgresql" else None
    try:
        if server:
            execute(server.folder, "CREATE DATABASE {}", "sweep")
        yield url_of(server.folder, "sweep") if server else f"sqlite:///{folder / 'sweep.db'}", folder
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder)


def _fill(size: int) -> None:
    """Copies of the one real clock, none of them due for two days."""
    names = ", ".join(column.key for column in Clock.__table__.columns if column.key != "id")
    far = f"{MORNING + timedelta(days=2):%Y-%m-%d %H:%M:%S}.000000"
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET statement_timeout = 0"))
        missing = size - connection.execute(text("SELECT count(*) FROM clocks")).scalar_one()
        connection.execute(
            text(
                f"INSERT INTO clocks ({names}) WITH RECURSIVE n(i) AS"  # noqa: S608 - our own columns
                f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :missing)"
                f" SELECT {names} FROM n, (SELECT * FROM clocks ORDER BY id LIMIT 1) AS one"
            ),
            {"missing": missing},
        )
        connection.execute(update(Clock).values(next_rung=1, last_rung_at=None))
        connection.execute(text("UPDATE clocks SET next_rung_at = :far"), {"far": far})
        connection.execute(text("DELETE FROM notices"))
        connection.execute(text("DELETE FROM escalations"))
        connection.commit()
    _tidy()


def _tidy() -> None:
    """What the server does by itself in time: no trace is left of how the table was filled."""
    with db.engine.connect().execution_options(**{WRITES: True}, isolation_level="AUTOCOMMIT") as connection:
        is_server = connection.dialect.name == "postgresql"
        if is_server:
            connection.connection.dbapi_connection.read_only = False  # type: ignore[union-attr]
            connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE" if is_server else "ANALYZE"))


def _look_in_vain() -> None:
    assert fire_due_rungs(MORNING) == 0


def _with_some_due() -> float:
    """Seconds to fire a thousand rungs, batch by batch."""
    with transaction():
        some = select(Clock.id).order_by(Clock.id).limit(DUE)
        due = (
            update(Clock)
            .where(Clock.id.in_(some))
            .values(
                allowance="8h",  # of which six have passed: 75 %
                runs_from_at=MORNING - timedelta(hours=6),
                due_at=MORNING + timedelta(hours=2),
                next_rung_at=MORNING,
            )
        )
        db.session.execute(due.execution_options(synchronize_session=False))
    started = time.perf_counter()
    dealt_with = 0
    while count := fire_due_rungs(MORNING):
        dealt_with += count
    took_s = time.perf_counter() - started
    fired = db.session.scalar(select(func.count()).select_from(Escalation))
    assert (dealt_with, fired) == (DUE, DUE)
    return took_s


def _median_s(look: Callable[[], None]) -> float:
    seconds = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
