"""What a line may be: the likeliest categories, and open cases at the place and near it that may be the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

from tracker.domain.lifecycle import State
from tracker.domain.permissions import Actor
from tracker.domain.visits import Spot, shared_words
from tracker.extensions import db
from tracker.models import Case, Category, Place
from tracker.services.report_form import CategoryChoice, Standing, form_categories
from tracker.services.visit_pages import LineView
from tracker.services.visit_places import PlaceView
from tracker.services.worklists import visible_to

NEAR_M = 150
"""As far as a shop can see down its street."""
LOOKED_AT = 60
"""Open cases weighed for one visit, the place's own and then the newest: what is read stays the same however many."""
OFFERED = 3
_DEGREE_M = 111_000
"""Metres of one degree of latitude, rounded down so that the box is never too small."""


@dataclass(frozen=True)
class OpenCase:
    """An open case a line may join; names in both languages. `away_m`: None at the place itself or unknown."""

    number: str
    state: State
    opened_at: datetime
    category: str
    category_zh: str
    category_en: str
    place_name: str
    summary: str
    away_m: float | None
    is_here: bool


@dataclass(frozen=True)
class Hints:
    """For one line: categories in order of likelihood, and at most three open cases."""

    categories: Sequence[CategoryChoice]
    cases: Sequence[OpenCase]


def hints(
    place: PlaceView, lines: Sequence[LineView], actor: Actor, now: datetime
) -> tuple[Mapping[int, Hints], list[CategoryChoice]]:
    """Line id → its hints, and the whole catalogue; two statements, however many lines and cases there are."""
    form = form_categories(Standing(place.kind, place.area_code, place.address), now)
    everything = [*form.likely, *(choice for group in form.groups for choice in group)]
    near = open_cases_near(place, actor)
    at_home = {one.category for one in near if one.is_here}
    likely = [choice.code for choice in form.likely]
    return {
        line.id: Hints(
            _likeliest(line.text_now, everything, likely, at_home), _same_perhaps(line.text_now, near)
        )
        for line in lines
    }, everything


def open_cases_near(place: PlaceView, actor: Actor) -> list[OpenCase]:
    """Open cases at the place and within 150 m of it that this person may see, the place's own first."""
    wanted = (
        select(Case, Category.name_zh, Category.name_en, Place)
        .join(Case.category_version)
        .join(Case.place)
        .where(Case.closed_at.is_(None), Category.private.is_(False), visible_to(actor))
        .order_by(case((Case.place_id == place.id, 0), else_=1), Case.opened_at.desc(), Case.id.desc())
        .limit(LOOKED_AT)
    )
    if place.spot is None:
        wanted = wanted.where(Case.place_id == place.id)
    else:
        lat, lon = place.spot.lat, place.spot.lon
        wide = NEAR_M / _DEGREE_M
        wanted = wanted.where(
            Place.lat.between(lat - wide, lat + wide), Place.lon.between(lon - 3 * wide, lon + 3 * wide)
        )
    found = [_open_case(one, (zh, en), where, place) for one, zh, en, where in db.session.execute(wanted)]
    return [one for one in found if one.is_here or (one.away_m is not None and one.away_m <= NEAR_M)]


def _open_case(found: Case, names: tuple[str, str], where: Place, place: PlaceView) -> OpenCase:
    is_here = where.id == place.id
    spot = Spot(where.lat, where.lon) if where.lat is not None and where.lon is not None else None
    away_m = None if is_here or spot is None or place.spot is None else place.spot.distance_m(spot)
    return OpenCase(
        number=found.number,
        state=State(found.state),
        opened_at=found.opened_at,
        category=found.category,
        category_zh=names[0],
        category_en=names[1],
        place_name=where.name,
        summary=found.summary,
        away_m=away_m,
        is_here=is_here,
    )


def _likeliest(
    text: str, everything: Sequence[CategoryChoice], likely: Sequence[str], at_home: set[str]
) -> list[CategoryChoice]:
    """By the words, then by what is open here, then by what is usual for the kind of place; the first three."""

    def weight(choice: CategoryChoice) -> tuple[int, bool, int]:
        usual = likely.index(choice.code) if choice.code in likely else len(likely)
        return -shared_words(text, choice.zh), choice.code not in at_home, usual

    return sorted(everything, key=weight)[:OFFERED]


def _same_perhaps(text: str, near: Sequence[OpenCase]) -> list[OpenCase]:
    """By the words, then those at the place, then the nearest; the first three."""

    def weight(one: OpenCase) -> tuple[int, bool, float]:
        words = shared_words(text, f"{one.summary} {one.category_zh}")
        return -words, not one.is_here, one.away_m or 0

    return sorted(near, key=weight)[:OFFERED]
