"""Chat and SMS: WeCom, DingTalk, Feishu and many others, through Apprise; the address's scheme says which."""

import logging
from urllib.parse import quote, urlsplit

import apprise

from tracker.adapters.message import Message, NotDelivered
from tracker.domain.words import N_

PHONE = "{phone}"

logging.getLogger("apprise").disabled = True  # its warnings name phone numbers and keys of addresses


class ChatAddressWrong(ValueError):
    """Nothing may be sent there. The message can be shown."""


def check_chat_address(address: str, schemes: tuple[str, ...]) -> None:
    """Refuse an address that is no chat's, or of a kind that was not allowed.

    Raises:
        ChatAddressWrong: with words for the person who typed it.
    """
    if urlsplit(address).scheme.lower() not in schemes:
        raise ChatAddressWrong(N_("可以使用的地址以这些开头：") + ", ".join(f"{each}://" for each in schemes))
    if apprise.Apprise.instantiate(address, suppress_exceptions=True) is None:
        raise ChatAddressWrong(N_("这个地址读不懂，请从群机器人的说明里复制。"))


def sms_address(template: str, phone: str) -> str:
    """The address that reaches `phone`, from the setting's pattern."""
    return template.replace(PHONE, quote(phone, safe=""))


def send_chat(message: Message) -> None:
    """Send one message; the key's start goes with it, so that people recognise a repeat.

    Raises:
        NotDelivered: the far end did not take it. The words never hold the address: it is a secret.
    """
    scheme = urlsplit(message.to).scheme
    service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False))
    if not service.add(message.to):
        raise NotDelivered(N_("地址读不懂：") + scheme, is_final=True)
    body = f"{message.body.rstrip()}\n#{message.key[:8]}"
    try:
        was_taken = service.notify(body=body, title=message.subject, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # whatever one of a hundred plugins raises is a failed try
        raise NotDelivered(N_("发送时出错：") + f"{scheme} {type(error).__name__}") from error
    if not was_taken:
        raise NotDelivered(N_("对方没有接受这条消息：") + scheme)
