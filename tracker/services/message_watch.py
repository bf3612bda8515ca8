"""Messages that wait or were given up, for those who keep the service: addresses masked, no words of any case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from tracker.adapters.message import NotDelivered
from tracker.domain.address_mask import masked_address
from tracker.extensions import db
from tracker.models import Delivery, Notice, User
from tracker.services.channels import AddressGone, address_of

LIMIT = 100


@dataclass(frozen=True)
class WatchedMessage:
    """One message; several deliveries may go out in it.

    Attributes:
        id: of one of its deliveries, for ``sending.retry_stuck``.
        name: of the member of staff; empty: a reporter or, if `is_guest`, a guest of a meeting.
        address: masked; empty: taken back, or cannot be opened.
        next_at: when it is tried next; of a stuck one, when it was tried last.
    """

    id: int
    name: str
    channel: str
    address: str
    count: int
    tries: int
    last_error: str
    made_at: datetime
    next_at: datetime
    is_guest: bool


@dataclass(frozen=True)
class Outbox:
    """What waits, and what is stuck; `waiting_count` counts also what is not listed."""

    waiting_count: int
    oldest_at: datetime | None
    waiting: Sequence[WatchedMessage]
    stuck: Sequence[WatchedMessage]


def outbox() -> Outbox:
    """The messages that have not been sent: those that failed before and wait again, and the stuck ones."""
    waiting, oldest = db.session.execute(
        select(func.count(), func.min(Notice.made_at))
        .select_from(Delivery)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.state == "waiting")
    ).one()
    return Outbox(waiting, oldest, waiting=_messages("waiting"), stuck=_messages("stuck"))


def _messages(state: str) -> list[WatchedMessage]:
    """Messages in `state` that have been tried, newest first; each shown by the first of its deliveries."""
    firsts = (
        select(func.min(Delivery.id).label("id"), func.count().label("count"))
        .where(Delivery.state == state, Delivery.tries > 0)
        .group_by(Delivery.batch)
        .subquery()
    )
    rows = db.session.execute(
        select(Delivery, Notice.made_at, firsts.c.count)
        .join(firsts, firsts.c.id == Delivery.id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .order_by(Delivery.id.desc())
        .limit(LIMIT)
    ).all()
    names = _names([row.recipient for row, *_ in rows])
    return [
        WatchedMessage(
            id=row.id,
            name=names.get(row.recipient, ""),
            channel=row.channel,
            address=_masked(row),
            count=count,
            tries=row.tries,
            last_error=row.last_error,
            made_at=made_at,
            next_at=row.not_before_at,
            is_guest=row.recipient.startswith("guest:"),
        )
        for row, made_at, count in rows
    ]


def _names(recipients: Sequence[str]) -> dict[str, str]:
    ids = {int(each.partition(":")[2]) for each in recipients if each.startswith("user:")}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(sorted(ids))))
    return {f"user:{row.id}": row.name for row in rows}


def _masked(row: Delivery) -> str:
    try:
        address = address_of(row.recipient, row.channel)
    except (AddressGone, NotDelivered):
        return ""
    return masked_address(row.channel, address)
