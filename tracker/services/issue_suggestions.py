"""Cases that may belong to an issue and are not in it: close by, lately, the same category first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.domain.issues import IssueState
from tracker.domain.lifecycle import State
from tracker.domain.permissions import Actor, Permission
from tracker.extensions import db
from tracker.models import Case, GroupingRuling, Issue, IssueCase, Place, Report
from tracker.services.issue_views import IssueFacts

MOST = 8
LOOKED_AT = 200
WITHIN = timedelta(days=60)
NEAR_DEGREES = 0.003
"""About 300 m beyond the outermost of its own places."""
_NOT_COUNTED = (State.VOIDED, State.WITHDRAWN, State.MERGED)


@dataclass(frozen=True)
class Suggestion:
    """A case that a person may add; other_issue: number of the issue that holds it now, so that it would move."""

    number: str
    category_zh: str
    category_en: str
    place: str
    summary: str
    opened_at: datetime
    lat: float | None
    lon: float | None
    other_issue: str
    is_same_category: bool


def suggestions_for(facts: IssueFacts, actor: Actor, now: datetime) -> list[Suggestion]:
    """At most eight, none that somebody ruled out, none where the issue's places are unknown."""
    known = [
        (point.lat, point.lon) for point in facts.points if point.lat is not None and point.lon is not None
    ]
    if not known:
        return []
    lats, lons = zip(*known, strict=True)
    ruled_out = (
        select(Report.case_id)
        .join(GroupingRuling, GroupingRuling.report_id == Report.id)
        .where(GroupingRuling.issue_id == facts.id, GroupingRuling.kind == "out")
    )
    rows = db.session.execute(
        select(Case, Issue.number, Issue.state)
        .join(Place, Place.id == Case.place_id)
        .outerjoin(IssueCase, (IssueCase.case_id == Case.id) & IssueCase.removed_at.is_(None))
        .outerjoin(Issue, Issue.id == IssueCase.issue_id)
        .where(
            Case.area_code.in_({row.area_code for row in facts.cases}),
            Case.opened_at >= now - WITHIN,
            Case.state.not_in(_NOT_COUNTED),
            Case.held == 0,
            Case.id.not_in([row.case_id for row in facts.cases]),
            Case.id.not_in(ruled_out),
            Place.lat.between(min(lats) - NEAR_DEGREES, max(lats) + NEAR_DEGREES),
            Place.lon.between(min(lons) - NEAR_DEGREES, max(lons) + NEAR_DEGREES),
        )
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(LOOKED_AT)
        .options(joinedload(Case.place, innerjoin=True), joinedload(Case.category_version, innerjoin=True))
    )
    found = [
        _suggestion(case, facts, number if state != IssueState.DISMISSED else None)
        for case, number, state in rows
        if actor.may(Permission.ISSUES_SEE, case.area_code)
    ]
    return sorted(found, key=lambda each: (not each.is_same_category, bool(each.other_issue)))[:MOST]


def _suggestion(case: Case, facts: IssueFacts, other: str | None) -> Suggestion:
    own = {row.category for row in facts.cases}
    return Suggestion(
        number=case.number,
        category_zh=case.category_version.name_zh,
        category_en=case.category_version.name_en,
        place=case.place.name,
        summary=case.summary,
        opened_at=case.opened_at,
        lat=case.place.lat,
        lon=case.place.lon,
        other_issue=other or "",
        is_same_category=case.category in own,
    )
