"""QR codes as pictures: SVG and PNG, alone or as a whole label, and half blocks for a terminal."""

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

from tracker.adapters.label_layout import (
    BAND_CORNER_MM,
    BAND_HEIGHT_MM,
    BAND_INSET_MM,
    CODE_BOX_MM,
    CODE_BOX_TOP_MM,
    FONT_FAMILY,
    LABEL_HEIGHT_MM,
    LABEL_WIDTH_MM,
    TEAL,
    LabelArt,
    Line,
    font_at,
    lines_of,
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


def label_svg(art: LabelArt) -> str:
    """Return the whole small label as an SVG document; raises `FontMissing`, `LinkTooLong`."""
    code = symbol(art.url)
    module_mm = CODE_BOX_MM / (code.size + 2 * QUIET_MODULES)
    left = (LABEL_WIDTH_MM - CODE_BOX_MM) / 2 + QUIET_MODULES * module_mm
    top = CODE_BOX_TOP_MM + QUIET_MODULES * module_mm
    texts = "".join(_svg_text(line) for line in lines_of(art))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL_WIDTH_MM:g}mm" height="{LABEL_HEIGHT_MM:g}mm"'
        f' viewBox="0 0 {LABEL_WIDTH_MM:g} {LABEL_HEIGHT_MM:g}" role="img" xml:lang="zh-CN">'
        f"<title>{escape(f'{printable(art.place_name)} 扫码报事')}</title>"
        f'<rect width="{LABEL_WIDTH_MM:g}" height="{LABEL_HEIGHT_MM:g}" fill="#fff"/>'
        f'<rect x="{BAND_INSET_MM:g}" y="{BAND_INSET_MM:g}" width="{LABEL_WIDTH_MM - 2 * BAND_INSET_MM:g}"'
        f' height="{BAND_HEIGHT_MM:g}" rx="{BAND_CORNER_MM:g}" fill="{TEAL}"/>'
        f'<path transform="translate({left:.4f} {top:.4f}) scale({module_mm:.6f})" {_path_attributes(code)}/>'
        f'<g font-family="{_FAMILIES}">{texts}</g></svg>'
    )


def label_png(art: LabelArt) -> bytes:
    """Return the whole small label as a PNG at 300 dpi; raises `FontMissing`, `LinkTooLong`."""
    code = symbol(art.url)
    picture = Image.new("RGB", (_px(LABEL_WIDTH_MM), _px(LABEL_HEIGHT_MM)), "white")
    draw = ImageDraw.Draw(picture)
    inset, band_end = _px(BAND_INSET_MM), _px(CODE_BOX_TOP_MM)
    band = (inset, inset, picture.width - inset - 1, band_end - 1)
    draw.rounded_rectangle(band, _px(BAND_CORNER_MM), fill=TEAL)
    # Whole pixels per module keep every edge sharp; the rest of the box is white margin.
    bitmap = _bitmap(code, _px(CODE_BOX_MM) // (code.size + 2 * QUIET_MODULES))
    slack = (_px(CODE_BOX_MM) - bitmap.width) // 2
    picture.paste(bitmap, ((picture.width - bitmap.width) // 2, band_end + slack))
    for line in lines_of(art):
        draw.text(
            (_px(line.x_mm), _px(line.baseline_mm)),
            line.text,
            fill=line.colour,
            font=font_at(line.weight, _px(line.size_mm)),
            anchor=_ANCHORS[line.anchor],
        )
    return _png_bytes(picture)


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
