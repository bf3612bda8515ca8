"""What people on the street answer when open cases are put before them: it is gone, or: mine is a different one."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment


class SaidGone(Base):
    """已经没了: a device says so once for each case, whether it follows it or not. What it said is in the history."""

    __tablename__ = "said_gone"
    __table_args__ = (UniqueConstraint("case_id", "device_hash"), UniqueConstraint("case_id", "key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    """Of the form it was said in; sending it again gives the same answer."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of what came with the key: the same key with other content is refused."""
    said_at: Mapped[datetime] = mapped_column(Moment)


class Difference(Base):
    """都不是: a report was sent although this open case was put before its sender. A device answers once a case."""

    __tablename__ = "differences"
    __table_args__ = (
        UniqueConstraint("case_id", "device_hash"),
        Index("ix_differences_asked", "case_id", "place_id", "category"),
        Index("ix_differences_report", "report_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    """What was sent instead."""
    device_hash: Mapped[str] = mapped_column(String(64))
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    """Where the sender stood."""
    category: Mapped[str] = mapped_column(String(10))
    """As the sender chose it."""
    said_at: Mapped[datetime] = mapped_column(Moment)
