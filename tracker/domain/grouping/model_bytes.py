"""A model as bytes and back: named arrays, one after another, compressed."""

import io
import json
import zipfile
from typing import Final

import numpy as np

from tracker.domain.grouping.model import Model

_VERSION: Final = 2
_ARRAYS: Final = ("known", "weights", "vectors", "says", "topics", "confusion", "shares", "together")


class ModelUnreadable(ValueError):
    """Bytes that are not a model, or of a version this program does not read: learn anew."""


def model_to_bytes(model: Model) -> bytes:
    """All lessons; a few hundred kB to some MB. Vectors are kept as they are, so that a restart changes nothing."""
    arrays = {name: getattr(model, name) for name in _ARRAYS}
    head = [_VERSION, model.lesson, model.seen, model.next_at, list(model.categories)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr(zipfile.ZipInfo("head"), json.dumps(head, ensure_ascii=False))
        for name, array in arrays.items():
            raw = io.BytesIO()
            np.save(raw, array, allow_pickle=False)
            file.writestr(zipfile.ZipInfo(name), raw.getvalue(), zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


def model_from_bytes(data: bytes) -> Model:
    """The model that was written.

    Raises:
        ModelUnreadable: see there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            version, lesson, seen, next_at, categories = json.loads(file.read("head"))
            if version != _VERSION:
                raise ModelUnreadable
            arrays = {name: np.load(io.BytesIO(file.read(name)), allow_pickle=False) for name in _ARRAYS}
    except (ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise ModelUnreadable("The stored lessons cannot be read; learn anew.") from error
    return Model(lesson, seen, next_at, categories=tuple(categories), **arrays)
