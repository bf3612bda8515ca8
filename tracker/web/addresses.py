"""Addresses that come from outside: where a link on this site may lead, and numbers in paths."""

from urllib.parse import urlsplit

from werkzeug.routing import IntegerConverter, Map

LARGEST_ROW = 2**31 - 1
"""What both databases take as the number of a row; an address may hold any number."""


class RowConverter(IntegerConverter):
    """``<row:photo_id>``: the number of a row. One that no row can have is no address of ours (404)."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=LARGEST_ROW)


def local_path(address: str) -> str:
    """`address` if it is a path on this site, else nothing: no link that others made up leads away.

    Browsers read a backslash as a slash and skip tabs and line ends, so none of them may stand in it.
    """
    is_plain = address.isprintable() and "\\" not in address
    split = urlsplit(address) if is_plain else None
    if split is None or split.scheme or split.netloc or not split.path.startswith("/"):
        return ""
    return address if not address.startswith("//") else ""
