"""From the number of a case and its four digits to its private page, as far as the installation has that."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from flask import current_app, request, url_for

from tracker.extensions import now
from tracker.web.access import device

_HOME = "tracker.services.link_codes"

LinkBehind = Callable[..., str]


def is_there() -> bool:
    """Whether somebody can look up by number and code here."""
    return find_spec(_HOME) is not None


def link_behind(number: str, code: str, at: datetime | None = None) -> str:
    """The key of the private page.

    Raises:
        CodeWrong: no such number, not its code, or too many tries; all with the same words.
    """
    find = cast(LinkBehind, import_module(_HOME).link_behind_number)
    return find(number, code, device(), at or now(), address=request.remote_addr or "")


def page_named(endpoint: str) -> str:
    """The address of a page of one's own reports; empty where there is none."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
