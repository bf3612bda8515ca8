"""When what several people report is worth a look by a person, and when one has to take it.

Source: design brief, section 6 (3 distinct places in 14 days; 5 in 30 days; dismissed: until it has grown by half).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

CANDIDATE_PLACES, CANDIDATE_WITHIN = 3, timedelta(days=14)
REVIEW_PLACES, REVIEW_WITHIN = 5, timedelta(days=30)


@dataclass(frozen=True)
class Sighting:
    """One report of the same trouble: where (a place's id) and when (aware)."""

    place_id: int
    at: datetime


def places_within(sightings: Iterable[Sighting], now: datetime, length: timedelta) -> int:
    """Distinct places with a report in the `length` before `now`, its first moment included."""
    return len({each.place_id for each in sightings if now - length <= each.at <= now})


def is_candidate(sightings: Iterable[Sighting], now: datetime) -> bool:
    """Whether enough places share it for a person to be asked."""
    return places_within(sightings, now, CANDIDATE_WITHIN) >= CANDIDATE_PLACES


def must_be_reviewed(sightings: Iterable[Sighting], now: datetime) -> bool:
    """Whether so many places share it that a person has to decide."""
    return places_within(sightings, now, REVIEW_WITHIN) >= REVIEW_PLACES


def has_grown_by_half(voices: int, at_dismissal: int) -> bool:
    """Whether a dismissed one may be proposed again: half as many voices more than when it was dismissed."""
    return 2 * voices >= 3 * at_dismissal


def still_stands(places: int) -> bool:
    """Whether a candidate that was proposed once still has its places, however long ago; people take their time."""
    return places >= CANDIDATE_PLACES
