"""Making the picture that strangers may see: smaller, drawn anew, and what was marked in it destroyed.

A marked place is cut into large squares, and each is painted with one colour, the mean of what was there. The
squares lie on a grid of 16 pixels and the picture is stored without thinning out colours, so that a square comes
out of the JPEG as the one colour that went in: nothing of what it covers is left, not even at its edges.
"""

import io
from collections.abc import Iterator, Sequence

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from tracker.adapters.photo_reading import CleanPhoto
from tracker.domain.clearing import WHOLE, Area

SIDE = 1280
"""Pixels along the long side: enough to see what was done, not to read a badge in the background."""
QUALITY = 80
THUMB_SIDE = 320
THUMB_LIMIT_BYTES = 9_000
"""Six of them and the front page stay below 80 kB."""
_THUMB_QUALITIES = (70, 60, 50, 40, 30, 20, 10)
_STEP = 16
"""JPEG works in squares of 8 pixels; twice that leaves room for programs that thin out colours after us."""
SMALLEST_SHARE = 20
"""A square is at least a twentieth of the picture's long side."""
SQUARES_ACROSS = 6
"""The largest marked place has at most so many squares along its long side: in six by six nobody knows a face."""


def public_picture(jpeg: bytes, areas: Sequence[Area]) -> CleanPhoto:
    """Draw a stored photo anew for strangers, with everything in `areas` destroyed.

    Args:
        jpeg: one of our own, as the photo store gives it.
    """
    with JpegImageFile(io.BytesIO(jpeg)) as source:
        picture = Image.new("RGB", source.size)
        picture.paste(source.convert("RGB"))  # pixels alone, nothing that may hang on the file
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    for square in squares(picture.size, areas):
        picture.paste(_mean(picture, square), square)
    return CleanPhoto(_jpeg(picture, QUALITY), _thumbnail(picture), *picture.size)


Square = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def squares(size: tuple[int, int], areas: Sequence[Area]) -> Iterator[Square]:
    """What becomes one colour each, in a picture of `size`: every square that a marked place touches, as a whole."""
    width, height = size
    side = square_side(size, areas)
    touched = sorted({square for area in areas for square in _touched(size, area, side)})
    for column, row in touched:
        left, top = column * side, row * side
        yield left, top, min(left + side, width), min(top + side, height)


def square_side(size: tuple[int, int], areas: Sequence[Area]) -> int:
    """Pixels along one square: the same all over the picture, by the largest connected place that was marked."""
    pixels = [_pixels(size, group) for group in _connected(areas)]
    largest = max((max(right - left, bottom - top) for left, top, right, bottom in pixels), default=0)
    wanted = max(max(size) / SMALLEST_SHARE, largest / SQUARES_ACROSS)
    return -int(-wanted // _STEP) * _STEP


def _touched(size: tuple[int, int], area: Area, side: int) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = _pixels(size, area)
    for row in range(top // side, -(-bottom // side)):
        for column in range(left // side, -(-right // side)):
            yield column, row


def _pixels(size: tuple[int, int], area: Area) -> Square:
    """An area in pixels, rounded outwards."""
    width, height = size
    left, top = area.left * width // WHOLE, area.top * height // WHOLE
    right, bottom = (
        -(-(area.left + area.width) * width // WHOLE),
        -(-(area.top + area.height) * height // WHOLE),
    )
    return left, top, right, bottom


def _connected(areas: Sequence[Area]) -> list[Area]:
    """The rectangles around areas that touch or overlap: four cells over one face are one place."""
    groups: list[Area] = []
    for area in areas:
        joined = area
        while neighbours := [group for group in groups if _touch(group, joined)]:
            groups = [group for group in groups if group not in neighbours]
            joined = _around([joined, *neighbours])
        groups.append(joined)
    return groups


def _touch(one: Area, other: Area) -> bool:
    return (
        one.left <= other.left + other.width
        and other.left <= one.left + one.width
        and one.top <= other.top + other.height
        and other.top <= one.top + one.height
    )


def _around(areas: Sequence[Area]) -> Area:
    left, top = min(area.left for area in areas), min(area.top for area in areas)
    right = max(area.left + area.width for area in areas)
    bottom = max(area.top + area.height for area in areas)
    return Area(left, top, right - left, bottom - top)


def _mean(picture: Image.Image, square: Square) -> tuple[int, ...]:
    """The mean colour of a square, as one pixel."""
    colour = picture.crop(square).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    if not isinstance(colour, tuple):
        raise TypeError(f"{picture.mode} has no colours")
    return tuple(round(each) for each in colour)


def _thumbnail(picture: Image.Image) -> bytes:
    """The first try that fits the limit, or the smallest. Made from what was destroyed already."""
    small = picture.copy()
    small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    encoded = b""
    for quality in _THUMB_QUALITIES:
        encoded = _jpeg(small, quality, subsampling=2)
        if len(encoded) <= THUMB_LIMIT_BYTES:
            return encoded
    return encoded


def _jpeg(picture: Image.Image, quality: int, *, subsampling: int = 0) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=quality, subsampling=subsampling, optimize=True)
    return encoded.getvalue()
