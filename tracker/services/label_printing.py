"""Labels, drawn and looked over: one PNG and one SVG each, and sheets; the same labels give the same files every time.

No sheet leaves here unread: it is turned into pixels as a printer would, measured, and every code on it decoded by two
decoders that know nothing of each other (adapters/label_check.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.adapters.label_check import check_picture, check_sheet
from tracker.adapters.label_layout import LabelArt
from tracker.adapters.label_papers import Paper, papers
from tracker.adapters.label_sheet import PLAIN, sheet_pdf
from tracker.adapters.qr_images import label_png, label_svg, symbol
from tracker.domain.qr_token import label_url
from tracker.services.labels import LabelView
from tracker.services.parts import parts

PAGES_PER_FILE = 10
"""One PDF holds up to ten pages: a long print run can be stopped and resumed, and its progress seen."""


@dataclass(frozen=True)
class PrintJob:
    """What is to be printed: each label's file name and what it shows, on which paper, with which logo (a JPEG)."""

    arts: Sequence[tuple[str, LabelArt]]
    paper: Paper
    logo: bytes | None = None

    @property
    def per_file(self) -> int:
        """Labels of one PDF."""
        return PAGES_PER_FILE * self.paper.per_page

    @property
    def files(self) -> int:
        """How many files ``draw`` yields."""
        return 2 * len(self.arts) + -(-len(self.arts) // self.per_file)


@dataclass(frozen=True)
class Drawn:
    """One file: its name, its content, how many labels it holds."""

    name: str
    content: bytes
    labels: int


def job_of(labels: Sequence[LabelView], paper: Paper | None = None, logo: bytes | None = None) -> PrintJob:
    """Put together what the labels show, all of them first: a bad one is told before any file.

    Raises:
        LabelIncomplete: a setting or a place lacks something that every label must show.
        PublicUrlUnusable, LinkTooLong: the public address cannot be printed.
        CodeTooSmall: the paper is too small for so long an address.
    """
    paper = paper or papers()[PLAIN]
    arts = [(f"{label.place_code}-{label.token}", art_of(label)) for label in labels]
    for _name, art in arts:
        paper.refuse_if_too_small(symbol(art.url).size)
    return PrintJob(arts, paper, logo)


def draw(job: PrintJob) -> Iterator[Drawn]:
    """Draw each label as PNG and SVG, and sheets of all of them; yield each file once it is found good.

    A label's files are called after its place and token, a sheet after its first and last place.

    Raises:
        LabelFaulty: a label does not read well as it would be printed; nothing of its sheet was yielded.
        FontMissing: the typeface for Chinese is not installed.
    """
    for start in range(0, len(job.arts), job.per_file):
        chosen = job.arts[start : start + job.per_file]
        arts = [art for _, art in chosen]
        sheet = sheet_pdf(arts, job.paper, job.logo)
        check_sheet(sheet, arts, job.paper)
        for name, art in chosen:
            picture = label_png(art, job.paper.placed, job.logo)
            check_picture(picture, art, job.paper.placed)
            yield Drawn(f"{name}.png", picture, 1)
            yield Drawn(f"{name}.svg", label_svg(art, job.paper.placed, job.logo).encode(), 1)
        yield Drawn(f"sheet-{arts[0].place_number}-{arts[-1].place_number}.pdf", sheet, len(arts))


def print_labels(job: PrintJob, folder: Path) -> Iterator[Path]:
    """Draw into a folder; yield each file once it is there. Raises as ``draw`` does."""
    folder.mkdir(parents=True, exist_ok=True)
    for drawn in draw(job):
        path = folder / drawn.name
        path.write_bytes(drawn.content)
        yield path


def art_of(label: LabelView) -> LabelArt:
    """What the label shows; raises LabelIncomplete and PublicUrlUnusable."""
    config = parts().config
    return LabelArt(
        url=label_url(config.public_url, label.token),
        token=label.token,
        place_name=label.place_name,
        place_number=label.place_code,
        street_name=config.office_name,
        office_phone=config.office_phone,
    )
