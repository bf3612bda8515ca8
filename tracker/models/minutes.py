"""What a meeting is prepared with and what it leaves: the frozen pack, minutes in writing, minutes approved."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment


class PackNote(Base):
    """What the secretary adds by hand to one section of the pack: no register knows it."""

    __tablename__ = "pack_notes"
    __table_args__ = (CheckConstraint("version > 0", name="version_from_one"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    """Not the agenda item: that may be taken off and put on again."""
    costs: Mapped[str] = mapped_column(Text)
    """Money spent so far, in words."""
    background: Mapped[str] = mapped_column(Text)
    invite: Mapped[list[str]] = mapped_column(JSON)
    """Codes of departments to invite beside those whose cases these are."""
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Moment)
    saved_by: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Pack(Base):
    """One frozen edition of a meeting's pack 会议简报. Rows are never changed."""

    __tablename__ = "packs"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_from_one"),
        UniqueConstraint("meeting_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    number: Mapped[int]
    """1, 2, 3 … of this meeting."""
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the form that froze it: sent again, it freezes nothing further."""
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    frozen_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Everything the page shows, hashes of photos and points of maps included."""
    facts_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the facts' canonical JSON: what was printed can be compared with what is kept."""


class MinutesField(Base):
    """One field of the minutes as it stands; changed by services/minutes.py alone."""

    __tablename__ = "minutes_fields"
    __table_args__ = (CheckConstraint("version > 0", name="version_from_one"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    """As domain/minutes.py spells it, such as ``decision.12``."""
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Moment)
    saved_by: Mapped[int] = mapped_column(ForeignKey("users.id"))


class MinutesSave(Base):
    """Every text that was ever sent for a field of the minutes: applied, or kept as a copy beside it."""

    __tablename__ = "minutes_saves"
    __table_args__ = (
        CheckConstraint("based_on >= 0", name="based_on_positive"),
        CheckConstraint("version IS NULL OR version = based_on + 1", name="applied_on_its_base"),
        CheckConstraint("(settled_at IS NULL) = (settled_how = '')", name="settled_says_how"),
        CheckConstraint("settled_at IS NULL OR version IS NULL", name="only_copies_are_settled"),
        UniqueConstraint("meeting_id", "key", "name"),
        UniqueConstraint("meeting_id", "name", "version"),
        Index("ix_minutes_saves_meeting", "meeting_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    key: Mapped[str] = mapped_column(String(64))
    """Of the save, made by the sender; sent again, it gives the same answer."""
    name: Mapped[str] = mapped_column(String(80))
    based_on: Mapped[int]
    """Version of the field that its writer saw; 0: nobody had written there."""
    version: Mapped[int | None]
    """That it made; None: somebody else had written meanwhile, and this text waits beside the field."""
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_how: Mapped[str] = mapped_column(String(10), default="")
    """keep, take, merge; or continued: its own writer went on typing."""


class MinutesVersion(Base):
    """Approved minutes. The first closes the meeting; each later one corrects and says why. Never changed."""

    __tablename__ = "minutes_versions"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint("number = 1 OR reason <> ''", name="correction_has_reason"),
        UniqueConstraint("meeting_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    number: Mapped[int]
    approved_at: Mapped[datetime] = mapped_column(Moment)
    approved_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
