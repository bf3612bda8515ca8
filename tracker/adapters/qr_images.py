"""QR codes as pictures: SVG and PNG, alone or as a whole label, and half blocks for a terminal."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby, pairwise
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.util import ALPHA_NUM, QRData

from tracker.adapters.label_forms import UPRIGHT, Placed
from tracker.adapters.label_layout import (
    FONT_FAMILY,
    TEAL,
    Box,
    LabelArt,
    Line,
    font_at,
    printable,
)

__all__ = [
    "LabelArt",
    "LinkTooLong",
    "Symbol",
    "label_png",
    "label_svg",
    "png",
    "svg",
    "symbol",
    "terminal",
]

Modules = tuple[tuple[bool, ...], ...]
Point = tuple[int, int]

QUIET_MODULES: Final = 4  # white margin that ISO/IEC 18004 asks for on every side
LABEL_DPI: Final = 300

_FAMILIES: Final = f"{FONT_FAMILY}, PingFang SC, Microsoft YaHei, sans-serif"
_ANCHORS: Final = {"start": "ls", "middle": "ms", "end": "rs"}
# Fixed entries of the 256-colour cube: a theme repaints the sixteen named colours, but not these.
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_RESET: Final = "\x1b[0m"
_HALF_BLOCKS: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class LinkTooLong(ValueError):
    """No QR code is large enough for this link; the message is for the administrator."""


@dataclass(frozen=True)
class Symbol:
    """A QR code as modules, True for dark, rows from the top, without the white margin.

    A label's link should give a `size` of 29: larger grids have smaller modules in print and read from less
    far.
    """

    url: str
    modules: Modules
    version: int
    level: Literal["Q", "H"]

    @property
    def size(self) -> int:
        return len(self.modules)


def symbol(url: str) -> Symbol:
    """Return the smallest code for a link at level Q, or at level H where that costs no larger grid.

    The capitals at the end of the link are packed as alphanumeric, the rest as bytes. Runs of digits are not
    packed apart, although that may save bits: the size would then change with the token from label to label.

    Raises:
        LinkTooLong: more than the largest QR code can hold.
    """
    level: Literal["Q", "H"] = "Q"
    code = _encoded(url, ERROR_CORRECT_Q)
    with suppress(LinkTooLong):
        stronger = _encoded(url, ERROR_CORRECT_H)
        if stronger.version == code.version:
            code, level = stronger, "H"
    code.make(fit=False)
    modules = tuple(tuple(bool(module) for module in row) for row in code.modules)
    return Symbol(url, modules, code.version, level)


def svg(code: Symbol, module_mm: float = 1.5) -> str:
    """Return an SVG document of the code with its white margin, drawn as one path."""
    side = code.size + 2 * QUIET_MODULES
    width = f"{side * module_mm:g}mm"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{width}"'
        f' viewBox="0 0 {side} {side}" role="img"><title>二维码：{escape(code.url)}</title>'
        f'<rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path transform="translate({QUIET_MODULES} {QUIET_MODULES})" {_path_attributes(code)}/></svg>'
    )


def png(code: Symbol, px_per_module: int = 10) -> bytes:
    """Return a black and white PNG of the code with its white margin."""
    return _png_bytes(_bitmap(code, px_per_module).convert("1"))


def terminal(code: Symbol) -> str:
    """Return the code as lines of half blocks, two modules above each other in one character.

    The colours are set explicitly, so that a phone reads it from a dark terminal and from a light one.
    """
    side = code.size + 2 * QUIET_MODULES
    empty = (False,) * side
    margin = (False,) * QUIET_MODULES
    rows = (
        [empty] * QUIET_MODULES
        + [margin + row + margin for row in code.modules]
        + [empty] * (QUIET_MODULES + 1)
    )
    return "".join(
        _BLACK_ON_WHITE
        + "".join(_HALF_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        + _RESET
        + "\n"
        for upper, lower in zip(rows[0:-1:2], rows[1::2], strict=True)
    )


def label_svg(
    art: LabelArt, placed: Placed = UPRIGHT, logo: bytes | None = None, *, is_drawn: bool = True
) -> str:
    """Return the whole label as an SVG document; raises `FontMissing`, `LinkTooLong`.

    Args:
        logo: a JPEG, shown in the form's room for it; a form without room leaves it out.
        is_drawn: whether the logo itself is in the document, or only its room is kept free.
    """
    code, form = symbol(art.url), placed.form
    module_mm = form.code.width_mm / (code.size + 2 * QUIET_MODULES)
    left = form.code.x_mm + QUIET_MODULES * module_mm
    top = form.code.y_mm + QUIET_MODULES * module_mm
    lines = form.lines(art, with_logo=logo is not None)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{placed.width_mm:g}mm" height="{placed.height_mm:g}mm"'
        f' viewBox="{_view_box(placed)}" role="img" xml:lang="zh-CN">'
        f"<title>{escape(f'{printable(art.place_name)} 扫码报事')}</title>"
        f'<rect {_box_attributes(_ground(placed))} fill="#fff"/>'
        f'<rect {_box_attributes(form.band)} rx="{form.band_corner_mm:g}" fill="{TEAL}"/>'
        f'<path transform="translate({left:.4f} {top:.4f}) scale({module_mm:.6f})" {_path_attributes(code)}/>'
        f"{_svg_logo(placed, logo) if is_drawn else ''}"
        f'<g font-family="{_FAMILIES}">{"".join(map(_svg_text, lines))}</g></svg>'
    )


def label_png(art: LabelArt, placed: Placed = UPRIGHT, logo: bytes | None = None) -> bytes:
    """Return the whole label as a PNG at 300 dpi; raises `FontMissing`, `LinkTooLong`."""
    code, form = symbol(art.url), placed.form
    dots = _Dots(placed)
    picture = Image.new("RGB", (_px(placed.width_mm), _px(placed.height_mm)), "white")
    draw = ImageDraw.Draw(picture)
    band = form.band
    draw.rounded_rectangle(
        [dots.x(band.x_mm), dots.y(band.y_mm), dots.x(band.right_mm) - 1, dots.y(band.bottom_mm) - 1],
        radius=dots.length(form.band_corner_mm),
        fill=TEAL,
    )
    # A whole number of dots per module keeps its edges sharp; what is left over goes to the white margin.
    room = dots.length(form.code.width_mm)
    bitmap = _bitmap(code, room // (code.size + 2 * QUIET_MODULES))
    slack = (room - bitmap.width) // 2
    picture.paste(bitmap, (dots.x(form.code.x_mm) + slack, dots.y(form.code.y_mm) + slack))
    if logo is not None and form.logo is not None:
        _paste_logo(picture, logo, form.logo, dots)
    for line in form.lines(art, with_logo=logo is not None):
        draw.text(
            (dots.x(line.x_mm), dots.y(line.baseline_mm)),
            line.text,
            fill=line.colour,
            font=font_at(line.weight, dots.length(line.size_mm)),
            anchor=_ANCHORS[line.anchor],
        )
    return _png_bytes(picture)


@dataclass(frozen=True)
class _Dots:
    """Where a form's millimetres lie on a picture of the label."""

    placed: Placed

    def x(self, mm: float) -> int:
        return _px(self.placed.left_mm + mm * self.placed.scale)

    def y(self, mm: float) -> int:
        return _px(self.placed.top_mm + mm * self.placed.scale)

    def length(self, mm: float) -> int:
        return _px(mm * self.placed.scale)


def logo_size(logo: bytes, room: Box) -> tuple[float, float]:
    """Return the width and height in mm at which a picture fills its room without being distorted."""
    with Image.open(BytesIO(logo)) as picture:
        width, height = picture.size
    scale = min(room.width_mm / width, room.height_mm / height)
    return width * scale, height * scale


def _paste_logo(picture: Image.Image, logo: bytes, room: Box, dots: _Dots) -> None:
    """Draw the logo into the lower right corner of its room."""
    width, height = (dots.length(mm) for mm in logo_size(logo, room))
    small = Image.open(BytesIO(logo)).convert("RGB").resize((max(1, width), max(1, height)))
    picture.paste(small, (dots.x(room.right_mm) - small.width, dots.y(room.bottom_mm) - small.height))


def _svg_logo(placed: Placed, logo: bytes | None) -> str:
    room = placed.form.logo
    if logo is None or room is None:
        return ""
    width, height = logo_size(logo, room)
    data = b64encode(logo).decode()
    return (
        f'<image x="{room.right_mm - width:.3f}" y="{room.bottom_mm - height:.3f}" width="{width:.3f}"'
        f' height="{height:.3f}" href="data:image/jpeg;base64,{data}"/>'
    )


def _view_box(placed: Placed) -> str:
    ground = _ground(placed)
    return f"{ground.x_mm:.6g} {ground.y_mm:.6g} {ground.width_mm:.6g} {ground.height_mm:.6g}"


def _ground(placed: Placed) -> Box:
    """The whole label, in the form's own millimetres."""
    scale = placed.scale
    return Box(
        -placed.left_mm / scale, -placed.top_mm / scale, placed.width_mm / scale, placed.height_mm / scale
    )


def _box_attributes(box: Box) -> str:
    return f'x="{box.x_mm:g}" y="{box.y_mm:g}" width="{box.width_mm:g}" height="{box.height_mm:g}"'


def _encoded(url: str, level: int) -> QRCode[Any]:
    head = url.rstrip(ALPHA_NUM.decode())
    tail = url[len(head) :]
    code: QRCode[Any] = QRCode(error_correction=level)
    if head:
        code.add_data(QRData(head.encode()))
    if tail:
        code.add_data(QRData(tail.encode()))
    try:
        code.best_fit()
    except (DataOverflowError, ValueError) as error:
        raise LinkTooLong(f"网址太长（{len(url)} 个字符），任何二维码都放不下。") from error
    return code


def _bitmap(code: Symbol, px_per_module: int) -> Image.Image:
    """Return the code with its white margin in grey levels 0 and 255."""
    side = code.size
    cells = bytes(0 if dark else 255 for row in code.modules for dark in row)
    core = Image.frombytes("L", (side, side), cells)
    framed = Image.new("L", (side + 2 * QUIET_MODULES,) * 2, 255)
    framed.paste(core, (QUIET_MODULES, QUIET_MODULES))
    return framed.resize((framed.width * px_per_module,) * 2, Image.Resampling.NEAREST)


def _png_bytes(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True, dpi=(LABEL_DPI, LABEL_DPI))
    return out.getvalue()


def _px(millimetres: float) -> int:
    return round(millimetres * LABEL_DPI / 25.4)


def _svg_text(line: Line) -> str:
    weight = 700 if line.weight == "Bold" else 400
    return (
        f'<text x="{line.x_mm:.2f}" y="{line.baseline_mm:.2f}" font-size="{line.size_mm:.2f}"'
        f' font-weight="{weight}" fill="{line.colour}" text-anchor="{line.anchor}">{escape(line.text)}</text>'
    )


def _path_attributes(code: Symbol) -> str:
    """Return the code as one even-odd path of outlines, one unit per module.

    Outlines, not squares or rows: where two filled shapes touch, printers and screens leave hairlines of
    white that some decoders stumble over.
    """
    parts: list[str] = []
    for outline in _outlines(code.modules):
        steps = ((to[0] - at[0], to[1] - at[1]) for at, to in pairwise(outline))
        parts.append(f"M{outline[0][0]} {outline[0][1]}")
        for (dx, dy), run in groupby(steps):
            length = len(list(run))
            parts.append(f"h{dx * length}" if dx else f"v{dy * length}")
        parts.append("z")
    return f'fill="#000" fill-rule="evenodd" d="{"".join(parts)}"'


def _outlines(modules: Modules) -> Iterator[list[Point]]:
    """Yield each closed outline of the dark area: points one module apart, the first again at the end."""
    onward: dict[Point, list[Point]] = {}
    for start, end in _edges(modules):
        onward.setdefault(start, []).append(end)
    while onward:
        outline = [next(iter(onward))]
        while len(outline) == 1 or outline[-1] != outline[0]:
            here = outline[-1]
            ends = onward[here]
            outline.append(ends.pop())
            if not ends:
                del onward[here]
        yield outline


def _edges(modules: Modules) -> Iterator[tuple[Point, Point]]:
    """Yield the sides of dark modules that face light ones, clockwise: as many reach a point as leave it."""
    dark = {(x, y) for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark}
    for x, y in sorted(dark):
        sides = (
            ((x, y - 1), (x, y), (x + 1, y)),
            ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
            ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
            ((x - 1, y), (x, y + 1), (x, y)),
        )
        yield from ((start, end) for neighbour, start, end in sides if neighbour not in dark)
