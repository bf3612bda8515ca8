"""Whether what was marked is really gone: measured in the pixels of the picture that strangers get."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.adapters.photo_samples import encoded, noise, opened, street
from tracker.adapters.photo_masking import public_picture, square_side, squares
from tracker.domain.clearing import Area, cell_area

FACE = Area(250, 250, 100, 150)


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), dtype=np.int16)


def test_each_square_is_one_colour_in_the_picture_that_is_served() -> None:
    drawn = pixels(opened(public_picture(encoded(noise(1600, 1200), quality=90), (FACE,)).jpeg))
    marked = list(squares((1280, 960), (FACE,)))
    assert marked
    for left, top, right, bottom in marked:
        square = drawn[top:bottom, left:right].reshape(-1, 3)
        assert square.var(axis=0).max() == 0, "something of what was there is left"


def test_photos_that_differ_only_where_nobody_may_look_give_nearly_the_same_picture() -> None:
    """Two faces with the same mean colours cannot be told apart: means are all that is left of them."""
    plain = street(1280, 960).convert("RGB")
    left, top, right, bottom = next(iter(squares((1280, 960), (FACE,))))
    one, other = plain.copy(), plain.copy()
    box = (right - left, bottom - top)
    stripes = np.zeros((box[1], box[0], 3), dtype=np.uint8)
    stripes[::2] = 255
    one.paste(Image.fromarray(stripes), (left, top))
    other.paste(Image.fromarray(stripes[:, ::-1][::-1]), (left, top))
    drawn = [
        pixels(opened(public_picture(encoded(each, "JPEG", quality=95), (FACE,)).jpeg))
        for each in (one, other)
    ]
    inside = np.abs(drawn[0] - drawn[1])[top:bottom, left:right]
    assert inside.max() <= 2


def test_the_whole_marked_place_is_covered_and_the_rest_is_left_alone() -> None:
    source = street(1280, 960)
    plain = pixels(opened(public_picture(encoded(source, quality=95), ()).jpeg))
    drawn = pixels(opened(public_picture(encoded(source, quality=95), (FACE,)).jpeg))
    changed = np.zeros(drawn.shape[:2], dtype=bool)
    for left, top, right, bottom in squares((1280, 960), (FACE,)):
        changed[top:bottom, left:right] = True
    assert changed[240 : 240 + 144, 320 : 320 + 128].all(), "250–350 ‰ of 1280, 250–400 ‰ of 960"
    assert changed.sum() < 0.06 * changed.size
    far = ~changed
    far[1:] &= ~changed[:-1]
    assert np.abs(plain - drawn)[far].mean() < 0.5


@pytest.mark.parametrize(
    ("areas", "side"),
    [
        ((Area(0, 0, 10, 10),), 64),  # a twentieth of 1280
        (
            tuple(cell_area(number, 8, 6) for number in (1, 2, 9, 10)),
            64,
        ),  # 320 px: six squares of at least 53
        (
            tuple(cell_area(number, 8, 6) for number in range(1, 17)),
            224,
        ),  # one place of 1280 px: a sixth of it
        ((Area(0, 0, 1000, 1000),), 224),
    ],
)
def test_a_larger_place_gets_larger_squares_so_that_no_face_fills_many(
    areas: tuple[Area, ...], side: int
) -> None:
    assert square_side((1280, 960), areas) == side


def test_a_picture_is_made_smaller_and_its_thumbnail_light() -> None:
    drawn = public_picture(encoded(noise(1600, 1200), quality=90), (FACE,))
    assert (drawn.width, drawn.height) == (1280, 960) == opened(drawn.jpeg).size
    assert len(drawn.thumbnail) <= 9_000
    assert max(opened(drawn.thumbnail).size) == 320
    upright = public_picture(encoded(street(300, 400)), ())
    assert (upright.width, upright.height) == (300, 400)


def test_the_same_marks_give_the_same_bytes() -> None:
    source = encoded(street(800, 600))
    assert public_picture(source, (FACE,)) == public_picture(source, (FACE,))
