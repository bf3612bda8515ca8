"""What the ladder did and will do, for people at the desk: only of cases, issues and action items they may see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, or_, select

from tracker.domain.calendar import CalendarTooShort
from tracker.domain.clocks import OWNER, ClockKind
from tracker.domain.escalation import LADDER, rungs_until
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Clock, Delivery, Escalation, Notice, User
from tracker.services.clocks import as_running, calendar_of
from tracker.services.matters import MATTER, Matter, joined_to_clock, matter, visible_matters
from tracker.services.worklists import LARGEST_ID, CursorWrong

PAGE_ROWS = 50
AHEAD_ROWS = 60
"""Clocks looked at, and rungs listed, of what comes next."""


@dataclass(frozen=True)
class Heard:
    """One person on one channel who was told; state as of deliveries: waiting, sent, stuck."""

    name: str
    channel: str
    state: str
    seen_at: datetime | None
    last_error: str


@dataclass(frozen=True)
class Fired:
    """A rung that happened. `is_told`: deliveries were made; then `heard` is everybody there is."""

    id: int
    matter: Matter
    kind: ClockKind
    stage: str
    rung: int
    promised_at: datetime | None
    at: datetime
    fired_at: datetime
    is_told: bool
    heard: Sequence[Heard]


@dataclass(frozen=True)
class FiredPage:
    """Newest first; an empty cursor: there are no older ones."""

    rows: Sequence[Fired]
    older: str


@dataclass(frozen=True)
class Coming:
    """A rung that will happen at `at` unless the matter moves on."""

    matter: Matter
    kind: ClockKind
    stage: str
    rung: int
    at: datetime
    promised_at: datetime | None


@dataclass(frozen=True)
class ComingList:
    """Soonest first; `is_cut`: there are more."""

    rows: Sequence[Coming]
    is_cut: bool


def fired_page(actor: Actor, cursor: str = "") -> FiredPage:
    """Fifty rungs that happened, on matters the person may see.

    Raises:
        CursorWrong: not a cursor of ours.
    """
    read = select(Escalation, Clock, *MATTER).join(Clock, Clock.id == Escalation.clock_id)
    statement = (
        joined_to_clock(read)
        .where(visible_matters(actor))
        .order_by(Escalation.fired_at.desc(), Escalation.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if cursor:
        at, row_id = _position(cursor)
        statement = statement.where(
            or_(Escalation.fired_at < at, and_(Escalation.fired_at == at, Escalation.id < row_id))
        )
    found = db.session.execute(statement).all()
    rows = found[:PAGE_ROWS]
    told = _told([_key(row.Escalation) for row in rows])
    return FiredPage(
        rows=[
            Fired(
                id=row.Escalation.id,
                matter=matter(row),
                kind=ClockKind(row.Clock.kind),
                stage=row.Clock.stage,
                rung=row.Escalation.rung,
                promised_at=row.Clock.due_at,
                at=row.Escalation.due_at,
                fired_at=row.Escalation.fired_at,
                is_told=_key(row.Escalation) in told,
                heard=told.get(_key(row.Escalation), ()),
            )
            for row in rows
        ],
        older=_cursor(rows[-1][0]) if len(found) > PAGE_ROWS else "",
    )


def coming_until(actor: Actor, until: datetime) -> ComingList:
    """What would happen until `until` on matters the person may see, the soonest clocks first."""
    clocks = db.session.execute(
        joined_to_clock(select(Clock, *MATTER))
        .where(
            Clock.state == "running",
            Clock.next_rung_at.is_not(None),
            Clock.next_rung_at <= until,
            Clock.kind.in_(OWNER),
            visible_matters(actor),
        )
        .order_by(Clock.next_rung_at, Clock.id)
        .limit(AHEAD_ROWS + 1)
    ).all()
    rows: list[Coming] = []
    for row in clocks[:AHEAD_ROWS]:
        clock = row.Clock
        with suppress(CalendarTooShort):
            rows += [
                Coming(matter(row), ClockKind(clock.kind), clock.stage, rung, at, clock.due_at)
                for rung, at in _with_one_daily(rungs_until(as_running(clock), until, calendar_of(clock)))
            ]
    rows.sort(key=lambda row: (row.at, row.matter.number))
    return ComingList(rows[:AHEAD_ROWS], is_cut=max(len(clocks), len(rows)) > AHEAD_ROWS)


def _with_one_daily(rungs: Iterable[tuple[int, datetime]]) -> Iterator[tuple[int, datetime]]:
    """The rungs as far as the first of those that come each working day: it stands for the rest."""
    for number, at in rungs:
        yield number, at
        if number > len(LADDER):
            return


def _key(fired: Escalation) -> str:
    """Of its notice: see models/outbox.py."""
    return f"rung:{fired.clock_id}:{fired.rung}"


def _told(keys: Iterable[str]) -> Mapping[str, Sequence[Heard]]:
    """Key of a notice that was told → who heard of it; two statements for a page."""
    found = db.session.execute(
        select(Notice.key, Delivery)
        .outerjoin(Delivery, Delivery.notice_id == Notice.id)
        .where(Notice.key.in_(sorted(keys)), Notice.told_at.is_not(None))
        .order_by(Delivery.id)
    )
    rows: list[tuple[str, Delivery | None]] = [(key, delivery) for key, delivery in found]
    names = _names(delivery.recipient for _, delivery in rows if delivery is not None)
    told: dict[str, list[Heard]] = {}
    for key, delivery in rows:
        heard = told.setdefault(key, [])
        if delivery is not None:  # a notice that concerned nobody has none
            name = names.get(delivery.recipient, "")
            heard.append(Heard(name, delivery.channel, delivery.state, delivery.seen_at, delivery.last_error))
    return told


def _names(recipients: Iterable[str]) -> dict[str, str]:
    ids = {int(recipient.partition(":")[2]) for recipient in recipients if recipient.startswith("user:")}
    if not ids:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(sorted(ids))))
    return {f"user:{row.id}": row.name for row in rows}


def _cursor(row: Escalation) -> str:
    return f"{row.fired_at.timestamp():.6f}.{row.id}"


def _position(cursor: str) -> tuple[datetime, int]:
    try:
        seconds, microseconds, row_id = cursor.split(".")
        at = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
        position = at, int(row_id)
    except (ValueError, OverflowError, OSError) as error:
        raise CursorWrong(cursor) from error
    if not 0 <= position[1] <= LARGEST_ID:
        raise CursorWrong(cursor)
    return position
