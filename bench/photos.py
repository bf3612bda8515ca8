"""A photo of about 450 kB as phones send it after shrinking, as often as wanted and each time another one."""

import io
import random
from functools import cache
from typing import Final

from PIL import Image

WIDTH, HEIGHT = 1600, 1200
SIZE_BYTES: Final = 450_000
_QUALITIES = range(95, 20, -3)


def photo(number: int) -> bytes:
    """The JPEG with this number: the same scene with a few pixels of its own, so that its content is new."""
    scene, quality = _scene()
    own = scene.copy()
    own.paste(_grain(random.Random(number), 8, 8).resize((64, 64), Image.Resampling.NEAREST), (16, 16))
    return _jpeg(own, quality)


@cache
def _scene() -> tuple[Image.Image, int]:
    """Soft shapes with grain, and the quality at which it weighs what it should."""
    rng = random.Random("bench")
    shapes = _grain(rng, 12, 9).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    scene = Image.blend(shapes, _grain(rng, WIDTH // 3, HEIGHT // 3).resize((WIDTH, HEIGHT)), 0.15)
    return scene, next(quality for quality in _QUALITIES if len(_jpeg(scene, quality)) <= SIZE_BYTES)


def _grain(rng: random.Random, width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), rng.randbytes(width * height * 3))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
