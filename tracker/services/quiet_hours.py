"""When a message that is not urgent may go out: in service hours, and not in a person's own quiet ones."""

from datetime import UTC, datetime, time, timedelta

from tracker.domain.calendar import CalendarTooShort, ServiceCalendar
from tracker.services.calendar_facts import CalendarRefused
from tracker.services.calendars import office_calendar
from tracker.services.parts import parts


class SendingHours:
    """The hours of messages made at `now`; the office calendar is looked up once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._calendar = _calendar_or_none()
        self._opening = self._next_opening(now)

    def waiting(self, quiet_from: str = "", quiet_to: str = "") -> datetime:
        """The first moment in service and outside the hours ``22:00``–``07:00`` a person keeps for himself."""
        at = self._opening
        for _ in range(3):  # quiet hours may end after closing time, and a night later must not begin again
            later = self._next_opening(self.awake(at, quiet_from, quiet_to))
            if later == at:
                break
            at = later
        return at

    def digest(self, quiet_from: str = "", quiet_to: str = "") -> datetime:
        """When a person's gathered messages go out: as service begins, today if it has not yet."""
        at = self._opening
        if at <= self.now and self._calendar is not None:
            try:
                at = self._calendar.opening_after_day_of(self.now)
            except CalendarTooShort:
                at = self.now
        return self.awake(at, quiet_from, quiet_to)

    def awake(self, at: datetime, quiet_from: str, quiet_to: str) -> datetime:
        """`at`, or the end of the quiet hours it lies in."""
        if not (quiet_from and quiet_to) or quiet_from == quiet_to:
            return at
        local = at.astimezone(parts().zone)
        begins, ends, hour = time.fromisoformat(quiet_from), time.fromisoformat(quiet_to), local.time()
        is_quiet = begins <= hour < ends if begins < ends else hour >= begins or hour < ends
        if not is_quiet:
            return at
        day = local.date() + timedelta(days=int(hour >= ends))
        return datetime.combine(day, ends, parts().zone).astimezone(UTC)

    def _next_opening(self, at: datetime) -> datetime:
        """Where the calendar ends, a message is not kept back: late is worse than at night."""
        if self._calendar is None:
            return at
        try:
            return self._calendar.next_opening(at)
        except CalendarTooShort:
            return at


def _calendar_or_none() -> ServiceCalendar | None:
    try:
        return office_calendar()
    except CalendarRefused:
        return None
