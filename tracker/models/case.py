"""Cases. Their columns are the fields of ``domain.case_record.CaseRecord``, plus where and when."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.domain.lifecycle import ENDED, Outcome, State
from tracker.extensions import Base
from tracker.models.base import Moment, one_of
from tracker.models.category import Category
from tracker.models.place import Place

_ENDED = one_of("state", sorted(ENDED))
_IS_OPEN = text("closed_at IS NULL")
_IS_CLOSED = text("state = 'closed'")
_IS_DISPUTED = text("closed_at IS NULL AND disputes > 0")
_IS_GONE = text("gone > 0")
_IS_WORSE = text("worse > 0")
_IS_HELD = text("held = 1")
_WITH_DEPARTMENT = (
    State.DISPATCHED,
    State.RETURN_REQUESTED,
    State.IN_PROGRESS,
    State.ON_HOLD,
    State.RESOLVED,
)


class Case(Base):
    """One matter, from report to confirmed end. Written by services/moves.py alone."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(one_of("state", State), name="state_known"),
        CheckConstraint(one_of("outcome", ("", *Outcome)), name="outcome_known"),
        CheckConstraint(f"({_ENDED}) = (closed_at IS NOT NULL)", name="ended_has_moment"),
        CheckConstraint("(state = 'merged') = (main_case <> '')", name="merged_has_main"),
        CheckConstraint("main_case <> number", name="main_is_another"),
        CheckConstraint("(state = 'on_hold') = (hold_until_on IS NOT NULL)", name="hold_has_review_day"),
        CheckConstraint("state <> 'closed' OR (outcome <> '' AND closing <> '')", name="closed_has_outcome"),
        CheckConstraint(
            "state NOT IN ('resolved', 'verified') OR outcome <> ''", name="resolved_has_outcome"
        ),
        CheckConstraint(one_of("closing", ("", "confirmed", "lapsed")), name="closing_known"),
        CheckConstraint("(state = 'closed') = (closing <> '')", name="only_closed_has_closing"),
        CheckConstraint(f"NOT {one_of('state', _WITH_DEPARTMENT)} OR lead <> ''", name="work_has_department"),
        CheckConstraint("rating BETWEEN 0 AND 5", name="rating_in_range"),
        CheckConstraint(
            "returns >= 0 AND reworks >= 0 AND reopens >= 0 AND disputes >= 0 AND extensions >= 0",
            name="counters_positive",
        ),
        CheckConstraint("appeals BETWEEN 0 AND 1", name="one_appeal"),
        Index("ix_cases_open", "opened_at", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index(
            "ix_cases_disputed", "moved_at", "id", sqlite_where=_IS_DISPUTED, postgresql_where=_IS_DISPUTED
        ),
        Index("ix_cases_closed", "closed_at", "id", sqlite_where=_IS_CLOSED, postgresql_where=_IS_CLOSED),
        Index("ix_cases_state_opened", "state", "opened_at", "id"),
        Index("ix_cases_opened", "opened_at", "id"),
        Index("ix_cases_area_opened", "area_code", "opened_at", "id"),
        Index("ix_cases_main_case", "main_case"),
        Index("ix_cases_held", "opened_at", sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
        Index(
            "ix_cases_open_at_place",
            "place_id",
            "opened_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("voices >= 1", name="voices_from_one"),
        CheckConstraint("worse >= 0", name="worse_positive"),
        CheckConstraint("gone >= 0 AND (gone > 0) = (gone_at IS NOT NULL)", name="gone_has_moment"),
        Index("ix_cases_said_gone", "gone_at", "id", sqlite_where=_IS_GONE, postgresql_where=_IS_GONE),
        Index("ix_cases_said_worse", "opened_at", "id", sqlite_where=_IS_WORSE, postgresql_where=_IS_WORSE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    moved_at: Mapped[datetime] = mapped_column(Moment)
    """When it came into its present state."""

    summary: Mapped[str] = mapped_column(String(120))
    """The start of what was reported, for lists."""
    thumb: Mapped[str] = mapped_column(String(64))
    """Hash of the first photo; empty: none."""

    voices: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many people it concerns, those of cases merged into it included; kept by services/voices.py."""

    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    """When the nearest promise of somebody at the desk is due; kept with the clocks."""

    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(10))
    lead: Mapped[str] = mapped_column(String(10))
    co: Mapped[list[str]] = mapped_column(JSON)
    handled_by: Mapped[list[str]] = mapped_column(JSON)
    returns: Mapped[int]
    reworks: Mapped[int]
    reopens: Mapped[int]
    disputes: Mapped[int]
    extensions: Mapped[int]
    appeals: Mapped[int]
    appeal_open: Mapped[int]
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    flagged: Mapped[int] = mapped_column(default=0, server_default="0")
    look_by: Mapped[str] = mapped_column(String(20))
    return_to: Mapped[str] = mapped_column(String(10))
    return_until_at: Mapped[datetime | None] = mapped_column(Moment)
    extension_on: Mapped[date | None]
    due_on: Mapped[date | None]
    hold_until_on: Mapped[date | None]
    main_case: Mapped[str] = mapped_column(String(20))
    decline_reason: Mapped[str] = mapped_column(String(20))
    decline_channel: Mapped[str] = mapped_column(String(20))
    hold_reason: Mapped[str] = mapped_column(String(20))
    closing: Mapped[str] = mapped_column(String(10))
    rating: Mapped[int]
    worse: Mapped[int] = mapped_column(default=0, server_default="0")
    gone: Mapped[int] = mapped_column(default=0, server_default="0")
    gone_at: Mapped[datetime | None] = mapped_column(Moment)
    gone_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    place: Mapped[Place] = relationship()
    category_version: Mapped[Category] = relationship()


class CaseDepartment(Base):
    """Which departments a case lies with now, so that a department's queue is an index range."""

    __tablename__ = "case_departments"

    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


class Counter(Base):
    """The last running number given out under a name, such as a day's case numbers."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int]
