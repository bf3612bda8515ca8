"""What keeps a flood off: buckets that leak, puzzles that were solved, devices that are kept apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment


class Bucket(Base):
    """How much came lately from one device, network or label, under a name that says nothing and changes daily.

    Written in the transaction of what is counted, so that what was refused is not counted.
    """

    __tablename__ = "buckets"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    level: Mapped[float] = mapped_column(Double)
    """As it stood at `at`; see domain/limits.py."""
    at: Mapped[float] = mapped_column(Double)
    """Seconds since 1970: both databases calculate with it alike."""
    drain: Mapped[float] = mapped_column(Double)
    """What a second takes out."""
    cap: Mapped[float] = mapped_column(Double)


class SolvedPuzzle(Base):
    """A puzzle that let something pass; the same one never does so twice."""

    __tablename__ = "solved_puzzles"

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)
    """Afterwards it would be refused as too old anyway."""


class DeviceBan(Base):
    """A device whose reports are kept apart for a time, by whom and why. Rows stay: they are the record of it."""

    __tablename__ = "device_bans"
    __table_args__ = (
        CheckConstraint("until_at > banned_at", name="ends_later"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
        Index(
            "uq_device_bans_running",
            "device_hash",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_hash: Mapped[str] = mapped_column(String(64))
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    """The report that gave cause."""
    reason: Mapped[str] = mapped_column(Text)
    banned_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    banned_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime] = mapped_column(Moment)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
