"""Action items: what was decided, who does it until when, how one will see that it is done, and whether it helped."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.actions import ENDED, ItemAction, ItemState
from tracker.domain.look_back import Answer
from tracker.extensions import Base
from tracker.models.base import Moment, one_of

ITEM_ENDED = tuple(state.value for state in ItemState if state in ENDED)


class ActionItem(Base):
    """One thing somebody has to do for a common issue. Moved by services/actions.py alone."""

    __tablename__ = "action_items"
    __table_args__ = (
        CheckConstraint(one_of("state", ItemState), name="state_known"),
        CheckConstraint(f"({one_of('state', ITEM_ENDED)}) = (ended_at IS NOT NULL)", name="ended_has_moment"),
        CheckConstraint("version > 0", name="version_from_one"),
        CheckConstraint("agenda_item_id IS NULL OR meeting_id IS NOT NULL", name="agenda_has_meeting"),
        Index("ix_action_items_state_due", "state", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """Such as ``X26-0012``."""
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"))
    action: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    """How one will see that it is done 衡量标准."""
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The person who does it, if it is somebody who signs in."""
    person_name: Mapped[str] = mapped_column(String(60), default="")
    """As the minutes say it."""
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    """Number of its events; what a page saw and sends back."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ActionEvent(Base):
    """What happened to an action item, oldest first; rows are never changed."""

    __tablename__ = "action_events"
    __table_args__ = (
        CheckConstraint(one_of("action", ItemAction), name="action_known"),
        CheckConstraint(one_of("to_state", ItemState), name="to_state_known"),
        UniqueConstraint("item_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_items.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """due_from and due_to where the due day moved, asked_on where a later one was asked for; ISO days."""


class ActionPhoto(Base):
    """A photo that came with one event of an action item; the file is found by its content's hash."""

    __tablename__ = "action_photos"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="has_size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_items.id"), index=True)
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(Moment)


class LookBack(Base):
    """Reports of an issue before its measures and after them, once so many days have passed since the last was done.

    The row is planned when the last item ends; its counts are filled in when it is due and never changed after.
    """

    __tablename__ = "look_backs"
    __table_args__ = (
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint("since_at >= decided_at", name="done_after_decided"),
        CheckConstraint(
            "before_count >= 0 AND after_count >= 0 AND before_days >= 0", name="counts_from_zero"
        ),
        UniqueConstraint("issue_id", "since_at", "days"),
        Index(
            "ix_look_backs_due",
            "due_at",
            "id",
            sqlite_where=text("made_at IS NULL"),
            postgresql_where=text("made_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    days: Mapped[int]
    decided_at: Mapped[datetime] = mapped_column(Moment)
    """When the first of these measures was decided on: until then counts as before."""
    since_at: Mapped[datetime] = mapped_column(Moment)
    """When the last of them ended: from then on counts as after."""
    due_at: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    before_count: Mapped[int] = mapped_column(default=0)
    after_count: Mapped[int] = mapped_column(default=0)
    before_days: Mapped[int] = mapped_column(default=0)
    """Exposure before: `days`, or fewer where the service has not been there so long."""


class LookBackAnswer(Base):
    """What somebody who reported it answered when asked whether it is better: one answer a device."""

    __tablename__ = "look_back_answers"
    __table_args__ = (
        CheckConstraint(one_of("answer", Answer), name="answer_known"),
        UniqueConstraint("issue_id", "since_at", "device_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    since_at: Mapped[datetime] = mapped_column(Moment)
    """Of the look-backs that the question belongs to."""
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment)
