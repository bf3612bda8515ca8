"""Learning what is reported where, so that the form's likeliest buttons stand first. A timed job, once a day.

Each report is looked at once, a day after it came: by then what was no trouble has been turned away, and no button
moves while people are in the middle of a day. Private matters teach nothing; those whose reporter is protected are
learned for a kind of place, never for a street, where somebody could read from the buttons that one was reported.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.domain.lifecycle import State
from tracker.domain.streets import street_of
from tracker.domain.tile_order import street_key, weight_at
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Category, CategoryHabit, Counter, Label, Place, Report
from tracker.services.parts import parts

BATCH = 500
"""Reports learned from in one transaction."""
LEARNED_AFTER = timedelta(days=1)
MARK = "habits"
"""Counter that holds the id of the last report learned from; its lock keeps two processes from counting twice."""
TURNED_AWAY = frozenset({State.VOIDED, State.DECLINED})

Sums = dict[tuple[str, str, str], float]
"""(scope, name, category) → weight to add."""


@dataclass(frozen=True)
class _Sent:
    """A report as far as it teaches something."""

    id: int
    at: datetime
    category: str
    device: str
    kind: str
    street: str
    state: str
    is_private: bool
    is_protected: bool


def learn_habits(now: datetime) -> int:
    """Count one batch of reports that are a day old; return how many were looked at."""

    def use_case() -> int:
        with transaction():
            mark = _locked_mark()
            sent = _next_after(mark, now)
            if sent:
                _add(_sums(sent))
                _move_mark(sent[-1].id)
            return len(sent)

    return again_if_interrupted(use_case)


def _locked_mark() -> int:
    """The last report learned from, locked until our end."""
    statement = _insert(Counter).values(name=MARK, value=0)
    same = statement.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value})
    value: int = db.session.scalars(same.returning(Counter.value)).one()
    return value


def _move_mark(report_id: int) -> None:
    db.session.execute(update(Counter).where(Counter.name == MARK).values(value=report_id))


def _next_after(mark: int, now: datetime) -> list[_Sent]:
    """In the order they were stored, and none past one that is too young: ids may be seen out of order for moments."""
    rows = db.session.execute(
        select(
            Report.id,
            Report.sent_at,
            Report.category,
            Report.device_hash,
            Place.kind,
            Place.area_code,
            Place.address,
            Case.state,
            Category.private,
            Category.protect_reporter,
        )
        .join(Case, Case.id == Report.case_id)
        .join(Label, Label.id == Report.label_id)
        .join(Place, Place.id == Label.place_id)
        .outerjoin(Category, (Category.code == Report.category) & Category.is_current)
        .where(Report.id > mark)
        .order_by(Report.id)
        .limit(BATCH)
    )
    found = (
        _Sent(
            id=row.id,
            at=row.sent_at,
            category=row.category if row.private is not None else "",
            device=row.device_hash,
            kind=row.kind,
            street=street_key(row.area_code, street_of(row.address)),
            state=row.state,
            is_private=bool(row.private),
            is_protected=bool(row.protect_reporter),
        )
        for row in rows
    )
    return list(takewhile(lambda one: one.at <= now - LEARNED_AFTER, found))


def _sums(sent: Sequence[_Sent]) -> Sums:
    """What to add where. One phone teaches one thing about a street once a day: a flood moves no button."""
    sums: Sums = defaultdict(float)
    heard = set()
    for one in sent:
        said = (one.device, one.street, one.category, one.at.astimezone(parts().zone).date())
        if not one.category or one.is_private or one.state in TURNED_AWAY or said in heard:
            continue
        heard.add(said)
        sums["kind", one.kind, one.category] += weight_at(one.at)
        if not one.is_protected:
            sums["street", one.street, one.category] += weight_at(one.at)
    return sums


def _add(sums: Sums) -> None:
    """One statement; in one order, so that two writers never wait for each other in a circle."""
    if not sums:
        return
    rows = [
        {"scope": scope, "name": name, "category": category, "weight": weight}
        for (scope, name, category), weight in sorted(sums.items())
    ]
    statement = _insert(CategoryHabit).values(rows)
    more = {"weight": CategoryHabit.weight + statement.excluded.weight}
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["scope", "name", "category"], set_=more)
    )


def _insert(table: type[Any]) -> Any:
    """INSERT with ON CONFLICT, which both databases write the same way."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)
