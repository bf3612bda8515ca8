"""What labels are printed on: sheets of labels, single stickers, counter cards. The list is data/label_papers.yaml."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from tracker.adapters.label_forms import FORMS, Placed
from tracker.adapters.qr_images import QUIET_MODULES
from tracker.domain.words import N_

SMALLEST_MODULE_MM: Final = 0.5
"""Six dots of a 300 dpi printer, and what the poorest camera still resolves at a hand's breadth. Our own proposal;
ISO/IEC 18004 leaves it to the application."""
READS_FROM: Final = 10
"""A code is read from ten times its width. Rule of thumb, shared by makers of readers."""


class PaperUnknown(LookupError):
    """No paper has this code. The message lists those there are."""


class CodeTooSmall(ValueError):
    """On this paper the code would be too fine to be read; the message is for the person who prints."""

    def __init__(self, module_mm: float) -> None:
        super().__init__(N_("这种纸上的码太小，手机扫不出来。请换大一点的纸，或换短一点的网址。"))
        self.module_mm = module_mm


@dataclass(frozen=True)
class Paper:
    """One kind of paper; millimetres, positions from the upper left corner of the page."""

    code: str
    zh: str
    en: str
    form: str
    page_width_mm: float
    page_height_mm: float
    label_width_mm: float
    label_height_mm: float
    columns: int
    rows: int
    left_mm: float = 0.0
    top_mm: float = 0.0
    gap_x_mm: float = 0.0
    gap_y_mm: float = 0.0
    has_cut_lines: bool = False
    source: str = ""

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def placed(self) -> Placed:
        """The label's form, brought to this paper's size."""
        return Placed(FORMS[self.form], self.label_width_mm, self.label_height_mm)

    def corner(self, position: int) -> tuple[float, float]:
        """Upper left corner of the label at `position` (from 0, row by row) of a page, in mm."""
        row, column = divmod(position, self.columns)
        return (
            self.left_mm + column * (self.label_width_mm + self.gap_x_mm),
            self.top_mm + row * (self.label_height_mm + self.gap_y_mm),
        )

    def module_mm(self, modules: int) -> float:
        """How wide one module of a code with so many is printed."""
        return self.placed.code.width_mm / (modules + 2 * QUIET_MODULES)

    def code_mm(self, modules: int) -> float:
        """How wide the code is printed, without its white margin."""
        return modules * self.module_mm(modules)

    def reads_from_cm(self, modules: int) -> int:
        """From how far the code is read, roughly."""
        return round(self.code_mm(modules) * READS_FROM / 10)

    def refuse_if_too_small(self, modules: int) -> None:
        """Raise CodeTooSmall where a code of so many modules a side would be too fine."""
        if self.module_mm(modules) < SMALLEST_MODULE_MM:
            raise CodeTooSmall(self.module_mm(modules))


@cache
def papers() -> dict[str, Paper]:
    """Every paper by its code, in the order of the file."""
    text = (resources.files("tracker") / "data" / "label_papers.yaml").read_text(encoding="utf-8")
    return {row["code"]: _paper(row) for row in yaml.safe_load(text)["papers"]}


def paper_named(code: str) -> Paper:
    """The paper with this code.

    Raises:
        PaperUnknown: there is none.
    """
    try:
        return papers()[code]
    except KeyError:
        raise PaperUnknown(f"No paper is called {code!r}; there are: {', '.join(papers())}.") from None


def _paper(row: dict[str, Any]) -> Paper:
    return Paper(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        form=row["form"],
        page_width_mm=row["page"][0],
        page_height_mm=row["page"][1],
        label_width_mm=row["label"][0],
        label_height_mm=row["label"][1],
        columns=row["columns"],
        rows=row["rows"],
        left_mm=row.get("left", 0),
        top_mm=row.get("top", 0),
        gap_x_mm=row.get("gap_x", 0),
        gap_y_mm=row.get("gap_y", 0),
        has_cut_lines=row.get("cut", False),
        source=row["source"],
    )
