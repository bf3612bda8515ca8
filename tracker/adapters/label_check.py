"""The last look at a label before it is handed out: measured in the pixels that a printer would print.

What ISO/IEC 15415 asks of a printed code, as far as it can be seen before printing: four modules of clear white on
every side, contrast, every module the colour it should be, no hairlines between dark ones; and ZXing, which many
Android apps use, has to read it. The tests read every label with the engine inside WeChat as well, which is too heavy
to be installed where labels are printed.
"""

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image

from tracker.adapters.label_forms import Placed
from tracker.adapters.label_papers import Paper
from tracker.adapters.qr_images import QUIET_MODULES, LabelArt, Symbol, symbol
from tracker.domain.words import N_

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

CHECK_DPI: Final = 300
"""What office printers print. A thin module of half a millimetre is then six dots wide."""
SMALLEST_CONTRAST: Final = 0.7
"""Of the light's reflectance that the dark lacks: grade A of ISO/IEC 15415."""
CLEAR: Final = 250
"""Grey level from which paper counts as unprinted; what a JPEG logo leaves on white is above."""
DARK: Final = 96
"""Grey level up to which a spot between two dark modules counts as inked; a hairline is lighter."""

_rasteriser = threading.Lock()  # PDFium may be used by one thread at a time


class Fault:
    """What can be wrong with a label, in words for the person who prints."""

    QUIET_ZONE = N_("码四周的白边不够干净")
    CONTRAST = N_("码的深浅对比不够")
    MODULES = N_("码里有格子被盖住或颜色不对")
    HAIRLINES = N_("码的黑格之间有白缝")
    UNREAD = N_("识别程序读不出来")
    MISREAD = N_("读出来的不是这张标牌的网址")
    MISSING_PAGE = N_("页数与标牌数对不上")


class LabelFaulty(ValueError):
    """A label would not read well, so nothing was handed out.

    Attributes:
        fault: which of ``Fault``; also the message.
        number: of the place on the label; page and position from 1, 0 where there are none.
    """

    def __init__(self, fault: str, art: LabelArt, page: int = 0, position: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.number, self.place = fault, art.place_number, art.place_name
        self.page, self.position = page, position


@dataclass(frozen=True)
class Measured:
    """How one code looks.

    Attributes:
        contrast: 0–1.
        quiet_zone: darkest grey level within four modules around the code, 255 for white paper.
        wrong_modules: how many have the wrong colour.
        hairlines: how many seams between dark modules let the paper through.
    """

    contrast: float
    quiet_zone: int
    wrong_modules: int
    hairlines: int


def check_sheet(pdf: bytes, arts: Sequence[LabelArt], paper: Paper) -> list[Measured]:
    """Measure and decode every label of a sheet, which was set from `arts` in this order; return the measures.

    Raises:
        LabelFaulty: the first label that does not read well.
    """
    pages = -(-len(arts) // paper.per_page)
    measured: list[Measured] = []
    for page, picture in enumerate(_pages(pdf, pages, arts[0])):
        for position, art in enumerate(arts[page * paper.per_page : (page + 1) * paper.per_page]):
            try:
                measured.append(_look_at(_cut_out(picture, paper, position), art, paper.placed))
            except _Wrong as wrong:
                raise LabelFaulty(wrong.fault, art, page + 1, position + 1) from None
    return measured


def check_picture(png: bytes, art: LabelArt, placed: Placed) -> Measured:
    """Measure and decode a label that was drawn as PNG.

    Raises:
        LabelFaulty: it does not read well.
    """
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("L"), dtype=np.uint8)
    try:
        return _look_at(pixels, art, placed, is_snapped=True)
    except _Wrong as wrong:
        raise LabelFaulty(wrong.fault, art) from None


def measure(label: Pixels, code: Symbol, placed: Placed, *, is_snapped: bool = False) -> Measured:
    """Measure the code on a picture of one label, `label`: grey levels, the whole label and nothing else.

    Args:
        is_snapped: it was drawn dot by dot (a PNG of ours), not set as a drawing of exact size.
    """
    grid = _grid(label, code, placed, is_snapped=is_snapped)
    ideal = np.array(code.modules)
    inner = grid.inner_means()
    light, dark = inner[~ideal], inner[ideal]
    contrast = float((light.mean() - dark.mean()) / max(light.mean(), 1.0))
    wrong = int(
        ((inner < (light.mean() + dark.mean()) / 2) != ideal).sum() + (grid.inner_spreads() > 40).sum()
    )
    return Measured(contrast, grid.darkest_around(), wrong, grid.hairlines(ideal))


class _Wrong(Exception):
    def __init__(self, fault: str) -> None:
        self.fault = fault


def _look_at(label: Pixels, art: LabelArt, placed: Placed, *, is_snapped: bool = False) -> Measured:
    measured = measure(label, symbol(art.url), placed, is_snapped=is_snapped)
    for is_wrong, fault in (
        (measured.wrong_modules > 0, Fault.MODULES),
        (measured.quiet_zone < CLEAR, Fault.QUIET_ZONE),
        (measured.contrast < SMALLEST_CONTRAST, Fault.CONTRAST),
        (measured.hairlines > 0, Fault.HAIRLINES),
    ):
        if is_wrong:
            raise _Wrong(fault)
    texts = _read_by_zxing(label)
    if not texts:
        raise _Wrong(Fault.UNREAD)
    if set(texts) != {art.url}:
        raise _Wrong(Fault.MISREAD)
    return measured


def _cut_out(page: Pixels, paper: Paper, position: int) -> Pixels:
    left, top = paper.corner(position)
    edges = (left, top, left + paper.label_width_mm, top + paper.label_height_mm)
    x, y, x_end, y_end = (round(mm * CHECK_DPI / 25.4) for mm in edges)
    return np.ascontiguousarray(page[y:y_end, x:x_end])


@dataclass(frozen=True)
class _Grid:
    """The modules of a code on a picture: `at` and `step` in pixels, of the code without its margin."""

    picture: Pixels
    left: float
    top: float
    step: float
    size: int

    def inner_means(self) -> Any:
        return np.array([[cell.mean() for cell in row] for row in self._inner()])

    def inner_spreads(self) -> Any:
        return np.array([[int(cell.max()) - int(cell.min()) for cell in row] for row in self._inner()])

    def darkest_around(self) -> int:
        """Of the four modules around the code; without the dot at each edge that blurs into its neighbour."""
        reach, edge = QUIET_MODULES * self.step - 1.5, self.size * self.step
        x, y = round(self.left - reach), round(self.top - reach)
        x_end, y_end = round(self.left + edge + reach), round(self.top + edge + reach)
        around = self.picture[max(y, 0) : y_end, max(x, 0) : x_end].copy()
        inner = (
            slice(int(self.top) - max(y, 0) - 1, int(np.ceil(self.top + edge)) - max(y, 0) + 1),
            slice(int(self.left) - max(x, 0) - 1, int(np.ceil(self.left + edge)) - max(x, 0) + 1),
        )
        around[inner] = 255
        return int(around.min())

    def hairlines(self, ideal: Any) -> int:
        """Seams between two dark neighbours that are lighter than ink anywhere along them."""
        seams = 0
        for row, column in zip(*np.nonzero(ideal[:, :-1] & ideal[:, 1:]), strict=True):
            seams += int(self._seam(row, column, across=True).max() > DARK)
        for row, column in zip(*np.nonzero(ideal[:-1, :] & ideal[1:, :]), strict=True):
            seams += int(self._seam(row, column, across=False).max() > DARK)
        return seams

    def _seam(self, row: int, column: int, *, across: bool) -> Pixels:
        """A strip over the border of two modules: right of the first one, or below it."""
        down, along = (0.5, 1.0) if across else (1.0, 0.5)
        y, x = self.top + (row + down) * self.step, self.left + (column + along) * self.step
        half_y, half_x = (0.2, 0.3) if across else (0.3, 0.2)
        return self._area(y - half_y * self.step, x - half_x * self.step, 2 * half_y, 2 * half_x)

    def _inner(self) -> Any:
        return [
            [
                self._area(
                    self.top + (row + 0.25) * self.step, self.left + (column + 0.25) * self.step, 0.5, 0.5
                )
                for column in range(self.size)
            ]
            for row in range(self.size)
        ]

    def _area(self, y: float, x: float, height: float, width: float) -> Pixels:
        """At least one pixel of the picture; height and width in modules."""
        y_at, x_at = int(np.ceil(y)), int(np.ceil(x))
        y_end, x_end = int(y + height * self.step), int(x + width * self.step)
        return self.picture[y_at : max(y_end, y_at + 1), x_at : max(x_end, x_at + 1)]


def _grid(label: Pixels, code: Symbol, placed: Placed, *, is_snapped: bool) -> _Grid:
    """Where the code lies, by the measures it was drawn from: what else is on the label cannot move it.

    `is_snapped`: drawn with a whole number of dots for each module, what is left over going to the white margin.
    """
    box, px, modules = placed.code, label.shape[1] / placed.width_mm, code.size + 2 * QUIET_MODULES
    if not is_snapped:
        step = box.width_mm * px / modules
        return _Grid(
            label, box.x_mm * px + QUIET_MODULES * step, box.y_mm * px + QUIET_MODULES * step, step, code.size
        )
    room = round(box.width_mm * px)
    dots = room // modules
    start = (room - dots * modules) // 2 + QUIET_MODULES * dots
    return _Grid(label, round(box.x_mm * px) + start, round(box.y_mm * px) + start, float(dots), code.size)


def _pages(pdf: bytes, wanted: int, first: LabelArt) -> list[Pixels]:
    import pypdfium2  # noqa: PLC0415 - only printing needs it

    with _rasteriser:
        document = pypdfium2.PdfDocument(pdf)  # type: ignore[no-untyped-call]  # carries no types
        try:
            if len(document) != wanted:
                raise LabelFaulty(Fault.MISSING_PAGE, first)
            return [
                np.asarray(page.render(scale=CHECK_DPI / 72, grayscale=True).to_pil(), dtype=np.uint8)
                for page in document
            ]
        finally:
            document.close()  # type: ignore[no-untyped-call]  # the same


def _read_by_zxing(label: Pixels) -> list[str]:
    import zxingcpp  # noqa: PLC0415 - the same

    return [code.text for code in zxingcpp.read_barcodes(label)]
