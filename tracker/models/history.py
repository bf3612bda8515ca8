"""The history: one row a move, never changed or removed. Triggers in the database refuse both (migrations)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.lifecycle import Action, State
from tracker.extensions import Base
from tracker.models.base import Moment, one_of


class HistoryRow(Base):
    """Who did what to a case, what that changed, and the hash that ties it to the row before.

    `position` counts all rows of the installation without a gap; `version` those of one case.
    """

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("case_id", "version"),
        CheckConstraint(one_of("action", Action), name="action_known"),
        CheckConstraint(one_of("to_state", State), name="to_state_known"),
        CheckConstraint("position > 0 AND version > 0", name="counted_from_one"),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    actor_kind: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    note: Mapped[str] = mapped_column(Text)
    is_public: Mapped[bool]
    """Whether the reporter reads the note."""
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    """Field → [old, new]; folding them gives the case's record."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What else belongs to the move: hashes of its photos, the rule that decided, words of a code."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class HistoryHead(Base):
    """The end of the chain; the one row that every move locks after its case."""

    __tablename__ = "history_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(64))
