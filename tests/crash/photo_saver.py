"""The process that is killed: saves one photo after another and names each on its output once it is stored.

Arguments: the store's root, a seed, how many photos (0: until killed), the largest file it may write, and
"killed" if it is to be killed by writing more.
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


def main(root: str, seed: str, count: str = "0", file_limit_bytes: str = "", then: str = "") -> None:
    if file_limit_bytes:
        sys.dont_write_bytecode = True  # modules imported later would meet the limit before the photos do
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(file_limit_bytes), int(file_limit_bytes)))
    if then == "killed":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    reader, store = PhotoReader(), PhotoStore(Path(root))
    for number in itertools.islice(itertools.count(), int(count) or None):
        upload = encoded(noise(160, 120, seed=int(seed) * 1_000_000 + number))
        try:
            answer = store.save(reader.read(io.BytesIO(upload))).sha256
        except StorageFull:
            answer = "full"
        print(answer, flush=True)  # noqa: T201  # the acknowledgement


if __name__ == "__main__":
    main(*sys.argv[1:])
