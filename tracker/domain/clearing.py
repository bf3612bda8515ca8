"""What strangers may see of a case that is closed: which photos, what in them is made unrecognisable, in whose words.

A place in a photo is given in thousandths of its width and height, so that it means the same at every size.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.domain.words import N_

WHOLE = 1000
"""Thousandths in a whole width or height."""
MOST_AREAS = 80
"""More marked places than this make no sense in one picture; the grid alone has 48."""
WORDS_LIMIT_CHARS = 120
GRID_LONG, GRID_SHORT = 8, 6
"""Cells along the long and the short side of a photo: a face fits into a few, a finger hits one."""


class AreasUnreadable(ValueError):
    """Marked places that make no sense. The message can be shown."""


@dataclass(frozen=True)
class Area:
    """A marked rectangle: its left upper corner and its size, in thousandths of the photo."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class ClearedPhoto:
    """A photo that somebody looked at and cleared.

    Attributes:
        photo_id: of the original, which stays with staff.
        sha256, width, height: of the public picture, made anew.
        areas: what was made unrecognisable in it, as ``write_areas`` writes it; empty: nothing.
    """

    photo_id: int
    sha256: str
    width: int
    height: int
    areas: str = ""


@dataclass(frozen=True)
class Clearing:
    """What one person lets strangers see of a case: photos, and what was done in one or two sentences."""

    words: str = ""
    photos: tuple[ClearedPhoto, ...] = ()

    @property
    def shows_something(self) -> bool:
        """Whether anything is left to be seen."""
        return bool(self.words or self.photos)


def read_areas(text: str) -> tuple[Area, ...]:
    """Read ``120,300,80,60;500,0,125,167``.

    Raises:
        AreasUnreadable: another form, outside the photo, without size, or too many.
    """
    pieces = [piece for piece in text.split(";") if piece.strip()]
    if len(pieces) > MOST_AREAS:
        raise AreasUnreadable(N_("标的地方太多了，请合成几个大一些的框。"))
    return tuple(_area(piece) for piece in pieces)


def write_areas(areas: Iterable[Area]) -> str:
    """The form that ``read_areas`` reads; each area once, in order from the top."""
    ordered = sorted(set(areas), key=lambda area: (area.top, area.left, area.height, area.width))
    return ";".join(f"{area.left},{area.top},{area.width},{area.height}" for area in ordered)


def grid_of(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the grid over a photo of this size: the long side has more."""
    return (GRID_LONG, GRID_SHORT) if width >= height else (GRID_SHORT, GRID_LONG)


def cell_area(number: int, columns: int, rows: int) -> Area:
    """The cell that bears `number`, counted from 1 along the rows.

    Raises:
        AreasUnreadable: the grid has no such cell.
    """
    if not 1 <= number <= columns * rows:
        raise AreasUnreadable(N_("没有这个方格。"))
    row, column = divmod(number - 1, columns)
    left, right = (WHOLE * edge // columns for edge in (column, column + 1))
    top, bottom = (WHOLE * edge // rows for edge in (row, row + 1))
    return Area(left, top, right - left, bottom - top)


def _area(piece: str) -> Area:
    try:
        left, top, width, height = (int(number) for number in piece.split(","))
    except ValueError as error:
        raise AreasUnreadable(N_("标的地方看不懂，请重新标一次。")) from error
    fits = 0 <= left < left + width <= WHOLE and 0 <= top < top + height <= WHOLE
    if not fits:
        raise AreasUnreadable(N_("标的地方超出了照片，请重新标一次。"))
    return Area(left, top, width, height)
