"""Addresses as others may see them: enough to recognise one's own, not enough to use it."""

from urllib.parse import urlsplit

from tracker.domain.phone import mask

HIDDEN = "…"


def masked_address(channel: str, address: str) -> str:
    """``w…@example.org``, ``https://example.org/…``, ``wecombot://…``; channel: of models/outbox.py."""
    if channel == "mail":
        name, _at, host = address.strip().rpartition("@")
        return f"{name[:1]}{HIDDEN}@{host}"
    parts = urlsplit(address.strip())
    if channel == "webhook":
        return f"{parts.scheme}://{parts.hostname or ''}/{HIDDEN}"
    return f"{parts.scheme}://{HIDDEN}" if parts.scheme else mask(address)
