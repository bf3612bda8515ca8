"""The street an address names, without the number of the house and without what the district is called."""

import re

_DISTRICT = re.compile(r"^(?:[^\d\s路街巷弄道]{1,8}?(?:省|市|区|县|镇|乡|街道))+")
_STREET = re.compile(r"^[^\d\s,，、;；()（）]*?(?:大道|公路|路|街|巷|弄|道|里|胡同)")
_NUMBER = re.compile(r"[\d,，、;；()（）].*$")


def street_of(address: str) -> str:
    """Such as ``共和新路`` of ``静安区共和新路2395号``; where none is named, what stands before the house number.

    Empty only if nothing does.
    """
    plain = address.strip()
    without = _DISTRICT.sub("", plain) or plain
    named = _STREET.match(without)
    return (named[0] if named else _NUMBER.sub("", without)).strip()
