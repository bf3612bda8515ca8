"""Running numbers of a year, such as ``G26-0007``: for issues, meetings and action items."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from tracker.extensions import db
from tracker.models import Counter
from tracker.services.parts import parts


def next_number(prefix: str, now: datetime) -> str:
    """The next number under `prefix` in the year it is on the street. Inside a transaction."""
    name = f"{prefix}{now.astimezone(parts().zone):%y}"
    return f"{name}-{next_count(name):04d}"


def next_count(name: str) -> int:
    """How often `name` was asked for, this time included, from 1; whoever asks meanwhile waits for our end."""
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Counter).values(name=name, value=1)
    statement = statement.on_conflict_do_update(
        index_elements=[Counter.name], set_={"value": Counter.value + 1}
    )
    count: int = db.session.scalars(statement.returning(Counter.value)).one()
    return count
