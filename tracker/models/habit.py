"""What is reported where, counted: the form's buttons are ordered by it."""

from sqlalchemy import CheckConstraint, Float, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import one_of

HABIT_SCOPES = ("kind", "street")


class CategoryHabit(Base):
    """How much a category is reported from a kind of place, or on a street. Who reported is not in it."""

    __tablename__ = "category_habits"
    __table_args__ = (
        CheckConstraint(one_of("scope", HABIT_SCOPES), name="scope_known"),
        CheckConstraint("weight > 0", name="weight_positive"),
    )

    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    """Of the kind, or of the street as ``domain.tile_order.street_key`` writes it."""
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    weight: Mapped[float] = mapped_column(Float)
    """Sum of ``domain.tile_order.weight_at``: reports that fade without being written again."""
