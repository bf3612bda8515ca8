"""What we still have to tell somebody: notices written with the move, deliveries made from them by a job."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment, one_of

CHANNELS = ("bell", "mail", "webhook", "chat")
"""bell: shown at the desk; chat: WeCom, DingTalk, Feishu, SMS and others, by the address's scheme."""
DELIVERY_STATES = ("waiting", "sent", "stuck")


class Notice(Base):
    """Something happened that people must hear of. Written in the transaction of what happened."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_open",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    """``move:<case id>:<version>``, ``rung:<clock id>:<rung>`` or its maker's own: the same thing is noticed once."""
    event: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    recipients: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Who is to hear, as in deliveries; null: worked out from the event when it is told."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the templates need beside the case; JSON values, no personal data. Of what is no case also its `number`
    and its `link` (a path here); `ics`: a calendar file that mails carry.
    """
    is_late: Mapped[bool] = mapped_column(default=False)
    """Noticed only after the service had been down: told together with the rest, in one message a person."""
    is_urgent: Mapped[bool] = mapped_column(default=False)
    """Does not wait for service hours."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    """When deliveries were made from it."""


class Delivery(Base):
    """One notice to one address. Sent at least once; `batch` never changes between tries, so repeats show."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), name="channel_known"),
        CheckConstraint(one_of("state", DELIVERY_STATES), name="state_known"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_moment"),
        UniqueConstraint("notice_id", "recipient", "channel"),
        Index(
            "ix_deliveries_waiting",
            "not_before_at",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_deliveries_unseen",
            "recipient",
            "id",
            sqlite_where=text("channel = 'bell' AND seen_at IS NULL"),
            postgresql_where=text("channel = 'bell' AND seen_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    recipient: Mapped[str] = mapped_column(String(40))
    """``user:<id>``, ``report:<id>`` or ``guest:<invitation id>``."""
    channel: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(10))
    gathered: Mapped[str] = mapped_column(String(20), default="")
    """Deliveries of one recipient and channel that go out as one message: ``digest``, ``late``; empty: alone."""
    batch: Mapped[str] = mapped_column(String(40), default="", index=True)
    """Identity of the message it goes out in (Message-ID, Idempotency-Key); set at the first try."""
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    not_before_at: Mapped[datetime] = mapped_column(Moment)
    """Quiet hours, back-off after a failure."""
    leased_until_at: Mapped[datetime | None] = mapped_column(Moment)
    """While a sender has it in hand; a dead sender's lease runs out."""
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    """Of the bell: when the person looked."""


class Channel(Base):
    """Where and when one person wants to hear of things. Without a row: the bell alone."""

    __tablename__ = "channels"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), name="channel_known"),
        UniqueConstraint("user_id", "channel"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    address_sealed: Mapped[str] = mapped_column(String(600))
    language: Mapped[str] = mapped_column(String(10))
    """Of the messages; the desk's own pages follow the switch on them."""
    is_digest: Mapped[bool] = mapped_column(default=False)
    quiet_from: Mapped[str] = mapped_column(String(5), default="")
    quiet_to: Mapped[str] = mapped_column(String(5), default="")
    """Local hours ``22:00``-``07:00`` in which nothing is sent that is not urgent; empty: none of one's own."""
