"""The floor: the least that a page and a durable write cost on this machine, with the same server around them.

Started as a process of its own: ``python -m bench.floor PORT THREADS DATABASE_URL``.
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask, request
from flask.typing import ResponseReturnValue

from tracker.adapters.web_server import WebServer

WORDS = "纸箱堆在人行道上，轮椅过不去。" * 4
_TABLE = "CREATE TABLE IF NOT EXISTS written (at DOUBLE PRECISION NOT NULL, words TEXT NOT NULL)"

Write = Callable[[], object]


def inserter(database_url: str) -> Write:
    """Return what writes one short row durably: when it returns, the disk has it. Any thread may call it.

    The promise is the product's own: SQLite with WAL and synchronous=FULL, PostgreSQL with synchronous_commit=on.
    """
    is_sqlite = database_url.startswith("sqlite")
    connect = _sqlite if is_sqlite else _postgresql
    mark = "?" if is_sqlite else "%s"
    kept = threading.local()
    connect(database_url).execute(_TABLE)

    def insert() -> None:
        if not hasattr(kept, "connection"):
            kept.connection = connect(database_url)
        kept.connection.execute(f"INSERT INTO written VALUES ({mark}, {mark})", (time.time(), WORDS))  # noqa: S608

    return insert


def _sqlite(database_url: str) -> Any:
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=8, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _postgresql(database_url: str) -> Any:
    return psycopg.connect(database_url, autocommit=True, options="-c synchronous_commit=on")


def bare_app(insert: Write) -> Flask:
    """Flask and nothing else: one constant page, one INSERT once the body is read."""
    app = Flask(__name__)

    @app.get("/page")
    def page() -> ResponseReturnValue:
        return f"<!doctype html><title>.</title><p>{WORDS}</p>"

    @app.post("/insert")
    def write() -> ResponseReturnValue:
        request.get_data()
        insert()
        return "", 201

    return app


def main(port: int, threads: int, database_url: str) -> None:
    """Serve until told to end."""
    WebServer(
        bare_app(inserter(database_url)).wsgi_app,
        host="127.0.0.1",
        port=port,
        threads=threads,
        body_limit_bytes=1024 * 1024,
        is_behind_proxy=False,
    ).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
