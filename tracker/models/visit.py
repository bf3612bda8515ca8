"""Visits to shops: what was said there, line by line, and what became of each line."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.domain.visits import EventKind, LineState
from tracker.extensions import Base
from tracker.models.base import Moment, one_of
from tracker.models.case import Case
from tracker.models.organisation import User
from tracker.models.place import Place


class Visit(Base):
    """One visit to one place. Never changed: what was wrong is put right by an event."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_user_visited", "user_id", "visited_at", "id"),
        Index("ix_visits_place_visited", "place_id", "visited_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by the phone; sending it again gives the same visit."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of everything that came with the key: the same key with other content is refused."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    visited_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    """When it reached us: later than the visit where there was no network."""
    met: Mapped[str] = mapped_column(String(60))
    """Who was spoken to, as the visitor wrote it; empty: nobody in particular."""
    return_on: Mapped[date | None]
    """The day somebody promised to come back."""

    place: Mapped[Place] = relationship()
    user: Mapped[User] = relationship()
    lines: Mapped[list["VisitLine"]] = relationship(order_by="VisitLine.position")


class VisitLine(Base):
    """One thing that was said. Its words are never changed; state and case say what became of it."""

    __tablename__ = "visit_lines"
    __table_args__ = (
        CheckConstraint(one_of("state", LineState), name="state_known"),
        CheckConstraint("(state IN ('case', 'joined')) = (case_id IS NOT NULL)", name="taken_up_has_case"),
        UniqueConstraint("visit_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    position: Mapped[int]
    """From 1, as written."""
    text: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Under which the line is reported: a case made of it twice is one."""
    state: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    """The shop's report that the line became, or was added to."""

    visit: Mapped[Visit] = relationship(back_populates="lines")
    case: Mapped[Case | None] = relationship()


class VisitPhoto(Base):
    """A photo that belongs to a line; the file is found by its content's hash."""

    __tablename__ = "visit_photos"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="has_size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("visit_lines.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]


class VisitEvent(Base):
    """What was done about a visit afterwards, by whom and when; rows are never changed."""

    __tablename__ = "visit_events"
    __table_args__ = (
        CheckConstraint(one_of("kind", EventKind), name="kind_known"),
        CheckConstraint("(kind IN ('case', 'joined')) = (case_id IS NOT NULL)", name="taken_up_has_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("visit_lines.id"))
    """None: about the visit as a whole."""
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the form it was typed in, so that it is written once."""
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class VisitedPlace(Base):
    """The latest visit to a place and its promise; kept with the visits, so that a route reads few rows."""

    __tablename__ = "visited_places"

    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    visited_at: Mapped[datetime] = mapped_column(Moment, index=True)
    return_on: Mapped[date | None] = mapped_column(index=True)


class VisitSkip(Base):
    """A place that somebody leaves out of the route of one day."""

    __tablename__ = "visit_skips"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    skipped_on: Mapped[date] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
