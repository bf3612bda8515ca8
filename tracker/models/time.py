"""Calendars and clocks: what was promised until when, and which rungs of the ladder have happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.clocks import ClockKind
from tracker.extensions import Base
from tracker.models.base import Moment, one_of

CLOCK_STATES = ("running", "paused", "stopped")


class Calendar(Base):
    """One version of a calendar. A row is never changed but for `is_current`: cases keep the one they got."""

    __tablename__ = "calendars"
    __table_args__ = (
        UniqueConstraint("department_code", "version"),
        Index(
            "uq_calendars_current",
            "department_code",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        Index(  # the one above takes two rows without a department for different ones
            "uq_calendars_current_of_all",
            "is_current",
            unique=True,
            sqlite_where=text("is_current AND department_code IS NULL"),
            postgresql_where=text("is_current AND department_code IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    """Whose own hours these are; none: everybody else's."""
    version: Mapped[int]
    is_current: Mapped[bool] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """weekly: weekday → [[from, to], …]; years: year → {holidays, make_up}; days as ISO text."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Clock(Base):
    """One promise of one case, or of one common issue, or of one action item."""

    __tablename__ = "clocks"
    __table_args__ = (
        CheckConstraint(one_of("kind", ClockKind), name="kind_known"),
        CheckConstraint(one_of("state", CLOCK_STATES), name="state_known"),
        CheckConstraint("(state = 'stopped') = (stopped_at IS NOT NULL)", name="stopped_has_moment"),
        CheckConstraint("next_rung >= 1", name="rungs_from_one"),
        CheckConstraint(
            "(CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN issue_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN item_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="of_one_matter",
        ),
        Index(
            "ix_clocks_next_rung",
            "next_rung_at",
            "id",
            sqlite_where=text("state = 'running' AND next_rung_at IS NOT NULL"),
            postgresql_where=text("state = 'running' AND next_rung_at IS NOT NULL"),
        ),
        Index(
            "ix_clocks_without_end",
            "id",
            sqlite_where=text("state = 'running' AND next_rung_at IS NULL"),
            postgresql_where=text("state = 'running' AND next_rung_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("action_items.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20), default="")
    allowance: Mapped[str] = mapped_column(String(10))
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendars.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="running")
    started_at: Mapped[datetime] = mapped_column(Moment)
    runs_from_at: Mapped[datetime] = mapped_column(Moment)
    """The start, moved on by every pause: shares of the allowance are counted from here."""
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """None: it lies past the last year of the calendar, and is worked out when that is imported."""
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    next_rung: Mapped[int] = mapped_column(default=1)
    next_rung_at: Mapped[datetime | None] = mapped_column(Moment)
    last_rung_at: Mapped[datetime | None] = mapped_column(Moment)
    segments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Oldest first: {state: running|paused, from, to, why: action or "calendar", by: user id}; `to` is null while
    it lasts. What moved the end has {due_from, due_to} besides (null: unknown); an extension the granted day, due_on.
    Of an action item the first one names the day it was promised for, due_on.
    """


class Escalation(Base):
    """A rung that happened. Stored before anybody is told; the unique pair is why it happens once."""

    __tablename__ = "escalations"
    __table_args__ = (UniqueConstraint("clock_id", "rung"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    """None: the clock is of something else than a case."""
    rung: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Moment)
    fired_at: Mapped[datetime] = mapped_column(Moment, index=True)
