import errno
import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.adapters.photo_reading import CleanPhoto
from tracker.adapters.photo_store import PhotoMissing, PhotoStore, StorageFailed, StorageFull, StoredPhoto

PHOTO = CleanPhoto(b"the photo's bytes", b"its thumbnail's", width=16, height=9)
SHA256 = hashlib.sha256(b"the photo's bytes").hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def store(root: Path) -> PhotoStore:
    return PhotoStore(root)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is on the disk for certain, in order: every fsync is really made, and written down here."""
    seen: list[str] = []
    really = os.fsync

    def fsync(handle: int) -> None:
        really(handle)
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        seen.append(Path(f"/dev/fd/{handle}").resolve().name if is_folder else "file")

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def files_below(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_photo_is_kept_under_the_hash_of_its_content_with_its_thumbnail(
    store: PhotoStore, root: Path
) -> None:
    assert store.save(PHOTO) == StoredPhoto(SHA256, width=16, height=9, size_bytes=17)
    folder = f"{SHA256[:2]}/{SHA256[2:4]}"
    assert files_below(root) == [f"{folder}/{SHA256}.jpg", f"{folder}/{SHA256}.thumb.jpg"]
    with store.open(SHA256) as full, store.open(SHA256, "thumb") as thumb:
        assert full.read() == b"the photo's bytes"
        assert thumb.read() == b"its thumbnail's"


def test_photos_can_be_read_by_their_owner_alone(store: PhotoStore, root: Path) -> None:
    store.save(PHOTO)
    assert stat.S_IMODE(store.path(SHA256).stat().st_mode) == 0o600
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_the_same_photo_again_is_the_same_file_and_is_not_written_again(
    store: PhotoStore, root: Path
) -> None:
    first = store.save(PHOTO)
    before = [store.path(SHA256).stat(), store.path(SHA256, "thumb").stat()]
    assert PhotoStore(root).save(PHOTO) == first
    after = [store.path(SHA256).stat(), store.path(SHA256, "thumb").stat()]
    assert [(s.st_ino, s.st_mtime_ns) for s in before] == [(s.st_ino, s.st_mtime_ns) for s in after]
    assert len(files_below(root)) == 2


@pytest.mark.parametrize("lost", ["full", "thumb"])
def test_a_save_that_was_killed_half_way_is_completed_by_the_next(store: PhotoStore, lost: str) -> None:
    store.save(PHOTO)
    store.path(SHA256, "thumb" if lost == "thumb" else "full").unlink()
    store.save(PHOTO)
    assert store.path(SHA256).read_bytes() == PHOTO.jpeg
    assert store.path(SHA256, "thumb").read_bytes() == PHOTO.thumbnail


def test_a_new_photo_and_every_new_folder_above_it_are_on_the_disk_before_save_returns(
    store: PhotoStore, synced: list[str], tmp_path: Path
) -> None:
    store.save(PHOTO)
    parents = [tmp_path.name, "photos", SHA256[:2]]
    assert synced == [*parents, "file", "file", SHA256[2:4]]


def test_a_photo_that_was_there_is_only_acknowledged_when_its_name_is_on_the_disk(
    store: PhotoStore, synced: list[str]
) -> None:
    store.save(PHOTO)
    synced.clear()
    store.save(PHOTO)
    assert synced == [SHA256[2:4]]


def test_eight_people_sending_the_same_photo_at_once_leave_one(root: Path) -> None:
    with ThreadPoolExecutor(8) as people:
        stored = set(people.map(lambda _: PhotoStore(root).save(PHOTO), range(8)))
    assert stored == {StoredPhoto(SHA256, width=16, height=9, size_bytes=17)}
    assert len(files_below(root)) == 2


# ---------------------------------------------------------------- when the disk does not want to


@pytest.mark.parametrize("failing", [0, 3, 4, 5])
def test_a_failed_fsync_is_an_error_and_is_not_tried_again(
    store: PhotoStore, root: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    calls: list[int] = []

    def fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == failing + 1:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageFailed, match="请稍后再试") as failed:
        store.save(PHOTO)
    assert not isinstance(failed.value, StorageFull)
    assert len(calls) == failing + 1
    assert not list(root.rglob("*.part"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_on_the_way_leaves_nothing_behind(
    store: PhotoStore, root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fsync(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageFull, match="存储空间不足"):
        store.save(PHOTO)
    assert files_below(root) == []


def test_no_photo_is_accepted_below_the_floor_and_again_when_there_is_room(root: Path) -> None:
    free_bytes, total_bytes = PhotoStore(root).free_space()
    assert 0 < free_bytes <= total_bytes
    with pytest.raises(StorageFull):
        PhotoStore(root, floor_bytes=total_bytes + 1).save(PHOTO)
    assert files_below(root) == []
    assert PhotoStore(root, floor_bytes=1).save(PHOTO).sha256 == SHA256


# ---------------------------------------------------------------- asking for photos


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../etc/passwd",
        "a" * 63,
        "A" * 64,
        "g" * 64,
        SHA256 + "\n",
        f"../{SHA256}",
        "/" + "a" * 63,
        "a" * 65,
    ],
)
def test_what_is_not_a_hash_never_becomes_a_path(store: PhotoStore, name: str) -> None:
    store.save(PHOTO)
    with pytest.raises(PhotoMissing):
        store.path(name)


def test_a_missing_photo_is_an_error_that_says_which(store: PhotoStore) -> None:
    with pytest.raises(PhotoMissing, match=SHA256[:12]):
        store.open(SHA256)
    store.save(PHOTO)
    store.path(SHA256, "thumb").unlink()
    with pytest.raises(PhotoMissing, match=f"{SHA256[:12]} 的缩略图"):
        store.open(SHA256, "thumb")


def test_all_stored_files_can_be_listed_and_nothing_unfinished_is_among_them(
    store: PhotoStore, root: Path
) -> None:
    assert list(store.paths()) == []
    hashes = sorted(store.save(CleanPhoto(bytes([n]), b"small", 1, 1)).sha256 for n in range(5))
    (root / "incoming" / "killed.part").write_bytes(b"half")
    assert [path.name for path in store.paths()] == [
        name for sha256 in hashes for name in (f"{sha256}.jpg", f"{sha256}.thumb.jpg")
    ]


def test_what_a_killed_process_left_is_removed_once_it_is_old(store: PhotoStore, root: Path) -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    store.save(PHOTO)
    for name, hours in (("old.part", 7), ("new.part", 5)):
        left_at = (now - timedelta(hours=hours)).timestamp()
        (root / "incoming" / name).write_bytes(b"half")
        os.utime(root / "incoming" / name, (left_at, left_at))
    assert store.remove_abandoned(now - timedelta(hours=6)) == 1
    assert [path.name for path in (root / "incoming").iterdir()] == ["new.part"]
    assert store.path(SHA256).exists()
