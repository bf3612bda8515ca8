"""What a factory writes the first time in a process is put into the next databases as the rows it was.

    @written_once
    def a_street() -> Street: ...            must take nothing, and return plain values that hold in every database

Most tests begin with the same street and the same people. The use cases that make them run once for each engine; where
tables are already filled when the factory is asked (somebody signed up before), they run again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import Connection, inspect

from tracker.extensions import db, transaction
from tracker.services.parts import parts

Made = TypeVar("Made")
Rows = Sequence[Any]


@dataclass(frozen=True)
class _Written:
    """What a factory returned, and the rows it left."""

    made: Any
    rows: Mapping[str, Rows]
    rows_before: Mapping[str, int]
    sequences: Mapping[str, int]


def written_once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Let `make` write once and repeat its rows from then on."""
    known: dict[tuple[str, bool], _Written] = {}

    @wraps(make)
    def made() -> Made:
        key = (db.engine.dialect.name, parts().config.cheap_passwords)
        if key not in known:
            known[key] = _watched(make)
            first: Made = known[key].made
            return first
        again: Made = known[key].made if _was_repeated(known[key]) else make()
        return again

    return made


def _watched(make: Callable[[], Any]) -> _Written:
    before, sequences_before = _everything()
    made = make()
    after, sequences = _everything()
    rows = {}
    for table, now in after.items():
        was = before[table]
        assert now[: len(was)] == was, f"{make.__name__} may only add rows; it changed {table}"
        if len(now) > len(was):
            rows[table] = now[len(was) :]
    moved = {name: value for name, value in sequences.items() if value != sequences_before.get(name)}
    return _Written(made, rows, {table: len(before[table]) for table in rows}, moved)


def _was_repeated(written: _Written) -> bool:
    """Put the rows in, unless the tables do not stand as they stood then."""
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in written.rows)  # noqa: S608 - our own tables
    with transaction():
        connection = db.session.connection()
        if list(connection.exec_driver_sql(f"SELECT {counts}").one()) != list(written.rows_before.values()):
            return False
        for table, rows in written.rows.items():
            (_fill_sqlite if connection.dialect.name == "sqlite" else _fill_server)(connection, table, rows)
        if written.sequences:
            moves = ", ".join(f"setval('{name}', {value})" for name, value in written.sequences.items())
            connection.exec_driver_sql(f"SELECT {moves}")
    return True


def _everything() -> tuple[dict[str, Rows], dict[str, int]]:
    """The rows of every table in the order they came in, parents first, and where the sequences stand."""
    db.session.rollback()
    connection = db.session.connection()
    there = set(inspect(connection).get_table_names())
    tables = [table.name for table in db.metadata.sorted_tables if table.name in there]
    if connection.dialect.name == "sqlite":
        rows = {name: _read_sqlite(connection, name) for name in tables}
        sequences = {}
    else:
        rows = {name: _read_server(connection, name) for name in tables}
        values = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
        sequences = {row.sequencename: row.last_value for row in connection.exec_driver_sql(values)}
    db.session.rollback()
    return rows, sequences


def _read_sqlite(connection: Connection, table: str) -> Rows:
    return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]  # noqa: S608


def _fill_sqlite(connection: Connection, table: str, rows: Rows) -> None:
    places = ", ".join("?" * len(rows[0]))
    connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", list(rows))  # noqa: S608


def _read_server(connection: Connection, table: str) -> Rows:
    with _driver(connection).cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return [bytes(line) for line in copy]


def _fill_server(connection: Connection, table: str, rows: Rows) -> None:
    with _driver(connection).cursor().copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(b"".join(rows))


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection
