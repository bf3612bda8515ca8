"""Pictures as people's phones send them, and as nobody's should."""

import io
import random
from typing import Any

from PIL import Image


def encoded(picture: Image.Image, file_format: str = "JPEG", **options: Any) -> bytes:
    """``picture`` as a file of that format."""
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def street(width: int = 400, height: int = 300, *, seed: int = 1) -> Image.Image:
    """A picture with soft shapes and a little grain, different for each seed."""
    shapes = Image.frombytes("RGB", (8, 6), random.Random(seed).randbytes(8 * 6 * 3))
    grain = noise(64, 48, seed=seed).resize((width, height))
    return Image.blend(shapes.resize((width, height), Image.Resampling.BICUBIC), grain, 0.1)


def noise(width: int, height: int, *, seed: int = 1) -> Image.Image:
    """The picture that compresses worst."""
    return Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))


def opened(jpeg: bytes) -> Image.Image:
    """A result of ours, decoded in full."""
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture
