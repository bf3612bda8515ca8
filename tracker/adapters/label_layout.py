"""What stands where on a label, in millimetres, before anything is drawn.

One layout serves the SVG, the PNG and the printed sheet, so a label looks the same wherever it comes from.
Widths are taken from the typeface that prints them: a long name is wrapped and made smaller, and never runs
over the edge.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from PIL import ImageFont

from tracker.domain.qr_token import display

# Nine of these fill an A4 page inside the 4.2 mm that office printers leave blank.
LABEL_WIDTH_MM: Final = 66.0
LABEL_HEIGHT_MM: Final = 96.0
# The coloured band stays clear of the edges, so that a cut a little off shows no colour of the neighbour.
BAND_INSET_MM: Final = 2.4
BAND_HEIGHT_MM: Final = 7.6
BAND_CORNER_MM: Final = 1.6
CODE_BOX_TOP_MM: Final = BAND_INSET_MM + BAND_HEIGHT_MM
# Code and white margin together: at 29 modules the code itself is 42 mm wide, readable at arm's length.
CODE_BOX_MM: Final = 53.6

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

_LEFT_MM: Final = 6.0
_RIGHT_MM: Final = LABEL_WIDTH_MM - 6.0
_MIDDLE_MM: Final = LABEL_WIDTH_MM / 2
_TEXT_WIDTH_MM: Final = _RIGHT_MM - _LEFT_MM
_NAME_TOP_MM: Final = 70.9
_NAME_HEIGHT_MM: Final = 9.4
_NAME_SIZES_MM: Final = (5.4, 5.0, 4.6, 4.0, 3.6, 3.2, 2.9, 2.6)
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


def lines_of(art: LabelArt) -> list[Line]:
    """Return all the text of a label, top to bottom; raises `FontMissing`."""
    street, name = printable(art.street_name), printable(art.place_name)
    return [_street_line(street), *_heading_lines(), *_name_lines(name), *_foot_lines(art)]


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


def _street_line(street_name: str) -> Line:
    size = _size_to_fit(street_name, "Bold", _TEXT_WIDTH_MM, at_most_mm=3.9)
    baseline = BAND_INSET_MM + BAND_HEIGHT_MM / 2 + _BASELINE_DROP * size
    return Line(street_name, _MIDDLE_MM, baseline, size, "Bold", WHITE, "middle")


def _heading_lines() -> list[Line]:
    return [
        Line("扫码报事", _LEFT_MM, 68.6, 6.4, "Bold", TEAL),
        Line("免登录，30 秒", _RIGHT_MM, 68.5, 3.4, "Regular", SLATE, "end"),
    ]


def _name_lines(name: str) -> list[Line]:
    size, texts = _fitted_name(name)
    height = _LINE_SPACING * size
    first = _NAME_TOP_MM + (_NAME_HEIGHT_MM - height * (len(texts) - 1)) / 2 + _BASELINE_DROP * size
    return [Line(text, _LEFT_MM, first + height * row, size, "Bold") for row, text in enumerate(texts)]


def _fitted_name(name: str) -> tuple[float, list[str]]:
    """Return the largest size at which the whole name fits its box; a name too long for any ends with "…"."""
    for size in _NAME_SIZES_MM:
        texts = wrap(name, "Bold", _TEXT_WIDTH_MM / size)
        if len(texts) <= _rows_at(size):
            return size, texts
    smallest = _NAME_SIZES_MM[-1]
    kept = _greedy(name, "Bold", _TEXT_WIDTH_MM / smallest - 1)[: _rows_at(smallest)]
    return smallest, [*kept[:-1], kept[-1] + "…"]


def _rows_at(size_mm: float) -> int:
    return int(_NAME_HEIGHT_MM / (size_mm * _LINE_SPACING))


def _foot_lines(art: LabelArt) -> list[Line]:
    host = urlsplit(art.url).netloc.lower()
    phone = f"电话 {printable(art.office_phone)}"
    number = f"编号 {printable(art.place_number)}"
    number_size = _size_to_fit(number, "Regular", 17.5, at_most_mm=3.0)
    phone_size = _size_to_fit(phone, "Regular", _TEXT_WIDTH_MM, at_most_mm=3.4)
    host_size = _size_to_fit(host, "Regular", _TEXT_WIDTH_MM, at_most_mm=3.0)
    return [
        Line(display(art.token), _LEFT_MM, 85.4, 5.0, "Bold", TEAL),
        Line(number, _RIGHT_MM, 85.4, number_size, "Regular", SLATE, "end"),
        Line(phone, _LEFT_MM, 89.9, phone_size),
        Line(host, _LEFT_MM, 93.2, host_size, "Regular", SLATE),
    ]


def _size_to_fit(text: str, weight: Weight, width_mm: float, *, at_most_mm: float) -> float:
    return min(at_most_mm, width_mm / max(_width_em(text, weight), 1))


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
