"""A verifier who was sent to check a case that was seen gone before need not write and photograph it all once more."""

from collections.abc import Iterator

from werkzeug.datastructures import MultiDict

from tracker.adapters.photo_store import PhotoMissing, StoredPhoto
from tracker.domain.lifecycle import Action
from tracker.services.case_pages import CasePage, Event
from tracker.services.parts import parts
from tracker.web.uploads import KeptPhoto, kept_for


def already_seen(
    page: CasePage, action: Action, form_key: str
) -> tuple[MultiDict[str, str], list[KeptPhoto]]:
    """What the form of `action` starts with: words and photos of whoever saw that it is gone; mostly nothing.

    Args:
        form_key: of that form, to which its photos are bound.
    """
    values: MultiDict[str, str] = MultiDict()
    seen = [event for event in page.events if event.action == Action.SEEN_GONE]
    if action != Action.NOT_FOUND or page.record.gone_seen_at is None or not seen:
        return values, []
    values["note"] = seen[-1].note
    return values, kept_for(form_key, _stored(seen[-1]))


def _stored(event: Event) -> Iterator[StoredPhoto]:
    """The photos of a history row as the store knows them; one whose file is missing is left out."""
    for sha256, photo in zip(event.details.get("photos", ()), event.photos, strict=False):
        try:
            size_bytes = parts().photo_store.path(sha256).stat().st_size
        except PhotoMissing:
            continue
        yield StoredPhoto(sha256, photo.width, photo.height, size_bytes)
