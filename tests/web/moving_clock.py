"""An application whose clock the test sets: a Monday morning, and whatever the test makes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask

from config import Config
from tests.applications import lent

STREET = ZoneInfo("Asia/Shanghai")


class MovingClock:
    """Tells the time it was set to."""

    def __init__(self) -> None:
        self.at("11-23 09:30")

    def at(self, text: str) -> None:
        """Set it to a moment of 2026 on the street's own clock: ``11-24 10:00``."""
        self.now = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=STREET)

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def app_with(settings: Config, clock: MovingClock) -> Iterator[Flask]:
    """The application on that clock; its pages are looked over as everywhere."""
    with lent(settings, clock) as app:
        yield app
