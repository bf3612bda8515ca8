"""Fixtures that every folder uses: a database of each kind, the application on it, a client, a server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from tests.applications import lent
from tests.databases import ENGINES, Database, Databases, Engine
from tests.postgres import MEMORY, PostgresServer
from tests.server import Server, serving
from tests.settings import settings_in

ROOM_FOR_FILES_BYTES = 4 * 1024**3
SERVER = pytest.StashKey[PostgresServer]()
TOLD_BY_THE_CONTROLLER = "postgres_folder"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say which databases a run is about."""
    parser.addoption("--database", choices=(*ENGINES, "both"), default="both", help="default: both")


def pytest_configure() -> None:
    """Keep the files of the tests in memory where there is room: what they survive is a kill, not a power cut.

    Half of a run was waiting for fsync; a folder chosen with --basetemp or PYTEST_DEBUG_TEMPROOT stays chosen.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_FOR_FILES_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs a database once on each."""
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        engines = ENGINES if chosen == "both" else (chosen,)
        if metafunc.definition.get_closest_marker("one_database"):
            engines = engines[:1]
        metafunc.parametrize("engine", engines)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the slow folders, so that -m finds them."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in ("browser", "crash"):
            item.add_marker(folder)


# ---- PostgreSQL: one server per run, owned by the process that pytest is; workers are told where it is


def _server_of(config: pytest.Config) -> PostgresServer:
    if SERVER not in config.stash:
        config.stash[SERVER] = PostgresServer()
    return config.stash[SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the server is."""
    if node.config.getoption("--database") != "sqlite":
        node.workerinput[TOLD_BY_THE_CONTROLLER] = str(_server_of(node.config).folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if this process started one."""
    if SERVER in config.stash:
        config.stash[SERVER].stop()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Databases:
    """Makes fresh databases, for a test that needs more than one."""
    workerinput = getattr(request.config, "workerinput", {})

    def postgres_folder() -> Path:
        return Path(workerinput.get(TOLD_BY_THE_CONTROLLER) or _server_of(request.config).folder)

    return Databases(tmp_path_factory.mktemp("templates"), postgres_folder)


# ---- the application


@pytest.fixture
def database(databases: Databases, engine: Engine, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated, empty database; the test runs once on each engine."""
    with databases.fresh(engine, tmp_path) as fresh:
        yield fresh


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Config:
    """The settings of the application under test; override this fixture to change some."""
    return settings_in(tmp_path, database_url=database.url)


@pytest.fixture
def app(settings: Config) -> Iterator[Flask]:
    """The application; no context is pushed, so that a test meets it as a server does."""
    with lent(settings) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """One visitor; `app.test_client()` gives another. Every page they fetch is looked over."""
    return app.test_client()


@pytest.fixture
def live_server(settings: Config, tmp_path: Path) -> Iterator[Server]:
    """The application as a process on a free port, on the same database as `app`."""
    with serving(settings, tmp_path / "server.log") as server:
        yield server
