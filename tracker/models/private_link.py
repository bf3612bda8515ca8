"""How a private link gets to another phone: one-time codes, and the failed tries that slow down guessing."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment


class LinkPairing(Base):
    """A code that lets one more device speak for a report. One a report: a new one replaces it, use removes it."""

    __tablename__ = "link_pairings"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed: the code itself is stored nowhere."""
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)


class CodeTry(Base):
    """One failed try to open a report by a code, under a keyed hash of what it counts against.

    That is a device, a network, a case number, or all of them together.
    """

    __tablename__ = "code_tries"
    __table_args__ = (Index("ix_code_tries_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
