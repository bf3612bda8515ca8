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


def house_number_of(address: str) -> int:
    """The first number after the street's name; 0 where there is none."""
    rest = (
        address.strip()[len(street_of(address)) :]
        if address.strip().startswith(street_of(address))
        else address
    )
    found = re.search(r"\d+", rest)
    return int(found[0][:9]) if found else 0


def walking_order(address: str, code: str) -> tuple[str, int, str]:
    """A key that sorts places as somebody meets them who walks street by street: by street, number, then code."""
    return street_of(address), house_number_of(address), code
