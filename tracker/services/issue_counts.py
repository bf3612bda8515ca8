"""Numbers of issues, a whole list in one statement: places, people, reports by week."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from tracker.domain.candidates import Sighting
from tracker.domain.issue_ranking import Ranking, rank, week_edges, week_starts
from tracker.domain.lifecycle import OPEN
from tracker.extensions import db
from tracker.models import Case, Issue, IssueCase, Label, Report
from tracker.services.issue_views import Trend, WeekCount
from tracker.services.parts import parts


@dataclass(frozen=True)
class Tally:
    """What an issue's present cases and their reports add up to; weeks: see ``issue_ranking.rank``."""

    cases: int
    open: int
    places: int
    reporters: int
    reports: int
    first_at: datetime | None
    last_at: datetime | None
    weeks: Sequence[int]

    @property
    def ranking(self) -> Ranking:
        """How urgent it is."""
        return rank(self.places, self.weeks)


NOTHING = Tally(0, 0, 0, 0, 0, None, None, (0,) * 10)


def tallies(issue_ids: Collection[int], now: datetime) -> dict[int, Tally]:
    """Issue → its numbers; ``NOTHING`` for one without cases."""
    edges = week_edges(now, parts().zone)
    weeks = [_between(Report.sent_at, *pair) for pair in itertools.pairwise(edges)]
    is_open = case((Case.state.in_(sorted(OPEN)), Case.id))
    rows = db.session.execute(
        select(
            IssueCase.issue_id,
            func.count(Case.id.distinct()),
            func.count(is_open.distinct()),
            func.count(Label.place_id.distinct()),
            func.count(Report.device_hash.distinct()),
            func.count(Report.id),
            func.min(Report.sent_at),
            func.max(Report.sent_at),
            *weeks,
        )
        .join(Case, Case.id == IssueCase.case_id)
        .join(Report, Report.case_id == Case.id)
        .join(Label, Label.id == Report.label_id)
        .where(IssueCase.issue_id.in_(sorted(issue_ids)), IssueCase.removed_at.is_(None))
        .group_by(IssueCase.issue_id)
    )
    found = {row[0]: Tally(*row[1:8], weeks=tuple(row[8:])) for row in rows}
    return {each: found.get(each, NOTHING) for each in issue_ids}


def trend_of(issue: Issue, tally: Tally, now: datetime) -> Trend:
    """The issue's ten weeks beside those of its category in its area."""
    edges, starts = week_edges(now, parts().zone), week_starts(now, parts().zone)
    weeks = [_between(Case.opened_at, *pair) for pair in itertools.pairwise(edges)]
    around = db.session.execute(
        select(*weeks).where(
            Case.area_code == issue.area_code,
            Case.category == issue.category,
            Case.opened_at >= edges[0],
            Case.opened_at < edges[-1],
            Case.held == 0,
        )
    ).one()
    counts = [
        WeekCount(since, reports, cases or 0)
        for since, reports, cases in zip(starts, tally.weeks, around, strict=True)
    ]
    ranking = tally.ranking
    return Trend(counts, ranking.late, ranking.before, ranking.per_fortnight)


def sightings_of(issue_id: int) -> list[Sighting]:
    """Every report of the issue's present cases: where and when."""
    rows = db.session.execute(
        select(Label.place_id, Report.sent_at)
        .join(Report, Report.label_id == Label.id)
        .join(IssueCase, IssueCase.case_id == Report.case_id)
        .where(IssueCase.issue_id == issue_id, IssueCase.removed_at.is_(None))
    )
    return [Sighting(place_id, at) for place_id, at in rows]


def arrivals(sightings: Iterable[Sighting]) -> dict[date, int]:
    """Day on the street → reports."""
    zone = parts().zone
    return dict(Counter(each.at.astimezone(zone).date() for each in sightings))


def _between(column: Any, since: datetime, until: datetime) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(column >= since, column < until), 1), else_=0)), 0)
