"""Words that everybody will read: what must not stand in them."""

import re

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_LANDLINE = re.compile(r"(?<![\d-])(?:0\d{2,3}[ -]?)?[2-9]\d{6,7}(?![\d-])")


def names_a_phone(text: str) -> bool:
    """Whether a phone number stands in `text`, mobile or landline as they are written in China."""
    return bool(_MOBILE.search(text) or _LANDLINE.search(text))
