"""Mail, handed to an SMTP server."""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from tracker.adapters.message import Message, NotDelivered
from tracker.domain.words import N_

TIMEOUT_S = 10.0
"""For each step of the conversation; a server that hangs costs one try."""
_METHOD = re.compile(r"^METHOD:([A-Za-z-]+)\s*$", re.MULTILINE)


class MailAddressWrong(ValueError):
    """Not an address mail can go to. The message can be shown."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and who it comes from.

    Attributes:
        tls: ``starttls``, ``tls`` or ``none``.
        user: empty: no sign-in.
        sender: address; `name` is shown beside it.
        host_name: our own name, for the greeting and for Message-ID.
    """

    host: str
    port: int
    tls: str
    user: str
    password: str = field(repr=False)
    sender: str
    name: str
    host_name: str

    def send(self, message: Message) -> None:
        """Hand one message over; its Message-ID is ``<key@host_name>``.

        Raises:
            NotDelivered: the server did not take it, or did not say so.
        """
        if not self.host:
            raise NotDelivered(N_("邮件服务器没有设置：") + "TRACKER_MAIL_HOST", is_down=True)
        letter = self._letter(message)
        try:
            with self._connected() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise NotDelivered(f"{code} {_text(words)}", is_final=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"{error.smtp_code} {_text(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(N_("邮件服务器没有应答：") + type(error).__name__, is_down=True) from error

    def _connected(self) -> smtplib.SMTP:
        if self.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self.host_name, timeout=TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, self.host_name, timeout=TIMEOUT_S)
        try:
            if self.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["Message-ID"] = f"<{message.key}@{self.host_name}>"
        letter["Date"] = message.at
        letter["From"] = Address(display_name=self.name, addr_spec=self.sender)
        letter["To"] = mail_address(message.to)
        letter["Subject"] = " ".join(message.subject.split())
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body)
        if message.calendar:
            _attach_calendar(letter, message.calendar)
        return letter


def _attach_calendar(letter: EmailMessage, calendar: str) -> None:
    """Put a calendar file in twice: beside the text, where mail programs read it, and as a file, for the others.

    Both say what is asked (REQUEST, CANCEL …) as the file itself does. Source: RFC 6047, section 2.4.
    """
    found = _METHOD.search(calendar)
    method = found[1].upper() if found else "REQUEST"
    letter.add_alternative(
        calendar, subtype="calendar", charset="utf-8", cte="base64", params={"method": method}
    )
    letter.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")


def mail_address(text: str) -> Address:
    """Read an address that somebody typed.

    Raises:
        MailAddressWrong: it is none, or not in plain letters.
    """
    try:
        address = Address(addr_spec=text.strip())
    except (
        ValueError,
        IndexError,
        AttributeError,
        MessageError,
    ) as error:  # the library stumbles over a bracket
        raise MailAddressWrong(N_("这不是一个邮箱地址。")) from error
    if not (text.isascii() and address.username and "." in address.domain.strip(".")):
        raise MailAddressWrong(N_("这不是一个邮箱地址。"))
    return address


def _text(words: bytes | str) -> str:
    """What a server said: bytes, or text when the library says it in its place."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:200]
