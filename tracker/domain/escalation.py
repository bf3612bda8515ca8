"""The ladder: who hears of a clock that runs out, and when. Each rung happens once.

Source: design brief, section 3: 75 % owner; 100 % owner and department lead, overdue; 150 % duty lead; 200 %
supervisor; then once each working day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.domain.allowance import Allowance
from tracker.domain.calendar import ServiceCalendar
from tracker.domain.sla import share_at


class Hearer(StrEnum):
    """Who hears of a rung."""

    OWNER = "owner"
    DEPARTMENT_LEAD = "department_lead"
    DUTY_LEAD = "duty_lead"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: at which share of the allowance, and for whom."""

    percent: int
    hearers: tuple[Hearer, ...]


LADDER = (
    Rung(75, (Hearer.OWNER,)),
    Rung(100, (Hearer.OWNER, Hearer.DEPARTMENT_LEAD)),
    Rung(150, (Hearer.DUTY_LEAD,)),
    Rung(200, (Hearer.SUPERVISOR,)),
)
DAILY = Rung(0, (Hearer.SUPERVISOR,))
"""Every rung after the ladder's last: when service begins on each further working day."""

OVERDUE_FROM = 2
"""The number of the rung at which a case counts as overdue; rungs are counted from 1."""


@dataclass(frozen=True)
class Running:
    """A clock as the ladder sees it.

    Attributes:
        runs_from: its start, moved on by every pause.
        next_rung: number of the first rung that has not happened, from 1.
        last_rung_at: when the rung before was due; None before the first.
    """

    runs_from: datetime
    due: datetime
    allowance: Allowance
    next_rung: int
    last_rung_at: datetime | None = None


def rung(number: int) -> Rung:
    """The rung of this number, from 1 on."""
    return LADDER[number - 1] if number <= len(LADDER) else DAILY


def rung_at(clock: Running, number: int, before: datetime | None, calendar: ServiceCalendar) -> datetime:
    """When rung `number` of `clock` is due; `before` is when the one before it was (needed for daily rungs).

    Time that was given since (a pause, an extension) moves daily rungs too: they begin after the ladder's last.

    Raises:
        CalendarTooShort: past the last year held.
    """
    if number <= len(LADDER):
        percent = rung(number).percent
        return share_at(clock.runs_from, clock.due, clock.allowance, calendar, percent=percent)
    top = rung_at(clock, len(LADDER), None, calendar)
    return calendar.opening_after_day_of(max(before or top, top))


def rungs_until(clock: Running, until: datetime, calendar: ServiceCalendar) -> Iterator[tuple[int, datetime]]:
    """The rungs that have not happened and are due by `until`, in order.

    Raises:
        CalendarTooShort: past the last year held.
    """
    number, before = clock.next_rung, clock.last_rung_at
    while (at := rung_at(clock, number, before, calendar)) <= until:
        yield number, at
        number, before = number + 1, at
