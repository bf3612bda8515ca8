"""The minutes while they are written: the fields as they stand, copies that wait beside them, who else is writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from tracker.domain.minutes import FieldKind, Line, field_name, lines_of
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Department, MinutesField, MinutesSave, User
from tracker.services.attendance import Attendee, expected_at
from tracker.services.meeting_heads import MeetingHead, meeting_head

WRITING = timedelta(seconds=20)
"""Whoever saved something this short a time ago is writing: a page that is written in saves every five seconds."""


@dataclass(frozen=True)
class FieldView:
    """A field as it stands; version 0: nobody wrote there yet."""

    name: str
    text: str = ""
    version: int = 0
    saved_at: datetime | None = None
    who: str = ""


@dataclass(frozen=True)
class Copy:
    """A text that came too late and waits beside its field."""

    id: int
    name: str
    text: str
    at: datetime
    who: str
    is_mine: bool


@dataclass(frozen=True)
class Draft:
    """Everything the page of unfinished minutes shows.

    Attributes:
        fields: by name; those that nobody wrote are not among them.
        lines: action lines in the order they were begun, empty ones left out.
        cursor: id of the latest save; what comes later is new to this page.
        writers: (name of another person, id of the agenda item or None) who wrote a moment ago.
    """

    meeting: MeetingHead
    fields: Mapping[str, FieldView]
    lines: Sequence[Line]
    copies: Sequence[Copy]
    people: Sequence[Attendee]
    departments: Sequence[tuple[str, str, str]]
    cursor: int
    writers: Sequence[tuple[str, int | None]]
    last_saved_at: datetime | None

    def field(self, name: str) -> FieldView:
        """The field, also where nobody wrote."""
        return self.fields.get(name) or FieldView(name)

    def text(self, name: str) -> str:
        """What the field says."""
        return self.field(name).text


def draft_of(number: str, by: Actor, now: datetime) -> Draft:
    """The minutes of a meeting as they stand.

    Raises:
        MeetingMissing: no such meeting for this person.
    """
    meeting = meeting_head(number, by)
    rows = db.session.execute(
        select(MinutesField, User.name)
        .join(User, User.id == MinutesField.saved_by)
        .where(MinutesField.meeting_id == meeting.id)
    ).all()
    fields = {row.name: FieldView(row.name, row.text, row.version, row.saved_at, who) for row, who in rows}
    texts = {name: field.text for name, field in fields.items()}
    return Draft(
        meeting=meeting,
        fields=fields,
        lines=lines_of(texts, _order(meeting.id)),
        copies=_copies(meeting.id, by),
        people=expected_at(meeting.id),
        departments=department_list(),
        cursor=cursor_of(meeting.id),
        writers=_writers([row for row, _ in rows], {row.saved_by: who for row, who in rows}, by, now),
        last_saved_at=max((row.saved_at for row, _ in rows), default=None),
    )


def cursor_of(meeting_id: int) -> int:
    """Id of the latest save; saves of one meeting come one after the other, so it only grows."""
    latest = select(func.max(MinutesSave.id)).where(MinutesSave.meeting_id == meeting_id)
    return db.session.scalar(latest) or 0


def names_since(meeting_id: int, cursor: int) -> set[str]:
    """Names of the fields for which something was sent or decided after the save `cursor`."""
    rows = select(MinutesSave.name).where(MinutesSave.meeting_id == meeting_id, MinutesSave.id > cursor)
    return set(db.session.scalars(rows))


def department_list() -> list[tuple[str, str, str]]:
    """Code and names of every department, by code."""
    rows = db.session.execute(
        select(Department.code, Department.name_zh, Department.name_en).order_by(Department.code)
    )
    return [(code, zh, en) for code, zh, en in rows]


def _order(meeting_id: int) -> list[str]:
    first = func.min(MinutesSave.id)
    rows = (
        select(MinutesSave.name)
        .where(MinutesSave.meeting_id == meeting_id, MinutesSave.version.is_not(None))
        .group_by(MinutesSave.name)
        .order_by(first)
    )
    return list(db.session.scalars(rows))


def _copies(meeting_id: int, by: Actor) -> list[Copy]:
    rows = db.session.execute(
        select(MinutesSave, User.name)
        .join(User, User.id == MinutesSave.user_id)
        .where(
            MinutesSave.meeting_id == meeting_id,
            MinutesSave.version.is_(None),
            MinutesSave.settled_at.is_(None),
        )
        .order_by(MinutesSave.id)
    )
    return [Copy(row.id, row.name, row.text, row.at, who, row.user_id == by.user_id) for row, who in rows]


def _writers(
    rows: Sequence[MinutesField], names: Mapping[int, str], by: Actor, now: datetime
) -> list[tuple[str, int | None]]:
    latest: dict[int, MinutesField] = {}
    for row in rows:
        if row.saved_by != by.user_id and now - row.saved_at <= WRITING:
            known = latest.get(row.saved_by)
            if known is None or known.saved_at < row.saved_at:
                latest[row.saved_by] = row
    return [(names[user_id], _agenda_item(row.name)) for user_id, row in sorted(latest.items())]


def _agenda_item(name: str) -> int | None:
    field = field_name(name)
    return None if field.kind == FieldKind.HERE else field.agenda_item
