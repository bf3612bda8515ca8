"""Keeps ordinary cases from looking like one trouble that many share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tracker.demo.street import Point

NEAR_M = 350.0
NEAR = timedelta(days=30)


@dataclass(frozen=True)
class Held:
    """A spot where another case of the category (code) would be more of the same.

    Attributes:
        age: how long before the loading it was reported.
    """

    category: str
    spot: Point
    age: timedelta

    def is_near(self, other: "Held") -> bool:
        return (
            self.category == other.category
            and abs(self.age - other.age) < NEAR
            and self.spot.distance_m(other.spot) < NEAR_M
        )


class Apart:
    """What is held so far."""

    def __init__(self, beside: Iterable[Held]) -> None:
        self._held = list(beside)

    def is_free(self, wanted: Held) -> bool:
        return not any(held.is_near(wanted) for held in self._held)

    def hold(self, taken: Held) -> None:
        self._held.append(taken)
