"""What people sent: reports, the devices they speak from, and photos."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment, one_of

PHOTO_KINDS = ("before", "after", "staff")
"""before: the trouble; after: the result; staff: seen by staff alone."""


class Report(Base):
    """What one person sent. It opened a case or joined one; if that was merged, its reporter follows the main case."""

    __tablename__ = "reports"
    __table_args__ = (
        Index(
            "ix_reports_ungrouped",
            "sent_at",
            "link_hash",
            sqlite_where=sql("NOT is_grouped"),
            postgresql_where=sql("NOT is_grouped"),
        ),
        Index("ix_reports_label_sent", "sent_at", "label_id"),
        Index("ix_reports_device_sent", "device_hash", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by the sender; sending it again gives the same answer."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of everything that came with the key: the same key with other content is refused."""
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    category: Mapped[str] = mapped_column(String(10), server_default="")
    """As the sender chose it; of a report that joined, that of its case then. The case may be filed otherwise since."""
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    sent_at: Mapped[datetime] = mapped_column(Moment)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the first private link's key, which is stored nowhere. It also names the report where no id may go."""
    link_round: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its owner ended the link. From 1 on the first link opens nothing."""
    renewed_hash: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    """Of the link that took its place; none: there is no link at all until the owner makes one."""
    link_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    device_hash: Mapped[str] = mapped_column(String(64))
    """Of the device that sent it, which may speak for it unless it was shut out."""
    is_sender_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The owner ended the link from another device: the one that sent it was lost, or given away."""
    network_mark: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """Says on the same day only whether two reports came from one network; emptied after two days."""
    phone_sealed: Mapped[str] = mapped_column(String(200), default="")
    phone_fingerprint: Mapped[str] = mapped_column(String(64), default="", index=True)
    consent_version: Mapped[str] = mapped_column(String(10), default="")
    """Of the words the reporter agreed to when leaving a phone number."""
    is_grouped: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The grouping has looked at it."""
    code_failures: Mapped[int] = mapped_column(default=0)
    code_failed_at: Mapped[datetime | None] = mapped_column(Moment)


class ReportDevice(Base):
    """A further device that may speak for a report, because its owner knew the code."""

    __tablename__ = "report_devices"
    __table_args__ = (Index("ix_report_devices_device_hash", "device_hash"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    device_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class Photo(Base):
    """A photo that came with one history row of a case; the file is found by its content's hash."""

    __tablename__ = "photos"
    __table_args__ = (
        CheckConstraint(one_of("kind", PHOTO_KINDS), name="kind_known"),
        CheckConstraint("width > 0 AND height > 0", name="has_size"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    version: Mapped[int]
    """Of the history row it came with."""
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(Moment)
