"""Invitations as calendar files (iCalendar, RFC 5545; how they are sent and changed: iTIP, RFC 5546).

One meeting keeps one UID; every change that guests are told carries a higher SEQUENCE, so that their calendars replace
the entry instead of adding one. The file that is stored names no guest; ``addressed`` adds the one it goes to.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//Street case tracker//Meetings//ZH"


@dataclass(frozen=True)
class CalendarEntry:
    """A meeting as calendars know it.

    Attributes:
        uid: the same for ever.
        sequence: counts the changes that were told.
        starts_at, ends_at: aware; written in `zone`, with its rules.
        organiser: name and mail address of the office; nobody else's stands in the file.
        stamped_at: when this version was made (aware).
        is_published: to be taken from a page by whoever wants it, not an invitation to somebody.
    """

    uid: str
    sequence: int
    title: str
    description: str
    place: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    organiser: tuple[str, str]
    stamped_at: datetime
    is_cancelled: bool = False
    is_published: bool = False


def calendar_file(entry: CalendarEntry) -> str:
    """The file's text: METHOD=REQUEST, PUBLISH, or CANCEL for a meeting that does not take place."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    asks = "PUBLISH" if entry.is_published else "REQUEST"
    calendar.add("method", "CANCEL" if entry.is_cancelled else asks)
    calendar.add_component(_event(entry))
    years = entry.starts_at.astimezone(ZoneInfo(entry.zone)).year
    calendar.add_missing_timezones(first_date=date(years, 1, 1), last_date=date(years + 1, 12, 31))
    return _text(calendar)


def addressed(text: str, mail: str, link: str = "") -> str:
    """The file as one guest gets it: with himself as the one who is asked, and the link of his own page."""
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    guest = vCalAddress(f"mailto:{mail}")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
    guest.params["RSVP"] = vText("FALSE")  # answers are given on the guest's page, not by mail
    event.add("attendee", guest)
    if link:
        event.add("url", link)
        event["DESCRIPTION"] = vText(f"{event.get('DESCRIPTION', '')}\n{link}".strip())
    return _text(calendar)


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    zone = ZoneInfo(entry.zone)
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", entry.title)
    event.add("description", entry.description)
    event.add("location", entry.place)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    name, mail = entry.organiser
    organiser = vCalAddress(f"mailto:{mail}")
    organiser.params["CN"] = vText(name)
    event.add("organizer", organiser)
    return event


def _text(calendar: Calendar) -> str:
    text: str = calendar.to_ical().decode()
    return text
