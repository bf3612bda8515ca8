"""Today's route: which shops are due, why, and in what order to walk. What is read is bounded whatever the history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from tracker.domain.permissions import Actor
from tracker.domain.visits import REST, Due, Leg, Spot, Stop, route
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Category, Place, Visit, VisitedPlace, VisitSkip
from tracker.services.parts import parts
from tracker.services.visit_pages import day_of
from tracker.services.visit_places import (
    VISITED_KINDS,
    PlaceView,
    in_areas_of,
    place_for,
    spot_of,
    view_of,
)

LOOKED_AT_EACH = 60
"""Shops weighed for each reason: four times what a day holds."""


@dataclass(frozen=True)
class DueCase:
    """The case that a shop is due for."""

    number: str
    category_zh: str
    category_en: str
    opened_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class RouteStop:
    """A shop on today's route.

    Attributes:
        way_m: from the stop before, or from the start; None: not known.
        cases: the most pressing open ones there, at most three.
    """

    place: PlaceView
    dues: Sequence[Due]
    way_m: float | None
    last_on: date | None
    promised_on: date | None
    cases: Sequence[DueCase]


@dataclass(frozen=True)
class Walked:
    """A shop visited today, and the visit."""

    place_code: str
    place_name: str
    visit_id: int
    visited_at: datetime


@dataclass(frozen=True)
class TodaysRoute:
    """Where to go, where one has been, what was left out; `start` is where the way begins, if that is known."""

    stops: Sequence[RouteStop]
    walked: Sequence[Walked]
    skipped: Sequence[PlaceView]
    start: PlaceView | None


def todays_route(actor: Actor, now: datetime, start: PlaceView | None = None) -> TodaysRoute:
    """The shops to visit today, as many as are left of a day's number; nine statements.

    Args:
        start: where to walk from; None: from the last visit of today, else from the most needed shop.
    """
    today = now.astimezone(parts().zone).date()
    walked, here = _walked(actor, now)
    skipped = _skipped(actor, today)
    start = start or here
    away = {each.place_id for each in walked} | {place.id for place in skipped}
    cases = _open_cases(actor, now)
    found = {
        Due.PROMISED: _promised(actor, today),
        Due.NEVER: _never_visited(actor, start.spot if start else None),
        Due.LONG_AGO: _long_ago(actor, now),
    }
    ids = dict.fromkeys(place_id for group in (cases, *found.values()) for place_id in group)
    places = _with_last_visit([place_id for place_id in ids if place_id not in away])
    stops = [
        stop
        for place, last in places
        if (stop := _stop(place, last, cases.get(place.id, []), now)) is not None
    ]
    many = max(parts().config.visits_a_day - len(walked), 0)
    legs = route(stops, many=many, start=start.spot if start else None)
    rows = {place.id: place for place, _ in places}
    return TodaysRoute(
        stops=[_route_stop(leg, rows[leg.stop.place_id], cases.get(leg.stop.place_id, [])) for leg in legs],
        walked=[each.walked for each in walked],
        skipped=skipped,
        start=start,
    )


def skip(code: str, *, by: Actor, now: datetime) -> None:
    """Leave a shop out of today's route; twice is once.

    Raises:
        VisitMissing: no such place in this person's areas.
    """
    place = place_for(code, by)
    today = now.astimezone(parts().zone).date()

    def use_case() -> None:
        with transaction():
            dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
            row = {"user_id": by.user_id, "skipped_on": today, "place_id": place.id, "at": now}
            db.session.execute(dialect.insert(VisitSkip).values(row).on_conflict_do_nothing())

    again_if_interrupted(use_case)


def take_back(code: str, *, by: Actor, now: datetime) -> None:
    """Put a shop that was left out back on today's route.

    Raises:
        VisitMissing: no such place in this person's areas.
    """
    place = place_for(code, by)
    today = now.astimezone(parts().zone).date()

    def use_case() -> None:
        with transaction():
            found = db.session.get(VisitSkip, (by.user_id, today, place.id))
            if found is not None:
                db.session.delete(found)

    again_if_interrupted(use_case)


@dataclass(frozen=True)
class _Walked:
    place_id: int
    walked: Walked


def _walked(actor: Actor, now: datetime) -> tuple[list[_Walked], PlaceView | None]:
    """Today's visits, the latest first, and where the latest was; a colleague's visit does as well."""
    start, end = day_of(now)
    rows = db.session.scalars(
        select(Visit)
        .join(Visit.place)
        .options(joinedload(Visit.place, innerjoin=True).joinedload(Place.area, innerjoin=True))
        .where(Visit.user_id == actor.user_id, Visit.visited_at >= start, Visit.visited_at < end)
        .where(in_areas_of(actor))
        .order_by(Visit.visited_at.desc(), Visit.id.desc())
        .limit(4 * LOOKED_AT_EACH)
    ).all()
    seen: dict[int, _Walked] = {}
    for row in rows:
        walked = Walked(row.place.code, row.place.name, row.id, row.visited_at)
        seen.setdefault(row.place_id, _Walked(row.place_id, walked))
    return list(seen.values()), view_of(rows[0].place) if rows else None


def _skipped(actor: Actor, today: date) -> list[PlaceView]:
    rows = db.session.scalars(
        select(Place)
        .join(VisitSkip, VisitSkip.place_id == Place.id)
        .options(joinedload(Place.area, innerjoin=True))
        .where(VisitSkip.user_id == actor.user_id, VisitSkip.skipped_on == today, in_areas_of(actor))
        .order_by(VisitSkip.at)
        .limit(LOOKED_AT_EACH)
    )
    return [view_of(place) for place in rows]


_Due = tuple[bool, bool, DueCase]
"""Disputed, overdue, and the case."""


def _open_cases(actor: Actor, now: datetime) -> dict[int, list[_Due]]:
    """Place id → its open cases: disputed ones, overdue ones, then those open longest."""
    # Written out: a partial index is used only where the database sees its condition.
    none: ColumnElement[int] = literal_column("0")
    disputed = _cases(actor).where(Case.disputes > none).order_by(Case.moved_at)
    overdue = _cases(actor).where(Case.due_at <= now).order_by(Case.due_at)
    longest = _cases(actor).order_by(Case.opened_at)
    found: dict[int, dict[str, _Due]] = {}
    for wanted in (disputed, overdue, longest):
        for case, zh, en in db.session.execute(wanted.limit(LOOKED_AT_EACH)):
            is_late = case.due_at is not None and case.due_at <= now
            due = (case.disputes > 0, is_late, DueCase(case.number, zh, en, case.opened_at, case.due_at))
            found.setdefault(case.place_id, {}).setdefault(case.number, due)
    return {place_id: list(group.values()) for place_id, group in found.items()}


def _cases(actor: Actor) -> Select[Case, str, str]:
    """Private matters are left out: they are nobody's talk at a counter."""
    return (
        select(Case, Category.name_zh, Category.name_en)
        .join(Case.category_version)
        .join(Case.place)
        .where(Case.closed_at.is_(None), Case.held == 0, Category.private.is_(False), *_on_a_round(actor))
    )


def _promised(actor: Actor, today: date) -> list[int]:
    return _ids(
        select(VisitedPlace.place_id)
        .join(Place, Place.id == VisitedPlace.place_id)
        .where(VisitedPlace.return_on <= today, in_areas_of(actor))
        .order_by(VisitedPlace.return_on, VisitedPlace.place_id)
    )


def _never_visited(actor: Actor, here: Spot | None) -> list[int]:
    """Nearest first where it is known where one stands: of many that are needed alike, those on the way."""
    wanted = (
        select(Place.id)
        .outerjoin(VisitedPlace, VisitedPlace.place_id == Place.id)
        .where(VisitedPlace.place_id.is_(None), *_on_a_round(actor))
    )
    if here is not None:
        east, north = (Place.lon - here.lon) * 0.85, Place.lat - here.lat  # 0.85: the cosine of 31.5° N
        wanted = wanted.order_by((east * east + north * north).asc().nulls_last())
    return _ids(wanted.order_by(Place.id))


def _long_ago(actor: Actor, now: datetime) -> list[int]:
    return _ids(
        select(VisitedPlace.place_id)
        .join(Place, Place.id == VisitedPlace.place_id)
        .where(VisitedPlace.visited_at < now - REST, *_on_a_round(actor))
        .order_by(VisitedPlace.visited_at, VisitedPlace.place_id)
    )


def _on_a_round(actor: Actor) -> Iterable[ColumnElement[bool]]:
    return Place.kind.in_(VISITED_KINDS), in_areas_of(actor)


def _ids(wanted: Select[Any]) -> list[int]:
    return list(db.session.scalars(wanted.limit(LOOKED_AT_EACH)))


def _with_last_visit(place_ids: Sequence[int]) -> list[tuple[Place, VisitedPlace | None]]:
    """The places in the order of their ids given."""
    if not place_ids:
        return []
    rows = db.session.execute(
        select(Place, VisitedPlace)
        .outerjoin(VisitedPlace, VisitedPlace.place_id == Place.id)
        .options(joinedload(Place.area, innerjoin=True))
        .where(Place.id.in_(place_ids))
    )
    found = {place.id: (place, last) for place, last in rows}
    return [found[place_id] for place_id in place_ids]


def _stop(place: Place, last: VisitedPlace | None, cases: Sequence[_Due], now: datetime) -> Stop | None:
    """The shop with every reason that holds; None: somebody was there today, or nothing calls for a visit."""
    today = now.astimezone(parts().zone).date()
    last_on = last.visited_at.astimezone(parts().zone).date() if last else None
    if last_on == today:
        return None
    is_rested = last is None or last.visited_at < now - REST
    promised_on = last.return_on if last else None
    holds = {
        Due.DISPUTED: any(disputed for disputed, _, _ in cases),
        Due.PROMISED: promised_on is not None and promised_on <= today,
        Due.OVERDUE: any(late for _, late, _ in cases),
        Due.OPEN: bool(cases) and is_rested,
        Due.NEVER: last is None,
        Due.LONG_AGO: last is not None and is_rested,
    }
    dues = tuple(due for due in Due if holds[due])
    if not dues:
        return None
    return Stop(place.id, dues, last_on=last_on, promised_on=promised_on, spot=spot_of(place))


def _route_stop(leg: Leg, place: Place, cases: Sequence[_Due]) -> RouteStop:
    pressing = sorted(cases, key=lambda due: (not due[0], not due[1], due[2].opened_at))
    return RouteStop(
        place=view_of(place),
        dues=leg.stop.dues,
        way_m=leg.way_m,
        last_on=leg.stop.last_on,
        promised_on=leg.stop.promised_on,
        cases=[case for _, _, case in pressing[:3]],
    )
