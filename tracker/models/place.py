"""Places and the printed codes on them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.domain.labels import LABEL_STATES
from tracker.extensions import Base
from tracker.models.base import Moment, one_of
from tracker.models.organisation import Area


class Place(Base):
    """A shop, station, door or piece of street furniture with a code on it."""

    __tablename__ = "places"
    __table_args__ = (
        CheckConstraint("lat BETWEEN -90 AND 90", name="lat_on_earth"),
        CheckConstraint("lon BETWEEN -180 AND 180", name="lon_on_earth"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    """The register's own number; an import recognises the place by it."""
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(160))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    """WGS-84 degrees."""
    keeper_name: Mapped[str] = mapped_column(String(60), default="")
    keeper_phone_sealed: Mapped[str] = mapped_column(String(200), default="")
    facilities: Mapped[str] = mapped_column(String(200), default="")
    opening_hours: Mapped[str] = mapped_column(String(120), default="")
    area: Mapped[Area] = relationship()


class Label(Base):
    """One printed code of a place. Its address works for ever; what it answers depends on its state."""

    __tablename__ = "labels"
    __table_args__ = (
        CheckConstraint(one_of("state", LABEL_STATES), name="state_known"),
        CheckConstraint("(state = 'replaced') = (replaced_by_id IS NOT NULL)", name="replaced_has_successor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(9), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="printed")
    printed_at: Mapped[datetime] = mapped_column(Moment)
    posted_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    place: Mapped[Place] = relationship()
