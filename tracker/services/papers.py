"""Printed pages, kept: what was printed once is handed out again from DATA_DIR, found by the hash of its content.

The folder can be emptied at any time: the same content gives the same file.
"""

import hashlib
import secrets
from collections.abc import Mapping

from tracker.adapters.paper import html_pdf
from tracker.extensions import let_go
from tracker.services.parts import parts

FOLDER = "papers"


def printed(page: str, photos: Mapping[str, str]) -> bytes:
    """`page`, a whole HTML document, as PDF.

    Args:
        photos: name in the page (``picture:name``) → content hash of a stored photo.

    Raises:
        PhotoMissing: a photo is not in the store.
        FontMissing: the typeface for Chinese is not installed.
    """
    let_go()
    named = "\0".join([page, *(f"{name}={sha256}" for name, sha256 in sorted(photos.items()))])
    folder = parts().config.data_dir / FOLDER
    kept = folder / f"{hashlib.sha256(named.encode()).hexdigest()}.pdf"
    if kept.is_file():
        return kept.read_bytes()
    store = parts().photo_store
    content = html_pdf(page, {name: store.path(sha256).read_bytes() for name, sha256 in photos.items()})
    folder.mkdir(mode=0o700, exist_ok=True)
    part = folder / f"{secrets.token_hex(8)}.part"
    part.write_bytes(content)
    part.rename(kept)
    return content
