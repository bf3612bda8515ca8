"""Webhooks: a signed POST to a machine that the administrator listed.

The far end checks ``Signature: t=<seconds>,v1=<hex>``: HMAC-SHA256 with the shared secret over ``<seconds>.<body>``.
A repeat carries the same ``Idempotency-Key``; a moment that is too old is somebody else's replay.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from tracker.adapters.message import Message, NotDelivered
from tracker.domain.words import N_

TIMEOUT_S = 5.0
BODY_LIMIT_BYTES = 64 * 1024


class WebhookAddressWrong(ValueError):
    """Nothing may be sent there. The message can be shown."""


@dataclass(frozen=True)
class WebhookSender:
    """Sends webhooks to listed hosts.

    Attributes:
        hosts: names that may be called, nothing else.
        may_be_private: also private addresses and plain http.
    """

    hosts: tuple[str, ...]
    secret: str = field(repr=False)
    may_be_private: bool = False

    def check(self, url: str) -> SplitResult:
        """Read an address that somebody typed.

        Raises:
            WebhookAddressWrong: not https, or its host is not listed.
        """
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError as error:
            raise WebhookAddressWrong(N_("这不是一个网址。")) from error
        if parts.scheme != "https" and not (self.may_be_private and parts.scheme == "http"):
            raise WebhookAddressWrong(N_("网址要以 https:// 开头。"))
        if parts.username is not None or host not in self.hosts:
            raise WebhookAddressWrong(N_("管理员没有允许这个主机：") + "TRACKER_WEBHOOK_HOSTS")
        return parts

    def send(self, message: Message) -> None:
        """POST the message as JSON. Redirects are not followed.

        Raises:
            NotDelivered: the address may not be called, did not answer in time, or did not answer with 2xx.
        """
        try:
            parts = self.check(message.to)
        except WebhookAddressWrong as error:
            raise NotDelivered(str(error), is_final=True) from error
        if not self.secret:
            raise NotDelivered(N_("签名密钥没有设置：") + "TRACKER_WEBHOOK_SECRET")
        body = _body(message)
        connection = self._connected(parts)
        try:
            connection.request("POST", _target(parts), body, self._headers(message, body))
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise NotDelivered(
                N_("对方主机没有应答：") + f"{parts.hostname} {type(error).__name__}"
            ) from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise NotDelivered(
                N_("对方主机没有接受：") + f"{parts.hostname} {status}", is_final=status == 410
            )

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
            "Signature": signature(self.secret, int(message.at.timestamp()), body),
        }

    def _connected(self, parts: SplitResult) -> http.client.HTTPConnection:
        """A connection to the very address that was looked at: a name can change its mind between two look-ups."""
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            address = self._permitted_address(host, port)
            raw = socket.create_connection((address, port), timeout=TIMEOUT_S)
        except OSError as error:
            raise NotDelivered(N_("对方主机连接不上：") + f"{host} {type(error).__name__}") from error
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        connection.sock = raw
        if parts.scheme == "https":
            try:
                connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
            except OSError as error:
                raw.close()
                raise NotDelivered(N_("对方主机的证书不可信：") + f"{host} {type(error).__name__}") from error
        return connection

    def _permitted_address(self, host: str, port: int) -> str:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self.may_be_private and not all(_is_public(address) for address in found):
            raise NotDelivered(N_("内部网络里的主机不能发送：") + host, is_final=True)
        return found[0]


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The value of the header Signature: ``t=<seconds since 1970>,v1=<64 hex digits>``."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_global and not parsed.is_multicast)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _body(message: Message) -> bytes:
    """The message as JSON; a list that would make it too long for the far end is cut and says so."""
    facts = {"key": message.key, "subject": message.subject, **message.facts}
    body = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    if len(body) > BODY_LIMIT_BYTES:
        items = list(facts.get("items", ()))
        kept = items[: len(items) * BODY_LIMIT_BYTES // (2 * len(body))]
        facts |= {"items": kept, "left_out": len(items) - len(kept)}
        body = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    return body
