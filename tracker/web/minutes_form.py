"""What is sent for the minutes: a whole form without script, single fields from a script."""

from typing import Any

from werkzeug.datastructures import MultiDict

from tracker.domain.minutes import FieldUnknown
from tracker.services.minutes import KEY_LIMIT_CHARS, Change

SEEN, WAS = "v.", "was."
"""Before a field's name: the version its page showed; and, of a tick, how it stood there."""
MOST_CHANGES = 500


def changes_in_form(form: MultiDict[str, str]) -> list[Change]:
    """Every field of the form; the service finds out which of them were changed.

    Raises:
        FieldUnknown: a version is no number.
    """
    changes = []
    for hidden in list(form)[: 4 * MOST_CHANGES]:
        if not hidden.startswith(SEEN):
            continue
        name = hidden.removeprefix(SEEN)
        text = form.get(name, "")
        if form.get(WAS + name, None) == text:
            continue
        changes.append(Change(name, _version(form[hidden]), text))
    return changes


def changes_in_json(sent: Any) -> tuple[str, int, list[Change]]:
    """Key, cursor and changed fields, as js/minutes.js sends them.

    Raises:
        FieldUnknown: it is nothing of the kind.
    """
    try:
        key, since, changes = sent["key"], sent["since"], sent["changes"]
        is_sound = isinstance(key, str) and 0 < len(key) <= KEY_LIMIT_CHARS and isinstance(since, int)
        if not is_sound or len(changes) > MOST_CHANGES:
            raise FieldUnknown
        return key, since, [_change(change) for change in changes]
    except (TypeError, KeyError) as error:
        raise FieldUnknown from error


def _change(sent: Any) -> Change:
    name, based_on, text, copy = sent["name"], sent["based_on"], sent["text"], sent.get("copy")
    is_sound = (
        isinstance(name, str)
        and isinstance(text, str)
        and isinstance(based_on, int)
        and (copy is None or isinstance(copy, int))
    )
    if not is_sound:
        raise FieldUnknown
    return Change(name, _version(str(based_on)), text, copy)


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise FieldUnknown(text)
    return int(text)
