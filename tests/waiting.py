"""The one way a test waits: for something, and not for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_until(
    predicate: Callable[[], Found], *, what: str, deadline_s: float = 20.0, pause_s: float = 0.02
) -> Found:
    """Return the first truthy answer of the predicate.

    The deadline is there to end a broken test, not to measure: generous, so that a busy machine is no matter.

    Raises:
        AssertionError: the deadline passed; the message says what was waited for and what was seen last.
    """
    give_up_at = time.monotonic() + deadline_s
    while not (found := predicate()):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"waited {deadline_s:g} s for {what}; last seen: {found!r}")
        time.sleep(pause_s)
    return found
