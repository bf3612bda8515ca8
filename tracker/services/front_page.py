"""What the front page reads: figures counted before, and what was fixed lately. Never more than four statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, contains_eager

from tracker.domain.honest_figures import FIXED_OUTCOMES, PERIODS_DAYS, USUAL_PERIOD_DAYS
from tracker.domain.lifecycle import Outcome
from tracker.domain.streets import street_of
from tracker.extensions import db
from tracker.models import Case, Category, Photo, PublicCase, PublicPhoto
from tracker.models.base import in_words
from tracker.services.figures import Counted, counted

WITH_PHOTOS, WITHOUT = 3, 4
"""So many cases with cleared photos, and so many others: two small pictures each weigh 54 kB at most."""
NEWEST_LOOKED_AT = 40
"""Of the newest closed cases so many are read to find those that are shown; never more, however few there are."""
PUBLIC_KINDS = frozenset(
    {"metro", "bus_stop", "park", "riverside", "street_furniture", "bin_room", "market", "service_centre"}
)
"""Kinds of place that are everybody's, so that their name accuses nobody. Of all others the road is told."""


@dataclass(frozen=True)
class FixedPhoto:
    """A public picture: its name in the address; kind: before, after; size of the large picture in pixels."""

    name: str
    kind: str
    width: int
    height: int


@dataclass(frozen=True)
class FixedCase:
    """What everybody may read about a case that was fixed.

    Attributes:
        where: name of a public place, or a road; never a shop.
        words: what was done, in words somebody cleared for everybody; empty: none.
        took_days: calendar days from report to end, 0: the same day.
        is_confirmed: its reporter said 解决了; otherwise it was verified and nobody answered.
    """

    category_zh: str
    category_en: str
    icon: str
    where: str
    outcome: Outcome
    words: str
    opened_at: datetime
    closed_at: datetime
    is_confirmed: bool
    before: Sequence[FixedPhoto] = ()
    after: Sequence[FixedPhoto] = ()


@dataclass(frozen=True)
class Front:
    """Everything on the front page that is not always the same."""

    counted: Counted | None
    fixed: Sequence[FixedCase]


def front(days: int) -> Front:
    """The page for one of the periods; for any other number the usual one."""
    period = days if days in PERIODS_DAYS else USUAL_PERIOD_DAYS
    return Front(counted(period), fixed_lately())


def fixed_lately() -> list[FixedCase]:
    """What was fixed lately: first what somebody cleared, then others; each newest first. Three statements."""
    cleared = db.session.execute(_cleared()).all()
    photos = _photos(case.id for case, _ in cleared)
    known = {case.id for case, _ in cleared}
    found = [(case, words, photos.get(case.id, [])) for case, words in cleared]
    others = [case for case in db.session.scalars(_newest()) if case.id not in known and _is_for_all(case)]
    found += [(case, "", []) for case in others[:WITHOUT]]
    return [_fixed(*each) for each in found]


def _cleared() -> Select[Case, str]:
    return (
        select(Case, PublicCase.words)
        .join(PublicCase, PublicCase.case_id == Case.id)
        .join(Case.place)
        .join(Case.category_version)
        .options(contains_eager(Case.place), contains_eager(Case.category_version))
        .where(in_words(Case.state, "closed"), Case.outcome.in_(FIXED_OUTCOMES))
        .where(~Category.private, ~Category.protect_reporter)
        .order_by(PublicCase.closed_at.desc(), PublicCase.case_id.desc())
        .limit(WITH_PHOTOS)
    )


def _newest() -> Select[Case]:
    newest = (
        select(Case)
        .where(in_words(Case.state, "closed"))
        .order_by(Case.closed_at.desc(), Case.id.desc())
        .limit(NEWEST_LOOKED_AT)
        .subquery()
    )
    found = aliased(Case, newest)
    return (
        select(found)
        .join(found.place)
        .join(found.category_version)
        .options(contains_eager(found.place), contains_eager(found.category_version))
        .order_by(found.closed_at.desc(), found.id.desc())
    )


def _is_for_all(case: Case) -> bool:
    return case.outcome in FIXED_OUTCOMES and not case.category_version.private


def _photos(case_ids: Iterable[int]) -> dict[int, list[FixedPhoto]]:
    wanted = list(case_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(PublicPhoto.case_id, PublicPhoto.name, Photo.kind, PublicPhoto.width, PublicPhoto.height)
        .join(Photo, Photo.id == PublicPhoto.photo_id)
        .where(PublicPhoto.case_id.in_(wanted))
        .order_by(PublicPhoto.photo_id)
    )
    found: dict[int, list[FixedPhoto]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(FixedPhoto(row.name, row.kind, row.width, row.height))
    return found


def _fixed(case: Case, words: str, photos: Sequence[FixedPhoto]) -> FixedCase:
    category, place = case.category_version, case.place
    if case.closed_at is None:
        raise ValueError(f"{case.number} is not closed")
    is_everybodys = place.kind in PUBLIC_KINDS and not category.protect_reporter
    return FixedCase(
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        where=place.name if is_everybodys else street_of(place.address),
        outcome=Outcome(case.outcome),
        words=words,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        is_confirmed=case.closing == "confirmed",
        before=[photo for photo in photos if photo.kind == "before"][:1],
        after=[photo for photo in photos if photo.kind == "after"][-1:],
    )
