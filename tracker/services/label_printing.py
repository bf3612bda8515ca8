"""Labels, drawn: one PNG and one SVG each, and A4 sheets; the same labels give the same files every time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tracker.adapters.label_layout import LabelArt
from tracker.adapters.label_sheet import COLUMNS, ROWS, sheet_pdf
from tracker.adapters.qr_images import label_png, label_svg
from tracker.domain.qr_token import label_url
from tracker.services.labels import LabelView
from tracker.services.parts import parts

LABELS_PER_SHEET = 10 * COLUMNS * ROWS
"""One PDF holds up to ten pages: a long print run can be stopped and resumed, and its progress seen."""


def files_of(labels: Sequence[LabelView]) -> int:
    """How many files ``print_labels`` writes for these labels."""
    return 2 * len(labels) + -(-len(labels) // LABELS_PER_SHEET)


def print_labels(labels: Sequence[LabelView], folder: Path) -> Iterator[Path]:
    """Write each label as PNG and SVG, and A4 sheets of all of them; yield each file once it is there.

    A label's files are called after its place and token, a sheet after its first and last place.

    Raises:
        LabelIncomplete: a setting or a place lacks something that every label must show.
        PublicUrlUnusable, LinkTooLong: the public address cannot be printed.
        FontMissing: the typeface for Chinese is not installed.
    """
    drawn = [
        (label, art_of(label)) for label in labels
    ]  # all of them first: a bad one is told before any file
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(drawn), LABELS_PER_SHEET):
        batch = drawn[start : start + LABELS_PER_SHEET]
        for label, art in batch:
            stem = folder / f"{label.place_code}-{label.token}"
            yield _write(stem.with_name(f"{stem.name}.png"), label_png(art))
            yield _write(stem.with_name(f"{stem.name}.svg"), label_svg(art).encode())
        name = f"sheet-{batch[0][0].place_code}-{batch[-1][0].place_code}.pdf"
        yield _write(folder / name, sheet_pdf([art for _, art in batch]))


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


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
