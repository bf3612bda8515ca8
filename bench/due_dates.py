"""What working time costs: ``python -m bench.due_dates``. Processor time, so that a busy machine does not matter."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import resources

import yaml

from tracker.domain.allowance import read_allowance
from tracker.domain.calendar import MONDAY, ServiceCalendar
from tracker.domain.escalation import Running, rung_at
from tracker.domain.sla import due_at

MANY = 10_000
ALLOWED_MS = 100
"""For so many due dates over a year; from the brief."""
ROUNDS = 7
ALLOWANCES = tuple(map(read_allowance, ("30min", "24h", "2wh", "4wh", "1wd", "5wd", "20wd")))


def main() -> None:
    """Print each figure as the best of some rounds, and stop if due dates cost more than they may."""
    calendar = _the_calendar()
    starts = _moments()
    made = _best(lambda: _the_calendar().is_open(starts[0]))
    dues = _best(lambda: [due_at(start, ALLOWANCES[n % 7], calendar) for n, start in enumerate(starts)])
    clocks = [Running(start, due_at(start, ALLOWANCES[3], calendar), ALLOWANCES[3], 1) for start in starts]
    rungs = _best(lambda: [rung_at(clock, 1, None, calendar) for clock in clocks])
    print(f"a year's calendar made        {made:8.1f} ms")
    print(f"{MANY} due dates over a year {dues:8.1f} ms (allowed: {ALLOWED_MS})")
    print(f"{MANY} first rungs           {rungs:8.1f} ms")
    assert dues < ALLOWED_MS, "slower than the brief allows"


def _the_calendar() -> ServiceCalendar:
    """Service hours as shipped, weekdays of two years; holidays make no difference to the cost."""
    text = (resources.files("tracker") / "data" / "calendar.yaml").read_text(encoding="utf-8")
    windows = yaml.safe_load(text)["weekly"][MONDAY]
    hours = tuple(tuple(datetime.strptime(edge, "%H:%M").time() for edge in window) for window in windows)  # noqa: DTZ007
    weekly = dict.fromkeys(range(5), tuple((opens, closes) for opens, closes in hours))
    return ServiceCalendar("Asia/Shanghai", weekly, frozenset(), frozenset(), frozenset({2026, 2027}))


def _moments() -> list[datetime]:
    draw = random.Random(1)
    first = datetime(2026, 1, 2, tzinfo=UTC)
    return [first + timedelta(seconds=draw.randrange(365 * 86_400)) for _ in range(MANY)]


def _best(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    times = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return min(times) * 1000


if __name__ == "__main__":
    main()
