"""The process that is killed: saves one photo after another and names each on its output once it is stored.

save(root, seed)                                       until killed
save(root, seed, 3, file_limit_bytes=9000)             three photos; no file may grow larger
save(root, seed, 1, file_limit_bytes=…, dies_of_it=True)
"""

import io
import itertools
import resource
import signal
import sys
from pathlib import Path

from tests.unit.adapters.photo_samples import encoded, noise
from tracker.adapters.photo_reading import PhotoReader
from tracker.adapters.photo_store import PhotoStore, StorageFull


def save(
    root: Path, seed: int, count: int | None = None, file_limit_bytes: int = 0, *, dies_of_it: bool = False
) -> None:
    """Save photos, `count` of them or without end."""
    if file_limit_bytes:
        sys.dont_write_bytecode = True  # modules imported later would meet the limit before the photos do
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit_bytes, file_limit_bytes))
    if dies_of_it:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    reader, store = PhotoReader(), PhotoStore(root)
    for number in itertools.islice(itertools.count(), count):
        upload = encoded(noise(160, 120, seed=seed * 1_000_000 + number))
        try:
            answer = store.save(reader.read(io.BytesIO(upload))).sha256
        except StorageFull:
            answer = "full"
        print(answer, flush=True)  # noqa: T201  # the acknowledgement
