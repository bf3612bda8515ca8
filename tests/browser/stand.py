"""A street with its people behind a real server. One per worker and database; every story brings its own cases."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from flask import Flask
from playwright.sync_api import StorageState

from config import PREFIX, Config
from tests import factories
from tests.databases import Databases, Engine
from tests.processes import ROOT
from tests.server import serving
from tests.settings import as_environment, settings_in
from tests.unit.adapters.qr_reading import png_picture, read_by_zxing
from tracker import create_app
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.services.places import labelled_place


class Site(Protocol):
    """What answers: a process (tests/server.py) or a thread (clocked.py)."""

    @property
    def address(self) -> str: ...

    @property
    def settings(self) -> Config: ...


@dataclass(frozen=True)
class Stand:
    """The server, and a second hand on its database for what a story takes as given."""

    engine: Engine
    server: Site
    app: Flask
    street: factories.Street
    crew: Mapping[Role | str, Actor]
    signed_in: dict[str, StorageState] = field(default_factory=dict)
    """Login → the cookies of somebody who has signed in already."""

    @property
    def address(self) -> str:
        """Where the server answers, without a slash at the end."""
        return self.server.address

    def form_of(self, token: str) -> str:
        """The address behind a label."""
        return f"{self.address}/q/{token}"

    def new_place(self, kind: str, *, name: str, address: str) -> str:
        """Put a place of that kind into the register; its code there."""
        with self.app.app_context():
            return labelled_place(factories.a_place(kind, name=name, address=address)).place_code

    def new_shop(self, name: str) -> str:
        """Put a shop into the register; the token of its label."""
        with self.app.app_context():
            return factories.a_place(name=name)

    def reported(self, text: str, *, phone: str = "") -> factories.Sent:
        """A report with a photo that waits for an operator, sent by somebody else."""
        with self.app.app_context():
            return factories.a_report(self.street.token, text=text, phone=phone, photos=1)

    def revoked_token(self) -> str:
        """The code of a label that was ended; it hung at 旧书店."""
        with self.app.app_context():
            token = factories.a_place(name="旧书店")
            factories.revoke_label(token)
        return token

    def replaced_token(self) -> tuple[str, str]:
        """The code of a label and that of its successor; both hang at 旧报亭."""
        with self.app.app_context():
            token = factories.a_place(name="旧报亭")
            return token, factories.replace_label(token)

    def walk(self, number: str, to: State) -> None:
        """Take a case that waits for an operator the shortest way to a state."""
        with self.app.app_context():
            factories.walk_to(number, to, self.crew)

    def take(self, number: str, action: Action, *, by: Role, photos: int = 0, **supplied: str) -> None:
        """One move by one of the crew."""
        with self.app.app_context():
            factories.take(number, action, by=self.crew[by], photos=photos, **supplied)

    @cached_property
    def printed_link(self) -> str:
        """What a phone reads from a label that the office printed; it hangs at 彭浦小馄饨."""
        code = self.new_place("shop", name="彭浦小馄饨", address="闻喜路 251 号")
        self._run("labels", "print", "--place", code)
        (picture,) = self.server.settings.labels_dir.glob(f"**/{code}-*.png")
        (link,) = read_by_zxing(png_picture(picture.read_bytes()))
        return link

    def _run(self, *words: str) -> None:
        """Run ``flask …`` with the server's settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env={**inherited, **as_environment(self.server.settings)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"flask {' '.join(words)}: {done.stdout}{done.stderr}"


@contextmanager
def standing(databases: Databases, engine: Engine, folder: Path) -> Iterator[Stand]:
    """Set the street up on a fresh database and serve it until the block ends."""
    with databases.fresh(engine, folder) as database:
        settings = settings_in(folder, database_url=database.url)
        with serving(settings, folder / "server.log") as server:
            app = create_app(server.settings)
            try:
                with app.app_context():
                    street, crew = factories.a_street(), factories.a_crew()
                yield Stand(engine, server, app, street, crew)
            finally:
                with app.app_context():
                    db.session.remove()
                    db.engine.dispose()
