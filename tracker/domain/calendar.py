"""Service hours: when promises in working time run, and when they end.

A calendar is made from published facts (weekly hours, days off, make-up working days) and holds for the years that
were published; beyond them it answers with an error. Arithmetic is on whole microseconds, so it is exact; looking a
moment up is a bisection in a list of the year's service windows.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from tracker.domain.words import N_

Hours = tuple[tuple[time, time], ...]
"""The service windows of a day, in order; a lunch break makes two of them; none: no service."""

MONDAY = 0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class CalendarTooShort(Exception):
    """The answer lies past the last year whose holidays we hold. The message says which year is missing."""

    def __init__(self, year: int) -> None:
        super().__init__(N_("节假日安排还没有导入：") + str(year))
        self.year = year


class CalendarWrong(ValueError):
    """Facts that make no calendar: overlapping hours, a day both off and worked. The message names them."""


@dataclass(frozen=True)
class ServiceCalendar:
    """Service hours of one organisation.

    Attributes:
        zone: IANA time zone in which days and hours are meant.
        weekly: weekday (0 is Monday) → hours; a weekday that is missing has none.
        holidays: days without service whatever the weekday.
        make_up: days worked although a weekend; they have Monday's hours.
        years: those whose holidays were published; every day of them is known, no other.
    """

    zone: str
    weekly: Mapping[int, Hours]
    holidays: frozenset[date]
    make_up: frozenset[date]
    years: frozenset[int]

    def __post_init__(self) -> None:
        """Refuse what could not be meant."""
        if not self.years:
            raise CalendarWrong(N_("没有任何年份。"))
        if not set(self.weekly) <= set(range(7)):
            raise CalendarWrong(N_("星期写作 0（周一）至 6（周日）：") + str(sorted(self.weekly)))
        if not self.weekly.get(MONDAY):
            raise CalendarWrong(N_("周一没有服务时间：补班日按周一计算。"))
        if both := self.holidays & self.make_up:
            raise CalendarWrong(N_("既放假又补班：") + str(min(both)))
        for hours in self.weekly.values():
            edges = [edge for window in hours for edge in window]
            if any(early >= late for early, late in pairwise(edges)):
                raise CalendarWrong(N_("服务时间重叠或颠倒：") + str(edges))

    def hours_on(self, day: date) -> Hours:
        """The service windows of a day.

        Raises:
            CalendarTooShort: its year is not held.
        """
        if day.year not in self.years:
            raise CalendarTooShort(day.year)
        if day in self.make_up:
            return self.weekly[MONDAY]
        return () if day in self.holidays else self.weekly.get(day.weekday(), ())

    def is_worked(self, day: date) -> bool:
        """Whether there is any service on `day`. Raises CalendarTooShort like ``hours_on``."""
        return bool(self.hours_on(day))

    @property
    def last_day(self) -> date:
        """The last day that is known without a gap before it."""
        year = min(self.years)
        while year + 1 in self.years:
            year += 1
        return date(year, 12, 31)

    def after_working_time(self, start: datetime, length: timedelta) -> datetime:
        """The moment when `length` (positive) of service has passed since `start` (aware); UTC.

        A length that ends with a window is due at closing time, not at the next opening.

        Raises:
            CalendarTooShort: that moment, or `start`, lies outside the years held.
        """
        target = self._service_before(start) + length // _MICROSECOND
        index = bisect_left(self._served, target)
        if index == len(self._served):
            raise CalendarTooShort(self.last_day.year + 1)
        return _moment(self._windows[index][1] - (self._served[index] - target))

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """The end of service of the `days`-th working day after that of `start`, which is not counted; UTC.

        Raises:
            CalendarTooShort: that day lies outside the years held.
        Source: 民法典 §201; design brief, section 3.
        """
        day = start.astimezone(ZoneInfo(self.zone)).date()
        self.hours_on(day)
        return self._closing_of(bisect_right(self._worked_days, day) + days - 1)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Service that passes from `start` to `end` (aware); nothing if `end` is earlier.

        Raises:
            CalendarTooShort: either lies outside the years held.
        """
        if end <= start:
            return timedelta()
        return timedelta(microseconds=self._service_before(end) - self._service_before(start))

    def is_open(self, at: datetime) -> bool:
        """Whether there is service at `at`. Raises CalendarTooShort."""
        moment = self._held(at)
        index = bisect_right(self._windows, (moment, moment))
        inside = [
            window
            for window in self._windows[max(0, index - 1) : index + 1]
            if window[0] <= moment < window[1]
        ]
        return bool(inside)

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself during service, else when service begins next; UTC. Raises CalendarTooShort."""
        if self.is_open(at):
            return at.astimezone(UTC)
        moment = self._held(at)
        index = bisect_right(self._windows, (moment, moment))
        if index == len(self._windows):
            raise CalendarTooShort(self.last_day.year + 1)
        return _moment(self._windows[index][0])

    def opening_after_day_of(self, at: datetime) -> datetime:
        """When service begins on the next working day after that of `at`; UTC. Raises CalendarTooShort."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.zone))
        return self.next_opening(midnight)

    def closing_on(self, day: date) -> datetime:
        """The end of service on `day`, or on the first working day after it; UTC.

        Raises:
            CalendarTooShort: it lies outside the years held.
        Source: 民法典 §203: a limit that ends on a day off ends with the next working day.
        """
        self.hours_on(day)
        return self._closing_of(bisect_left(self._worked_days, day))

    def _closing_of(self, index: int) -> datetime:
        if index >= len(self._closing):
            raise CalendarTooShort(self.last_day.year + 1)
        return self._closing[index]

    def _service_before(self, at: datetime) -> int:
        """Microseconds of service from the first day held until `at`."""
        moment = self._held(at)
        index = bisect_right(self._windows, (moment, moment))
        # The window before may still be open at `moment`.
        if index and moment < self._windows[index - 1][1]:
            return self._served[index - 1] - (self._windows[index - 1][1] - moment)
        return self._served[index - 1] if index else 0

    def _held(self, at: datetime) -> int:
        if at.tzinfo is None:
            raise ValueError(f"{at!r} has no time zone")
        first, last = self._span
        moment = (at - _EPOCH) // _MICROSECOND
        if not first <= moment < last:
            raise CalendarTooShort(at.astimezone(ZoneInfo(self.zone)).year)
        return moment

    @cached_property
    def _span(self) -> tuple[int, int]:
        """First and one past the last microsecond of the years held without a gap."""
        zone = ZoneInfo(self.zone)
        first = datetime(min(self.years), 1, 1, tzinfo=zone)
        last = datetime(self.last_day.year + 1, 1, 1, tzinfo=zone)
        return (first - _EPOCH) // _MICROSECOND, (last - _EPOCH) // _MICROSECOND

    @cached_property
    def _windows(self) -> list[tuple[int, int]]:
        return [window for day in self._days() for window in self._windows_of(day)]

    @cached_property
    def _served(self) -> list[int]:
        """Service until the end of each window."""
        total, served = 0, []
        for opened, closed in self._windows:
            total += closed - opened
            served.append(total)
        return served

    @cached_property
    def _worked_days(self) -> list[date]:
        """Days on which some service happens: a change of clocks may swallow a day's only window."""
        return [day for day in self._days() if any(self._windows_of(day))]

    @cached_property
    def _closing(self) -> list[datetime]:
        return [_moment(list(self._windows_of(day))[-1][1]) for day in self._worked_days]

    def _days(self) -> Iterator[date]:
        day = date(min(self.years), 1, 1)
        while day <= self.last_day:
            yield day
            day += timedelta(days=1)

    def _windows_of(self, day: date) -> Iterator[tuple[int, int]]:
        zone = ZoneInfo(self.zone)
        for opens, closes in self.hours_on(day):
            opened, closed = _instant(day, opens, zone), _instant(day, closes, zone)
            if opened < closed:  # what a change of clocks skips has no service
                yield opened, closed


@lru_cache(
    maxsize=20_000
)  # five years of two windows a day; every version and department asks for the same ones
def _instant(day: date, wall: time, zone: ZoneInfo) -> int:
    """When the clocks of `zone` show `wall`: the first time if twice; when they jump over it, the jump itself."""
    shown = datetime.combine(day, wall, zone)
    early, late = (shown.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    if early >= late:  # shown once, or twice
        return (late - _EPOCH) // _MICROSECOND
    before = early.astimezone(zone).utcoffset()
    seconds = range(int((late - early).total_seconds()))
    jump = bisect_left(
        seconds,
        True,
        key=lambda second: (early + timedelta(seconds=second)).astimezone(zone).utcoffset() != before,
    )
    return (early + timedelta(seconds=jump) - _EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


NOTHING_KNOWN = ServiceCalendar(
    "UTC", {MONDAY: ((time(9), time(17)),)}, frozenset(), frozenset(), frozenset({date.min.year})
)
"""Where no calendar was ever imported: whatever it is asked ends in CalendarTooShort."""
