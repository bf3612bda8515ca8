"""Action items: what was decided, who does it until when, and how one will see that it is done."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment, one_of

ITEM_STATES = ("open", "in_progress", "done_claimed", "closed", "long_term", "raised")
"""done_claimed: the person says it is done, with evidence; closed: somebody else accepted that."""
ITEM_ENDED = ("closed", "long_term", "raised")


class ActionItem(Base):
    """One thing somebody has to do for a common issue."""

    __tablename__ = "action_items"
    __table_args__ = (
        CheckConstraint(one_of("state", ITEM_STATES), name="state_known"),
        CheckConstraint(f"({one_of('state', ITEM_ENDED)}) = (ended_at IS NOT NULL)", name="ended_has_moment"),
        CheckConstraint("version > 0", name="version_from_one"),
        CheckConstraint("agenda_item_id IS NULL OR meeting_id IS NOT NULL", name="agenda_has_meeting"),
        Index("ix_action_items_state_due", "state", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """Such as ``X26-0012``."""
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"))
    action: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    """How one will see that it is done 衡量标准."""
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The person who does it, if it is somebody who signs in."""
    person_name: Mapped[str] = mapped_column(String(60), default="")
    """As the minutes say it."""
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
