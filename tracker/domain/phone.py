"""Phone numbers as people type them: one form to keep, one form to show."""

import re
import unicodedata

from tracker.domain.words import N_

_SEPARATORS = re.compile(r"[\s().\-‐‑‒–—−]")
_COUNTRY_CODE = re.compile(r"(?:\+|00)86|86(?=[0-9]{9})")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Three-digit area codes are Beijing's and those of the 02x cities; all others have four digits.
_LANDLINE = re.compile(r"(?P<area>010|02[0-9])[2-8][0-9]{7}|(?P<far_area>0[3-9][0-9]{2})[2-8][0-9]{6,7}")


class PhoneUnreadable(ValueError):
    """Neither a mainland mobile nor a landline with its area code. Never quotes what was typed."""

    def __init__(self) -> None:
        super().__init__(N_("没有认出这个电话号码。请填 11 位手机号，或带区号的座机号，例如 021-56770000。"))


def normalise_phone(typed: str) -> str:
    """Return the number in the one form we keep: digits alone, ``13800000000`` or ``02156770000``.

    Takes spaces, hyphens, brackets, dots, full-width digits, the invisible marks that phones add when a
    contact is copied, and ``+86``, ``0086`` or ``86`` in front (after which an area code may lack its 0).

    Raises:
        PhoneUnreadable: anything else, also a landline without area code and one with an extension.
    """
    if len(typed) > 40:
        raise PhoneUnreadable
    digits = _SEPARATORS.sub("", _visible(typed))
    country_code = _COUNTRY_CODE.match(digits)
    if country_code:
        digits = digits[country_code.end() :]
        if not digits.startswith("0") and not _MOBILE.fullmatch(digits):
            digits = "0" + digits
    if not _MOBILE.fullmatch(digits) and not _LANDLINE.fullmatch(digits):
        raise PhoneUnreadable
    return digits


def mask(phone: str) -> str:
    """Return what may be shown of a number: ``138****0000``, ``021****0000``, ``0512****0000``.

    Raises:
        PhoneUnreadable: ``phone`` is not a number, so there is no telling which part of it to hide.
    """
    number = normalise_phone(phone)
    landline = _LANDLINE.fullmatch(number)
    shown = (landline["area"] or landline["far_area"]) if landline else number[:3]
    return f"{shown}****{number[-4:]}"


def _visible(typed: str) -> str:
    """``typed`` with full-width characters made plain, and direction marks and the like dropped."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(character for character in plain if unicodedata.category(character) != "Cf")
