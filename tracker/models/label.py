"""What happens to printed codes: batches they are printed in, events, scans by day, what people say is wrong."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.domain.labels import LabelEvent, Trouble
from tracker.extensions import Base
from tracker.models.base import Moment, one_of
from tracker.models.organisation import User
from tracker.models.place import Label

REGISTER_KINDS = ("import", "export")


class LabelLogo(Base):
    """A picture for the labels' room for one; the newest is for the next batch. The file lies with the photos."""

    __tablename__ = "label_logos"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="has_size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class LabelBatch(Base):
    """One print run; its number is its id. What each label shows is kept with it: its files can be made anew."""

    __tablename__ = "label_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the form it was asked for with: pressed twice, it is one."""
    paper: Mapped[str] = mapped_column(String(30))
    logo_sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of the logo printed; empty: none."""
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)
    """How the places were chosen."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: by a command."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    wanted_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when its files are asked for; None: they are there, or nobody wants them."""
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until then somebody is drawing them."""
    drawn_at: Mapped[datetime | None] = mapped_column(Moment)
    fault: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Why no files were handed out; empty: nothing is wrong."""

    user: Mapped[User | None] = relationship()
    items: Mapped[list["LabelBatchItem"]] = relationship(order_by="LabelBatchItem.position")


class LabelBatchItem(Base):
    """One label of a batch, and what it shows there."""

    __tablename__ = "label_batch_items"
    __table_args__ = (UniqueConstraint("batch_id", "label_id"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("label_batches.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """From 1, in the order printed."""
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    shows: Mapped[dict[str, str]] = mapped_column(JSON)
    posted_at: Mapped[datetime | None] = mapped_column(Moment)
    """When this print was hung up; a label printed twice is hung up twice."""

    label: Mapped[Label] = relationship()


class LabelBatchFile(Base):
    """A file of a batch; the content lies in LABELS_DIR and can be made anew."""

    __tablename__ = "label_batch_files"

    batch_id: Mapped[int] = mapped_column(ForeignKey("label_batches.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    labels: Mapped[int]


class LabelNote(Base):
    """What was done about a label, by whom, when and why; with the photo of where it hangs. Rows are never changed."""

    __tablename__ = "label_notes"
    __table_args__ = (CheckConstraint(one_of("kind", LabelEvent), name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    kind: Mapped[str] = mapped_column(String(15))
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: by a command."""
    reason: Mapped[str] = mapped_column(Text, default="")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("label_batches.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    """The successor of one that was replaced."""
    photo_sha256: Mapped[str] = mapped_column(String(64), default="")

    user: Mapped[User | None] = relationship()


class LabelTrouble(Base):
    """Somebody says that something is wrong with a label. One open word of each kind from each device."""

    __tablename__ = "label_troubles"
    __table_args__ = (
        CheckConstraint(one_of("kind", Trouble), name="kind_known"),
        Index(
            "uq_label_troubles_open",
            "label_id",
            "kind",
            "teller_hash",
            unique=True,
            sqlite_where=sql("settled_at IS NULL"),
            postgresql_where=sql("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    teller_hash: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the device, or of the person at the desk."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    far_m: Mapped[int | None]
    """How far from home, in coarse steps; None: not told."""
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("label_batches.id"))
    """The batch it was printed again in."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)

    label: Mapped[Label] = relationship()


class LabelScan(Base):
    """How many phones opened a label's page on a day; older days are summed up on the first of their month."""

    __tablename__ = "label_scans"
    __table_args__ = (CheckConstraint("scans > 0", name="counted"),)

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    scans: Mapped[int]


class LabelScanDevice(Base):
    """A phone that was counted on a day, so that it counts once; forgotten after two days."""

    __tablename__ = "label_scan_devices"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    device_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Keyed, and different every day: it follows nobody."""


class RegisterEvent(Base):
    """Somebody took the register out, or a file in; rows are never changed."""

    __tablename__ = "register_events"
    __table_args__ = (CheckConstraint(one_of("kind", REGISTER_KINDS), name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    format: Mapped[str] = mapped_column(String(10))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: by a command."""
    at: Mapped[datetime] = mapped_column(Moment)

    user: Mapped[User | None] = relationship()
