"""Phone numbers under lock: encrypted for the table, hashed for "the same person".

Cipher: AES-256-GCM with a random 96-bit nonce for each value. A sealed value is ``<key id>.<base64url>``, so
a new key can be put in front while older values still open. The keys never enter the database.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracker.domain.phone import normalise_phone

KEY_BYTES = 32
NONCE_BYTES = 12
PEPPER_BYTES = 16
_KEY_ID = re.compile(r"[a-z0-9_-]{1,16}")


class PhoneKeysWrong(ValueError):
    """The configured keys cannot be used; the message says which and never shows one."""


class PhoneKeyUnknown(LookupError):
    """A value was sealed with a key that is no longer listed; ``key_id`` names it."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"电话号码打不开：缺少密钥“{key_id}”。请管理员把它加回 PHONE_KEYS。")
        self.key_id = key_id


class PhoneSealBroken(ValueError):
    """A value was altered, or belongs to another row."""

    def __init__(self) -> None:
        super().__init__("电话号码打不开：密文已被改动，或者不属于这条记录。请联系管理员。")


class PhoneKeys(NamedTuple):
    """All keys that may open a value, and the id of the one that seals new ones."""

    keys: Mapping[str, bytes]
    current: str


def parse_phone_keys(text: str) -> PhoneKeys:
    """Read ``k2:base64,k1:base64``, newest first: the first seals, all of them open.

    Raises:
        PhoneKeysWrong: an id is odd or used twice, or a key is not 32 bytes in base64.
    """
    keys: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, encoded = entry.partition(":")
        if not _KEY_ID.fullmatch(key_id):
            raise PhoneKeysWrong("PHONE_KEYS: each entry is id:base64, the id up to 16 of a-z 0-9 _ -")
        if key_id in keys:
            raise PhoneKeysWrong(f"PHONE_KEYS: the id {key_id!r} is used twice")
        keys[key_id] = _decoded_key(key_id, encoded)
    if not keys:
        raise PhoneKeysWrong("PHONE_KEYS is empty; make a key with: openssl rand -base64 32")
    return PhoneKeys(keys, current=next(iter(keys)))


class PhoneBox:
    """Seals and opens phone numbers.

    ``context`` ties a sealed value to its row (for example ``b"report:<id>"``): copied into another row it
    does not open. Use the same bytes for both directions.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str, pepper: bytes) -> None:
        if current not in keys:
            raise PhoneKeysWrong(f"PHONE_KEYS: the current key {current!r} is not among the keys")
        if len(pepper) < PEPPER_BYTES:
            raise PhoneKeysWrong(f"the secret for phone fingerprints needs at least {PEPPER_BYTES} bytes")
        self._ciphers = {key_id: _cipher(key_id, key) for key_id, key in keys.items()}
        self._current = current
        self._pepper = pepper

    def seal(self, phone: str, context: bytes) -> str:
        """Encrypt ``phone`` with the current key; the same number never gives the same value twice."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound_to = _bound_to(self._current, context)
        sealed = self._ciphers[self._current].encrypt(nonce, phone.encode(), bound_to)
        return f"{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, value: str, context: bytes) -> str:
        """Decrypt a sealed value with whichever known key sealed it.

        Raises:
            PhoneKeyUnknown: its key is not listed any more.
            PhoneSealBroken: it was altered, or ``context`` is not the one it was sealed with.
        """
        key_id, _, encoded = value.partition(".")
        if not _KEY_ID.fullmatch(key_id) or not encoded:
            raise PhoneSealBroken
        if key_id not in self._ciphers:
            raise PhoneKeyUnknown(key_id)
        try:
            sealed = base64.b64decode(encoded, altchars=b"-_", validate=True)
            nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            return self._ciphers[key_id].decrypt(nonce, ciphertext, _bound_to(key_id, context)).decode()
        except (ValueError, InvalidTag) as error:
            raise PhoneSealBroken from error

    def fingerprint(self, phone: str) -> str:
        """Return 64 hex digits that are the same for the same number however it was typed.

        Keyed: without the secret, trying all numbers does not find the one. Survives a change of the keys.

        Raises:
            PhoneUnreadable: ``phone`` is not a number.
        """
        return hmac.new(self._pepper, normalise_phone(phone).encode(), hashlib.sha256).hexdigest()


def _bound_to(key_id: str, context: bytes) -> bytes:
    return b"phone." + key_id.encode() + b"." + context


def _cipher(key_id: str, key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise PhoneKeysWrong(f"PHONE_KEYS: the key {key_id!r} needs {KEY_BYTES} bytes, not {len(key)}")
    return AESGCM(key)


def _decoded_key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise PhoneKeysWrong(f"PHONE_KEYS: the key {key_id!r} is not base64") from None
    _cipher(key_id, key)
    return key
