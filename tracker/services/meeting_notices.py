"""What guests of a meeting are told: by mail with a calendar file, or by a line to the number a reporter left."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from tracker.adapters.calendar_file import CalendarEntry, calendar_file
from tracker.extensions import db
from tracker.models import AgendaItem, Invitation, Issue, Meeting
from tracker.services import notices
from tracker.services.parts import parts

HURRY = timedelta(days=1)
"""A change or a cancellation this close to the meeting does not wait for service hours."""


def invited_to(meeting: Meeting) -> list[Invitation]:
    """Everybody who was asked and still is."""
    rows = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.meeting_id == meeting.id,
            Invitation.invited_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
        )
        .order_by(Invitation.id)
    )
    return list(rows)


def tell_guests(
    event: str,
    meeting: Meeting,
    guests: Iterable[Invitation],
    now: datetime,
    *,
    key: str = "",
    is_cancelled: bool = False,
    with_calendar: bool = True,
) -> None:
    """Write down that `guests` must hear of `event`. Inside a transaction.

    Args:
        event: names the templates in ``messages/guest`` and ``messages/reporter``.
        key: the same thing is told once; empty: once for this version of the meeting.
        is_cancelled: the calendar file takes the entry out again.
    """
    recipients = [recipient_of(guest) for guest in guests]
    if not recipients:
        return
    facts: dict[str, Any] = {
        "number": meeting.number,
        "title": meeting.title,
        "room": meeting.room,
        "due_at": meeting.starts_at.isoformat(),
        "topics": _topics(meeting),
        "until": f"{meeting.ends_at.astimezone(parts().zone):%H:%M}",
    }
    if with_calendar:
        facts["ics"] = calendar_of(meeting, now, is_cancelled=is_cancelled)
    notices.tell(
        event,
        key=key or f"{event}:{meeting.id}:{meeting.version}",
        recipients=recipients,
        facts=facts,
        now=now,
        is_urgent=meeting.starts_at - now < HURRY,
    )


def recipient_of(guest: Invitation) -> str:
    """Where the notices job finds him: by his report, or by the mail address sealed on the invitation."""
    return f"report:{guest.report_id}" if guest.report_id is not None else f"guest:{guest.id}"


def calendar_of(
    meeting: Meeting, now: datetime, *, is_cancelled: bool = False, is_published: bool = False
) -> str:
    """The meeting as a calendar file without any guest's name or address in it."""
    mail = parts().mail
    return calendar_file(
        CalendarEntry(
            uid=f"{meeting.number}@{mail.host_name}",
            sequence=meeting.sequence,
            title=meeting.title,
            description="\n".join(f"{place}. {title}" for place, title in enumerate(_topics(meeting), 1)),
            place=meeting.room,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            zone=parts().config.time_zone,
            organiser=(mail.name, mail.sender),
            stamped_at=now,
            is_cancelled=is_cancelled,
            is_published=is_published,
        )
    )


def _topics(meeting: Meeting) -> list[str]:
    """What it is about, in the order of the agenda."""
    titles = db.session.scalars(
        select(Issue.title)
        .join(AgendaItem, AgendaItem.issue_id == Issue.id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(AgendaItem.position)
    )
    return list(titles)
