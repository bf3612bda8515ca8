from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageChops

from tracker.demo.catalogue import categories
from tracker.demo.pictures import draw_photo
from tracker.demo.troubles import TROUBLES


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=["JPEG"]).convert("RGB")


ONE_CATEGORY_A_TROUBLE = sorted({trouble: category for category, trouble in TROUBLES.items()}.values())


def test_every_category_has_a_trouble_to_show() -> None:
    assert set(TROUBLES) == set(categories())


@pytest.mark.parametrize("category", ONE_CATEGORY_A_TROUBLE)
def test_a_trouble_is_shown_and_then_the_same_spot_without_it(category: str) -> None:
    before = draw_photo(category, before=True, rng=Random(8))
    after = draw_photo(category, before=False, rng=Random(8))
    assert max(len(before), len(after)) < 150_000
    assert opened(before).size == opened(after).size == (1200, 900)
    difference = ImageChops.difference(opened(before), opened(after))
    assert difference.getbbox() is not None
    roofs = (0, 0, 1200, 150)
    if category not in {"C4", "F3", "G3"}:  # the lamp and the smoke reach up there
        assert max(difference.crop(roofs).tobytes()) < 12


def test_different_seeds_show_different_spots() -> None:
    assert draw_photo("A1", before=False, rng=Random(1)) != draw_photo("A1", before=False, rng=Random(2))


def test_an_unknown_category_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw_photo("Z9", before=True, rng=Random(1))
