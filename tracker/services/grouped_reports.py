"""Reports as the grouping reads them: which are waiting, and how a row becomes the rules' plain value.

What counts. Every report that people sent counts, also one that joined a case, one whose case was merged into another
and one whose case was declined: the trouble was there whoever's matter it is. Reports of private categories never do
(a need is nobody else's business), nor those of cases that were withdrawn or voided or are kept apart: taken back, a
test, an abuse. A
report that ceases to count is taken out of its group in the night that follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select

from tracker.domain.grouping.report import Report as Sighting
from tracker.domain.grouping.report import seconds
from tracker.domain.lifecycle import State
from tracker.domain.streets import street_of
from tracker.extensions import db
from tracker.models import Case, Category, Cluster, ClusterReport, Label, Place, Report
from tracker.services.parts import parts

NAME_CHARS = 32
"""128 bits of the hash of the report's private link: says nothing, and is the same wherever the report is stored."""
_COLUMNS = (
    Report.id,
    Report.link_hash,
    Report.sent_at,
    Report.category,
    Report.text,
    Report.device_hash,
    Place.id.label("place_id"),
    Place.address,
    Place.area_code,
    Place.lat,
    Place.lon,
)


@dataclass(frozen=True)
class Read:
    """A report read from its row.

    Attributes:
        spot: where its place lies; None: the register does not know.
    """

    report_id: int
    sighting: Sighting
    spot: tuple[float, float] | None


@dataclass(frozen=True)
class Waiting:
    """A report that the grouping has not looked at; `counts` is false for what it only passes over."""

    read: Read
    counts: bool


def waiting(until: datetime, limit: int) -> Sequence[Waiting]:
    """Reports sent up to `until` that nobody has looked at, in the order in which they are grouped."""
    rows = db.session.execute(
        _with_place(select(*_COLUMNS, counts().label("counts")))
        .join(Case, Case.id == Report.case_id)
        .join(Category, Category.id == Case.category_id)
        .where(~Report.is_grouped, Report.sent_at <= until)
        .order_by(Report.sent_at, Report.link_hash)
        .limit(limit)
    )
    return [Waiting(_read(row), bool(row.counts)) for row in rows]


def counts() -> ColumnElement[bool]:
    """SQL that holds for reports (joined with case and category) that count."""
    return and_(~Category.private, Case.state.not_in((State.WITHDRAWN, State.VOIDED)), Case.held == 0)


def no_longer_count(since_s: float) -> Sequence[str]:
    """Names of reports of the last weeks that are in a group and should not be."""
    return db.session.scalars(
        select(ClusterReport.name)
        .join(Report, Report.id == ClusterReport.report_id)
        .join(Case, Case.id == Report.case_id)
        .join(Category, Category.id == Case.category_id)
        .where(ClusterReport.at_s >= since_s, ~counts())
        .order_by(ClusterReport.at_s, ClusterReport.name)
    ).all()


def members_of(cluster_id: int, limit: int) -> Sequence[Read]:
    """The latest members of a group, the latest first."""
    rows = db.session.execute(
        _grouped(select(*_COLUMNS))
        .where(ClusterReport.cluster_id == cluster_id)
        .order_by(ClusterReport.at_s.desc(), ClusterReport.name.desc())
        .limit(limit)
    )
    return [_read(row) for row in rows]


def latest(limit: int) -> Sequence[tuple[Read, str]]:
    """The latest reports in any group with the key of it, the latest first."""
    rows = db.session.execute(
        _grouped(select(*_COLUMNS, Cluster.key))
        .join(Cluster, Cluster.id == ClusterReport.cluster_id)
        .order_by(ClusterReport.at_s.desc(), ClusterReport.name.desc())
        .limit(limit)
    )
    return [(_read(row), row.key) for row in rows]


def named(names: Sequence[str]) -> Sequence[Read]:
    """The reports of these names that are in a group."""
    rows = db.session.execute(_grouped(select(*_COLUMNS)).where(ClusterReport.name.in_(names)))
    return [_read(row) for row in rows]


def asked_about(
    *, place_id: int, address: str, area: str, category: str, text: str, at: datetime
) -> Sighting:
    """What somebody is about to report, as far as he has filled in the form; it has no name yet."""
    street = street_of(address) or area
    return Sighting("", _local(at), category, str(place_id), street, None, None, text, "")


def _with_place(statement: Any) -> Any:
    return statement.join(Label, Label.id == Report.label_id).join(Place, Place.id == Label.place_id)


def _grouped(statement: Any) -> Any:
    return _with_place(statement.join_from(ClusterReport, Report, Report.id == ClusterReport.report_id))


def _read(row: Row[Any]) -> Read:
    """The place is that of the code that was scanned; who joined from next door stands next door."""
    spot = None if row.lat is None or row.lon is None else (row.lat, row.lon)
    sighting = Sighting(
        id=row.link_hash[:NAME_CHARS],
        at=_local(row.sent_at),
        category=row.category,
        place=str(row.place_id),
        street=street_of(row.address) or row.area_code,
        lat=None,
        lon=None,
        text=row.text,
        reporter=row.device_hash[:NAME_CHARS],
    )
    return Read(row.id, sighting, spot)


def _local(at: datetime) -> datetime:
    """The hour of day is read on the street's own clock."""
    return at.astimezone(parts().zone)


def second_of(at: datetime) -> float:
    """A moment as the rules count it."""
    return seconds(at)
