"""What the grouping knows of one report, and the plane it lies on."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

DAY_S: Final = 86_400.0
_METRES_A_DEGREE: Final = (
    111_320.0  # of latitude, on a sphere; a street is too small to notice the difference
)
_CELL_DEGREES: Final = 0.00225  # 250 m of latitude

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What one person sent, as far as the grouping reads it.

    `at` is the moment in the street's own time (aware in its zone, or naive): the hour of day is read from it as it
    stands. `lat` and `lon` are degrees, both or neither. `text` may be empty. `place`, `street` and `reporter` are
    any names that are equal for the same thing; an empty one is unknown and equal to nothing.
    """

    id: str
    at: datetime
    category: str
    place: str
    street: str
    lat: float | None
    lon: float | None
    text: str
    reporter: str

    @property
    def order(self) -> tuple[float, str]:
        """The canonical order in which reports are grouped: by moment, then by id."""
        return seconds(self.at), self.id

    @property
    def hour(self) -> float:
        """The hour of the day, 0 to 24."""
        return self.at.hour + self.at.minute / 60


def seconds(moment: datetime) -> float:
    """A moment on a line of seconds; a naive one is taken as if it stood in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Distance on the plane that touches the street; good to a promille within a city."""
    north = (other_lat - lat) * _METRES_A_DEGREE
    east = (other_lon - lon) * metres_a_degree_east(lat)
    return math.hypot(north, east)


def metres_a_degree_east(lat: float) -> float:
    """How far one degree of longitude reaches at a latitude."""
    return _METRES_A_DEGREE * math.cos(math.radians(lat))


def metres_a_degree_north() -> float:
    """How far one degree of latitude reaches."""
    return _METRES_A_DEGREE


def cell_of(lat: float, lon: float) -> Cell:
    """The square of about 250 m in which a point lies: south edge and west edge, counted in squares.

    The squares of one row have the same width in degrees, that of the row's own latitude, so neighbours differ by
    one in each number everywhere but across a row whose width differs, where the ring of eight is still enough:
    the width changes by less than a metre from row to row.
    """
    row = math.floor(lat / _CELL_DEGREES)
    width = _CELL_DEGREES / max(0.2, math.cos(math.radians(round(lat))))
    return row, math.floor(lon / width)


def cells_around(lat: float, lon: float) -> list[Cell]:
    """The square of a point and the eight around it: every point within 250 m lies in one of them."""
    row, column = cell_of(lat, lon)
    return [(row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
