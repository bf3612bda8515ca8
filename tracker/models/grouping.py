"""Groups of reports about one trouble. All of it is derived: it can be thrown away and made again from the reports."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment


class Cluster(Base):
    """One group. `state` is what the rules know of it; the other columns are copies by which it is found.

    Moments are seconds since 1970, as the rules count them.
    """

    __tablename__ = "clusters"
    __table_args__ = (
        CheckConstraint("size > 0", name="has_members"),
        CheckConstraint("(cell_row IS NULL) = (lat IS NULL)", name="cell_with_position"),
        Index("ix_clusters_cell", "cell_row", "cell_column", "last_s"),
        Index("ix_clusters_street", "street", "last_s"),
        Index("ix_clusters_last", "last_s"),
        Index(
            "uq_clusters_anchor",
            "anchor",
            unique=True,
            sqlite_where=text("anchor <> ''"),
            postgresql_where=text("anchor <> ''"),
        ),
        Index(
            "ix_clusters_news",
            "id",
            sqlite_where=text("news > 0"),
            postgresql_where=text("news > 0"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    """Of the report that founded it: the same after everything was made again."""
    anchor: Mapped[str] = mapped_column(String(20))
    """Number of the common issue that people decided about; empty: none."""
    size: Mapped[int]
    first_s: Mapped[float]
    last_s: Mapped[float]
    cell_row: Mapped[int | None]
    cell_column: Mapped[int | None]
    """The square its middle lies in; None: nobody knows where it is."""
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    located: Mapped[int]
    scatter: Mapped[float]
    """Square metres; with `located` it says how far the group reaches."""
    street: Mapped[str] = mapped_column(String(160))
    state: Mapped[bytes] = mapped_column(LargeBinary)
    news: Mapped[int]
    """Number of the step that changed it since the common issues were last brought up to it; 0: none did."""


class ClusterReport(Base):
    """In which group a report is. Reports that are no one's business (private, void) have no row."""

    __tablename__ = "cluster_reports"
    __table_args__ = (
        Index("ix_cluster_reports_members", "cluster_id", "at_s", "name"),
        Index("ix_cluster_reports_order", "at_s", "name"),
        UniqueConstraint("name"),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"))
    name: Mapped[str] = mapped_column(String(32))
    """What the rules call the report; says nothing of its content, and is the same in every database."""
    at_s: Mapped[float]


class GroupingState(Base):
    """How far the grouping has come; the one row that every step checks and counts up."""

    __tablename__ = "grouping_state"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    """Counts the steps: what was worked out from an older one is thrown away."""
    placed: Mapped[int]
    """Reports placed since the last rebuild."""
    lesson: Mapped[str] = mapped_column(String(64))
    """Which lesson is in force; empty: none."""
    night_lesson: Mapped[str] = mapped_column(String(64))
    """Which lesson was in force last night: after a new one a night looks at more."""
    nights: Mapped[int]
    """Nights lived through (again) since the last rebuild."""
    leased_until_at: Mapped[datetime | None] = mapped_column(Moment)
    """While a night's work or a rebuild begins; a dead worker's lease runs out."""
    is_rebuilding: Mapped[bool]
    """Groups are incomplete: common issues wait until they are whole again."""


class GroupingLesson(Base):
    """What the installation has taught; only the latest is kept."""

    __tablename__ = "grouping_lessons"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)


class GroupingNight(Base):
    """A night's pass that took place, and after how many reports: so that a rebuild lives through the same ones."""

    __tablename__ = "grouping_nights"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    placed: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
