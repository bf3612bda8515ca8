"""The token printed on a label: made, read as people type it, shown, and turned into the printed link.

A token is eight random characters and one check character, all from Crockford's base 32, which leaves out
I, L, O and U. The random part is what the database looks up; the check character only tells a slip of the
finger from a made-up code, it proves nothing.
"""

import secrets
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from tracker.domain.words import N_

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS: Final = 8
TOKEN_LENGTH: Final = RANDOM_CHARACTERS + 1

_READ_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
# Longer than any token typed with separators; keeps a hostile address from costing work.
_LONGEST_TYPED: Final = 64


class TokenMistyped(ValueError):
    """What was typed cannot be a token of ours; the message is for the person who typed it.

    Attributes:
        sentence: the message, to be translated; `typed` belongs into its ``%(typed)s``.
        typed: how many characters there were.
    """

    def __init__(self, sentence: str, typed: int) -> None:
        super().__init__(sentence % {"typed": typed})
        self.sentence, self.typed = sentence, typed


class PublicUrlUnusable(ValueError):
    """The site's public address cannot be printed on labels; the message is for the administrator."""


def new_token(random_bits: Callable[[int], int] = secrets.randbits) -> str:
    """Return a fresh canonical token: nine capitals and digits, no separators.

    Args:
        random_bits: Takes a number of bits, returns that many random bits as an integer.
    """
    drawn = random_bits(5 * RANDOM_CHARACTERS)
    body = "".join(ALPHABET[drawn >> 5 * place & 31] for place in range(RANDOM_CHARACTERS))
    return body + _check_character(body)


def read_token(typed: str) -> str:
    """Return the canonical token for what a person typed or a phone opened.

    Either case, full-width letters from a Chinese keyboard, O for 0, I and L for 1, blanks and dashes
    anywhere are all understood.

    Raises:
        TokenMistyped: wrong length, a foreign character, or the check character does not fit.
    """
    if len(typed) > _LONGEST_TYPED:
        raise TokenMistyped(N_("编码太长。标牌上的编码是 9 位字母和数字，请对照再输一次。"), len(typed))
    token = _without_separators(unicodedata.normalize("NFKC", typed)).upper().translate(_READ_ALIKE)
    if any(character not in ALPHABET for character in token):
        raise TokenMistyped(N_("编码里只有字母和数字，没有字母 U。请对照标牌再输一次。"), len(token))
    if len(token) != TOKEN_LENGTH:
        raise TokenMistyped(N_("编码应为 9 位，现在是 %(typed)s 位。请对照标牌再输一次。"), len(token))
    if _check_character(token[:-1]) != token[-1]:
        raise TokenMistyped(N_("编码有一处不对。请对照标牌逐位看一遍再输。"), len(token))
    return token


def display(token: str) -> str:
    """Return a canonical token in the groups printed for people: ``ABC-DEF-GHJ``."""
    return "-".join(token[start : start + 3] for start in range(0, TOKEN_LENGTH, 3))


def label_url(public_url: str, token: str) -> str:
    """Return the link that a label carries: ``https://HOST/Q/TOKEN``, or ``https://HOST/PATH/Q/TOKEN``.

    Everything after the scheme is in capitals, so that it packs as alphanumeric and the symbol stays small.
    Host names ignore case, and the site answers ``/Q/…`` like ``/q/…``; a path in `public_url` has to be
    served in capitals too. The scheme stays lower case because some scanners do not open ``HTTPS://``.

    Args:
        public_url: The site's configured address; one trailing slash is allowed.
        token: Canonical, as `new_token` and `read_token` return it.

    Raises:
        PublicUrlUnusable: not an http(s) address, or one with a sign-in, a query or letters outside ASCII.
    """
    parts = urlsplit(public_url)
    plain = not (parts.query or parts.fragment or "@" in parts.netloc) and public_url.isascii()
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise PublicUrlUnusable(f"公开网址不能印成二维码：{public_url}。应形如 https://pengpu.example.cn")
    return f"{parts.scheme}://{(parts.netloc + parts.path.rstrip('/')).upper()}/Q/{token}"


def _without_separators(text: str) -> str:
    """Drop blanks and every kind of dash; anything else stays and will be judged."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Pd")


def _check_character(body: str) -> str:
    """Return the check character: the sum of the characters, each times its own power of x, in GF(32).

    The characters weigh x⁸ … x¹ and the check character x⁰. The weights are all different and not zero, and
    a field has no divisors of zero: one wrong character changes the sum by weight × difference, two swapped
    ones by (difference of weights) × (difference of characters), and neither product can be zero.
    """
    check = 0
    for character in body:
        check = _times_x(check ^ ALPHABET.index(character))
    return ALPHABET[check]


def _times_x(value: int) -> int:
    """Multiply by x in GF(32) = GF(2)[x] / (x⁵ + x² + 1), where x has order 31."""
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled
