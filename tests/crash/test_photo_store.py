import hashlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.crash.photo_saver import save
from tests.processes import Forked
from tests.unit.adapters.photo_samples import opened
from tests.waiting import wait_until
from tracker.adapters.photo_reading import CleanPhoto
from tracker.adapters.photo_store import PhotoStore, StorageFull

pytestmark = pytest.mark.crash

PHOTO = CleanPhoto(b"p" * 60_000, b"t" * 5_000, width=1, height=1)


def acknowledged_before_killed(root: Path, seed: int, after_s: float) -> list[str]:
    """Let a process save photos, kill it some time after its first answer, and return what it answered."""
    answers = root.with_name(f"answers-{seed}")
    saver = Forked(save, root, seed, output=answers)
    wait_until(lambda: answers.exists() and "\n" in answers.read_text(), what="the first answer")
    time.sleep(after_s)
    saver.send_signal(signal.SIGKILL)
    assert saver.wait(20) == -signal.SIGKILL
    return [line for line in answers.read_text().splitlines(keepends=True) if line.endswith("\n")]


def assert_complete(store: PhotoStore, sha256: str) -> None:
    full = store.path(sha256).read_bytes()
    assert hashlib.sha256(full).hexdigest() == sha256
    assert opened(full).size == (160, 120)
    assert opened(store.path(sha256, "thumb").read_bytes()).size == (160, 120)


def test_every_photo_that_was_acknowledged_survives_a_killed_process_whole(tmp_path: Path) -> None:
    store, chance = PhotoStore(tmp_path / "photos"), random.Random(20260302)
    acknowledged: list[str] = []
    for seed in range(8):
        answers = acknowledged_before_killed(tmp_path / "photos", seed, chance.uniform(0, 0.2))
        acknowledged += [line.strip() for line in answers]
    assert len(acknowledged) == len(set(acknowledged)) >= 8
    for sha256 in acknowledged:
        assert_complete(store, sha256)
    # Whatever has a photo's name, acknowledged or not, is a whole photo.
    for path in store.paths():
        if not path.name.endswith(".thumb.jpg"):
            assert_complete(store, path.stem)
    store.remove_abandoned(datetime.now(UTC) + timedelta(days=1))
    assert not list((tmp_path / "photos").rglob("*.part"))


# The thumbnail of these photos has 10.8 kB, the photo itself 11.7 kB.
@pytest.mark.parametrize("reached_bytes", [5_000, 11_000])
def test_a_process_killed_in_the_middle_of_a_write_leaves_no_photo_and_the_next_one_stores_it(
    tmp_path: Path, reached_bytes: int
) -> None:
    root, answer = tmp_path / "photos", tmp_path / "answer"
    killed = Forked(partial(save, dies_of_it=True), root, 1, 1, reached_bytes, output=tmp_path / "last words")
    assert killed.wait(60) == -signal.SIGXFSZ
    assert reached_bytes in [part.stat().st_size for part in root.rglob("*.part")]
    assert list(PhotoStore(root).paths()) == []
    assert Forked(save, root, 1, 1, output=answer).wait(60) == 0
    assert_complete(PhotoStore(root), answer.read_text().strip())


def test_a_process_that_may_write_no_more_refuses_politely_and_stores_nothing_half(tmp_path: Path) -> None:
    file_limit_bytes = 9000  # room for the thumbnail, but not for the photo
    saver = Forked(save, tmp_path / "photos", 1, 3, file_limit_bytes, output=tmp_path / "answers")
    assert saver.wait(60) == 0
    assert (tmp_path / "answers").read_text().split() == ["full", "full", "full"]
    assert not [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("only root may mount a small disk; the file size limit above covers the refusal")
    mounting = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if mounting.returncode != 0:
        pytest.skip("this system lets nobody mount; the file size limit above covers the refusal")
    yield disk
    subprocess.run([umount, str(disk)], check=True)


def test_a_full_disk_refuses_and_takes_photos_again_when_there_is_room(small_disk: Path) -> None:
    store = PhotoStore(small_disk / "photos")
    filler = small_disk / "filler"
    filler.write_bytes(
        b"x" * (1024 * 1024 - 60_000)
    )  # 5 % are free: above the floor, too little for the photo
    with pytest.raises(StorageFull):
        store.save(PHOTO)
    assert not [path for path in (small_disk / "photos").rglob("*") if path.is_file()]
    filler.unlink()
    assert store.path(store.save(PHOTO).sha256).read_bytes() == PHOTO.jpeg


def test_below_one_percent_free_not_even_a_photo_that_would_fit_is_taken(small_disk: Path) -> None:
    store = PhotoStore(small_disk / "photos")
    (small_disk / "filler").write_bytes(b"x" * (1024 * 1024 - 8_192))
    with pytest.raises(StorageFull):
        store.save(CleanPhoto(b"p", b"t", width=1, height=1))
    assert not list(store.paths())
