"""Lists of issues: what somebody has to take first on top; what has ended by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from tracker.domain.issue_ranking import Ranking
from tracker.domain.issues import LIVE, IssueState
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Area, Category, Clock, Issue, User
from tracker.services.clock_pages import ClockView, soon_until, view_of
from tracker.services.issue_counts import tallies
from tracker.services.matters import issues_visible_to
from tracker.services.worklists import LARGEST_ID, CursorWrong

RANKED = 200
"""At most so many live issues are ranked, the latest; a street that has more does not need a longer list."""
PAGE_ROWS = 30


@dataclass(frozen=True)
class IssueRow:
    """A line of the list; names of category and area as the page needs them."""

    id: int
    number: str
    title: str
    state: IssueState
    must_review: bool
    promise: ClockView | None
    area: str
    category_zh: str
    category_en: str
    icon: str
    owner: str
    cases: int
    open: int
    reporters: int
    ranking: Ranking
    weeks: Sequence[int]
    last_at: datetime | None
    opened_at: datetime
    state_at: datetime


@dataclass(frozen=True)
class IssueList:
    """Rows in order; older: cursor of what follows, empty: nothing; is_cut: more live ones than are ranked."""

    rows: Sequence[IssueRow]
    older: str = ""
    is_cut: bool = False


@dataclass(frozen=True)
class IssueFilter:
    """What the list shows: issues in these states, of this owner (None: anybody's), only what must be reviewed."""

    states: frozenset[IssueState]
    owner_id: int | None = None
    must_review: bool = False

    @property
    def is_ranked(self) -> bool:
        """Live issues are ranked; ended ones stand in the order they ended."""
        return self.states <= LIVE


def list_issues(actor: Actor, wanted: IssueFilter, now: datetime, cursor: str = "") -> IssueList:
    """The issues of a view that the person may see.

    Raises:
        CursorWrong: the cursor is none of ours.
    """
    if wanted.is_ranked:
        return _ranked(actor, wanted, now)
    statement = select(Issue).where(_asked(actor, wanted)).order_by(Issue.state_at.desc(), Issue.id.desc())
    if cursor:
        at, issue_id = _position(cursor)
        statement = statement.where(or_(Issue.state_at < at, and_(Issue.state_at == at, Issue.id < issue_id)))
    issues = list(db.session.scalars(statement.limit(PAGE_ROWS + 1)))
    shown = issues[:PAGE_ROWS]
    older = f"{shown[-1].state_at.timestamp()}-{shown[-1].id}" if len(issues) > PAGE_ROWS else ""
    return IssueList(_rows(shown, now), older)


def view_counts(actor: Actor, user_id: int | None) -> dict[str, int]:
    """State → number of issues the person may see; ``mine``: live ones he owns; ``must``: to be reviewed."""
    seen = issues_visible_to(actor)
    by_state = select(Issue.state, func.count()).where(seen).group_by(Issue.state)
    counts: dict[str, int] = dict(list(db.session.execute(by_state)))
    live = Issue.state.in_(sorted(LIVE))
    for name, condition in (("mine", Issue.owner_id == user_id), ("must", Issue.must_review)):
        counts[name] = db.session.scalar(select(func.count(Issue.id)).where(seen, live, condition)) or 0
    return counts


def promises_for(issue_ids: Sequence[int], now: datetime) -> dict[int, ClockView]:
    """Issue → the promise that somebody decides on it, where one runs."""
    clocks = db.session.scalars(
        select(Clock).where(Clock.issue_id.in_(issue_ids), Clock.state != "stopped").order_by(Clock.id)
    ).all()
    until = soon_until(now) if clocks else now
    return {clock.issue_id: view_of(clock, now, until) for clock in clocks if clock.issue_id is not None}


def _asked(actor: Actor, wanted: IssueFilter) -> ColumnElement[bool]:
    conditions = [issues_visible_to(actor), Issue.state.in_(sorted(wanted.states))]
    if wanted.owner_id is not None:
        conditions.append(Issue.owner_id == wanted.owner_id)
    if wanted.must_review:
        conditions.append(Issue.must_review.is_(True))
    return and_(*conditions)


def _ranked(actor: Actor, wanted: IssueFilter, now: datetime) -> IssueList:
    issues = list(
        db.session.scalars(
            select(Issue).where(_asked(actor, wanted)).order_by(Issue.id.desc()).limit(RANKED + 1)
        )
    )
    rows = sorted(_rows(issues[:RANKED], now), key=_urgency)
    return IssueList(rows, is_cut=len(issues) > RANKED)


def _urgency(row: IssueRow) -> tuple[bool, datetime, float, int]:
    """What must be reviewed first, by when; then by rank, the older one first."""
    due = row.promise.due_at if row.promise and row.promise.due_at else datetime.max.replace(tzinfo=UTC)
    return not row.must_review, due, -row.ranking.score, row.id


def _rows(issues: Sequence[Issue], now: datetime) -> list[IssueRow]:
    ids = [issue.id for issue in issues]
    if not ids:
        return []
    counted, promises, named = tallies(ids, now), promises_for(ids, now), _names(ids)
    rows = []
    for issue in issues:
        tally = counted[issue.id]
        area, category_zh, category_en, icon, owner = named[issue.id]
        rows.append(
            IssueRow(
                id=issue.id,
                number=issue.number,
                title=issue.title,
                state=IssueState(issue.state),
                must_review=issue.must_review,
                promise=promises.get(issue.id),
                area=area,
                category_zh=category_zh,
                category_en=category_en,
                icon=icon,
                owner=owner or "",
                cases=tally.cases,
                open=tally.open,
                reporters=tally.reporters,
                ranking=tally.ranking,
                weeks=tally.weeks,
                last_at=tally.last_at,
                opened_at=issue.opened_at,
                state_at=issue.state_at,
            )
        )
    return rows


def _names(ids: Sequence[int]) -> dict[int, tuple[str, str, str, str, str | None]]:
    """Issue → area, category in both languages, its icon, owner."""
    newer = aliased(Category)
    latest = select(func.max(newer.version)).where(newer.code == Category.code).scalar_subquery()
    rows = db.session.execute(
        select(Issue.id, Area.name, Category.name_zh, Category.name_en, Category.icon, User.name)
        .join(Area, Area.code == Issue.area_code)
        .join(Category, and_(Category.code == Issue.category, Category.version == latest))
        .outerjoin(User, User.id == Issue.owner_id)
        .where(Issue.id.in_(ids))
    )
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in rows}


def _position(cursor: str) -> tuple[datetime, int]:
    stamp, _, last = cursor.rpartition("-")
    try:
        at, issue_id = datetime.fromtimestamp(float(stamp), UTC), int(last)
    except (ValueError, OverflowError, OSError) as error:
        raise CursorWrong(cursor) from error
    if not 0 < issue_id <= LARGEST_ID:
        raise CursorWrong(cursor)
    return at, issue_id
