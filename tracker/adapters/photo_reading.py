"""Reading a stranger's photo: recognised by content, decoded once, and drawn anew with nothing else in it.

What comes out was encoded by us, pixel by pixel: EXIF, GPS, colour profiles, comments and whatever else was
hidden in the upload do not survive. Colour profiles are dropped without being applied: a slightly paler red
harms no report, and it keeps one more parser away from strangers' bytes.
"""

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from tracker.domain.words import N_

FULL_SIDE = 1600
FULL_QUALITY = 80
THUMBNAIL_LIMIT_BYTES = 20_000
# Tried in this order until one fits. Street photos fit at the first or second; pure noise needs the last.
THUMBNAIL_SIDES = (320, 160)
THUMBNAIL_QUALITIES = (75, 60, 45, 30)
# A progressive JPEG redraws the whole picture with each scan. Cameras write about 10; but a scan can be 75
# bytes long, and 10 MB of them would keep the decoder busy for hours.
MOST_SCANS = 50
# What decoding holds at its peak, measured: the worst case of each format, with transparency, progressive.
_BYTES_PER_PIXEL = {JpegImageFile: 6, PngImageFile: 9, WebPImageFile: 17}


class RefusalReason(Enum):
    """Why a photo was not taken, with words that tell the person what to do now."""

    TOO_LARGE = N_("这张照片的文件太大了。请换一张小一些的，或截图后上传截图。")
    TOO_MANY_PIXELS = N_("这张照片的像素太多，打不开。请换一张普通大小的，或截图后上传截图。")
    NOT_A_PHOTO = N_("这个文件不是照片。请选择 JPEG、PNG 或 WebP 格式的照片。")
    HEIC = N_(
        "HEIC 格式的照片打不开。请截图后上传截图；或在手机“设置 > 相机 > 格式”里选“兼容性最佳”，再拍一张。"
    )
    ANIMATED = N_("这是一张动图。请换一张普通照片，或截图后上传截图。")
    DAMAGED = N_("这张照片没有传完整，或者已经损坏。请重新选择，或再拍一张。")

    @property
    def code(self) -> str:
        """Lower-case name, for forms, counters and the API."""
        return self.name.lower()


class PhotoRefused(ValueError):
    """The upload is not a photo we take; ``reason`` says why and the message what to do."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class PhotoLimits:
    """What a single upload may measure. Source: threats.md, "Photos"."""

    max_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_memory_bytes: int = 450_000_000
    """What decoding may hold. All 50 megapixels of a JPEG or PNG fit; of a WebP, which needs more, 26."""


@dataclass(frozen=True)
class CleanPhoto:
    """A photo that is safe to keep and to show: upright, RGB, two JPEGs made by us.

    ``width`` and ``height`` are those of ``jpeg``: at most 1600 on the long side. ``thumbnail`` is at most
    320 px and 20 kB.
    """

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int


class PhotoReader:
    """Reads uploads one at a time, so that however many arrive at once, only one is ever held decoded.

    Make one per process. The same upload gives the same bytes as long as the image library stays the same.
    """

    def __init__(self, limits: PhotoLimits | None = None) -> None:
        self._limits = limits or PhotoLimits()
        self._slot = threading.Lock()

    def read(self, stream: BinaryIO) -> CleanPhoto:
        """Return the photo in ``stream``, made anew.

        Raises:
            PhotoRefused: too large, not a photo, or damaged. Nothing else is raised because of its content.
        """
        data = stream.read(self._limits.max_bytes + 1)
        if len(data) > self._limits.max_bytes:
            raise PhotoRefused(RefusalReason.TOO_LARGE)
        with self._slot:
            picture = _decode(_decoder_for(data), data, self._limits)
            return CleanPhoto(_jpeg(picture, FULL_QUALITY), _thumbnail(picture), *picture.size)


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def _decoder_for(data: bytes) -> type[ImageFile.ImageFile]:
    """The one decoder for this content; left to guess, the library would let every format have a try."""
    if data.startswith(b"\xff\xd8\xff"):
        if _scans(data) > MOST_SCANS:
            raise PhotoRefused(RefusalReason.DAMAGED)
        return JpegImageFile
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImageFile
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise PhotoRefused(RefusalReason.HEIC)
    raise PhotoRefused(RefusalReason.NOT_A_PHOTO if data else RefusalReason.DAMAGED)


# A marker is 0xFF and a byte; these bytes make no marker that has a length: stuffing, TEM, restarts, fill.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"


def _scans(jpeg: bytes) -> int:
    """How many scans the first picture has; what cameras put after it, a film or a depth map, is not read."""
    scans, position = 0, 2
    while (marker := _JPEG_MARKER.search(jpeg, position)) and marker[1] != _END_OF_IMAGE:
        scans += marker[1] == _START_OF_SCAN
        length = int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big")
        position = marker.end() + length
    return scans


def _decode(decoder: type[ImageFile.ImageFile], data: bytes, limits: PhotoLimits) -> Image.Image:
    """The picture alone: upright, at most 1600 px, RGB on white, without any of the upload's metadata."""
    with _failures_are_refusals():
        source = decoder(io.BytesIO(data))  # reads the header only
        _check_before_decoding(source, limits)
        source.draft(
            None, _fitting(source.size, FULL_SIDE)
        )  # JPEG: decode straight to a half, quarter or eighth
        turn = _turn(source)
        picture = _on_white(_shrunk(_with_plain_pixels(source), FULL_SIDE))
        return picture if turn is None else picture.transpose(turn)


def _check_before_decoding(source: ImageFile.ImageFile, limits: PhotoLimits) -> None:
    pixels = source.width * source.height
    if pixels > limits.max_pixels or pixels * _BYTES_PER_PIXEL[type(source)] > limits.max_memory_bytes:
        raise PhotoRefused(RefusalReason.TOO_MANY_PIXELS)
    if getattr(source, "is_animated", False):
        raise PhotoRefused(RefusalReason.ANIMATED)


@contextmanager
def _failures_are_refusals() -> Iterator[None]:
    """Turn whatever a decoder raises over hostile bytes into a refusal.

    Decoders also warn about odd files, which is of no use to anybody here. The filter is per process, not per
    thread: it is only touched inside the reader's one slot.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The library that sets labels switches this on for the whole process when it is imported.
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            yield
    except PhotoRefused:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise PhotoRefused(RefusalReason.TOO_MANY_PIXELS) from error
    except Exception as error:  # about a dozen unrelated classes, and no list of them exists
        raise PhotoRefused(RefusalReason.DAMAGED) from error


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """``size`` shrunk in proportion to ``side`` pixels at most; never enlarged, never nothing."""
    scale = min(1.0, side / max(size))
    width, height = (max(1, round(length * scale)) for length in size)
    return width, height


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """``picture`` at most ``side`` pixels long. Hamming: as sharp as bicubic here, at half the time."""
    size = _fitting(picture.size, side)
    if size == picture.size:
        return picture  # the form's script has shrunk most photos already; resizing would copy them
    return picture.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112


def _turn(source: Image.Image) -> Image.Transpose | None:
    """What puts the picture upright, or None. Unreadable EXIF is common, and no reason to refuse a photo."""
    try:
        return _TURNS.get(source.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # as many classes as there are ways to garble EXIF
        return None


def _with_plain_pixels(source: Image.Image) -> Image.Image:
    """``source`` in a mode whose pixels may be averaged: no palette, no single transparent colour, 8 bits."""
    source.load()
    if source.has_transparency_data:
        return source if source.mode in ("LA", "RGBA") else source.convert("RGBA")
    return source if source.mode in ("L", "RGB", "CMYK") else source.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    """``picture`` painted on a new white sheet, which carries no metadata."""
    sheet = Image.new("RGB", picture.size, "white")
    mask = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    sheet.paste(picture if picture.mode == "RGB" else picture.convert("RGB"), mask=mask)
    return sheet


def _thumbnail(picture: Image.Image) -> bytes:
    """The first try that fits the limit, or the smallest."""
    encoded = b""
    for side in THUMBNAIL_SIDES:
        small = _shrunk(picture, side)
        for quality in THUMBNAIL_QUALITIES:
            encoded = _jpeg(small, quality)
            if len(encoded) <= THUMBNAIL_LIMIT_BYTES:
                return encoded
    return encoded


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=quality, optimize=True)
    return encoded.getvalue()
