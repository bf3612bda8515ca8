"""When a promise ends: allowance × calendar, pauses and shares of it."""

from datetime import UTC, datetime, timedelta

from tracker.domain.allowance import Allowance, Unit
from tracker.domain.calendar import ServiceCalendar


def due_at(start: datetime, allowance: Allowance, calendar: ServiceCalendar) -> datetime:
    """Return the moment by which `allowance` from `start` (aware) is used up; UTC.

    Working time ends inside service hours, at closing time rather than at the next opening; working days end with
    the service of the last one, the day of `start` not counted.

    Raises:
        CalendarTooShort: the answer lies past the last year whose holidays we hold.
    Source: design brief, section 3; 民法典 §201.
    """
    if allowance.runs_day_and_night:
        return (start + allowance.time).astimezone(UTC)
    if allowance.unit == Unit.WORKING_DAY:
        return calendar.after_working_days(start, allowance.amount)
    return calendar.after_working_time(start, allowance.time)


def time_between(
    start: datetime, end: datetime, allowance: Allowance, calendar: ServiceCalendar
) -> timedelta:
    """How much of such an allowance passes from `start` to `end`: by the clock, or in service hours.

    Raises:
        CalendarTooShort: see due_at.
    """
    if allowance.runs_day_and_night:
        return max(end - start, timedelta())
    return calendar.working_time_between(start, end)


def later(moment: datetime, length: timedelta, allowance: Allowance, calendar: ServiceCalendar) -> datetime:
    """`moment` moved on by `length` of the kind of time that `allowance` runs in; UTC. None moves nothing.

    Raises:
        CalendarTooShort: see due_at.
    """
    if not length:
        return moment.astimezone(UTC)
    if allowance.runs_day_and_night:
        return (moment + length).astimezone(UTC)
    return calendar.after_working_time(moment, length)


def share_at(
    start: datetime, due: datetime, allowance: Allowance, calendar: ServiceCalendar, *, percent: int
) -> datetime:
    """The moment when `percent` of the time from `start` to `due` has passed; UTC, past `due` above 100.

    Raises:
        CalendarTooShort: see due_at.
    """
    if percent == 100:
        return due.astimezone(UTC)
    length = time_between(start, due, allowance, calendar) * percent / 100
    return later(start, length, allowance, calendar)
