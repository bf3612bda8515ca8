"""The files of a batch: drawn, looked over, kept in LABELS_DIR, handed out; made anew when they are gone."""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from sqlalchemy import delete, or_, select

from tracker.adapters.label_check import LabelFaulty
from tracker.adapters.label_layout import FontMissing, LabelArt
from tracker.adapters.label_papers import papers
from tracker.adapters.photo_store import PhotoMissing
from tracker.domain.permissions import NotPermitted
from tracker.extensions import db, insert_rows, let_go, now, transaction
from tracker.models import LabelBatch, LabelBatchFile, LabelBatchItem
from tracker.services.label_batches import BatchMissing
from tracker.services.label_printing import PrintJob, draw
from tracker.services.parts import parts

DRAWN_WITHIN = timedelta(minutes=20)
"""A drawing that took longer was interrupted; somebody else takes it up. 3000 labels take about fifteen."""
IN_MEMORY_BYTES = 8 * 1024 * 1024


class FilesGone(Exception):
    """The batch's files are not there any more, or were changed; they can be made anew."""


@dataclass(frozen=True)
class FileView:
    """A file of a batch."""

    name: str
    size_bytes: int
    labels: int


def draw_waiting(moment: datetime) -> int:
    """Draw the files of the batch that waits longest; return 1, or 0 if none waits."""
    number = _claim(moment)
    if number is None:
        return 0
    _draw(number)
    return 1


def draw_now(number: int) -> None:
    """Draw the files of this batch at once, unless somebody does already."""
    if _claim(now(), number) is not None:
        _draw(number)


def want_files(number: int, moment: datetime) -> None:
    """Ask for a batch's files to be made, or made anew.

    Raises:
        BatchMissing: no batch has this number.
    """
    with transaction():
        batch = _locked(number)
        if batch.wanted_at is None:
            batch.wanted_at, batch.claimed_until, batch.fault = moment, None, {}


def sheets(number: int) -> list[FileView]:
    """The PDFs of a batch, in the order of its labels."""
    return [file for file in files(number) if file.name.endswith(".pdf")]


def files(number: int) -> list[FileView]:
    """Every file of a batch that is there as it was drawn."""
    folder = folder_of(number)
    return [
        FileView(row.name, row.size_bytes, row.labels)
        for row in _rows(number)
        if (folder / row.name).is_file() and (folder / row.name).stat().st_size == row.size_bytes
    ]


def progress(number: int) -> tuple[int, int]:
    """How many files of a batch are drawn so far, and how many there will be."""
    folder = folder_of(number)
    job = _job(number)
    return sum(1 for _ in folder.glob("*.*")) if folder.is_dir() else 0, job.files


def content_of(number: int, name: str) -> bytes:
    """A file as it was drawn and looked over.

    Raises:
        NotPermitted: the batch has no such file.
        FilesGone: it is not there any more, or is not what was looked over.
    """
    row = next((row for row in _rows(number) if row.name == name), None)
    if row is None:
        raise NotPermitted(name)
    try:
        content = (folder_of(number) / row.name).read_bytes()
    except FileNotFoundError:
        raise FilesGone from None
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise FilesGone
    return content


def all_of(number: int) -> IO[bytes]:
    """Every file of a batch in one zip; the caller closes it.

    Raises:
        FilesGone: one of them is not there any more.
    """
    names = [row.name for row in _rows(number)]
    if not names:
        raise FilesGone
    let_go()
    packed: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        # What is inside is packed already (PNG, PDF), so packing again would only cost time.
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo(name), content_of(number, name))
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    return packed


def folder_of(number: int) -> Path:
    """Where a batch's files lie."""
    return parts().config.labels_dir / f"batch-{number:04d}"


def _claim(moment: datetime, number: int | None = None) -> int | None:
    """Take the longest waiting batch, or this one, for ourselves; None: nothing is to be done."""
    is_free = or_(LabelBatch.claimed_until.is_(None), LabelBatch.claimed_until < moment)
    wanted = select(LabelBatch).where(LabelBatch.wanted_at.is_not(None), is_free)
    if number is not None:
        wanted = wanted.where(LabelBatch.id == number)
    first = wanted.order_by(LabelBatch.wanted_at, LabelBatch.id).limit(1)
    if db.session.scalar(first.with_only_columns(LabelBatch.id)) is None:
        return None  # nearly always: asked every few seconds, and no lock is taken for it
    with transaction():
        batch = db.session.scalar(first.with_for_update(skip_locked=True))
        if batch is None:
            return None
        batch.claimed_until = moment + DRAWN_WITHIN
        return batch.id


def _draw(number: int) -> None:
    """Draw into the batch's own folder, then say so; what is wrong with a label is kept instead of any file."""
    folder = folder_of(number)
    drawn: list[dict[str, object]] = []
    try:
        job = _job(number)
        let_go()
        folder.mkdir(parents=True, exist_ok=True)
        _empty(folder)
        for file in draw(job):
            (folder / file.name).write_bytes(file.content)
            digest = hashlib.sha256(file.content).hexdigest()
            drawn.append(
                {
                    "batch_id": number,
                    "name": file.name,
                    "size_bytes": len(file.content),
                    "sha256": digest,
                    "labels": file.labels,
                }
            )
    except (LabelFaulty, FontMissing, PhotoMissing, OSError) as error:
        _empty(folder)
        _finish(number, [], _fault_of(error))
        return
    except BaseException:
        _give_back(number)
        raise
    _finish(number, drawn, {})


def _fault_of(error: Exception) -> dict[str, object]:
    if isinstance(error, LabelFaulty):
        where = {"number": error.number, "place": error.place, "page": error.page, "position": error.position}
        return where | {"why": error.fault}
    return {"why": str(error)}


def _finish(number: int, drawn: Sequence[dict[str, object]], fault: dict[str, object]) -> None:
    with transaction():
        batch = _locked(number)
        db.session.execute(delete(LabelBatchFile).where(LabelBatchFile.batch_id == number))
        insert_rows(LabelBatchFile, drawn)
        batch.wanted_at, batch.claimed_until, batch.fault = None, None, fault
        batch.drawn_at = now() if drawn else None


def _give_back(number: int) -> None:
    with transaction():
        _locked(number).claimed_until = None


def _job(number: int) -> PrintJob:
    batch = db.session.get(LabelBatch, number)
    if batch is None:
        raise BatchMissing(number)
    shown = db.session.scalars(
        select(LabelBatchItem.shows)
        .where(LabelBatchItem.batch_id == number)
        .order_by(LabelBatchItem.position)
    )
    arts = [LabelArt(**shows) for shows in shown]
    store = parts().photo_store
    logo = store.path(batch.logo_sha256).read_bytes() if batch.logo_sha256 else None
    return PrintJob([(f"{art.place_number}-{art.token}", art) for art in arts], papers()[batch.paper], logo)


def _rows(number: int) -> Sequence[LabelBatchFile]:
    return db.session.scalars(
        select(LabelBatchFile).where(LabelBatchFile.batch_id == number).order_by(LabelBatchFile.name)
    ).all()


def _locked(number: int) -> LabelBatch:
    batch = db.session.get(LabelBatch, number, with_for_update=True)
    if batch is None:
        raise BatchMissing(number)
    return batch


def _empty(folder: Path) -> None:
    for file in folder.glob("*.*") if folder.is_dir() else ():
        file.unlink(missing_ok=True)
