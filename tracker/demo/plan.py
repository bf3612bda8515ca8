"""What each demo case is and how it gets there, oldest first; loading walks it through the real use cases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from tracker.demo.apart import Apart, Held
from tracker.demo.catalogue import Category, categories, place_kinds
from tracker.demo.people import verifier_login
from tracker.demo.stories import STORIES, PlannedPhoto, PlannedStep, Story
from tracker.demo.street import Place, Street, fictitious_phone
from tracker.demo.words import report_text
from tracker.domain.lifecycle import Action, Outcome, State

BIKES = "A1"
RUSH_RADIUS_M = 260.0
RUSH_SHARE = 0.25  # of the cases whose state allows it

_S, _O = State, Outcome

# One deck is dealt to every 60 cases: half of them closed, every state and every outcome at least once.
DECK: tuple[tuple[State, Outcome], ...] = (
    *[(_S.CLOSED, _O.FIXED)] * 19, *[(_S.CLOSED, _O.FIXED_ON_SPOT)] * 3, *[(_S.CLOSED, _O.PARTLY_FIXED)] * 2,
    *[(_S.CLOSED, _O.PLANNED)] * 2, *[(_S.CLOSED, _O.EXPLAINED)] * 2,
    (_S.CLOSED, _O.REFERRED), (_S.CLOSED, _O.NOT_FOUND),
    *[(_S.REPORTED, _O.FIXED)] * 3, (_S.NEEDS_INFO, _O.FIXED), *[(_S.CHECKING, _O.FIXED)] * 2,
    *[(_S.FILED, _O.FIXED)] * 2, *[(_S.DISPATCHED, _O.FIXED)] * 3, (_S.RETURN_REQUESTED, _O.FIXED),
    *[(_S.IN_PROGRESS, _O.FIXED)] * 5, (_S.ON_HOLD, _O.FIXED), *[(_S.RESOLVED, _O.FIXED)] * 2,
    *[(_S.VERIFIED, _O.FIXED)] * 2, (_S.VERIFIED, _O.PARTLY_FIXED), *[(_S.DECLINED, _O.FIXED)] * 3,
    *[(_S.MERGED, _O.FIXED)] * 2, (_S.WITHDRAWN, _O.FIXED), (_S.VOIDED, _O.FIXED),
)  # fmt: skip
# A desk holds only so many open cases: whatever comes on top is history.
DECKS_WITH_OPEN_CASES = 10
ENDED_DECK = tuple(card for card in DECK if card[0] in {_S.CLOSED, _S.DECLINED, _S.WITHDRAWN, _S.VOIDED})

# How long ago a case of this state was reported, in days; ended ones reach back over the whole span.
AGE_DAYS: dict[State, tuple[float, float]] = {
    _S.REPORTED: (0.01, 0.4), _S.NEEDS_INFO: (0.3, 2), _S.CHECKING: (0.1, 1), _S.FILED: (0.1, 0.6),
    _S.DISPATCHED: (0.1, 0.8), _S.RETURN_REQUESTED: (0.3, 1), _S.IN_PROGRESS: (0.5, 9), _S.ON_HOLD: (5, 18),
    _S.RESOLVED: (1, 6), _S.VERIFIED: (1.5, 7), _S.MERGED: (0.2, 4),
}  # fmt: skip
ENDED_MIN_DAYS = 4.0
SPAN_DAYS = 60
CASES_A_DAY = 150  # of a street at work: 55,000 a year

# These states and outcomes are decided by a person before any department has the case.
JUDGED = frozenset({_S.REPORTED, _S.NEEDS_INFO, _S.CHECKING, _S.DECLINED, _S.WITHDRAWN})
OUTCOME_CATEGORIES: dict[Outcome, tuple[str, ...]] = {
    _O.FIXED_ON_SPOT: ("A5", "B5", "D2", "E2", "B6"),
    _O.PARTLY_FIXED: ("A1", "A5", "C2", "E3", "F3", "D3"),
    _O.PLANNED: ("A6", "C2", "C5", "E3", "J2", "C7"),
    _O.EXPLAINED: ("H1", "H2", "H4", "J4", "F4"),
    _O.REFERRED: ("H3", "G4", "C6", "E4"),
    _O.NOT_FOUND: ("A2", "A4", "F1", "F4", "B3"),
}
MAY_BE_MAIN = frozenset({_S.DISPATCHED, _S.IN_PROGRESS, _S.ON_HOLD})

DRAWS = 40  # of another matter, until it is apart from all others


@dataclass(frozen=True)
class PlannedCase:
    """One case.

    Attributes:
        index: one of its own; among cases of `plan_cases`, 0 for the oldest.
        place: code.
        category: code. Cases of automatic categories are filed and dispatched by rule, so their steps start
            after that; `steps` take for granted that the rule dispatches to the category's own lead.
        text: may be empty, but never without a photo.
        phone: fictitious, or empty.
        opened_before: how long before the loader's `now` it was reported.
        outcome: what it was resolved with, where the state carries one.
        steps: every move after the report, in order, none of them in the future.
    """

    index: int
    place: str
    category: str
    text: str
    photos: tuple[PlannedPhoto, ...]
    phone: str
    opened_before: timedelta
    state: State
    outcome: Outcome | None
    steps: tuple[PlannedStep, ...]


def plan_cases(
    street: Street, n: int, seed: int, *, beside: Sequence[Held] | None = None
) -> Iterator[PlannedCase]:
    """Yield `n` cases, oldest first; the same arguments give the same cases.

    Args:
        beside: what other cases hold: cases are kept apart from these and from one another, as far as there is
            room. None: they come as they fall, and bikes pile up near the metro.
    """
    planner = _Planner(street, None if beside is None else Apart(beside))
    for index, (age, state, outcome) in enumerate(_deal(n, Random(f"deal {seed}"))):
        yield planner.plan(index, age, (state, outcome), Random(f"case {seed} {index}"))


def planned_case(
    story: Story,
    index: int,
    place: Place,
    *,
    text: str | None,
    age: timedelta,
    state: State,
    outcome: Outcome,
) -> PlannedCase:
    """Put a case together from its story and what else is known of it.

    Args:
        text: None: words for the category, or now and then a photo alone.
    """
    rng, code = story.rng, story.category.code
    photos = _report_photos(story.category, story.scene, rng)
    if text is None:
        text = "" if photos and rng.random() < 0.2 else report_text(code, rng)
    return PlannedCase(
        index=index,
        place=place.code,
        category=code,
        text=text,
        photos=photos,
        phone=fictitious_phone(rng) if rng.random() < 0.3 else "",
        opened_before=age,
        state=state,
        outcome=outcome if state in {_S.RESOLVED, _S.VERIFIED, _S.CLOSED} else None,
        steps=_fitted(story.steps, age),
    )


def _deal(n: int, rng: Random) -> list[tuple[timedelta, State, Outcome]]:
    """Return each case's age, state and outcome, oldest first."""
    span = max(SPAN_DAYS, n / CASES_A_DAY)
    cards: list[tuple[State, Outcome]] = []
    while len(cards) < n:
        is_live = len(cards) < DECKS_WITH_OPEN_CASES * len(DECK)
        deck = DECK if is_live else ENDED_DECK
        cards += rng.sample(deck, k=len(deck))
    dealt = []
    for state, outcome in cards[:n]:
        days = rng.uniform(*AGE_DAYS.get(state, (ENDED_MIN_DAYS, span)))
        dealt.append((timedelta(seconds=round(days * 86_400)), state, outcome))
    return sorted(dealt, key=lambda card: card[0], reverse=True)


class _Planner:
    def __init__(self, street: Street, apart: Apart | None) -> None:
        self._street, self._apart = street, apart
        self._near_metro = street.places_near(street.metro.spot, RUSH_RADIUS_M)
        self._mains: list[tuple[int, Category, Place]] = []
        likers: dict[str, list[Place]] = {}
        for place in street.places:
            for code in place_kinds()[place.kind].categories:
                likers.setdefault(code, []).append(place)
        self._likers = likers

    def plan(self, index: int, age: timedelta, card: tuple[State, Outcome], rng: Random) -> PlannedCase:
        state, outcome = card
        main = None
        if state == _S.MERGED:
            if self._mains:
                main = rng.choice(self._mains[-8:])
                if self._apart:  # a third one near would be shared
                    self._mains.remove(main)
            else:  # nothing to merge into yet: the reporter takes it back
                state = _S.WITHDRAWN
        category, place = self._matter_apart(age, main, (state, outcome), rng)
        if state in MAY_BE_MAIN:
            self._mains.append((index, category, place))
        scene = rng.getrandbits(32)
        story = Story(rng, category, verifier_login(self._street.areas, place.area), scene)
        STORIES[state](story, outcome)
        if main:
            story.add(Action.MERGE, "operator", (0.2, 2), main_case=main[0])
        return planned_case(story, index, place, text=None, age=age, state=state, outcome=outcome)

    def _matter_apart(
        self,
        age: timedelta,
        main: tuple[int, Category, Place] | None,
        card: tuple[State, Outcome],
        rng: Random,
    ) -> tuple[Category, Place]:
        """Choose what the case is about, and where; where cases are kept apart, draw until it is."""
        category, place = self._matter(main, *card, rng)
        if self._apart is None:
            return category, place
        for _ in range(0 if main else DRAWS):
            if self._apart.is_free(Held(category.code, place.spot, age)):
                break
            category, place = self._matter(main, *card, rng)
        self._apart.hold(Held(category.code, place.spot, age))
        return category, place

    def _matter(
        self, main: tuple[int, Category, Place] | None, state: State, outcome: Outcome, rng: Random
    ) -> tuple[Category, Place]:
        """Choose what the case is about, and where."""
        if main:
            _, category, place = main
            return category, rng.choice(self._street.places_near(place.spot, 200))
        if outcome in OUTCOME_CATEGORIES:
            category = categories()[rng.choice(OUTCOME_CATEGORIES[outcome])]
            return category, rng.choice(self._likers.get(category.code, self._street.places))
        if not self._apart and state not in JUDGED and rng.random() < RUSH_SHARE:
            return categories()[BIKES], rng.choice(self._near_metro)
        place = rng.choice(self._street.places)
        return _likely_category(place, rng, is_judged=state in JUDGED), place


def _likely_category(place: Place, rng: Random, *, is_judged: bool) -> Category:
    """Choose by the kind of place, likeliest first; now and then something else altogether."""
    likely = list(place_kinds()[place.kind].categories)
    codes = list(categories()) if rng.random() < 0.15 else likely
    fitting = [code for code in codes if not (is_judged and categories()[code].is_automatic)]
    weights = range(len(fitting), 0, -1) if codes is likely else [1] * len(fitting)
    return categories()[rng.choices(fitting, weights=weights)[0]]


def _report_photos(category: Category, scene: int, rng: Random) -> tuple[PlannedPhoto, ...]:
    """The first photo shows the spot that later photos of the case come back to."""
    few = (0, 1, 1, 1, 1, 2, 3) if category.needs_evidence else (0, 0, 0, 1)
    return tuple(PlannedPhoto(category.code, scene + nth, before=True) for nth in range(rng.choice(few)))


def _fitted(steps: Sequence[PlannedStep], age: timedelta) -> tuple[PlannedStep, ...]:
    """Press a story that would reach into the future into the time since the report."""
    if not steps or steps[-1].after <= age * 0.95:
        return tuple(steps)
    pace = age * 0.95 / steps[-1].after
    return tuple(
        replace(step, after=timedelta(seconds=int(step.after.total_seconds() * pace))) for step in steps
    )
