"""The bell at the desk: what a person has not seen yet. Nothing is sent; the delivery is the message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update

from tracker.extensions import db, transaction
from tracker.models import Case, Delivery, Notice
from tracker.models.base import in_words

LIMIT = 50


@dataclass(frozen=True)
class BellItem:
    """One thing that happened.

    Attributes:
        id: grows; what a page shows up to is what ``see`` marks.
        event: ``case_<action>``, a rung (facts: rung, kind) or one with words of its own; facts as its notice keeps.
        number: of what it is about; empty: nothing that has one.
        link: path of the page where one goes on; empty: there is none.
        is_late: noticed only after the service had been down.
    """

    id: int
    event: str
    facts: Mapping[str, Any]
    number: str
    link: str
    made_at: datetime
    is_late: bool
    is_urgent: bool


def unseen(user_id: int, limit: int = LIMIT) -> Sequence[BellItem]:
    """What the person has not seen, newest first."""
    rows = db.session.execute(
        select(Delivery.id, Notice, Case.number)
        .join(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(_unseen(user_id))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    return [
        BellItem(
            id=row_id,
            event=each.event,
            facts=each.facts,
            number=each.facts.get("number") or case_number or "",
            link=each.facts.get("link") or (f"/desk/cases/{case_number}" if case_number else ""),
            made_at=each.made_at,
            is_late=each.is_late,
            is_urgent=each.is_urgent,
        )
        for row_id, each, case_number in rows
    ]


def unseen_count(user_id: int) -> int:
    """How many things the person has not seen."""
    return db.session.scalar(select(func.count()).select_from(Delivery).where(_unseen(user_id))) or 0


def see(user_id: int, up_to: int, now: datetime) -> None:
    """The person saw everything up to the item with this id."""
    with transaction():
        db.session.execute(update(Delivery).where(_unseen(user_id), Delivery.id <= up_to).values(seen_at=now))


def _unseen(user_id: int) -> ColumnElement[bool]:
    return and_(
        Delivery.recipient == f"user:{user_id}",
        in_words(Delivery.channel, "bell"),
        Delivery.seen_at.is_(None),
    )
