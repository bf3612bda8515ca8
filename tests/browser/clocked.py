"""A street whose clock the story sets: server, jobs and the story itself go by it, so that months pass in seconds.

    with street_on(clock, databases, engine, folder, **settings) as stand:
        clock.at("10-12 08:10")          for everybody
        work(stand, "group", "tell")     what the job processes do then

The server is a thread of the test here, because the clock is an object that it shares.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Config
from tests import factories
from tests.browser.stand import Stand
from tests.databases import Databases, Engine
from tests.server import free_port
from tests.settings import settings_in
from tests.web.moving_clock import MovingClock
from tracker import create_app
from tracker.extensions import db
from tracker.services import jobs


@dataclass(frozen=True)
class Thread:
    """The site as `Stand` needs it."""

    settings: Config

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.settings.public_url


@contextmanager
def street_on(
    clock: MovingClock, databases: Databases, engine: Engine, folder: Path, **settings: Any
) -> Iterator[Stand]:
    """A street with its people on a fresh database, served on `clock` until the block ends."""
    port = free_port()
    with databases.fresh(engine, folder) as database:
        address = f"http://127.0.0.1:{port}"
        config = settings_in(folder, database_url=database.url, port=port, public_url=address, **settings)
        app = create_app(config, clock)
        try:
            with app.app_context():
                street, crew = factories.a_street(), factories.a_crew()
            with _answering(app, port):
                yield Stand(engine, Thread(config), app, street, crew)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def work(stand: Stand, *names: str) -> None:
    """Run these jobs, one after the other, until nothing is left to do; none may fail."""
    with stand.app.app_context():
        for name in names:
            jobs.run(jobs.job_named(name))
        failed = {state.name: state.error for state in jobs.job_states() if state.error}
        assert not failed, failed


class _Quiet(WSGIRequestHandler):
    """Says nothing of requests that were answered."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def _answering(app: Flask, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
