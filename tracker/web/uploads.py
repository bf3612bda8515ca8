"""Photos that come with a form: judged one by one, stored at once, and kept when the form has to come back.

A photo that was stored travels with the form as a signed value, bound to the form's key, so that nobody has to
choose it again and nobody can name a photo that he did not send. Used by the public pages and the desk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from flask import Response, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from tracker.adapters.photo_reading import PhotoRefused
from tracker.adapters.photo_store import PhotoMissing, StorageFailed, StoredPhoto
from tracker.extensions import let_go
from tracker.services.parts import parts

_MB = 1024 * 1024


@dataclass(frozen=True)
class KeptPhoto:
    """A stored photo as ``photo_input(kept=…)`` takes it."""

    value: str
    thumb_url: str


@dataclass
class Taken:
    """What came of a form's photos.

    Attributes:
        photos: all that are stored, kept ones first.
        problems: one sentence for each that was refused; empty: all well.
        kept: the same photos as `photos`, to be sent back with the form if it has to come back.
        storage_failed: the disk takes none now (answer 503); its words are among the problems.
        slowed_s: so many seconds until new ones are looked at again; 0: they were.
    """

    photos: list[StoredPhoto] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    kept: list[KeptPhoto] = field(default_factory=list)
    storage_failed: bool = False
    slowed_s: int = 0


def take_photos(files: Iterable[FileStorage], kept_values: Iterable[str], key: str) -> Taken:
    """Store the photos of a form, before any transaction.

    Args:
        files: ``request.files.getlist("photos")``; the empty one that browsers send for nothing is ignored.
        kept_values: ``request.form.getlist("kept_photo")``.
        key: the form's own key; kept photos of another form are not accepted.
    """
    let_go()
    taken = Taken()
    for value in dict.fromkeys(kept_values):
        _take_kept(taken, value, key)
    _take_new(taken, [file for file in files if file.filename], key)
    return taken


def kept_for(key: str, photos: Iterable[StoredPhoto]) -> list[KeptPhoto]:
    """Stored photos as the form with this key sends them back."""
    values = [
        _signer().dumps([key, photo.sha256, photo.width, photo.height, photo.size_bytes]) for photo in photos
    ]
    return [KeptPhoto(value, url_for("public.kept_thumb", value=value)) for value in values]


def kept_photo(value: str) -> str:
    """The content hash of a kept photo, for its thumbnail.

    Raises:
        PhotoMissing: not signed by us.
    """
    return _opened(value).sha256


def photo_answer(sha256: str, name: str, *, thumb: bool) -> Response:
    """A stored photo, sealed off from the site it comes from; the caller has checked who asks.

    Raises:
        PhotoMissing: the file is not there.
    """
    return jpeg_answer(parts().photo_store.path(sha256, "thumb" if thumb else "full").read_bytes(), name)


def jpeg_answer(content: bytes, name: str) -> Response:
    """A picture that we drew ourselves, sealed off in the same way."""
    answer = Response(content, mimetype="image/jpeg")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def limits() -> dict[str, int]:
    """The arguments of ``photo_input`` that say how many and how large."""
    config = parts().config
    return {
        "max_count": config.photos_limit_count,
        "max_mb": config.photo_limit_bytes // _MB,
        "total_mb": config.photos_limit_bytes // _MB,
    }


def _take_kept(taken: Taken, value: str, key: str) -> None:
    try:
        photo = _opened(value, key)
        parts().photo_store.path(photo.sha256)
    except PhotoMissing:
        taken.problems.append(_("有一张照片没有保留下来，请重新选择。"))
        return
    if len(taken.photos) < parts().config.photos_limit_count:
        _add(taken, photo, key)


def _take_new(taken: Taken, files: Sequence[FileStorage], key: str) -> None:
    config, total_bytes = parts().config, sum(photo.size_bytes for photo in taken.photos)
    for position, file in enumerate(files, start=1):
        if len(taken.photos) == config.photos_limit_count:
            taken.problems.append(_("照片最多 %(n)s 张，多出的没有收下。", n=config.photos_limit_count))
            return
        total_bytes += _size_bytes(file)
        if total_bytes > config.photos_limit_bytes:
            most = config.photos_limit_bytes // _MB
            taken.problems.append(
                _("照片合计超过 %(n)s MB，后面的没有收下。请分两次发，或少选几张。", n=most)
            )
            return
        try:
            photo = parts().photo_store.save(parts().photo_reader.read(cast(BinaryIO, file.stream)))
        except PhotoRefused as error:
            taken.problems.append(_("第 %(n)s 张：%(why)s", n=position, why=_(str(error))))
        except StorageFailed as error:
            taken.problems.append(_(str(error)))
            taken.storage_failed = True
            return
        else:
            _add(taken, photo, key)


def _add(taken: Taken, photo: StoredPhoto, key: str) -> None:
    if photo not in taken.photos:  # the same picture may have been chosen twice
        taken.photos.append(photo)
        taken.kept += kept_for(key, [photo])


def _size_bytes(file: FileStorage) -> int:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return size


def _opened(value: str, key: str | None = None) -> StoredPhoto:
    try:
        of_form, sha256, width, height, size_bytes = _signer().loads(value)
    except BadSignature as error:
        raise PhotoMissing from error
    if key not in (None, of_form):
        raise PhotoMissing
    return StoredPhoto(sha256, width, height, size_bytes)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(parts().config.secret_keys)), salt="kept photo")
