"""Printable pages of labels: PDF, set from `templates/labels/`."""

from collections.abc import Sequence
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from tracker.adapters.label_layout import LABEL_HEIGHT_MM, LABEL_WIDTH_MM
from tracker.adapters.paper import html_pdf
from tracker.adapters.qr_images import LabelArt, label_svg

COLUMNS: Final = 3
ROWS: Final = 3
A4_WIDTH_MM: Final = 210.0
A4_HEIGHT_MM: Final = 297.0

_PER_PAGE: Final = COLUMNS * ROWS


class NothingToPrint(ValueError):
    """A sheet without labels was asked for; the message is for the person who asked."""


def sheet_pdf(labels: Sequence[LabelArt]) -> bytes:
    """Return A4 pages of nine labels each, row by row in the order given, with light cut lines.

    Raises:
        NothingToPrint: there are no labels.
        FontMissing: the typeface for Chinese is not installed.
        LinkTooLong: a link fits no QR code.
    """
    if not labels:
        raise NothingToPrint("没有可打印的标牌。请先选择场所。")
    # label_svg escapes every text it is given, so its markup may stand in the page as it is.
    drawn = [Markup(label_svg(art)) for art in labels]  # noqa: S704
    page = _template().render(
        pages=[drawn[start : start + _PER_PAGE] for start in range(0, len(drawn), _PER_PAGE)],
        columns=COLUMNS,
        rows=ROWS,
        label_width=LABEL_WIDTH_MM,
        label_height=LABEL_HEIGHT_MM,
        margin_x=(A4_WIDTH_MM - COLUMNS * LABEL_WIDTH_MM) / 2,
        margin_y=(A4_HEIGHT_MM - ROWS * LABEL_HEIGHT_MM) / 2,
    )
    return html_pdf(page)


def _template() -> Template:
    environment = Environment(loader=PackageLoader("tracker"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("labels/sheet.html")
