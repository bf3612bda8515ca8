"""The working calendar as the State Council published it for 2026, typed; and a 2027 for tests alone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.domain.calendar import Hours, ServiceCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING, AFTERNOON = (time(9), time(11, 30)), (time(13), time(17, 30))
OFFICE_HOURS: dict[int, Hours] = dict.fromkeys(range(5), (MORNING, AFTERNOON))

HOLIDAYS_2026 = {
    "元旦": ("2026-01-01", "2026-01-03"),
    "春节": ("2026-02-15", "2026-02-23"),
    "清明节": ("2026-04-04", "2026-04-06"),
    "劳动节": ("2026-05-01", "2026-05-05"),
    "端午节": ("2026-06-19", "2026-06-21"),
    "中秋节": ("2026-09-25", "2026-09-27"),
    "国庆节": ("2026-10-01", "2026-10-07"),
}
MAKE_UP_2026 = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
NEW_YEAR_2027 = ("2027-01-01", "2027-01-03")
"""Made up for the tests: the list of 2027 is not published yet."""


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """``2026-11-23 09:30`` on the street's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def shown(moment: datetime, zone: ZoneInfo = SHANGHAI) -> str:
    """A moment as the street's clock shows it, in the same form; the calendar itself answers in UTC."""
    assert moment.tzinfo is UTC
    return moment.astimezone(zone).isoformat(" ")[:16]


def days(span: tuple[str, str]) -> Iterator[date]:
    """Every day from the first to the last."""
    day, last = (date.fromisoformat(edge) for edge in span)
    while day <= last:
        yield day
        day += timedelta(days=1)


def calendar_of(
    *years: int, weekly: Mapping[int, Hours] | None = None, zone: str = "Asia/Shanghai"
) -> ServiceCalendar:
    """A calendar that holds `years`: the real 2026, a typed 2027, others without any holiday."""
    spans = [*(HOLIDAYS_2026.values() if 2026 in years else ()), *([NEW_YEAR_2027] if 2027 in years else ())]
    make_up = map(date.fromisoformat, MAKE_UP_2026 if 2026 in years else ())
    return ServiceCalendar(
        zone=zone,
        weekly=OFFICE_HOURS if weekly is None else weekly,
        holidays=frozenset(day for span in spans for day in days(span)),
        make_up=frozenset(make_up),
        years=frozenset(years),
    )


THIS_YEAR = calendar_of(2026)
TWO_YEARS = calendar_of(2026, 2027)
