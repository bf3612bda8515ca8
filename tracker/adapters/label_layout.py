"""The words of a label and how they are fitted, in millimetres, before anything is drawn.

Widths are taken from the typeface that prints them: a long name is wrapped and made smaller, and never runs
over the edge. What stands where: label_forms.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Final, Literal

from PIL import ImageFont

TEAL: Final = "#0b4f5e"
INK: Final = "#14252a"
SLATE: Final = "#4d6066"
WHITE: Final = "#ffffff"

FONT_FAMILY: Final = "Noto Sans CJK SC"
FONT_FOLDERS: Final = tuple(
    Path(folder).expanduser()
    for folder in ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "/Library/Fonts")
)

Weight = Literal["Regular", "Bold"]

_LINE_SPACING: Final = 1.16
# How far below its middle a line of Chinese has its baseline, in em.
_BASELINE_DROP: Final = 0.37
# A Latin word stays whole; a Chinese character may start a line unless it is closing punctuation, and may end
# one unless it opens a bracket.
_UNBREAKABLE: Final = re.compile(r"[（《「【“]*(?:[!-~]+|\S)[）》」】”、，。：；！？]*|\s+")


_FIELD_NAMES: Final = {
    "url": "链接",
    "token": "编码",
    "place_name": "场所名称",
    "place_number": "场所编号",
    "street_name": "街道名称",
    "office_phone": "街道电话",
}


class LabelIncomplete(ValueError):
    """Something that every label must show is blank; the message is for the person who prints."""


class FontMissing(RuntimeError):
    """The typeface for Chinese is not installed; the message is for the administrator."""


@dataclass(frozen=True)
class LabelArt:
    """Everything that one label shows.

    `token` is canonical, `url` the link in the code, `street_name` the organisation's line at the top.
    Raises `LabelIncomplete` if any of it is blank.
    """

    url: str
    token: str
    place_name: str
    place_number: str
    street_name: str
    office_phone: str

    def __post_init__(self) -> None:
        blank = [name for field, name in _FIELD_NAMES.items() if not printable(getattr(self, field))]
        if blank:
            raise LabelIncomplete(f"标牌缺少：{'、'.join(blank)}。")


@dataclass(frozen=True)
class Box:
    """A rectangle on a label; from its upper left corner, in mm."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        return self.y_mm + self.height_mm

    @property
    def middle_mm(self) -> float:
        return self.x_mm + self.width_mm / 2


@dataclass(frozen=True)
class Line:
    """One line of text: where its baseline is anchored and how it looks."""

    text: str
    x_mm: float
    baseline_mm: float
    size_mm: float
    weight: Weight = "Regular"
    colour: str = INK
    anchor: Literal["start", "middle", "end"] = "start"


def printable(text: str) -> str:
    """Return a text as it is printed: single blanks, and no control characters, which SVG does not allow."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


@cache
def font_at(weight: Weight, size_px: int) -> ImageFont.FreeTypeFont:
    """Return the label typeface at a size in pixels; raises `FontMissing`."""
    path, face = find_font(weight, FONT_FOLDERS)
    return ImageFont.truetype(path, size_px, index=face)


def find_font(weight: Weight, folders: tuple[Path, ...]) -> tuple[Path, int]:
    """Return the file that holds Noto Sans CJK SC in this weight, and the index of the face inside it.

    Raises:
        FontMissing: none of the folders has it; the message names the package to install.
    """
    for folder in folders:
        for path in sorted(folder.rglob(f"NotoSansCJK*-{weight}.*")):
            face = _face_index(path)
            if face is not None:
                return path, face
    raise FontMissing(
        f"找不到中文字体 {FONT_FAMILY}（{weight}），标牌不能打印。请安装 Debian 软件包 fonts-noto-cjk。"
    )


def wrap(text: str, weight: Weight, width_em: float) -> list[str]:
    """Break a text into the fewest lines of at most `width_em`, as even in length as that allows."""
    lines = _greedy(text, weight, width_em)
    if len(lines) == 1:
        return lines
    least = _width_em(text, weight) / len(lines)
    narrower = (_greedy(text, weight, least + step / 2) for step in count())
    return next((tried for tried in narrower if len(tried) <= len(lines)), lines)


def size_to_fit(text: str, weight: Weight, width_mm: float, *, at_most_mm: float) -> float:
    """Return the size at which a text is at most `width_mm` wide."""
    return min(at_most_mm, width_mm / max(_width_em(text, weight), 1))


def centre_baseline(middle_mm: float, size_mm: float) -> float:
    """Return the baseline of a line whose characters are centred on a height."""
    return middle_mm + _BASELINE_DROP * size_mm


def name_lines(name: str, box: Box, sizes_mm: Sequence[float], *, is_centred: bool = False) -> list[Line]:
    """Return a name in bold at the largest of the sizes at which all of it fits the box, the lines centred in it.

    A name too long for any size ends with "…".
    """
    size, texts = _fitted_name(name, box, sizes_mm)
    height = _LINE_SPACING * size
    first = centre_baseline(box.y_mm + (box.height_mm - height * (len(texts) - 1)) / 2, size)
    x, anchor = (box.middle_mm, "middle") if is_centred else (box.x_mm, "start")
    return [
        Line(text, x, first + height * row, size, "Bold", INK, anchor)  # type: ignore[arg-type]  # one of the two
        for row, text in enumerate(texts)
    ]


def _fitted_name(name: str, box: Box, sizes_mm: Sequence[float]) -> tuple[float, list[str]]:
    for size in sizes_mm:
        texts = wrap(name, "Bold", box.width_mm / size)
        if len(texts) <= _rows_at(size, box):
            return size, texts
    smallest = sizes_mm[-1]
    kept = _greedy(name, "Bold", box.width_mm / smallest - 1)[: _rows_at(smallest, box)]
    return smallest, [*kept[:-1], kept[-1] + "…"]


def _rows_at(size_mm: float, box: Box) -> int:
    return max(1, int(box.height_mm / (size_mm * _LINE_SPACING)))


def _greedy(text: str, weight: Weight, width_em: float) -> list[str]:
    lines = [""]
    for piece in _pieces(text, weight, width_em):
        if _width_em(lines[-1] + piece.rstrip(), weight) > width_em and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return lines


def _pieces(text: str, weight: Weight, width_em: float) -> list[str]:
    """Cut a text where a line may end; a word wider than a line is cut anywhere."""
    pieces: list[str] = []
    for piece in _UNBREAKABLE.findall(text):
        pieces.extend([piece] if _width_em(piece, weight) <= width_em else piece)
    return pieces


def _width_em(text: str, weight: Weight) -> float:
    return sum(_advance_em(character, weight) for character in text)


@lru_cache(maxsize=8192)
def _advance_em(character: str, weight: Weight) -> float:
    return font_at(weight, 100).getlength(character) / 100


def _face_index(path: Path) -> int | None:
    """Return which face of a font collection is the simplified Chinese one; None if none is."""
    for face in count():
        try:
            family, _style = ImageFont.truetype(path, 10, index=face).getname()
        except OSError:
            return None
        if family == FONT_FAMILY:
            return face
    return None
