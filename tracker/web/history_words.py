"""The history of a case in the words of staff: who did what, and what that changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.domain.lifecycle import Action, Outcome, State
from tracker.domain.permissions import Role
from tracker.services.case_pages import Event
from tracker.web import words
from tracker.web.names import Names
from tracker.web.presenters import PhotoLink, actor_words, photo_link, when
from tracker.web.reporter_words import day


@dataclass(frozen=True)
class TimelineEvent:
    """One history row for the timeline."""

    at: str
    when: str
    headline: str
    who: str
    words: str
    photos: Sequence[PhotoLink]
    internal: bool


def timeline(events: Sequence[Event], names: Names) -> list[TimelineEvent]:
    """The history for the timeline, in the order given."""
    return [_timeline_event(event, names) for event in events]


def _timeline_event(event: Event, names: Names) -> TimelineEvent:
    at, words_for_at = when(event.at, day_only=event.day_only)
    return TimelineEvent(
        at=at,
        when=words_for_at,
        headline=_headline(event),
        who=" · ".join((actor_words(event), *change_words(event.changes, names), *_cleared_words(event))),
        words=event.note,
        photos=[photo_link(photo) for photo in event.photos],
        internal=bool(event.note) and not event.is_public,
    )


def _headline(event: Event) -> str:
    done = str(words.ACTIONS[Action(event.action)])
    if event.from_state == event.to_state:
        return done
    return f"{done} → {words.STATES[State(event.to_state)]}"


def _cleared_words(event: Event) -> Iterator[str]:
    """What was made public: how many photos, and in how many of them something was destroyed first."""
    cleared = event.details.get("cleared")
    if cleared is not None:
        masked = sum(1 for each in cleared if each["areas"])
        yield ngettext(
            "%(num)s 张照片，其中打码 %(masked)s 张",
            "%(num)s 张照片，其中打码 %(masked)s 张",
            len(cleared),
            masked=masked,
        )


def change_words(changes: Mapping[str, Sequence[Any]], names: Names) -> Iterator[str]:
    """What a history row changed beside the state, such as ``主办：绿化市容所``."""
    nothing = _("无")
    for field, shown in _SHOWN.items():
        if field in changes:
            old, new = (shown(value, names) if value else "" for value in changes[field])
            change = f"{old} → {new or nothing}" if old else new
            yield _("%(term)s：%(change)s", term=words.FIELDS[field], change=change)


Shown = Callable[[Any, Names], str]


def _departments(codes: Sequence[str], names: Names) -> str:
    return _("、").join(map(names.department, codes))


def _department(code: str, names: Names) -> str:
    return names.department(code)


def _category(code: str, names: Names) -> str:
    return names.category(code)


def _day(text: str, _names: Names) -> str:
    return day(date.fromisoformat(text))


def _as_is(value: object, _names: Names) -> str:
    return str(value)


def _coded(table: Mapping[Any, words.Words], kind: Callable[[str], Any] = str) -> Shown:
    return lambda code, _names: str(table[kind(code)])


_SHOWN: dict[str, Shown] = {
    "category": _category,
    "lead": _department,
    "co": _departments,
    "return_to": _department,
    "outcome": _coded(words.OUTCOMES, Outcome),
    "decline_reason": _coded(words.DECLINE_REASONS),
    "decline_channel": _coded(words.CHANNELS),
    "hold_reason": _coded(words.HOLD_REASONS),
    "hold_until_on": _day,
    "extension_on": _day,
    "due_on": _day,
    "look_by": _coded(words.ROLES, Role),
    "main_case": _as_is,
    "rating": _as_is,
}
"""Fields of the record that a reader of the history cares about, and how their values are shown."""
