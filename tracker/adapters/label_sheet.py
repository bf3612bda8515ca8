"""Printable pages of labels: PDF, set from `templates/labels/`."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from tracker.adapters.label_papers import Paper, papers
from tracker.adapters.paper import PICTURE, html_pdf
from tracker.adapters.qr_images import LabelArt, label_svg, logo_size

PLAIN = "a4-9"
"""The paper of every office: nine labels on plain A4, cut with scissors."""
_LOGO = "logo.jpg"


class NothingToPrint(ValueError):
    """A sheet without labels was asked for; the message is for the person who asked."""


def sheet_pdf(labels: Sequence[LabelArt], paper: Paper | None = None, logo: bytes | None = None) -> bytes:
    """Return pages of labels, row by row in the order given; with light cut lines where scissors are meant.

    Args:
        paper: the plain A4 sheet of nine, if nothing else is said.
        logo: a JPEG for the labels' room for one.

    Raises:
        NothingToPrint: there are no labels.
        FontMissing: the typeface for Chinese is not installed.
        LinkTooLong: a link fits no QR code.
    """
    if not labels:
        raise NothingToPrint("没有可打印的标牌。请先选择场所。")
    paper = paper or papers()[PLAIN]
    shown = logo if paper.placed.logo else None
    # label_svg escapes every text it is given, so its markup may stand in the page as it is.
    drawn = [
        Markup(label_svg(art, paper.placed, shown, is_drawn=False))  # noqa: S704
        for art in labels
    ]
    page = _template().render(
        pages=[drawn[start : start + paper.per_page] for start in range(0, len(drawn), paper.per_page)],
        paper=paper,
        corners=[paper.corner(position) for position in range(paper.per_page)],
        logo=_logo_box(paper, shown) if shown else None,
    )
    return html_pdf(page, {_LOGO: shown} if shown else None)


def _logo_box(paper: Paper, logo: bytes) -> dict[str, str | float]:
    """Where the picture stands on each label: in the lower right corner of its room."""
    room = paper.placed.logo
    if room is None:
        raise ValueError(f"{paper.code} has no room for a logo")
    width, height = logo_size(logo, room)
    return {
        "source": PICTURE + _LOGO,
        "x": room.right_mm - width,
        "y": room.bottom_mm - height,
        "width": width,
        "height": height,
    }


def _template() -> Template:
    environment = Environment(loader=PackageLoader("tracker"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("labels/sheet.html")
