"""What the front page counts: how each case ended in the eyes of its reporter, and how long three steps took.

Every case that was opened counts exactly once among the endings; who said 没解决 is counted besides, whatever came
after. Nobody's silence is counted as satisfaction. Medians are of cases that came so far; cases promised by the
clock and cases promised in service hours are never mixed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracker.domain.lifecycle import Action, Outcome, State

PERIODS_DAYS = (30, 90, 365)
USUAL_PERIOD_DAYS = 90
FEWEST_FOR_SHARE = 10
"""Of fewer cases than this no percentage and no median is told: one case more would change everything."""

FIXED_OUTCOMES = frozenset({Outcome.FIXED, Outcome.PARTLY_FIXED, Outcome.FIXED_ON_SPOT})
"""Something was done on the street; the other outcomes are answers in words."""


class Ending(StrEnum):
    """Where a case stands in the eyes of whoever reported it. Each case has exactly one."""

    FIXED = "fixed"
    """Something was done, and the reporter said 解决了."""
    ANSWERED = "answered"
    """Explained, planned or referred, and the reporter took that as the end."""
    UNANSWERED = "unanswered"
    """Closed because the reporter did not answer in time."""
    DECLINED = "declined"
    """Not taken on, or nothing was found on the spot."""
    OPEN = "open"
    WAITING = "waiting"
    """Open: done and verified, the reporter has not answered yet."""
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


class Span(StrEnum):
    """A length of time from the report on."""

    FILED = "filed"
    """Until a person filed it; what a rule files at once would only make the middle look quick."""
    ANSWERED = "answered"
    """Until a person at the office first did something with it."""
    FIXED = "fixed"
    """Until what was done stood: the last time it was handed over as done."""


_SILENT = frozenset(
    {Action.NOTE, Action.REVEAL_PHONE, Action.PUBLISH_PHOTOS, Action.WITHDRAW_PHOTOS, Action.JOIN}
)
"""What staff do that moves nothing for the reporter: no response."""

_BY_STATE = {
    State.VERIFIED: Ending.WAITING,
    State.DECLINED: Ending.DECLINED,
    State.MERGED: Ending.MERGED,
    State.WITHDRAWN: Ending.WITHDRAWN,
    State.VOIDED: Ending.VOIDED,
}


@dataclass(frozen=True)
class Line:
    """One history row, as far as it is counted."""

    action: str
    actor_kind: str
    at: datetime


def ending_of(state: str, outcome: str, closing: str) -> Ending:
    """The one ending of a case; the columns of its record."""
    if state != State.CLOSED:
        return _BY_STATE.get(State(state), Ending.OPEN)
    if closing == "lapsed":
        return Ending.UNANSWERED
    return Ending.FIXED if outcome in FIXED_OUTCOMES else Ending.ANSWERED


def moments_of(lines: Iterable[Line], ending: Ending, outcome: str) -> dict[Span, datetime]:
    """When each step was reached; what was not reached is missing.

    Args:
        lines: the history of one case, oldest first.
    """
    reached: dict[Span, datetime] = {}
    stands = outcome in FIXED_OUTCOMES and ending in (Ending.FIXED, Ending.UNANSWERED, Ending.WAITING)
    for line in lines:
        if line.action in (Action.FILE, Action.FOUND) and line.actor_kind == "staff":
            reached.setdefault(Span.FILED, line.at)
        if line.actor_kind == "staff" and line.action not in _SILENT:
            reached.setdefault(Span.ANSWERED, line.at)
        if stands and line.action in (Action.RESOLVE, Action.FIX_ON_SPOT):
            reached[Span.FIXED] = line.at
    return reached


@dataclass(frozen=True)
class Median:
    """The middle of `count` lengths of time, in seconds; of an even number the mean of the two in the middle."""

    count: int = 0
    seconds: int = 0

    @property
    def is_told(self) -> bool:
        """Whether enough cases stand behind it."""
        return self.count >= FEWEST_FOR_SHARE


@dataclass(frozen=True)
class Medians:
    """One step: cases promised in service hours, and cases promised by the clock."""

    service: Median = Median()
    clock: Median = Median()


@dataclass(frozen=True)
class Figures:
    """What is told of the cases opened in a period.

    Attributes:
        endings: how many of each; they add up to `reported`.
        disputed: how often 没解决 was said at least once; `disputed_fixed`: of these, later 解决了.
        overdue: open, and past the time that somebody at the office promised.
        times: step → medians.
        service_day_s: seconds of service in a usual day, to tell long service times in days.
    """

    endings: Mapping[Ending, int] = field(default_factory=dict)
    disputed: int = 0
    disputed_fixed: int = 0
    overdue: int = 0
    times: Mapping[Span, Medians] = field(default_factory=dict)
    service_day_s: int = 8 * 3600

    @property
    def reported(self) -> int:
        """How many cases were opened in the period."""
        return sum(self.endings.values())

    def count(self, *endings: Ending) -> int:
        """How many cases ended, or stand, in one of these ways."""
        return sum(self.endings.get(ending, 0) for ending in endings)


def percent(part: int, whole: int) -> int | None:
    """The share in whole percent, halves up; None where `whole` is too small to say."""
    return None if whole < FEWEST_FOR_SHARE else (200 * part + whole) // (2 * whole)
