"""Where a person wants to hear of things: chosen by himself, addresses kept under lock."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from tracker.adapters.chat import ChatAddressWrong, check_chat_address, sms_address
from tracker.adapters.mail import MailAddressWrong, mail_address
from tracker.adapters.message import NotDelivered
from tracker.adapters.sealing import PhoneKeyUnknown, PhoneSealBroken
from tracker.adapters.webhook import WebhookAddressWrong
from tracker.domain.words import N_
from tracker.extensions import db, transaction
from tracker.models import Channel, Invitation, Report, User
from tracker.services.intake import phone_context
from tracker.services.parts import parts

CHOICES = ("mail", "webhook", "chat")
"""What can be chosen beside the bell, which everybody has."""
ADDRESS_LIMIT = 600
"""Characters of a sealed address: what the column holds."""
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class ChannelRefused(ValueError):
    """A channel cannot be kept as typed. The message says what to change.

    Attributes:
        field: ``address``, ``quiet`` or ``channel``: beside which the message belongs.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class AddressGone(LookupError):
    """The person took the address back, or the phone number was erased."""


@dataclass(frozen=True)
class ChannelChoice:
    """One channel of one person.

    Attributes:
        quiet_from, quiet_to: local hours like ``22:00``; both empty: none of one's own.
    """

    channel: str
    address: str
    language: str = "zh"
    is_digest: bool = False
    quiet_from: str = ""
    quiet_to: str = ""


def own_channels(user_id: int) -> list[ChannelChoice]:
    """What a person chose, addresses opened: shown to himself alone."""
    rows = db.session.scalars(select(Channel).where(Channel.user_id == user_id).order_by(Channel.id))
    return [
        ChannelChoice(row.channel, _opened(row), row.language, row.is_digest, row.quiet_from, row.quiet_to)
        for row in rows
    ]


def choose(user_id: int, choice: ChannelChoice) -> None:
    """Keep a channel, in place of an earlier one of its kind.

    Raises:
        ChannelRefused: the address is none of its kind or not allowed here, or the hours cannot be read.
    """
    _check(choice)
    sealed = parts().phones.seal(choice.address.strip(), _context(user_id, choice.channel))
    if len(sealed) > ADDRESS_LIMIT:
        raise ChannelRefused("address", N_("地址太长。"))
    with transaction():
        db.session.get_one(User, user_id, with_for_update={"key_share": True})
        row = _row(user_id, choice.channel)
        if row is None:
            row = Channel(user_id=user_id, channel=choice.channel)
            db.session.add(row)
        row.address_sealed, row.language, row.is_digest = sealed, choice.language, choice.is_digest
        row.quiet_from, row.quiet_to = choice.quiet_from, choice.quiet_to


def give_up(user_id: int, channel: str) -> None:
    """Hear nothing there any more; what still waits for it is dropped when its turn comes."""
    with transaction():
        row = _row(user_id, channel)
        if row is not None:
            db.session.delete(row)


def address_of(recipient: str, channel: str) -> str:
    """Where a delivery goes: the address, in the form of its channel.

    Raises:
        AddressGone: there is none any more.
        NotDelivered: it cannot be opened, or reporters' gateway is not set.
    """
    kind, _, number = recipient.partition(":")
    try:
        match kind:
            case "report":
                return _phone_address(int(number))
            case "guest":
                return _guest_address(int(number))
            case _:
                return _own_address(int(number), channel)
    except (PhoneKeyUnknown, PhoneSealBroken) as error:
        raise NotDelivered(str(error)) from error


def _own_address(user_id: int, channel: str) -> str:
    row = _row(user_id, channel)
    if row is None:
        raise AddressGone
    return _opened(row)


def _phone_address(report_id: int) -> str:
    report = db.session.get_one(Report, report_id)
    if not report.phone_sealed:
        raise AddressGone
    if not parts().config.sms_url:
        raise NotDelivered(N_("短信网关没有设置：") + "TRACKER_SMS_URL", is_final=True)
    phone = parts().phones.open(report.phone_sealed, phone_context(report.key))
    return sms_address(parts().config.sms_url, phone)


def _guest_address(invitation_id: int) -> str:
    """Where an invitation to a meeting went; an address that was taken back is empty."""
    sealed = db.session.scalar(select(Invitation.mail_sealed).where(Invitation.id == invitation_id))
    if not sealed:
        raise AddressGone
    return parts().phones.open(sealed, guest_context(invitation_id))


def guest_context(invitation_id: int) -> bytes:
    """What ties the sealed mail address of an invitation to its row."""
    return f"invitation:{invitation_id}".encode()


def _row(user_id: int, channel: str) -> Channel | None:
    return db.session.scalar(select(Channel).where(Channel.user_id == user_id, Channel.channel == channel))


def _opened(row: Channel) -> str:
    return parts().phones.open(row.address_sealed, _context(row.user_id, row.channel))


def _context(user_id: int, channel: str) -> bytes:
    """What ties a sealed address to its row."""
    return f"channel:{user_id}:{channel}".encode()


def _check(choice: ChannelChoice) -> None:
    try:
        match choice.channel:
            case "mail":
                mail_address(choice.address)
            case "webhook":
                parts().webhooks.check(choice.address.strip())
            case "chat":
                check_chat_address(choice.address.strip(), parts().config.chat_schemes)
            case _:
                raise ChannelRefused("channel", N_("请选择名单中的渠道。"))
    except (MailAddressWrong, WebhookAddressWrong, ChatAddressWrong) as error:
        raise ChannelRefused("address", str(error)) from error
    _check_hours(choice.quiet_from, choice.quiet_to)


def _check_hours(begins: str, ends: str) -> None:
    if bool(begins) != bool(ends):
        raise ChannelRefused("quiet", N_("请填开始和结束两个时刻，或者都不填。"))
    if not all(map(_HOUR.fullmatch, filter(None, (begins, ends)))):
        raise ChannelRefused("quiet", N_("时刻写成 22:00 这样。"))
