"""Photos of the demo street, drawn by the program: the trouble, and the same spot with it gone."""

from io import BytesIO
from random import Random

from PIL import Image

from tracker.demo.damage import lamp_post
from tracker.demo.scene import DAY, NIGHT, SCALE, WHITE, Canvas, draw_scene
from tracker.demo.troubles import NIGHT_CATEGORIES, PUT_RIGHT, TROUBLES


def draw_photo(category: str, *, before: bool, rng: Random) -> bytes:
    """Draw one photo.

    Args:
        category: Code of the category whose trouble is shown.
        before: True with the trouble, False with it gone.
        rng: Generators in the same state draw the same spot, so a pair takes two made from one seed.

    Returns:
        A JPEG of 1200 by 900 pixels, under 150 kB.

    Raises:
        KeyError: No picture is known for the category.
    """
    trouble = TROUBLES[category]
    is_night = category in NIGHT_CATEGORIES
    canvas = draw_scene(rng, NIGHT if is_night else rng.choice(DAY))
    if is_night:
        lamp_post(canvas, lit=not before)
    if before:
        trouble(canvas, rng)
    elif trouble in PUT_RIGHT:
        PUT_RIGHT[trouble](canvas, rng)
    _mark_as_drawn(canvas)
    return _jpeg(canvas)


def _mark_as_drawn(canvas: Canvas) -> None:
    """Put a small pencil in the corner, so that nobody takes the picture for evidence."""
    x, y = 1132.0, 838.0
    canvas.oval((x - 30, y - 30, x + 30, y + 30), WHITE, glows=True)
    canvas.shape(
        [(x - 18, y + 18), (x - 14, y + 4), (x + 8, y - 18), (x + 18, y - 8), (x - 4, y + 14)], (232, 120, 56)
    )
    canvas.shape([(x - 18, y + 18), (x - 14, y + 4), (x - 4, y + 14)], (58, 62, 72))


def _jpeg(canvas: Canvas) -> bytes:
    photo: Image.Image = canvas.image.reduce(SCALE)
    out = BytesIO()
    photo.save(out, "JPEG", quality=82)
    return out.getvalue()
