"""Guests are reminded once, as service begins on the last working day before a meeting. A timed job.

Whoever said that he will not come is left alone, and so is whoever was asked only after that hour.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from tracker.domain.calendar import ServiceCalendar
from tracker.domain.meetings import LONGEST_BREAK_DAYS, MeetingState, reminder_at
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Invitation, Meeting
from tracker.services.calendar_facts import CalendarRefused
from tracker.services.calendars import office_calendar
from tracker.services.meeting_notices import tell_guests
from tracker.services.parts import parts

BATCH = 200
"""Guests dealt with in one transaction."""


def remind_guests(now: datetime) -> int:
    """Write the reminders that are due; return how many guests they are for.

    Each guest's row is claimed with its reminder: two processes never remind one twice.
    """

    def use_case() -> int:
        with transaction():
            reminded = 0
            for meeting in _near(now):
                if reminder_at(meeting.starts_at, _calendar(), parts().zone) <= now:
                    reminded += _remind(meeting, now, BATCH - reminded)
            return reminded

    return again_if_interrupted(use_case)


def _near(now: datetime) -> list[Meeting]:
    """Meetings that may have to be reminded of; few, and read by the index of their beginnings."""
    horizon = now + timedelta(days=LONGEST_BREAK_DAYS + 1)
    rows = db.session.scalars(
        select(Meeting)
        .where(
            Meeting.starts_at > now,
            Meeting.starts_at <= horizon,
            Meeting.state == MeetingState.INVITED.value,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return list(rows)


def _remind(meeting: Meeting, now: datetime, limit: int) -> int:
    at = reminder_at(meeting.starts_at, _calendar(), parts().zone)
    guests = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.meeting_id == meeting.id,
            Invitation.invited_at < at,
            Invitation.withdrawn_at.is_(None),
            Invitation.reminded_at.is_(None),
            Invitation.answer != "no",
        )
        .order_by(Invitation.id)
        .limit(max(limit, 0))
        .with_for_update(skip_locked=True)
    ).all()
    for guest in guests:
        guest.reminded_at = now
        key = f"meeting_reminder:{guest.id}:{meeting.sequence}"
        tell_guests("meeting_reminder", meeting, [guest], now, key=key, with_calendar=False)
    return len(guests)


def _calendar() -> ServiceCalendar | None:
    try:
        return office_calendar()
    except CalendarRefused:
        return None
