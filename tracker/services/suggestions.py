"""Before somebody reports: open cases that are probably the same, to be answered in one tap.

Nothing here says who reported or in whose words. Private matters are never among it; of those whose reporter is to be
protected only that there is one, how old it is in days and how far it has come. Of what a device said that its own is
a different one, it is not asked again; what several people said so of is offered after everything else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from tracker.domain.distance import distance_m
from tracker.domain.grouping.placing import suggest
from tracker.domain.lifecycle import AT_WORK, State
from tracker.extensions import db
from tracker.models import Case, Category, ClusterReport, GroupingState, Report
from tracker.services.cluster_store import ClusterStore
from tracker.services.differences import SEVERAL, not_refused_by, times_refused
from tracker.services.grouped_reports import asked_about
from tracker.services.grouping_lessons import lesson_of
from tracker.services.links import hash_of
from tracker.services.places import LabelledPlace, is_within_reach

SHOWN = 3
GROUPS_ASKED = 6
"""So many of the likeliest groups are looked through for cases that are still open."""
MEMBERS_ASKED = 24
"""Latest reports of these groups that are read."""
LIKELY_ABOVE = -1.0
"""Log-odds of being the same trouble: shown from about one in four on; a look costs little, a second case much."""


class NothingShown(LookupError):
    """No photo is shown of this case here."""


@dataclass(frozen=True)
class OpenCase:
    """An open case as a stranger may see it. Names are in both languages.

    Attributes:
        place_name: empty where its reporter is to be protected.
        away_m: metres from where the asker stands; 0: the same place; None: not known.
        voices: how many people it concerns.
        is_at_work: there is no result yet, so that it helps to know that it got worse or is gone.
    """

    number: str
    category_zh: str
    category_en: str
    icon: str
    state: State
    opened_at: datetime
    place_name: str
    away_m: float | None
    has_photo: bool
    voices: int
    is_at_work: bool


@dataclass(frozen=True)
class Asker:
    """Who is asked whether it is one of these.

    Attributes:
        device: the value of his device cookie; empty: nobody known.
        refused: numbers of cases that he has just said are not his.
    """

    device: str = ""
    refused: Sequence[str] = ()


NOBODY_KNOWN = Asker()


def open_here(place: LabelledPlace, asker: Asker = NOBODY_KNOWN) -> list[OpenCase]:
    """The newest open cases of this very place; one statement."""
    here = _open_here(place, asker).limit(SHOWN)
    return [_seen_from(place, case) for case in db.session.scalars(here)]


def similar(
    place: LabelledPlace, category: str, text: str, now: datetime, *, asker: Asker = NOBODY_KNOWN
) -> list[OpenCase]:
    """At most three open cases that are probably what somebody is about to report, best first.

    Args:
        category: code, as chosen. text: as far as it is typed.
    """
    if _is_private(category):
        return []
    likely, doubtful = _likely(place, category, text, now, asker=asker)
    if len(likely) < SHOWN:  # what the grouping has not reached yet, or not understood
        here = _open_here(place, asker, category).where(Case.category == category).limit(SHOWN)
        known = {case.id for case in (*likely, *doubtful)}
        likely += [case for case in db.session.scalars(here) if case.id not in known]
    return [_seen_from(place, case) for case in (*likely, *doubtful)[:SHOWN]]


def _is_private(category: str) -> bool:
    """Whoever comes with a need of his own is not asked whether somebody else's is the same."""
    current = select(Category.private).where(Category.code == category, Category.is_current)
    return bool(db.session.scalar(current))


def thumb_shown(number: str, place: LabelledPlace) -> str:
    """The content hash of the photo that stands for an open case, as strangers at `place` may see it.

    Raises:
        NothingShown: no such case here, or none of its photos is shown.
    """
    case = db.session.scalar(_open_cases().where(Case.number == number))
    if case is None or not _has_photo(case) or not is_within_reach(case.place, place):
        raise NothingShown(number)
    return case.thumb


def _open_cases() -> Select[Case]:
    return (
        select(Case)
        .join(Case.place)
        .join(Case.category_version)
        .options(contains_eager(Case.place), contains_eager(Case.category_version))
        .where(Case.closed_at.is_(None), Case.held == 0, ~Category.private)
    )


def _open_here(place: LabelledPlace, asker: Asker, category: str = "") -> Select[Case]:
    here = _not_refused(_open_cases(), asker).where(Case.place_id == place.place_id)
    is_doubtful = times_refused(place.place_id, category) >= SEVERAL
    return here.order_by(is_doubtful, Case.opened_at.desc(), Case.id.desc())


def _not_refused(cases: Select[Any], asker: Asker) -> Select[Any]:
    if asker.refused:
        cases = cases.where(Case.number.not_in(asker.refused))
    return cases.where(not_refused_by(hash_of(asker.device))) if asker.device else cases


def _likely(
    place: LabelledPlace, category: str, text: str, now: datetime, *, asker: Asker
) -> tuple[list[Case], list[Case]]:
    """One open case of each group that is likely meant, the likeliest group first; then further ones.

    Apart from them those of which several people here said that theirs is a different one.
    """
    groups = _likely_groups(place, category, text, now)
    if not groups:
        return [], []
    is_doubtful = times_refused(place.place_id, category) >= SEVERAL
    rows = db.session.execute(_not_refused(_open_members(groups), asker).add_columns(is_doubtful))
    members: dict[int, dict[int, Case]] = {cluster_id: {} for cluster_id in groups}
    doubtful: set[int] = set()
    for case, cluster_id, doubted in rows:
        if is_within_reach(case.place, place):
            members[cluster_id].setdefault(case.id, case)
            doubtful.update([case.id] if doubted else ())
    ranked = [_best_first(cases.values(), place, category) for cases in members.values()]
    first = [cases[0] for cases in ranked if cases]
    found = first + [case for cases in ranked for case in cases[1:]]
    return [case for case in found if case.id not in doubtful], [
        case for case in found if case.id in doubtful
    ]


def _likely_groups(place: LabelledPlace, category: str, text: str, now: datetime) -> list[int]:
    """Row ids of the groups that such a report would likely join, best first."""
    lesson = db.session.scalars(select(GroupingState.lesson)).one()
    store = ClusterStore(0)
    spot = None if place.lat is None or place.lon is None else (place.lat, place.lon)
    store.stand(place.place_id, spot)
    report = asked_about(
        place_id=place.place_id,
        address=place.address,
        area=place.area_code,
        category=category,
        text=text,
        at=now,
    )
    scored = suggest(report, store, lesson_of(lesson), GROUPS_ASKED)
    names = [name for name, score in scored if score > LIKELY_ABOVE]
    if not names:
        return []
    rows = db.session.execute(
        select(ClusterReport.name, ClusterReport.cluster_id).where(ClusterReport.name.in_(names))
    )
    found = {row.name: row.cluster_id for row in rows}
    return list(dict.fromkeys(found[name] for name in names if name in found))


def _open_members(groups: Iterable[int]) -> Select[Any]:
    """The latest open cases of these groups, with the group each is in."""
    return (
        _open_cases()
        .add_columns(ClusterReport.cluster_id)
        .join(Report, Report.case_id == Case.id)
        .join(ClusterReport, ClusterReport.report_id == Report.id)
        .where(ClusterReport.cluster_id.in_(list(groups)))
        .order_by(ClusterReport.at_s.desc(), ClusterReport.name.desc())
        .limit(MEMBERS_ASKED)
    )


def _best_first(cases: Iterable[Case], place: LabelledPlace, category: str) -> Sequence[Case]:
    """This place before others, this category before others, then the nearest, then the newest."""

    def rank(case: Case) -> tuple[bool, bool, float, float]:
        away = _away_m(case, place)
        return (
            case.place_id != place.place_id,
            case.category != category,
            float("inf") if away is None else away,
            -case.opened_at.timestamp(),
        )

    return sorted(cases, key=rank)


def _away_m(case: Case, place: LabelledPlace) -> float | None:
    there = case.place
    if there.id == place.place_id:
        return 0.0
    if there.lat is None or there.lon is None or place.lat is None or place.lon is None:
        return None
    return distance_m(place.lat, place.lon, there.lat, there.lon)


def _has_photo(case: Case) -> bool:
    category = case.category_version
    return bool(case.thumb) and not (category.private or category.protect_reporter)


def _seen_from(place: LabelledPlace, case: Case) -> OpenCase:
    category = case.category_version
    return OpenCase(
        number=case.number,
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        state=State(case.state),
        opened_at=case.opened_at,
        place_name="" if category.protect_reporter else case.place.name,
        away_m=_away_m(case, place),
        has_photo=_has_photo(case),
        voices=case.voices,
        is_at_work=case.state in AT_WORK,
    )
