"""Writing the minutes: saves by field, and what is done with a text that came too late.

Nothing that was sent is ever overwritten or lost: each text is a row of ``minutes_saves``, applied or beside the field.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import MeetingState, MeetingStepRefused
from tracker.domain.minutes import FieldKind, FieldName, FieldUnknown, Outcome, field_name, outcome_of
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import AgendaItem, Meeting, MinutesField, MinutesSave
from tracker.services.attendance import default_text
from tracker.services.meeting_moves import locked_meeting_numbered
from tracker.services.meetings import hold_locked

KEY_LIMIT_CHARS = 64
CHOICES = ("keep", "take", "merge")


class MinutesLocked(Exception):
    """The minutes are approved, or the meeting was called off; nothing was written. The message can be shown."""

    def __init__(self) -> None:
        super().__init__(N_("纪要已经批准或会议已经取消，不能再改。您写的内容还在本页，请先复制。"))


class NotYet(Exception):
    """The meeting's day has not come, or nobody was invited; nothing was written. The message can be shown."""

    def __init__(self) -> None:
        super().__init__(N_("会议还没有开：先发出邀请，从会议当天起记纪要。"))


class KeyReused(Exception):
    """The same key came with other content: the sender has to make a new one. Nothing was written."""


class StaleField(Exception):
    """Somebody wrote in the field since the page that settles was shown; nothing was written."""


@dataclass(frozen=True)
class Change:
    """A text that somebody wrote into a field.

    Attributes:
        based_on: version of the field that he saw; 0: nobody had written there.
        continues: id of his own copy beside the field, which this text goes on from.
    """

    name: str
    based_on: int
    text: str
    continues: int | None = None


@dataclass(frozen=True)
class Saved:
    """What became of a change.

    Attributes:
        version: of the field now.
        copy_id: of the copy beside the field; None unless the outcome is ``COPY``.
    """

    name: str
    outcome: Outcome
    version: int
    copy_id: int | None = None


def save(number: str, key: str, changes: Sequence[Change], *, by: Actor, now: datetime) -> list[Saved]:
    """Save what somebody wrote, each field for itself.

    Args:
        key: made by the sender for this save; sent again, it gives the same answer and writes nothing.

    Raises:
        MeetingMissing: no such meeting for this person.
        NotYet, MinutesLocked, KeyReused: nothing was written.
        FieldUnknown: a name that is none of this meeting's.
        Incomplete: a text is too long; by field name.
    """
    clean = [_cleaned(change) for change in changes]

    def use_case() -> list[Saved]:
        with transaction():
            meeting = locked_meeting_numbered(number, by)
            _require_own_items(meeting, [field_name(change.name) for change in clean])
            before = _sent_before(meeting, key)
            if before:
                return [_same_answer(meeting, change, before) for change in clean]
            require_open(meeting, by, now)
            pen = _pen(meeting, key, by, now)
            return [_apply(pen, change) for change in clean]

    return again_if_interrupted(use_case)


def settle(
    number: str, copy_id: int, choice: str, version: int, *, key: str, by: Actor, now: datetime
) -> Saved:
    """Decide on a copy beside a field: keep what the field says, take the copy, or put both into the field.

    Args:
        choice: one of CHOICES.
        version: of the field that the person saw beside the copy.
        key: of the form.

    Raises:
        MeetingMissing: no such meeting for this person, or no such copy in it.
        NotYet, MinutesLocked, StaleField: nothing was written.
        FieldUnknown: no such choice.
    """
    if choice not in CHOICES:
        raise FieldUnknown(choice)

    def use_case() -> Saved:
        with transaction():
            meeting = locked_meeting_numbered(number, by)
            copy = db.session.get(MinutesSave, copy_id)
            if copy is None or copy.meeting_id != meeting.id or copy.version is not None:
                raise FieldUnknown(str(copy_id))
            field = _field(meeting, copy.name)
            if copy.settled_at is not None:  # pressed twice, or somebody was faster: it is decided
                return Saved(copy.name, Outcome.SAME, field.version)
            require_open(meeting, by, now)
            if field.version != version:
                raise StaleField(copy.name)
            copy.settled_at, copy.settled_by, copy.settled_how = now, by.user_id, choice
            text = {"keep": field.text, "take": copy.text, "merge": _both(field, copy)}[choice]
            if text == field.text:
                return Saved(copy.name, Outcome.SAME, field.version)
            return _write(_pen(meeting, key, by, now), Change(copy.name, field.version, text))

    return again_if_interrupted(use_case)


def require_open(meeting: Meeting, by: Actor, now: datetime) -> None:
    """Make sure that the minutes of this locked meeting can be written; the first text says that it takes place.

    Raises:
        NotYet: its day has not come.
        MinutesLocked: they are approved, or it was called off.
    """
    if meeting.state in (MeetingState.CLOSED, MeetingState.CANCELLED):
        raise MinutesLocked
    try:
        hold_locked(meeting, by=by, now=now)
    except MeetingStepRefused as error:
        raise NotYet from error


def _cleaned(change: Change) -> Change:
    name, text = field_name(change.name), plain_text(change.text)
    if len(text) > name.limit_chars:
        raise Incomplete({change.name: N_("文字太长，请缩短后再提交。")})
    return Change(str(name), change.based_on, text, change.continues)


def _require_own_items(meeting: Meeting, names: Sequence[FieldName]) -> None:
    own = set(db.session.scalars(select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id)))
    for name in names:
        if name.agenda_item is not None and name.agenda_item not in own:
            raise FieldUnknown(str(name))


def _sent_before(meeting: Meeting, key: str) -> dict[str, MinutesSave]:
    rows = db.session.scalars(
        select(MinutesSave).where(MinutesSave.meeting_id == meeting.id, MinutesSave.key == key)
    )
    return {row.name: row for row in rows}


def _same_answer(meeting: Meeting, change: Change, before: dict[str, MinutesSave]) -> Saved:
    row = before.get(change.name)
    if row is None:  # it said what the field said then
        return Saved(change.name, Outcome.SAME, change.based_on)
    if row.text != change.text:
        raise KeyReused
    if row.version is not None:
        return Saved(change.name, Outcome.SAVED, row.version)
    return Saved(change.name, Outcome.COPY, _field(meeting, change.name).version, row.id)


@dataclass(frozen=True)
class _Standing:
    version: int
    text: str


def _field(meeting: Meeting, name: str) -> _Standing:
    row = db.session.get(MinutesField, (meeting.id, name))
    if row is not None:
        return _Standing(row.version, row.text)
    return _Standing(0, _first_text(meeting, name))


def _first_text(meeting: Meeting, name: str) -> str:
    field = field_name(name)
    return default_text(meeting.id, field.subject) if field.kind == FieldKind.HERE else ""


@dataclass(frozen=True)
class _Pen:
    """Who writes, when, where, and under which key."""

    meeting: Meeting
    key: str
    by: int
    now: datetime


def _pen(meeting: Meeting, key: str, by: Actor, now: datetime) -> _Pen:
    if by.user_id is None:
        raise RuntimeError("minutes are written by people")
    return _Pen(meeting, key, by.user_id, now)


def _apply(pen: _Pen, change: Change) -> Saved:
    field = _field(pen.meeting, change.name)
    is_latest = change.based_on == field.version
    base = field.text if is_latest else _text_at(pen.meeting, change.name, change.based_on)
    outcome = outcome_of(change.text, base=base, current=field.text, is_latest=is_latest)
    if outcome == Outcome.SAVED:
        saved = _write(pen, change)
    elif outcome == Outcome.COPY:
        saved = Saved(change.name, outcome, field.version, _keep_beside(pen, change))
    else:
        saved = Saved(change.name, outcome, field.version)
    if change.continues is not None:
        _continue(pen, change)
    return saved


def _text_at(meeting: Meeting, name: str, version: int) -> str:
    """What a field said in an earlier version; before the first one nothing, or what the sign-in says."""
    found = db.session.scalar(
        select(MinutesSave.text).where(
            MinutesSave.meeting_id == meeting.id, MinutesSave.name == name, MinutesSave.version == version
        )
    )
    return _first_text(meeting, name) if found is None else found


def _write(pen: _Pen, change: Change) -> Saved:
    row = db.session.get(MinutesField, (pen.meeting.id, change.name))
    if row is None:
        row = MinutesField(meeting_id=pen.meeting.id, name=change.name)
        db.session.add(row)
    row.text, row.version, row.saved_at, row.saved_by = change.text, change.based_on + 1, pen.now, pen.by
    db.session.add(_row(pen, change, row.version))
    db.session.flush()
    return Saved(change.name, Outcome.SAVED, row.version)


def _keep_beside(pen: _Pen, change: Change) -> int:
    row = _row(pen, change, None)
    db.session.add(row)
    db.session.flush()
    return row.id


def _row(pen: _Pen, change: Change, version: int | None) -> MinutesSave:
    return MinutesSave(
        meeting_id=pen.meeting.id,
        key=pen.key,
        name=change.name,
        based_on=change.based_on,
        version=version,
        text=change.text,
        at=pen.now,
        user_id=pen.by,
    )


def _continue(pen: _Pen, change: Change) -> None:
    """His earlier copy is part of what he wrote now; it stays in the table and leaves the page."""
    copy = db.session.get(MinutesSave, change.continues)
    if copy is None or copy.version is not None or copy.settled_at is not None:
        return
    if (copy.meeting_id, copy.name, copy.user_id) == (pen.meeting.id, change.name, pen.by):
        copy.settled_at, copy.settled_by, copy.settled_how = pen.now, pen.by, "continued"


def _both(field: _Standing, copy: MinutesSave) -> str:
    return "\n".join(text for text in (field.text, copy.text) if text)
