"""When something of the demo street's plan happens: days before the loading, turned into moments of office days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.domain.calendar import CalendarTooShort
from tracker.services.calendar_facts import CalendarRefused
from tracker.services.calendars import office_calendar
from tracker.services.parts import parts

OPENS, HOURS = time(9), 8
"""A day's fraction is spread over these hours, so that who is early in the plan is early on the day."""
A_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Act:
    """Something that somebody does at a moment. `do` is given the moment."""

    at: datetime
    do: Callable[[datetime], object]


@dataclass(frozen=True)
class Moments:
    """Moments counted from `now`, the loading."""

    now: datetime

    @property
    def today(self) -> date:
        """The day of the loading, on the street."""
        return self.now.astimezone(parts().zone).date()

    def ago(self, days: float) -> datetime:
        """So many days ago, one or more, in office hours; order is kept."""
        whole = int(days)
        opened = self.on(self.today - whole * A_DAY, OPENS)
        return opened + (1 - (days - whole)) * HOURS * timedelta(hours=1)

    def day(self, days_ago: int, *, later: bool) -> date:
        """The day so many days ago (negative: to come), or the nearest working day later or earlier than it."""
        day = self.today - days_ago * A_DAY
        while not _is_worked(day):
            day += A_DAY if later else -A_DAY
        return day

    def on(self, day: date, at: time) -> datetime:
        """A time of day on the street."""
        return datetime.combine(day, at, parts().zone)


def _is_worked(day: date) -> bool:
    """Where no calendar reaches, weekdays are worked: a demo is also loaded when its year is not published yet."""
    try:
        return office_calendar().is_worked(day)
    except (CalendarRefused, CalendarTooShort):
        return day.weekday() < SATURDAY
