"""Which common issue is taken first: distinct places × persistence × growth.

Places say how widely it is felt, persistence that it does not go away by itself, growth that it gets worse. All three
are counted from reports, so nobody can push an issue up but by living with it; voices from the public page do not
count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKS = 10
"""Looked at: two weeks (now) and the eight before them."""
NOW_WEEKS, BEFORE_WEEKS = 2, 8
PERSISTENCE_WEEKS = 8
"""Persistence counts weeks of the last eight."""
LEAST_GROWTH, MOST_GROWTH = 0.5, 4.0
"""One burst must not beat what half a street has lived with for months."""


@dataclass(frozen=True)
class Ranking:
    """The three factors and their product.

    Attributes:
        places: distinct places with a report, whenever it came.
        persistence: weeks of the last eight in which at least one report came, 0 to 8.
        growth: (reports of the last 14 days + 1) / (those of an average 14 days of the 8 weeks before + 1), between
            0.5 and 4; the ones keep small numbers from looking like trends.
        late, before: the reports that growth was counted from.
    """

    places: int
    persistence: int
    growth: float
    late: int
    before: int

    @property
    def score(self) -> float:
        """Places × persistence × growth."""
        return self.places * self.persistence * self.growth

    @property
    def per_fortnight(self) -> float:
        """Reports of an average 14 days of the 8 weeks before."""
        return self.before * NOW_WEEKS / BEFORE_WEEKS


def rank(places: int, weeks: Sequence[int]) -> Ranking:
    """The ranking of an issue.

    Args:
        weeks: reports in each of the last ten times seven days, oldest first.

    Raises:
        ValueError: there are not ten.
    """
    if len(weeks) != WEEKS:
        raise ValueError(f"{len(weeks)} weeks instead of {WEEKS}")
    before, late = sum(weeks[:BEFORE_WEEKS]), sum(weeks[BEFORE_WEEKS:])
    usual = before * NOW_WEEKS / BEFORE_WEEKS
    growth = min(MOST_GROWTH, max(LEAST_GROWTH, (late + 1) / (usual + 1)))
    persistence = sum(1 for reports in weeks[-PERSISTENCE_WEEKS:] if reports)
    return Ranking(places, persistence, growth, late, before)


def week_starts(now: datetime, zone: ZoneInfo) -> list[date]:
    """The first days of the last ten times seven days on the street, oldest first; the last one ends today."""
    today = now.astimezone(zone).date()
    return [today - timedelta(days=7 * back + 6) for back in reversed(range(WEEKS))]


def week_edges(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where those weeks begin and the last one ends: eleven moments, each midnight on the street."""
    days = week_starts(now, zone)
    return [datetime.combine(day, time(), zone) for day in (*days, days[-1] + timedelta(days=7))]
