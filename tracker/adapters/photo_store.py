"""Keeping photos on disk, so that what was acknowledged is there after a kill, a full disk or a power cut.

A photo's name is the hash of its content: ``ab/cd/abcd….jpg`` and ``ab/cd/abcd….thumb.jpg`` below the root.
A name appears only when its content is complete and on the disk, and is never written again. The thumbnail
comes first, so a photo that is there has one.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from tracker.adapters.photo_reading import CleanPhoto
from tracker.domain.words import N_

Size = Literal["full", "thumb"]

_SUFFIX: dict[Size, str] = {"full": ".jpg", "thumb": ".thumb.jpg"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"
# EFBIG: a limit on file sizes set for this process; to the person it is the same as a full disk.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StorageFailed(RuntimeError):
    """The disk did not take a photo. Nothing was acknowledged; the cause is attached."""

    def __init__(self, message: str = N_("照片暂时存不上，请稍后再试。")) -> None:
        super().__init__(message)


class StorageFull(StorageFailed):
    """There is no room for photos now; there may be later, without a restart."""

    def __init__(self) -> None:
        super().__init__(N_("存储空间不足，暂时收不了照片。请稍后再试，或先不带照片提交。"))


class PhotoMissing(LookupError):
    """No such photo is stored, or what was asked for is not a photo's name."""


@dataclass(frozen=True)
class StoredPhoto:
    """What a row keeps of a photo. ``sha256``, its name, and ``size_bytes`` are those of the full JPEG."""

    sha256: str
    width: int
    height: int
    size_bytes: int


class FreeSpace(NamedTuple):
    """Bytes this process may still use on the photos' disk, of how many there are."""

    free_bytes: int
    total_bytes: int


class PhotoStore:
    """Photos below ``root``. Any number of processes may use one root at once.

    No photo is accepted while less than 1 % of the disk, or ``floor_bytes``, is free.
    """

    def __init__(self, root: Path, *, floor_bytes: int = 0) -> None:
        self._root = root
        self._floor_bytes = floor_bytes
        # Directories whose own entry this process knows to be on the disk. Never removed while in use.
        self._durable: set[Path] = set()

    def save(self, photo: CleanPhoto) -> StoredPhoto:
        """Store ``photo``; when this returns, it is on the disk. The same content again is the same file.

        Raises:
            StorageFull: no room, or too little left.
            StorageFailed: any other failure of the disk, a failed fsync included.
        """
        sha256 = hashlib.sha256(photo.jpeg).hexdigest()
        with _disk_errors_named():
            folder = self._path(sha256, "full").parent
            self._make_durable(folder)
            self._require_room()
            wanted = {self._path(sha256, "thumb"): photo.thumbnail, self._path(sha256, "full"): photo.jpeg}
            self._write({final: content for final, content in wanted.items() if not final.exists()})
            # Also when both were there: the one who wrote them may not have come this far.
            _fsync_directory(folder)
        return StoredPhoto(sha256, photo.width, photo.height, len(photo.jpeg))

    def path(self, sha256: str, size: Size = "full") -> Path:
        """Return where a stored photo is.

        Raises:
            PhotoMissing: it is not there, or ``sha256`` is not 64 hex digits in lower case.
        """
        if not _SHA256.fullmatch(sha256):
            raise PhotoMissing("照片编号不对。")
        path = self._path(sha256, size)
        if not path.is_file():
            raise PhotoMissing(f"照片 {sha256[:12]} 的{'缩略图' if size == 'thumb' else '原图'}不在存储中。")
        return path

    def open(self, sha256: str, size: Size = "full") -> BinaryIO:
        """Return a stored photo, opened for reading. Raises as ``path`` does."""
        return self.path(sha256, size).open("rb")

    def paths(self) -> Iterator[Path]:
        """Yield every stored file, thumbnails too, in order of name; for clean-up and backup."""
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
            yield from sorted(folder.glob("*.jpg"))

    def free_space(self) -> FreeSpace:
        """Return what is left on the photos' disk."""
        usage = shutil.disk_usage(
            next(place for place in (self._root, *self._root.parents) if place.exists())
        )
        return FreeSpace(usage.free, usage.total)

    def remove_abandoned(self, before: datetime) -> int:
        """Remove what processes killed in the middle of a save left before ``before`` (aware); say how many.

        Choose a moment some hours ago, so that nobody is still writing.
        """
        removed = 0
        for leftover in (self._root / _INCOMING).glob("*.part"):
            with suppress(FileNotFoundError):  # another clean-up was faster
                if leftover.stat().st_mtime < before.timestamp():
                    leftover.unlink()
                    removed += 1
        return removed

    def _path(self, sha256: str, size: Size) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / (sha256 + _SUFFIX[size])

    def _require_room(self) -> None:
        free_bytes, total_bytes = self.free_space()
        if free_bytes < max(self._floor_bytes, total_bytes // 100):
            raise StorageFull

    def _make_durable(self, folder: Path) -> None:
        """Make sure that ``folder`` exists and that a power cut would not take it back."""
        if folder in self._durable:
            return
        if folder == self._root:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._make_durable(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        _fsync_directory(folder.parent)
        self._durable.add(folder)

    def _write(self, contents: dict[Path, bytes]) -> None:
        """Give the contents their final names, in order, once all of them are on the disk."""
        incoming = self._root / _INCOMING
        incoming.mkdir(mode=0o700, exist_ok=True)
        parts = {final: incoming / f"{secrets.token_hex(16)}.part" for final in contents}
        try:
            for final, part in parts.items():
                _write_through(part, contents[final])
            for final, part in parts.items():
                part.rename(final)
        except BaseException:
            for part in parts.values():
                with suppress(OSError):  # what cannot be removed now, remove_abandoned finds later
                    part.unlink(missing_ok=True)
            raise


@contextmanager
def _disk_errors_named() -> Iterator[None]:
    """Name what happened. Nothing is retried: after a failed fsync, a second one may succeed and lie."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull from error
        raise StorageFailed from error


def _write_through(path: Path, content: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _fsync_directory(folder: Path) -> None:
    """Wait until the names in ``folder`` are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
