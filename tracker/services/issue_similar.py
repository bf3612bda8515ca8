"""Earlier issues like this one, and what was done about them: nobody should invent the same answer twice."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select

from tracker.domain.issues import PUBLIC, IssueState
from tracker.domain.shared_words import words_of
from tracker.extensions import db
from tracker.models import ActionItem, Case, Issue, IssueCase, IssueEvent, Place
from tracker.services.issue_views import PastItem, SimilarIssue

MOST = 4
LOOKED_AT = 120
"""Of the same category or area, the latest: enough for years of one street."""
NEAR_DEGREES = 0.005
"""About 500 m."""
_ENDING = ("finish", "lengthen", "raise_up")
_LEAST_WORDS = 2
_WEIGHT = {"category": 2, "near": 2, "words": 1}


def similar_issues(issue: Issue) -> list[SimilarIssue]:
    """Accepted issues that share a category, the surroundings or words with `issue`, the most alike first."""
    others = db.session.scalars(
        select(Issue)
        .where(
            Issue.id != issue.id,
            Issue.state.in_(sorted(PUBLIC)),
            or_(Issue.category == issue.category, Issue.area_code == issue.area_code),
        )
        .order_by(Issue.id.desc())
        .limit(LOOKED_AT)
    ).all()
    middles = _middles([issue.id, *(other.id for other in others)])
    alike = [(other, _in_common(issue, other, middles)) for other in others]
    ranked = sorted(
        ((other, why) for other, why in alike if sum(_WEIGHT[each] for each in why) >= 2),
        key=lambda pair: (-sum(_WEIGHT[each] for each in pair[1]), -pair[0].id),
    )[:MOST]
    items, notes = items_of(other.id for other, _ in ranked), _notes(other.id for other, _ in ranked)
    return [
        SimilarIssue(
            other.number,
            other.title,
            IssueState(other.state),
            other.state_at,
            why,
            items.get(other.id, ()),
            notes.get(other.id, ""),
        )
        for other, why in ranked
    ]


def _in_common(issue: Issue, other: Issue, middles: dict[int, tuple[float, float]]) -> list[str]:
    why = ["category"] if issue.category == other.category else []
    here, there = middles.get(issue.id), middles.get(other.id)
    if here and there and all(abs(a - b) <= NEAR_DEGREES for a, b in zip(here, there, strict=True)):
        why.append("near")
    if len(set(words_of(issue.title)) & set(words_of(other.title))) >= _LEAST_WORDS:
        why.append("words")
    return why


def _middles(issue_ids: Sequence[int]) -> dict[int, tuple[float, float]]:
    rows = db.session.execute(
        select(IssueCase.issue_id, func.avg(Place.lat), func.avg(Place.lon))
        .join(Case, Case.id == IssueCase.case_id)
        .join(Place, Place.id == Case.place_id)
        .where(IssueCase.issue_id.in_(issue_ids), IssueCase.removed_at.is_(None), Place.lat.is_not(None))
        .group_by(IssueCase.issue_id)
    )
    return {issue_id: (float(lat), float(lon)) for issue_id, lat, lon in rows}


def items_of(issue_ids: Iterable[int]) -> dict[int, list[PastItem]]:
    """Issue → its action items, in the order they were decided."""
    rows = db.session.scalars(
        select(ActionItem).where(ActionItem.issue_id.in_(list(issue_ids))).order_by(ActionItem.id)
    )
    found: dict[int, list[PastItem]] = {}
    for item in rows:
        found.setdefault(item.issue_id, []).append(
            PastItem(item.action, item.department_code, item.state, item.due_on)
        )
    return found


def _notes(issue_ids: Iterable[int]) -> dict[int, str]:
    """What was said when they ended; the latest word counts."""
    rows = db.session.execute(
        select(IssueEvent.issue_id, IssueEvent.note)
        .where(IssueEvent.issue_id.in_(list(issue_ids)), IssueEvent.action.in_(_ENDING))
        .order_by(IssueEvent.version)
    )
    return dict(list(rows))
