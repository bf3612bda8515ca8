"""Who holds which ground for how long, so that two causes of one trouble never meet."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.grouping.town import Spot

CELL_M = 500.0
"""Wider than the reach of any two claims and the gap between them."""


@dataclass(frozen=True)
class Claim:
    """A trouble's hold on a spot and what lies around it, from one day to another."""

    trouble: str
    spot: Spot
    radius_m: float
    begins: float
    ends: float

    def is_near(self, other: "Claim", gap_m: float, gap_days: float) -> bool:
        return (
            self.begins < other.ends + gap_days
            and other.begins < self.ends + gap_days
            and self.spot.distance_m(other.spot) < self.radius_m + other.radius_m + gap_m
        )


class Ground:
    """All claims so far."""

    def __init__(self) -> None:
        self._claims: dict[tuple[str, int, int], list[Claim]] = {}

    def is_free(self, wanted: Claim, gap_m: float, gap_days: float) -> bool:
        """Whether no claim of the same trouble is nearer than the gap in space and in time."""
        return not any(claim.is_near(wanted, gap_m, gap_days) for claim in self._around(wanted))

    def take(self, claim: Claim) -> None:
        self._claims.setdefault((claim.trouble, *_cell(claim.spot)), []).append(claim)

    def _around(self, wanted: Claim) -> Iterator[Claim]:
        column, row = _cell(wanted.spot)
        for east in (column - 1, column, column + 1):
            for north in (row - 1, row, row + 1):
                yield from self._claims.get((wanted.trouble, east, north), ())


def _cell(spot: Spot) -> tuple[int, int]:
    return int(spot.east_m // CELL_M), int(spot.north_m // CELL_M)
