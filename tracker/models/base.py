"""Column types every table shares."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Dialect, String, TypeDecorator, literal_column
from sqlalchemy.orm import InstrumentedAttribute


class Moment(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, ``timestamptz`` on PostgreSQL, ISO text without zone on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values: an instant without a zone is a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        moment: datetime = value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
        return moment


def in_words(column: ColumnElement[str] | InstrumentedAttribute[str], value: str) -> ColumnElement[bool]:
    """SQL of `column` = `value` with the value written out; for constants of this program, never input.

    A partial index is used only where the database sees, before it knows any parameter, that it holds every row
    asked for.
    """
    return column == literal_column(repr(value), String())


def one_of(column: str, values: Iterable[str]) -> str:
    """SQL of a CHECK that `column` holds one of `values` (constants of this program, never input)."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"
