"""What strangers see on the front page: cases and photos that somebody cleared, and the figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.honest_figures import Ending
from tracker.extensions import Base
from tracker.models.base import Moment, one_of


class PublicCase(Base):
    """A closed case of which strangers may see more than that it is closed. Its history says who cleared what."""

    __tablename__ = "public_cases"
    __table_args__ = (Index("ix_public_cases_closed", "closed_at", "case_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text)
    """What was done, for everybody; empty: only photos."""
    closed_at: Mapped[datetime] = mapped_column(Moment)
    """Of the case when it was cleared: the newest stand first."""
    cleared_at: Mapped[datetime] = mapped_column(Moment)
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class PublicPhoto(Base):
    """A picture that strangers may see, made from a photo that stays with staff. Without its row it is not served."""

    __tablename__ = "public_photos"

    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("public_cases.case_id"), index=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    """Of its address; drawn anew at each clearing, so that an address that was withdrawn stays dead."""
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    areas: Mapped[str] = mapped_column(Text)
    """What was destroyed in it, in thousandths (domain/clearing.py)."""


class CaseFigure(Base):
    """One case as the figures count it; brought up to date from the history, row after row.

    A span is the number of seconds from the report on: of service where its promise runs in service hours, of the
    clock where that runs day and night (`…_by_clock`). None: not reached, or the calendar cannot say.
    """

    __tablename__ = "case_figures"
    __table_args__ = (
        CheckConstraint(one_of("ending", Ending), name="ending_known"),
        Index("ix_case_figures_opened", "opened_at", "ending"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    ending: Mapped[str] = mapped_column(String(12))
    disputed: Mapped[bool]
    filed_s: Mapped[int | None]
    filed_by_clock: Mapped[bool]
    answered_s: Mapped[int | None]
    answered_by_clock: Mapped[bool]
    fixed_s: Mapped[int | None]
    fixed_by_clock: Mapped[bool]


class FiguresProgress(Base):
    """How far the history has been read for the figures; one row."""

    __tablename__ = "figures_progress"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


class PublicFigures(Base):
    """The figures of one period, as the front page tells them."""

    __tablename__ = "public_figures"

    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since_at: Mapped[datetime] = mapped_column(Moment)
    counted_at: Mapped[datetime] = mapped_column(Moment)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
