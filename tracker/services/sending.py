"""Sending: deliveries leave one message at a time, at least once, each try under the same key.

A message is leased in one short transaction, sent outside any, and marked in another. Whoever dies between the two
leaves a lease that runs out; the message then goes out again with the key it had.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from tracker.adapters.chat import send_chat
from tracker.adapters.message import Message, NotDelivered
from tracker.extensions import again_if_interrupted, db, one_at_a_time, transaction
from tracker.models import Case, Delivery, Notice, User
from tracker.models.base import in_words
from tracker.services.channels import AddressGone, address_of
from tracker.services.escalations import is_caught_up
from tracker.services.guest_letters import own_calendar
from tracker.services.message_texts import compose
from tracker.services.notices import AUDIENCES
from tracker.services.parts import parts

LEASE = timedelta(minutes=2)
"""Longer than the slowest try; a dead sender's message waits this long."""
TRIES = 8
"""Failures after which an admin has to look: with the pauses between them, an hour and a half."""
LONGEST_PAUSE_MIN = 60
ROUND = 20
"""Messages of one call."""
MANY = 20
"""More single messages than this waiting for one person on one channel go out as one."""
LINES = 200
"""Most notices in one gathered message; what was missed is never split."""
_LEASES = 3_001
"""Names the decision which deliveries make a message: one process at a time, so that a person's stay together."""


@dataclass(frozen=True)
class Package:
    """Deliveries that go out as one message."""

    batch: str
    ids: Sequence[int]
    recipient: str
    channel: str
    language: str
    gathered: str
    tries: int


@dataclass(frozen=True)
class StuckMessage:
    """A message that was given up until somebody looks.

    Attributes:
        id: of one of its deliveries, for ``retry_stuck``.
        name: of the person; empty: a reporter or a guest.
        number: of the case, or of what else it is about.
        count: notices in it.
    """

    id: int
    name: str
    channel: str
    number: str
    count: int
    tries: int
    last_error: str
    made_at: datetime


def send_waiting(now: datetime, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, at most one round of messages; return how many were tried.

    Args:
        go_on: asked before each message; a process that is told to end finishes the one in hand.

    A channel whose server cannot be reached, and a recipient whose address refuses, rest until the next round.
    """
    tried, resting = 0, set[str]()
    may_tell_late = is_caught_up(now) and not _has_untold_late()
    while tried < ROUND and go_on():
        package = _lease(now, resting, may_tell_late=may_tell_late)
        if package is None:
            break
        tried += 1
        try:
            _send(package, now)
        except AddressGone:
            _forget(package)
        except NotDelivered as failure:
            _note_failure(package, failure, now)
            resting.add(package.channel if failure.is_down else package.recipient)
        except Exception as error:
            # It would come first for ever; as a failed try it rests, and in the end an admin sees it.
            _note_failure(package, NotDelivered(type(error).__name__), now)
            raise
        else:
            _mark_sent(package, now)
    return tried


def stuck_messages(limit: int = 200) -> list[StuckMessage]:
    """Messages that were given up, newest first."""
    rows = db.session.execute(
        select(Delivery, Notice, Case.number)
        .join(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(Delivery.state == "stuck")
        .order_by(Delivery.id.desc())
        .limit(limit)
    ).all()
    names = {f"user:{user_id}": name for user_id, name in db.session.execute(select(User.id, User.name))}
    messages: dict[str, StuckMessage] = {}
    for row, notice, number in rows:
        count = messages[row.batch].count + 1 if row.batch in messages else 1
        messages[row.batch] = StuckMessage(
            row.id,
            names.get(row.recipient, ""),
            row.channel,
            number or notice.facts.get("number", ""),
            count,
            row.tries,
            row.last_error,
            notice.made_at,
        )
    return list(messages.values())


def retry_stuck(delivery_id: int, now: datetime) -> None:
    """Let a message that was given up be tried again from the start; one that was sent meanwhile is left alone."""
    with transaction():
        batch = select(Delivery.batch).where(Delivery.id == delivery_id).scalar_subquery()
        db.session.execute(
            update(Delivery)
            .where(Delivery.batch == batch, Delivery.state == "stuck")
            .values(state="waiting", tries=0, not_before_at=now, leased_until_at=None)
        )


def pause_after(tries: int) -> timedelta:
    """How long a message waits after so many failures: 1, 2, 4 … 60 minutes."""
    return timedelta(minutes=min(2 ** (tries - 1), LONGEST_PAUSE_MIN))


def _has_untold_late() -> bool:
    untold = select(Notice.id).where(Notice.told_at.is_(None), Notice.is_late).limit(1)
    return db.session.scalar(untold) is not None


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(in_words(Delivery.state, "waiting"), Delivery.not_before_at <= now, _is_free(now))


def _is_free(now: datetime) -> ColumnElement[bool]:
    """A lease longer than any was given by a clock that ran ahead: it does not count."""
    until = Delivery.leased_until_at
    return or_(until.is_(None), until <= now, until > now + LEASE)


def _lease(now: datetime, resting: set[str], *, may_tell_late: bool) -> Package | None:
    def use_case() -> Package | None:
        with transaction():
            one_at_a_time(_LEASES)
            statement = select(Delivery).where(
                _due(now),
                Delivery.channel.not_in(sorted(resting)),
                Delivery.recipient.not_in(sorted(resting)),
            )
            if not may_tell_late:
                statement = statement.where(or_(Delivery.gathered != "late", Delivery.batch != ""))
            first = db.session.scalar(statement.order_by(Delivery.not_before_at, Delivery.id).limit(1))
            return _packed(_companions(first, now), now) if first else None

    return again_if_interrupted(use_case)


def _companions(first: Delivery, now: datetime) -> Sequence[Delivery]:
    """The deliveries that go with `first`, itself among them."""
    waiting = select(Delivery).where(Delivery.state == "waiting").order_by(Delivery.id)
    if first.batch:
        return db.session.scalars(waiting.where(Delivery.batch == first.batch)).all()
    alike = waiting.where(
        Delivery.recipient == first.recipient,
        Delivery.channel == first.channel,
        Delivery.gathered == first.gathered,
        Delivery.batch == "",
    )
    if first.gathered == "late":  # what was missed is one message, also where some of it could wait
        return db.session.scalars(alike).all()
    found = db.session.scalars(alike.where(_due(now)).limit(LINES)).all()
    if first.gathered:
        return found
    return found if len(found) > MANY and first.recipient.startswith("user:") else [first]


def _packed(rows: Sequence[Delivery], now: datetime) -> Package:
    batch = rows[0].batch or secrets.token_hex(16)
    gathered = rows[0].gathered or ("digest" if len(rows) > 1 else "")
    ids, tries = [row.id for row in rows], rows[0].tries + 1
    db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(batch=batch, gathered=gathered, leased_until_at=now + LEASE, tries=tries)
        .execution_options(synchronize_session=False)
    )
    first = rows[0]
    return Package(batch, ids, first.recipient, first.channel, first.language, gathered, tries)


def _send(package: Package, now: datetime) -> None:
    address = address_of(package.recipient, package.channel)
    audience = AUDIENCES[package.recipient.partition(":")[0]]
    text = compose(package.ids, package.language, package.gathered, audience=audience)
    calendar = own_calendar(package.recipient, address, text.calendar)
    db.session.rollback()  # nothing is open while the far end takes its time
    message = Message(package.batch, address, text.subject, text.body, now, text.facts, calendar)
    match package.channel:
        case "mail":
            parts().mail.send(message)
        case "webhook":
            parts().webhooks.send(message)
        case _:
            send_chat(message)


def _mark_sent(package: Package, now: datetime) -> None:
    _mark(package, state="sent", sent_at=now, leased_until_at=None, last_error="")


def _note_failure(package: Package, failure: NotDelivered, now: datetime) -> None:
    is_given_up = failure.is_final or package.tries >= TRIES
    _mark(
        package,
        state="stuck" if is_given_up else "waiting",
        not_before_at=now + pause_after(package.tries),
        leased_until_at=None,
        last_error=str(failure),
    )


def _mark(package: Package, **values: object) -> None:
    """Of two senders whose tries overlapped, the one that succeeded is believed."""

    def use_case() -> None:
        with transaction():
            db.session.execute(
                update(Delivery)
                .where(Delivery.batch == package.batch, Delivery.state == "waiting")
                .values(**values)
            )

    again_if_interrupted(use_case)


def _forget(package: Package) -> None:
    """Whoever took his address back is not written to; the notice itself stays."""
    with transaction():
        db.session.execute(
            delete(Delivery).where(Delivery.batch == package.batch, Delivery.state == "waiting")
        )
