"""Answers travel compressed: the server in front of the application does not do it, and phones pay by the byte.

Compression can leak a secret that stands in a page beside something an attacker chose (the BREACH attack), by the
length of the answer. Here such a page holds the form token beside the address it was asked with. The cookies are
SameSite=Lax, so a foreign site cannot fetch pages in bulk in somebody's name; and every compressed page is given
a random length, so that the length of one answer says nothing.
"""

import gzip
import secrets
import zlib
from functools import lru_cache

from flask import Flask, Response, request

COMPRESSED = frozenset(
    {"text/html", "text/css", "text/javascript", "text/plain", "application/json", "image/svg+xml"}
)
SMALLEST_BYTES = 1024
"""Below this the saving is not worth the work; one network packet holds it anyway."""
_LONGEST_PADDING = 96


def bind_compression(app: Flask) -> None:
    """Compress what is text. Bound before everything else that looks at answers, so that it sees them last."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in COMPRESSED:
        return response
    response.vary.add("Accept-Encoding")
    if not _is_worth_it(response):
        return response
    if request.endpoint == "static":
        response.direct_passthrough = False
        response.set_data(_once(response.get_data()))
        response.set_etag(response.get_etag()[0] or "", weak=True)  # not the same bytes as uncompressed
    else:
        response.set_data(_padded(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _is_worth_it(response: Response) -> bool:
    is_whole = response.status_code not in (204, 206, 304) and "Content-Encoding" not in response.headers
    is_wanted = request.accept_encodings["gzip"] > 0
    is_at_hand = not response.is_streamed or request.endpoint == "static"
    return is_whole and is_wanted and is_at_hand and (response.content_length or 0) >= SMALLEST_BYTES


@lru_cache(maxsize=64)
def _once(content: bytes) -> bytes:
    """Our own files hold no secret and do not change: squeezed once, as small as possible."""
    return gzip.compress(content, 9, mtime=0)


def _padded(content: bytes) -> bytes:
    """Gzip with a file name of random length in its header, which every reader skips."""
    name = b"." * (1 + secrets.randbelow(_LONGEST_PADDING))
    header = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x00\xff" + name + b"\x00"
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    trailer = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return header + squeeze.compress(content) + squeeze.flush() + trailer
