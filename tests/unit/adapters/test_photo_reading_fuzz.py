import io
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.adapters.photo_samples import encoded, street
from tracker.adapters.photo_reading import PhotoLimits, PhotoReader, PhotoRefused

READER = PhotoReader(PhotoLimits(max_pixels=1_000_000))
STARTS = [
    b"",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe1",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"\0\0\0\x18ftypheic",
]
PHOTOS = [
    encoded(street(48, 32), exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"),
    encoded(street(48, 32), progressive=True, comment=b"words"),
    encoded(street(48, 32), "PNG"),
    encoded(street(48, 32).convert("P"), "PNG", transparency=0),
    encoded(street(48, 32), "PNG", save_all=True, append_images=[street(48, 32, seed=2)]),
    encoded(street(48, 32).convert("RGBA"), "WEBP"),
]


def read_or_refuse(upload: bytes) -> None:
    with suppress(PhotoRefused):
        photo = READER.read(io.BytesIO(upload))
        assert photo.jpeg.startswith(b"\xff\xd8\xff")
        assert 1 <= min(photo.width, photo.height) <= max(photo.width, photo.height) <= 1600


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400))
def test_random_bytes_are_read_or_refused_and_nothing_else(start: bytes, rest: bytes) -> None:
    read_or_refuse(start + rest)


@settings(max_examples=300, deadline=None)
@given(photo=st.sampled_from(PHOTOS), data=st.data())
def test_a_photo_damaged_anywhere_is_read_or_refused_and_nothing_else(
    photo: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(photo)
    places = st.integers(0, len(photo) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        damaged[place] = value
    cut, inserted = data.draw(places), data.draw(st.binary(max_size=8))
    how = data.draw(st.sampled_from(["as it is", "cut off", "inserted", "removed"]))
    if how == "cut off":
        del damaged[cut:]
    elif how == "inserted":
        damaged[cut:cut] = inserted
    elif how == "removed":
        del damaged[cut : cut + 5]
    read_or_refuse(bytes(damaged))
