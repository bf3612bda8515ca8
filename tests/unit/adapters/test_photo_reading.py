import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageCms

from tests.unit.adapters.photo_samples import encoded, noise, opened, street
from tracker.adapters.photo_reading import CleanPhoto, PhotoLimits, PhotoReader, PhotoRefused, RefusalReason

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F
RED, WHITE = (255, 0, 0), (255, 255, 255)


def read(upload: bytes, limits: PhotoLimits | None = None) -> CleanPhoto:
    return PhotoReader(limits).read(io.BytesIO(upload))


def refusal(upload: bytes, limits: PhotoLimits | None = None) -> RefusalReason:
    with pytest.raises(PhotoRefused) as refused:
        read(upload, limits)
    return refused.value.reason


def is_near(colour: object, expected: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) < 40 for one, other in zip(colour, expected, strict=True))


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = (
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (chunk, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# ---------------------------------------------------------------- what comes out


def test_a_phone_photo_is_shrunk_to_1600_pixels_and_gets_a_small_thumbnail() -> None:
    photo = read(encoded(street(4000, 3000)))
    assert (photo.width, photo.height) == (1600, 1200)
    assert opened(photo.jpeg).size == (1600, 1200)
    assert opened(photo.thumbnail).size == (320, 240)
    assert len(photo.thumbnail) <= 20_000


def test_a_small_photo_is_not_enlarged() -> None:
    photo = read(encoded(street(90, 60)))
    assert (photo.width, photo.height) == (90, 60)
    assert opened(photo.thumbnail).size == (90, 60)


def test_a_very_long_strip_keeps_at_least_one_pixel_of_width() -> None:
    photo = read(encoded(Image.new("RGB", (20_000, 2)), "PNG"))
    assert (photo.width, photo.height) == (1600, 1)


def test_even_pure_noise_gets_a_thumbnail_of_at_most_20_kb() -> None:
    assert len(read(encoded(noise(1600, 1600))).thumbnail) <= 20_000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_with_the_phone_turned_is_put_upright(orientation: int) -> None:
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste(RED, (0, 0, 16, 16))
    # What the sensor recorded, for each way of holding the phone: undoing it gives the upright picture back.
    recorded_by = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    recorded = upright.transpose(recorded_by[orientation]) if orientation in recorded_by else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = opened(read(encoded(recorded, exif=exif, quality=95)).jpeg)
    assert picture.size == (64, 32)
    assert is_near(picture.getpixel((4, 4)), RED)
    assert is_near(picture.getpixel((60, 28)), WHITE)


def test_nothing_but_the_pixels_survives() -> None:
    exif = Image.Exif()
    exif[MAKER] = "SecretPhoneMaker"
    exif.get_ifd(GPS)[1] = "N"
    upload = encoded(
        street(),
        exif=exif,
        comment=b"SecretComment",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        dpi=(300, 300),
    )
    photo = read(upload + b"PK\x03\x04<script>SecretTail</script>")
    for jpeg in (photo.jpeg, photo.thumbnail):
        assert set(opened(jpeg).info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not opened(jpeg).getexif()
        assert b"Secret" not in jpeg
        assert jpeg.endswith(b"\xff\xd9")


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    uploads = [
        encoded(clear, "PNG"),
        encoded(clear, "WEBP", lossless=True),
        encoded(Image.new("LA", (40, 40), (0, 0)), "PNG"),
        encoded(palette, "PNG", transparency=0),
        encoded(Image.new("RGB", (40, 40), RED), "PNG", transparency=RED),
    ]
    for upload in uploads:
        assert is_near(opened(read(upload).jpeg).getpixel((20, 20)), WHITE)


@pytest.mark.parametrize(
    ("picture", "file_format"),
    [
        (Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG"),
        (Image.new("RGB", (40, 40), RED).convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
        (Image.new("RGB", (40, 40), RED), "WEBP"),
    ],
)
def test_every_way_of_storing_colour_comes_out_as_plain_rgb(picture: Image.Image, file_format: str) -> None:
    result = opened(read(encoded(picture, file_format)).jpeg)
    assert result.mode == "RGB"
    assert is_near(result.getpixel((20, 20)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_grey_pictures_keep_their_light_and_dark(mode: str) -> None:
    half = Image.new("L", (40, 40), 0)
    half.paste(255, (20, 0, 40, 40))
    picture = (
        half.convert(mode) if mode != "I;16" else half.convert("I").point(lambda v: v * 257).convert("I;16")
    )
    result = opened(read(encoded(picture, "PNG")).jpeg)
    assert is_near(result.getpixel((5, 20)), (0, 0, 0))
    assert is_near(result.getpixel((35, 20)), WHITE)


def test_of_a_photo_with_a_second_picture_behind_it_the_first_is_taken() -> None:
    upload = encoded(
        Image.new("RGB", (60, 40), RED), "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))]
    )
    photo = read(upload)
    assert (photo.width, photo.height) == (60, 40)


def test_garbled_exif_is_no_reason_to_refuse_a_good_photo() -> None:
    assert read(encoded(street(), exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbled")).width == 400


def test_the_same_upload_gives_the_same_bytes_every_time() -> None:
    upload = encoded(street(2000, 1500))
    assert read(upload) == read(upload)


def test_photos_sent_at_the_same_time_do_not_disturb_each_other() -> None:
    uploads = [encoded(street(seed=seed)) for seed in range(8)]
    reader = PhotoReader()
    with ThreadPoolExecutor(8) as people:
        together = list(people.map(lambda upload: reader.read(io.BytesIO(upload)), uploads))
    assert together == [read(upload) for upload in uploads]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "upload",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7\n",
        b"just a text called photo.jpg",
        b"\0\0\0\x1cftypavif\0\0\0\0",
        encoded(Image.new("RGB", (9, 9)), "GIF"),
        encoded(Image.new("RGB", (9, 9)), "BMP"),
        encoded(Image.new("RGB", (9, 9)), "TIFF"),
        encoded(Image.new("RGB", (9, 9)), "JPEG2000"),
    ],
)
def test_what_is_not_a_jpeg_png_or_webp_inside_is_refused_whatever_its_name(upload: bytes) -> None:
    assert refusal(upload) is RefusalReason.NOT_A_PHOTO


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_a_heic_photo_is_told_what_to_do_about_it(brand: bytes) -> None:
    reason = refusal(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic")
    assert reason is RefusalReason.HEIC
    assert "兼容性最佳" in reason.value


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.95])
def test_a_photo_that_did_not_arrive_whole_is_refused(file_format: str, kept: float) -> None:
    upload = encoded(street(), file_format)
    assert refusal(upload[: int(len(upload) * kept)]) is RefusalReason.DAMAGED


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") is RefusalReason.DAMAGED


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(file_format: str) -> None:
    upload = encoded(street(), file_format, save_all=True, append_images=[street(seed=2)])
    assert refusal(upload) is RefusalReason.ANIMATED


def test_a_photo_of_more_than_10_mb_is_refused() -> None:
    photo = encoded(street())
    ten_mb = 10 * 1024 * 1024
    assert read(photo + b"\0" * (ten_mb - len(photo))).width == 400
    assert refusal(photo + b"\0" * (ten_mb - len(photo) + 1)) is RefusalReason.TOO_LARGE


@pytest.mark.parametrize(
    ("width", "height"), [(7072, 7071), (14_000, 14_000), (60_000, 60_000), (2**31 - 1, 1)]
)
def test_a_picture_of_more_than_50_megapixels_is_refused_before_it_is_decoded(
    width: int, height: int
) -> None:
    assert refusal(png_header(width, height)) is RefusalReason.TOO_MANY_PIXELS


def test_a_webp_that_would_need_too_much_memory_is_refused() -> None:
    upload = encoded(Image.new("RGB", (5200, 5200)), "WEBP", method=0)
    assert refusal(upload) is RefusalReason.TOO_MANY_PIXELS


def test_a_small_jpeg_made_to_keep_the_decoder_busy_for_hours_is_refused() -> None:
    honest = encoded(Image.new("RGB", (400, 300)), progressive=True)
    last_scan = honest[honest.rindex(b"\xff\xda") : -2]
    assert read(honest).width == 400
    assert refusal(honest[:-2] + last_scan * 60 + honest[-2:]) is RefusalReason.DAMAGED
    # Hidden behind a marker that has no length, though what follows looks like one that skips them all.
    assert refusal(honest[:-2] + b"\xff\x01\xff\xff" + last_scan * 60 + honest[-2:]) is RefusalReason.DAMAGED


def test_a_film_that_the_camera_put_behind_the_photo_is_no_reason_to_refuse_it() -> None:
    assert read(encoded(street()) + b"\xff\xda\0\x02" * 1000).width == 400


@pytest.mark.parametrize("reason", RefusalReason)
def test_every_refusal_says_what_to_do_instead(reason: RefusalReason) -> None:
    assert "请" in str(PhotoRefused(reason))
    assert reason.code == reason.name.lower()
