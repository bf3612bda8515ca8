"""A fresh, migrated database for every test, on either engine, in a few milliseconds.

The migrations run once per engine and worker; what a test gets is a copy of their result.
"""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import flask_migrate

from tests.postgres import execute, url_of
from tests.settings import settings_in
from tracker import create_app
from tracker.extensions import db

Engine = Literal["sqlite", "postgresql"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """One database that nobody else uses; `url` is what the setting DATABASE_URL takes."""

    engine: Engine
    url: str


class Databases:
    """Makes databases for one test process."""

    def __init__(self, folder: Path, postgres_folder: Callable[[], Path]) -> None:
        """Take a folder for SQLite's template, and how to find (or start) the server."""
        self._folder = folder
        self._postgres_folder = postgres_folder
        self._numbers = itertools.count(1)
        self._migrated: dict[Engine, str] = {}

    @contextmanager
    def fresh(self, engine: Engine, folder: Path) -> Iterator[Database]:
        """Lend a migrated, empty database; it is gone afterwards. SQLite's file lies in `folder`."""
        if engine not in self._migrated:
            self._migrated[engine] = (
                self._sqlite_template() if engine == "sqlite" else self._server_template()
            )
        template = self._migrated[engine]
        if engine == "sqlite":
            path = folder / "tracker.db"
            shutil.copyfile(template, path)
            yield Database(engine, f"sqlite:///{path}")
            return
        server, name = self._postgres_folder(), f"test_{os.getpid()}_{next(self._numbers)}"
        execute(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        try:
            yield Database(engine, url_of(server, name))
        finally:
            execute(server, "DROP DATABASE {} WITH (FORCE)", name)

    def _sqlite_template(self) -> str:
        path = self._folder / "template.db"
        _migrate(f"sqlite:///{path}", self._folder)
        leftover = path.with_name(f"{path.name}-wal")
        assert not leftover.exists(), "the last connection closes the log, so one was left open"
        return str(path)

    def _server_template(self) -> str:
        name = f"template_{os.getpid()}"
        execute(self._postgres_folder(), "CREATE DATABASE {}", name)
        _migrate(url_of(self._postgres_folder(), name), self._folder)
        return name


def _migrate(url: str, folder: Path) -> None:
    app = create_app(settings_in(folder, database_url=url))
    with app.app_context():
        try:
            flask_migrate.upgrade()
        finally:
            db.engine.dispose()
