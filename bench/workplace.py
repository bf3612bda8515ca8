"""What is measured stands here: a folder on the disk, a database, the demo street, the two servers."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy

from bench.load import Connection
from config import Config
from tests.postgres import PostgresServer, execute, url_of
from tests.processes import ROOT, flask_from_nothing
from tests.server import free_port, serving
from tests.settings import as_environment, settings_in
from tests.waiting import wait_until
from tracker.demo.catalogue import categories, place_kinds

Engine = Literal["sqlite", "postgresql"]
PLACE_KIND = "shop"


@dataclass(frozen=True)
class Process:
    """A server that runs."""

    pid: int
    port: int


@dataclass(frozen=True)
class Workplace:
    """Everything a measurement needs to know.

    Attributes:
        product: ``flask serve`` on the demo street.
        floor: bench/floor.py on a database of its own beside it.
        floor_url: that database, for writing to it without any web.
        token: of a shop's label.
        category: code; filed and dispatched by rule, so that reports become work for a department.
        lead: code of that department.
    """

    product: Process
    floor: Process
    floor_url: str
    token: str
    category: str
    lead: str
    database: sqlalchemy.Engine

    def waiting_for_signature(self, at_most: int) -> list[str]:
        """Numbers of cases dispatched to the department and not signed for, newest first."""
        with self.database.connect() as connection:
            found = connection.scalars(
                sqlalchemy.text(
                    "SELECT number FROM cases WHERE state = 'dispatched' AND lead = :lead ORDER BY id DESC LIMIT :n"
                ),
                {"lead": self.lead, "n": at_most},
            )
            return list(found)


@contextmanager
def workplace(engine: Engine, cases: int) -> Iterator[Workplace]:
    """Set everything up, the street with so many `cases`; all of it is gone afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder_on_disk())
        product_url, floor_url = stack.enter_context(_databases(engine, folder))
        settings = settings_in(folder, database_url=product_url, demo=True)
        _flask(settings, "db", "upgrade")
        _flask(settings, "demo", "load", "--cases", str(cases))
        product = stack.enter_context(serving(settings, folder / "server.log", flask_from_nothing))
        floor = stack.enter_context(_floor(floor_url, settings.threads))
        database = sqlalchemy.create_engine(settings.database)
        stack.callback(database.dispose)
        category = categories()[_automatic_category()]
        yield Workplace(
            product=Process(product.pid, product.settings.port),
            floor=floor,
            floor_url=floor_url,
            token=_token(database),
            category=category.code,
            lead=category.lead,
            database=database,
        )


@contextmanager
def _folder_on_disk() -> Iterator[Path]:
    """Beside the program, where the product would keep its data: a folder in memory would flatter every write."""
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "var"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _databases(engine: Engine, folder: Path) -> Iterator[tuple[str, str]]:
    """The product's database and the floor's: two of one kind, on the same disk."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'tracker.db'}", f"sqlite:///{folder / 'floor.db'}"
        return
    server = PostgresServer(durable=True)
    try:
        execute(server.folder, "CREATE DATABASE {}", "tracker")
        execute(server.folder, "CREATE DATABASE {}", "floor")
        yield url_of(server.folder, "tracker"), url_of(server.folder, "floor")
    finally:
        server.stop()


def _flask(settings: Config, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **as_environment(settings)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def _floor(database_url: str, threads: int) -> Iterator[Process]:
    port = free_port()
    command = [sys.executable, "-m", "bench.floor", str(port), str(threads), database_url]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_until(lambda: _listens(port), what="the floor's server")
        yield Process(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    try:
        with Connection(port):
            return True
    except OSError:
        return False


def _automatic_category() -> str:
    return next(code for code in place_kinds()[PLACE_KIND].categories if categories()[code].is_automatic)


def _token(database: sqlalchemy.Engine) -> str:
    """The label of a shop that works."""
    with database.connect() as connection:
        found = connection.scalars(
            sqlalchemy.text(
                "SELECT token FROM labels JOIN places ON places.id = labels.place_id"
                " WHERE state = 'posted' AND kind = :kind ORDER BY labels.id LIMIT 1"
            ),
            {"kind": PLACE_KIND},
        )
        return str(found.one())
