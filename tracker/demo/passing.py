"""What happens by itself while the demo street's weeks go by: the timed jobs, each at the moment it would have run.

So that nothing of it is left for the first minute after the loading.
"""

from collections.abc import Iterator
from datetime import datetime, time

from tracker.demo.moments import A_DAY, Act, Moments
from tracker.services.action_reminders import remind
from tracker.services.escalations import fire_due_rungs, next_rung_at
from tracker.services.grouping import group_nightly, group_waiting
from tracker.services.look_backs import make_due, reopen_due
from tracker.services.reminders import remind_guests

NIGHT, MORNING = time(3, 5), time(9, 20)


class Passing:
    """The jobs of one loading."""

    def __init__(self, moments: Moments, since: datetime) -> None:
        """`since`: the first day on which there is something to do."""
        self._moments, self._since = moments, since

    def acts(self) -> Iterator[Act]:
        """Every night and morning until the loading, in order of time."""
        day = self._moments.today - ((self._moments.now - self._since) // A_DAY) * A_DAY
        while day <= self._moments.today:
            for at, do in ((NIGHT, self._live_through_night), (MORNING, follow_up)):
                moment = self._moments.on(day, at)
                if self._since < moment < self._moments.now:
                    yield Act(moment, do)
            day += A_DAY

    def fire_rungs(self, until: datetime) -> None:
        """Fire what is due by then, each rung at its own moment."""
        while (at := next_rung_at()) is not None and at <= until:
            if not fire_due_rungs(at):  # what lies past the calendar waits for a longer one
                break

    def come_to(self, now: datetime) -> None:
        """Leave nothing undone that a job would find at `now`."""
        self.fire_rungs(now)
        group(now)
        follow_up(now)

    def _live_through_night(self, now: datetime) -> None:
        group_nightly(now)
        group(now)


def group(now: datetime) -> None:
    """Group what came in, and let the common issues know."""
    while group_waiting(now):
        pass


def follow_up(now: datetime) -> None:
    """Open again what was reported again, count what is due, remind."""
    for job in (reopen_due, make_due, remind, remind_guests):
        while job(now):
            pass
