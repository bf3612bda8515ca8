"""What stands where on a label: one form for each shape of paper, drawn at one size and scaled to the paper's.

Each form has a square for the code with its white margin, and room for a logo that never touches that square. One
form serves the SVG, the PNG and the printed sheet, so a label looks the same wherever it comes from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tracker.adapters.label_layout import (
    SLATE,
    TEAL,
    WHITE,
    Box,
    LabelArt,
    Line,
    centre_baseline,
    name_lines,
    printable,
    size_to_fit,
)
from tracker.domain.qr_token import display

HEADING: Final = "扫码报事"
PROMISE: Final = "免登录，30 秒"
STEPS: Final = ("① 扫一扫", "② 点一点，拍一张", "③ 提交")
_NAME_SIZES_MM: Final = (5.4, 5.0, 4.6, 4.0, 3.6, 3.2, 2.9, 2.6)

Words = Callable[["Form", LabelArt, bool], list[Line]]
"""Form, what the label shows, whether there is a logo → all of its lines, top to bottom."""


@dataclass(frozen=True)
class Form:
    """One form at the size it is drawn for.

    Attributes:
        band: coloured, with the street's name; clear of the edges, so that a cut a little off shows no colour of
            the neighbour.
        code: the code and its white margin.
        logo: where a logo goes; None: there is no room for one.
    """

    name: str
    width_mm: float
    height_mm: float
    band: Box
    band_corner_mm: float
    code: Box
    logo: Box | None
    words: Words

    def lines(self, art: LabelArt, *, with_logo: bool = False) -> list[Line]:
        """Return all the text of a label, top to bottom; raises `FontMissing`."""
        return self.words(self, art, with_logo and self.logo is not None)


@dataclass(frozen=True)
class Placed:
    """A form brought to a label's size, in the middle of it."""

    form: Form
    width_mm: float
    height_mm: float

    @property
    def scale(self) -> float:
        """Millimetres on paper for each millimetre of the form."""
        return min(self.width_mm / self.form.width_mm, self.height_mm / self.form.height_mm)

    @property
    def left_mm(self) -> float:
        return (self.width_mm - self.form.width_mm * self.scale) / 2

    @property
    def top_mm(self) -> float:
        return (self.height_mm - self.form.height_mm * self.scale) / 2

    @property
    def code(self) -> Box:
        """The code with its white margin, on paper."""
        return self._on_paper(self.form.code)

    @property
    def logo(self) -> Box | None:
        """The room for a logo, on paper."""
        return self._on_paper(self.form.logo) if self.form.logo else None

    def _on_paper(self, box: Box) -> Box:
        scale = self.scale
        return Box(
            self.left_mm + box.x_mm * scale,
            self.top_mm + box.y_mm * scale,
            box.width_mm * scale,
            box.height_mm * scale,
        )


def _upright_words(form: Form, art: LabelArt, with_logo: bool) -> list[Line]:  # noqa: FBT001 - one of `Words`
    left, right = 6.0, 60.0
    foot_width = 36.0 if with_logo else 54.0
    street, number = printable(art.street_name), _number(art)
    return [
        _band_line(form, street),
        Line(HEADING, left, 69.5, 6.4, "Bold", TEAL),
        Line(PROMISE, right, 69.4, 3.4, "Regular", SLATE, "end"),
        *name_lines(printable(art.place_name), Box(left, 71.6, right - left, 8.8), _NAME_SIZES_MM),
        Line(display(art.token), left, 85.4, 5.0, "Bold", TEAL),
        Line(number, right, 85.4, _fit(number, 17.5, 3.0), "Regular", SLATE, "end"),
        Line(_phone(art), left, 89.9, _fit(_phone(art), foot_width, 3.4)),
        Line(_host(art), left, 93.2, _fit(_host(art), foot_width, 3.0), "Regular", SLATE),
    ]


def _wide_words(form: Form, art: LabelArt, with_logo: bool) -> list[Line]:  # noqa: FBT001 - one of `Words`
    left, width = 66.0, 30.2
    name_height = 11.6 if with_logo else 18.0
    return [
        _band_line(form, printable(art.street_name)),
        Line(HEADING, left, 20.2, 7.0, "Bold", TEAL),
        Line(PROMISE, left, 25.2, 3.4, "Regular", SLATE),
        *name_lines(printable(art.place_name), Box(left, 27.2, width, name_height), _NAME_SIZES_MM),
        *_stacked_foot(art, left, width, 45.0 if with_logo else 52.6),
    ]


def _stacked_foot(art: LabelArt, left: float, width: float, top: float) -> list[Line]:
    """Token, number, phone and host below each other; `top` is the token's baseline."""
    token, number, phone, host = display(art.token), _number(art), _phone(art), _host(art)
    return [
        Line(token, left, top, size_to_fit(token, "Bold", width, at_most_mm=4.4), "Bold", TEAL),
        Line(number, left, top + 3.9, _fit(number, width, 2.7), "Regular", SLATE),
        Line(phone, left, top + 7.6, _fit(phone, width, 2.9)),
        Line(host, left, top + 11.0, _fit(host, width, 2.7), "Regular", SLATE),
    ]


def _slim_words(form: Form, art: LabelArt, with_logo: bool) -> list[Line]:  # noqa: ARG001, FBT001 - one of `Words`
    left, width = 35.4, 32.2
    token, number, phone, host = display(art.token), _number(art), _phone(art), _host(art)
    return [
        _band_line(form, printable(art.street_name)),
        Line(HEADING, left, 12.4, 4.6, "Bold", TEAL),
        Line(number, left + width, 12.2, _fit(number, 12.5, 2.4), "Regular", SLATE, "end"),
        *name_lines(
            printable(art.place_name), Box(left, 13.9, width, 8.2), (4.0, 3.6, 3.2, 2.9, 2.6, 2.3, 2.0)
        ),
        Line(token, left, 26.4, size_to_fit(token, "Bold", width, at_most_mm=4.0), "Bold", TEAL),
        Line(phone, left, 30.2, _fit(phone, width, 2.6)),
        Line(host, left, 33.4, _fit(host, width, 2.3), "Regular", SLATE),
    ]


def _square_words(form: Form, art: LabelArt, with_logo: bool) -> list[Line]:  # noqa: FBT001 - one of `Words`
    left, right = 6.0, 94.0
    number, phone, host = _number(art), _phone(art), _host(art)
    name_width = 64.0 if with_logo else right - left
    return [
        _band_line(form, printable(art.street_name)),
        Line(HEADING, left, 80.0, 6.4, "Bold", TEAL),
        Line(PROMISE, right, 79.9, 3.6, "Regular", SLATE, "end"),
        *name_lines(printable(art.place_name), Box(left, 81.6, name_width, 7.6), _NAME_SIZES_MM),
        Line(display(art.token), left, 93.9, 4.6, "Bold", TEAL),
        Line(number, right, 93.8, _fit(number, 34.0, 3.0), "Regular", SLATE, "end"),
        Line(phone, left, 97.6, _fit(phone, 46.0, 3.2)),
        Line(host, right, 97.6, _fit(host, 40.0, 2.8), "Regular", SLATE, "end"),
    ]


def _card_words(form: Form, art: LabelArt, with_logo: bool) -> list[Line]:  # noqa: FBT001 - one of `Words`
    left, right, middle = 8.0, 97.0, form.width_mm / 2
    number, phone, host = _number(art), _phone(art), _host(art)
    room = Box(left, 123.4, 64.0 if with_logo else right - left, 10.2)
    return [
        _band_line(form, printable(art.street_name)),
        Line(HEADING, middle, 28.4, 10.6, "Bold", TEAL, "middle"),
        Line(PROMISE, middle, 34.4, 4.2, "Regular", SLATE, "middle"),
        Line(STEPS[0], left, 119.6, 4.6, "Bold"),
        Line(STEPS[1], middle + 3.0, 119.6, 4.6, "Bold", anchor="middle"),
        Line(STEPS[2], right, 119.6, 4.6, "Bold", anchor="end"),
        *name_lines(printable(art.place_name), room, (6.4, 5.8, *_NAME_SIZES_MM)),
        Line(display(art.token), left, 138.6, 5.2, "Bold", TEAL),
        Line(number, right, 138.4, _fit(number, 36.0, 3.2), "Regular", SLATE, "end"),
        Line(phone, left, 144.2, _fit(phone, 48.0, 3.6)),
        Line(host, right, 144.2, _fit(host, 38.0, 3.0), "Regular", SLATE, "end"),
    ]


def _band_line(form: Form, street_name: str) -> Line:
    band = form.band
    size = size_to_fit(street_name, "Bold", band.width_mm - 3.6, at_most_mm=band.height_mm * 0.52)
    baseline = centre_baseline(band.y_mm + band.height_mm / 2, size)
    return Line(street_name, band.middle_mm, baseline, size, "Bold", WHITE, "middle")


def _fit(text: str, width_mm: float, at_most_mm: float) -> float:
    return size_to_fit(text, "Regular", width_mm, at_most_mm=at_most_mm)


def _number(art: LabelArt) -> str:
    return f"编号 {printable(art.place_number)}"


def _phone(art: LabelArt) -> str:
    return f"电话 {printable(art.office_phone)}"


def _host(art: LabelArt) -> str:
    return urlsplit(art.url).netloc.lower()


FORMS: Final[Mapping[str, Form]] = {
    form.name: form
    for form in (
        # Nine of these fill an A4 page. Code and white margin together: at 29 modules the code itself is 42 mm
        # wide, readable at arm's length.
        Form(
            "upright",
            66.0,
            96.0,
            band=Box(2.4, 2.4, 61.2, 7.6),
            band_corner_mm=1.6,
            code=Box(6.2, 10.0, 53.6, 53.6),
            logo=Box(44.0, 87.0, 16.0, 7.0),
            words=_upright_words,
        ),
        Form(
            "wide",
            99.1,
            67.7,
            band=Box(65.6, 2.6, 31.0, 7.6),
            band_corner_mm=1.4,
            code=Box(2.2, 2.35, 63.0, 63.0),
            logo=Box(66.0, 58.6, 30.2, 6.6),
            words=_wide_words,
        ),
        Form(
            "slim",
            70.0,
            36.0,
            band=Box(35.4, 2.2, 32.2, 4.8),
            band_corner_mm=1.0,
            code=Box(1.4, 1.5, 33.0, 33.0),
            logo=None,
            words=_slim_words,
        ),
        Form(
            "square",
            100.0,
            100.0,
            band=Box(3.0, 3.0, 94.0, 8.4),
            band_corner_mm=1.8,
            code=Box(18.8, 11.8, 62.4, 62.4),
            logo=Box(73.0, 81.8, 21.0, 7.4),
            words=_square_words,
        ),
        Form(
            "card",
            105.0,
            148.0,
            band=Box(4.0, 4.0, 97.0, 10.6),
            band_corner_mm=2.2,
            code=Box(13.9, 36.4, 77.2, 77.2),
            logo=Box(75.0, 123.6, 22.0, 10.0),
            words=_card_words,
        ),
    )
}
UPRIGHT: Final = Placed(FORMS["upright"], 66.0, 96.0)
"""The label as it is drawn where nothing else was asked for."""


def lines_of(art: LabelArt) -> list[Line]:
    """Return all the text of an upright label, top to bottom; raises `FontMissing`."""
    return UPRIGHT.form.lines(art)
