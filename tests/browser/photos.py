"""Photos as a phone sends them: large, lying on their side, with the place they were taken."""

import io
from functools import cache

from PIL import Image
from playwright.sync_api import FilePayload

from tests.unit.adapters.photo_samples import encoded, street

TURN_RIGHT = 6
"""EXIF orientation: the picture stands upright after a quarter turn clockwise."""
RED, BLUE = (200, 30, 30), (30, 60, 200)


@cache
def phone_photo(seed: int = 1, width: int = 4000, height: int = 3000) -> FilePayload:
    """A JPEG of that size whose left half is red and whose right half is blue: upright, red is on top."""
    picture = street(width, height, seed=seed)
    for colour, left in ((RED, 0), (BLUE, width // 2)):
        half = Image.new("RGB", (width // 2, height), colour)
        picture.paste(Image.blend(picture.crop((left, 0, left + width // 2, height)), half, 0.8), (left, 0))
    return as_file(f"IMG_{seed:04d}.jpg", encoded(picture, quality=88, exif=_exif()))


def small_photo(seed: int = 1) -> FilePayload:
    """A quick JPEG, different for each seed."""
    return as_file(f"photo-{seed}.jpg", encoded(street(640, 480, seed=seed)))


def as_file(name: str, content: bytes, kind: str = "image/jpeg") -> FilePayload:
    """A file to choose in a form."""
    return {"name": name, "mimeType": kind, "buffer": content}


def opened(content: bytes) -> Image.Image:
    """A picture that the site served, decoded."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def is_upright(picture: Image.Image) -> bool:
    """Whether `phone_photo` came out as its taker held the phone: taller than wide, red above blue."""
    middle, edge = picture.width // 2, picture.height // 10
    top = picture.convert("RGB").getpixel((middle, edge))
    bottom = picture.convert("RGB").getpixel((middle, picture.height - 1 - edge))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    return picture.height > picture.width and top[0] > top[2] and bottom[2] > bottom[0]


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = TURN_RIGHT, "PhoneMaker", "Phone 12"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (31.0, 18.0, 21.6), "E", (121.0, 27.0, 18.0)
    return exif.tobytes()
