"""Which days are worked, as published year by year, and when a promise in working days ends."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import yaml


class CalendarTooShort(Exception):
    """The answer lies in a year whose holidays are not known yet."""


@dataclass(frozen=True)
class WorkingDays:
    """Holidays and make-up working days of the years we hold.

    Attributes:
        years: those whose list was published.
        holidays, make_up: days off and weekend days worked.
        closes_at: end of service, local time.
    """

    years: frozenset[int]
    holidays: frozenset[date]
    make_up: frozenset[date]
    closes_at: time

    def is_worked(self, day: date) -> bool:
        """Whether `day` is a working day.

        Raises:
            CalendarTooShort: its year is not held.
        """
        if day.year not in self.years:
            raise CalendarTooShort(f"{day.year} 年的节假日安排尚未导入。")
        return day in self.make_up or (day.weekday() < 5 and day not in self.holidays)

    def end_after(self, start: datetime, days: int, zone: ZoneInfo) -> datetime:
        """The end of service of the `days`-th working day after the day of `start`, which is not counted.

        Raises:
            CalendarTooShort: that day lies past the last year held.
        Source: 民法典 §201; design brief, section 3.
        """
        day = start.astimezone(zone).date()
        while days:
            day += timedelta(days=1)
            days -= self.is_worked(day)
        return datetime.combine(day, self.closes_at, zone)


@cache
def known_working_days() -> WorkingDays:
    """The years that come with the program (tracker/data/working_days.yaml)."""
    text = (resources.files("tracker") / "data" / "working_days.yaml").read_text(encoding="utf-8")
    held = yaml.safe_load(text)
    return WorkingDays(
        years=frozenset(year["year"] for year in held["years"]),
        holidays=frozenset(day for year in held["years"] for span in year["holidays"] for day in _days(span)),
        make_up=frozenset(day for year in held["years"] for day in year["make_up_working_days"]),
        closes_at=time.fromisoformat(held["closes_at"]),
    )


def _days(span: str) -> list[date]:
    first, last = (date.fromisoformat(day) for day in span.split("/"))
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]
