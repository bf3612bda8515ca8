"""The puzzle that a browser works out when too much is sent at once: a number whose hash begins with zeros.

Finding it takes about 2^bits tries, checking it one. Source: Back, "Hashcash" (2002). static/js/puzzle.js finds it.
"""

import hashlib
import re

NONCE_CHARS = 22
"""With the longest answer one block of SHA-256 (55 bytes): one round a try."""
ANSWER_DIGITS = 15
_ANSWER = re.compile(rf"[0-9]{{1,{ANSWER_DIGITS}}}")


def is_solved(nonce: str, answer: str, bits: int) -> bool:
    """Whether SHA-256 of ``nonce:answer`` begins with `bits` zero bits; costs one hash."""
    if not _ANSWER.fullmatch(answer):
        return False
    digest = hashlib.sha256(f"{nonce}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def solve(nonce: str, bits: int) -> str:
    """The smallest answer: for tests and programs; a browser does it in static/js/puzzle.js."""
    number = 0
    while not is_solved(nonce, str(number), bits):
        number += 1
    return str(number)
