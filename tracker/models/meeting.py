"""Meetings of street committee, departments and merchants, and what is on their agenda."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment, one_of

MEETING_STATES = ("planned", "invited", "held", "closed", "cancelled")
"""planned: nobody was asked yet; held: it took place, minutes are open; closed: minutes are approved."""


class Meeting(Base):
    """One joint meeting."""

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint(one_of("state", MEETING_STATES), name="state_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("version > 0", name="version_from_one"),
        Index("ix_meetings_starts", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """Such as ``M26-0003``."""
    title: Mapped[str] = mapped_column(String(80))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    room: Mapped[str] = mapped_column(String(120))
    chair_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)


class AgendaItem(Base):
    """One issue on one meeting's agenda, with the question to decide."""

    __tablename__ = "agenda_items"
    __table_args__ = (UniqueConstraint("meeting_id", "issue_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    position: Mapped[int]
    """From 1, in the order they are taken."""
    question: Mapped[str] = mapped_column(Text)
