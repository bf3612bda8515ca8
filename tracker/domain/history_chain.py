"""The chain that makes a change of the history visible.

Every row's hash covers the row and the hash before it. The head (how many rows, last hash) is signed with a key
that is not in the database, so removing the newest rows shows too. Source: threats, promise R7.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

START = "0" * 64
"""What stands before the first row."""


@dataclass(frozen=True)
class Link:
    """One row as the chain sees it: its place, its content as JSON values, and both hashes (64 hex digits)."""

    position: int
    content: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Head:
    """The end of the chain: rows so far, last hash, and the signature over both (64 hex digits)."""

    count: int
    hash: str
    signature: str


class HistoryBroken(Exception):
    """The history is not what was written. The message says at which row and how."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one spelling of `content` that is hashed: sorted keys, no blanks, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def row_hash(position: int, content: Mapping[str, Any], previous_hash: str) -> str:
    """64 hex digits over place, content and the hash before."""
    return hashlib.sha256(f"{position}\n{previous_hash}\n".encode() + canonical(content)).hexdigest()


def sign_head(count: int, last_hash: str, key: str) -> str:
    """64 hex digits that only the holder of `key` can make."""
    return hmac.new(key.encode(), f"head\n{count}\n{last_hash}".encode(), hashlib.sha256).hexdigest()


def check_head(head: Head, keys: Iterable[str]) -> None:
    """Raise HistoryBroken unless one of `keys` signed `head`."""
    if not any(hmac.compare_digest(head.signature, sign_head(head.count, head.hash, key)) for key in keys):
        raise HistoryBroken(f"the signature of the head at row {head.count} is not ours")


def walk(links: Iterable[Link], known: Mapping[int, str]) -> int:
    """Check every link from the first on and return how many there are.

    Args:
        known: row count → hash that stood there when the head was signed, as kept outside the database.

    Raises:
        HistoryBroken: a row was changed, removed, moved or inserted, or fewer rows are there than were signed.
    """
    last, count = START, 0
    for link in links:
        count += 1
        if link.position != count:
            raise HistoryBroken(f"row {count} is missing: row {link.position} stands in its place")
        if link.previous_hash != last or link.hash != row_hash(link.position, link.content, last):
            raise HistoryBroken(f"row {count} was changed")
        last = link.hash
        if known.get(count, last) != last:
            raise HistoryBroken(f"row {count} is not the one that was signed")
    if known and max(known) > count:
        raise HistoryBroken(f"{max(known)} rows were signed, {count} are left")
    return count
