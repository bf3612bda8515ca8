"""The troubles that many on the demo street share, as cases: different words, places and devices, near one another.

Three of them are recent enough that a person still has to judge them, two were accepted, and two were dealt with
by a meeting (see `committee`): after one of these the reports stopped, after the other they went on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from tracker.demo import shared_voices
from tracker.demo.apart import Held
from tracker.demo.catalogue import Category, categories
from tracker.demo.people import verifier_login
from tracker.demo.plan import PlannedCase, plan_cases, planned_case
from tracker.demo.shared_voices import Row
from tracker.demo.stories import STORIES, Story
from tracker.demo.street import METRO_CROSSING, SHOPPING_STREETS, Place, Point, Street
from tracker.domain.lifecycle import Outcome, State

FEWEST_WITH_SHARED = 200
"""A street of fewer cases than this has no room for shared troubles: they would be most of it."""
SHOPS = frozenset({"shop", "restaurant"})
ALMOST_SHOPS = {"office": 40.0, "market": 40.0, "canteen": 40.0}
"""Metres that a place of this kind counts as farther away, where shops are meant to speak; others count FAR_M."""
FAR_M = 250.0


@dataclass(frozen=True)
class SharedTrouble:
    """One trouble that many share.

    Attributes:
        centre: where it is worst; the places nearest to it report.
        voices: oldest first; see shared_voices.
        is_of_shops: it is shops that report, as far as there are any.
    """

    key: str
    centre: Point
    voices: tuple[Row, ...]
    is_of_shops: bool = False


_XINGHE, _CHANGTING, _CHUNHE, _WANGSHU, _BAIHUI = SHOPPING_STREETS

SHARED = (
    SharedTrouble("bikes", METRO_CROSSING, shared_voices.BIKES, is_of_shops=True),
    SharedTrouble("backflow", _WANGSHU.at(0.27), shared_voices.BACKFLOW, is_of_shops=True),
    SharedTrouble("unloading", _CHUNHE.at(0.54), shared_voices.UNLOADING, is_of_shops=True),
    SharedTrouble("night", _BAIHUI.at(0.66), shared_voices.NIGHT),
    SharedTrouble("lights", _CHUNHE.at(0.19), shared_voices.LIGHTS),
    SharedTrouble("riders", _BAIHUI.at(0.16), shared_voices.RIDERS, is_of_shops=True),
    SharedTrouble("fumes", _CHANGTING.at(0.22), shared_voices.FUMES),
)


def plan_street(street: Street, n: int, seed: int) -> list[PlannedCase]:
    """Return `n` cases: from FEWEST_WITH_SHARED on, the shared troubles and, apart from them, ordinary ones.

    Ordinary ones come first and keep their order; a shared one has the next free index, whatever its age.
    """
    first = first_shared(n)
    if first is None:
        return list(plan_cases(street, n, seed))
    ordinary = plan_cases(street, first, seed, beside=held(street))
    return [*ordinary, *plan_shared(street, seed, first)]


def first_shared(n: int) -> int | None:
    """Index of the first shared case among `n` cases; None: there is none."""
    return None if n < FEWEST_WITH_SHARED else n - sum(len(trouble.voices) for trouble in SHARED)


def held(street: Street) -> list[Held]:
    """Where and when an ordinary case must not be of the same kind."""
    return [
        Held(category, place.spot, timedelta(days=row[0]))
        for trouble in SHARED
        for row, place in zip(trouble.voices, places_of(trouble, street), strict=True)
        for category in sorted({other[2] for other in trouble.voices})
    ]


def places_of(trouble: SharedTrouble, street: Street) -> list[Place]:
    """The place of each voice."""
    many = 1 + max(row[1] for row in trouble.voices)
    around = sorted(street.places, key=lambda place: _farness_m(place, trouble))[:many]
    return [around[row[1]] for row in trouble.voices]


def _farness_m(place: Place, trouble: SharedTrouble) -> float:
    far_m = 0.0 if place.kind in SHOPS or not trouble.is_of_shops else ALMOST_SHOPS.get(place.kind, FAR_M)
    return place.spot.distance_m(trouble.centre) + far_m


def plan_shared(street: Street, seed: int, first_index: int) -> Iterator[PlannedCase]:
    """Yield the cases of all shared troubles, numbered from `first_index` on."""
    index = first_index
    for trouble in SHARED:
        for row, place in zip(trouble.voices, places_of(trouble, street), strict=True):
            yield _voice(row, place, street, index=index, rng=Random(f"shared {seed} {trouble.key} {row[0]}"))
            index += 1


def _voice(row: Row, place: Place, street: Street, *, index: int, rng: Random) -> PlannedCase:
    days, _, code, text = row
    category = categories()[code]
    state, outcome = _state(days, category, rng)
    story = Story(rng, category, verifier_login(street.areas, place.area), rng.getrandbits(32))
    STORIES[state](story, outcome)
    return planned_case(
        story, index, place, text=text, age=timedelta(days=days), state=state, outcome=outcome
    )


def _state(days: float, category: Category, rng: Random) -> tuple[State, Outcome]:
    """The older, the likelier it is dealt with; one such case is put right each time, and the next comes."""
    outcome = Outcome.FIXED if category.needs_evidence else Outcome.EXPLAINED
    if days > 9:
        return State.CLOSED, outcome
    if days > 3:
        return rng.choice((State.CLOSED, State.VERIFIED, State.IN_PROGRESS)), outcome
    fresh: Sequence[State] = (State.DISPATCHED, State.IN_PROGRESS)
    return (rng.choice(fresh) if category.is_automatic else State.CHECKING), outcome
