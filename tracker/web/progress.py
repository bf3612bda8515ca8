"""The private page's content: the case in everyday words, newest first, as its reporter may see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.case_record import CaseRecord
from tracker.domain.lifecycle import State
from tracker.domain.permissions import ON_THE_STREET
from tracker.domain.words import N_
from tracker.services.case_pages import CasePage, Event, PhotoView
from tracker.services.clock_pages import ClockView
from tracker.services.parts import parts
from tracker.web.journey import Station, ahead, holder, stations
from tracker.web.language import named
from tracker.web.presenters import when
from tracker.web.promise_words import Promise, promises
from tracker.web.reporter_words import headline, others_headline, public_state_words, state_sentence

Names = Mapping[str, tuple[str, str]]
"""Department code → (Chinese, English) name."""

_ANSWERED_IN_HERO = frozenset(
    {State.NEEDS_INFO, State.ON_HOLD, State.RESOLVED, State.VERIFIED, State.DECLINED, State.VOIDED}
)
"""States whose reader needs the words that led there beside the sentence, not below in the history."""


@dataclass(frozen=True)
class Picture:
    """A photo as ``photo_strip`` takes it."""

    url: str
    thumb_url: str
    alt: str


@dataclass(frozen=True)
class Entry:
    """A line of the history as ``timeline`` takes it."""

    at: str
    when: str
    headline: str
    words: str = ""
    photos: Sequence[Picture] = ()


@dataclass(frozen=True)
class Progress:
    """What the page places.

    Attributes:
        sentence: where the case stands; words: what staff wrote when they brought it there.
        holder: who has to do something now; a department, never a person.
        way: the stations; empty when the case left it.
        ahead: what comes next and by when.
        entries: newest first.
        before, after: the reported trouble and the latest result.
    """

    state: str
    state_words: str
    sentence: str
    words: str
    department: str
    holder: str = ""
    way: Sequence[Station] = ()
    ahead: Sequence[Promise] = ()
    entries: Sequence[Entry] = ()
    before: Sequence[Picture] = ()
    after: Sequence[Picture] = ()

    @property
    def is_late(self) -> bool:
        """Whether something that was promised has not been done in time."""
        return any(promise.is_late for promise in self.ahead)


def progress_of(page: CasePage, link_key: str, names: Names, clocks: Sequence[ClockView] = ()) -> Progress:
    """Put a case into words for its reporter."""
    record = page.record
    department = _named(names, record.lead)
    before, after = _before(page), _after(page.events)
    paired = {photo.id for photo in (*before, *after)}
    return Progress(
        state=record.state,
        state_words=public_state_words(record.state),
        sentence=state_sentence(record, department),
        words=_words_that_led_here(page.events, record),
        department=department,
        holder=holder(record, department, parts().config.office_name),
        way=stations(record),
        ahead=ahead(record, promises(clocks, department), department),
        entries=list(reversed(list(entries_of(page.events, link_key, names, without=paired)))),
        before=_pictures(before, link_key, _("处置前的照片")),
        after=_pictures(after, link_key, _("处置后的照片")),
    )


def entries_of(
    events: Sequence[Event], link_key: str, names: Names, *, without: frozenset[int] | set[int] = frozenset()
) -> Iterator[Entry]:
    """The history in words, oldest first; what the reporter does not read of is left out."""
    lead = ""
    for event, following in zip_longest(events, events[1:]):
        lead = str(event.changes["lead"][1]) if "lead" in event.changes else lead
        if following is not None and _is_one_breath(event, following):
            continue
        words = _headline_of(event, _named(names, lead))
        if words:
            shown = [photo for photo in event.photos if photo.id not in without]
            at, words_for_at = when(event.at, day_only=event.day_only)
            yield Entry(
                at=at,
                when=words_for_at,
                headline=words,
                words=event.note,
                photos=_pictures(shown, link_key, _("照片")),
            )


def _is_one_breath(event: Event, following: Event) -> bool:
    """Filed and dispatched by rule in the same moment is one thing to read: where it went."""
    return event.action in ("file", "found") and (following.action, following.at) == ("dispatch", event.at)


def _headline_of(event: Event, department: str) -> str:
    if event.actor_kind in ON_THE_STREET and not event.is_mine:
        return others_headline(event.action)
    if event.action == "note" and event.actor_kind != "reporter":
        return ""
    if event.action == "reopen" and event.is_mine:
        return _("您要求继续处理，已重新打开")
    return headline(
        event.action,
        outcome=_new(event, "outcome"),
        department=department,
        reason=_new(event, "decline_reason") or _new(event, "hold_reason"),
        channel=_new(event, "decline_channel"),
        on=_day(_new(event, "hold_until_on") or _new(event, "due_on")),
        rating=_RATINGS.get(_new(event, "rating"), ""),
    )


_RATINGS = {"5": N_("很满意"), "4": N_("满意"), "3": N_("一般"), "2": N_("不满意"), "1": N_("很不满意")}


def _new(event: Event, name: str) -> str:
    change: Sequence[Any] = event.changes.get(name) or ("", "")
    return str(change[1] or "")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _words_that_led_here(events: Sequence[Event], record: CaseRecord) -> str:
    if record.state not in _ANSWERED_IN_HERO:
        return ""
    said = [
        event.note
        for event in events
        if event.note and event.actor_kind in ("staff", "system") and event.to_state != event.from_state
    ]
    return said[-1] if said else ""


def _before(page: CasePage) -> list[PhotoView]:
    """Of the report; after a merge also the reporter's own, which hang on the case that was merged."""
    shown = {photo.id for event in page.events for photo in event.photos}
    reported = [photo for event in page.events if event.action == "report" for photo in event.photos]
    return reported + [photo for photo in page.photos if photo.id not in shown]


def _after(events: Sequence[Event]) -> list[PhotoView]:
    """Of the latest result; photos of a result that did not hold stay in the history."""
    results = [
        event.photos for event in events if event.action in ("resolve", "fix_on_spot") and event.photos
    ]
    return list(results[-1]) if results else []


def _pictures(photos: Sequence[PhotoView], link_key: str, alt: str) -> list[Picture]:
    return [
        Picture(
            url_for("following.photo", key=link_key, photo_id=photo.id),
            url_for("following.photo", key=link_key, photo_id=photo.id, size="thumb"),
            alt,
        )
        for photo in photos
    ]


def _named(names: Names, code: str) -> str:
    return named(*names[code]) if code in names else ""
