"""Applications for tests: what is the same in all of them is built once a process, not once a test.

A new application costs as much as most tests do: it compiles every address, reads every template it shows and
translates every statement it sends anew. So one that a test gives back is lent to the next, which finds in it its own
settings, clock, parts (all that remembers anything lives there) and database, and nothing of what was done before.
Whoever changes more of an application than that makes one with ``create_app``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event, make_url

from config import Config
from tests.page_check import PageCheckingClient
from tracker import create_app
from tracker.extensions import Clock, db, machine_clock
from tracker.services.parts import assemble, bind_parts

READ_WHEN_NEEDED: Mapping[str, Any] = {
    "data_dir": Path(),
    "keys_dir": Path(),
    "labels_dir": Path(),
    "mail_host": "",
    "mail_port": 0,
    "sms_url": "",
}
"""Settings that only the parts keep. Whoever differs in any other one gets an application of its own."""


@dataclass
class _Kept:
    """An application between two tests."""

    app: Flask
    config: Mapping[str, Any]
    extensions: Mapping[str, Any]
    leads_to: tuple[Sequence[Any], Mapping[str, Any]] = field(default=((), {}))
    """How the driver is told which database its next connections go to."""


_idle: dict[Config, list[_Kept]] = {}


@contextmanager
def lent(settings: Config, clock: Clock = machine_clock) -> Iterator[Flask]:
    """An application with these settings and this clock; it lets go of its database when the block ends."""
    engine = make_url(settings.database).get_backend_name()
    idle = _idle.setdefault(replace(settings, database_url=engine, **READ_WHEN_NEEDED), [])
    kept = idle.pop() if idle else _new(settings)
    _make_as_new(kept, settings, clock)
    try:
        yield kept.app
    finally:
        with kept.app.app_context():
            db.session.remove()
            db.engine.dispose()
    idle.append(kept)


def _new(settings: Config) -> _Kept:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = _COMPILED
    kept = _Kept(app, dict(app.config), dict(app.extensions))

    def connect(dialect: Any, _record: Any, _first: Any, options: dict[str, Any]) -> Any:
        where, how = kept.leads_to
        return dialect.connect(*where, **{**options, **how})

    with app.app_context():
        event.listen(db.engine, "do_connect", connect)
    return kept


def _make_as_new(kept: _Kept, settings: Config, clock: Clock) -> None:
    app = kept.app
    for present, first in ((app.config, kept.config), (app.extensions, kept.extensions)):
        present.clear()
        present.update(first)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.test_client_class = PageCheckingClient
    app.extensions["clock"] = clock
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    bind_parts(app, assemble(settings))
    with app.app_context():
        arguments, options = db.engine.dialect.create_connect_args(make_url(settings.database))
        kept.leads_to = arguments, dict(options)


class _Compiled(BytecodeCache):
    """Templates as one application compiled them, for the next one."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what is known."""
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._known[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()
