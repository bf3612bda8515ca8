"""Calendar files: read back by the library that others read them with, and by the letter of RFC 5545/5546."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from tracker.adapters.calendar_file import CalendarEntry, addressed, calendar_file

STARTS = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
ENTRY = CalendarEntry(
    uid="M26-0003@street.example",
    sequence=0,
    title="地铁口停放，协调会；第二次",
    description="1. 地铁口两侧非机动车乱停放\n2. 夜宵摊油烟",
    place="街道二楼会议室, 东侧",
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=2),
    zone="Asia/Shanghai",
    organiser=("彭浦街道城市运行管理中心", "noreply@street.example"),
    stamped_at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
)


def event_in(text: str) -> Any:
    """The one meeting in a file, as the library reads it; its values have as many types as the standard."""
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


def test_a_meeting_is_read_back_as_it_was_written() -> None:
    text = calendar_file(ENTRY)
    event = event_in(text)
    assert str(Calendar.from_ical(text)["METHOD"]) == "REQUEST"
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (ENTRY.uid, 0, "CONFIRMED")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (ENTRY.title, ENTRY.place)
    assert str(event["DESCRIPTION"]) == ENTRY.description
    assert event["DTSTART"].dt.astimezone(UTC) == STARTS
    assert (event["DTEND"].dt - event["DTSTART"].dt) == timedelta(hours=2)
    assert str(event["ORGANIZER"]) == "mailto:noreply@street.example"
    assert event["ORGANIZER"].params["CN"] == "彭浦街道城市运行管理中心"
    assert "ATTENDEE" not in event


def test_times_are_the_streets_with_the_rules_of_its_zone_in_the_file() -> None:
    text = calendar_file(ENTRY)
    assert "DTSTART;TZID=Asia/Shanghai:20261127T140000\r\n" in text
    (zone,) = Calendar.from_ical(text).walk("VTIMEZONE")
    assert str(zone["TZID"]) == "Asia/Shanghai"
    local = event_in(text)["DTSTART"].dt
    assert local.utcoffset() == ZoneInfo("Asia/Shanghai").utcoffset(local) == timedelta(hours=8)


def test_lines_are_short_and_end_as_the_standard_has_them() -> None:
    text = calendar_file(replace(ENTRY, title="长" * 80))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert str(event_in(text)["SUMMARY"]) == "长" * 80


def test_a_change_keeps_the_uid_and_counts_up_and_a_cancellation_says_so() -> None:
    changed = event_in(calendar_file(replace(ENTRY, sequence=1, place="三楼")))
    assert (str(changed["UID"]), changed["SEQUENCE"]) == (ENTRY.uid, 1)
    text = calendar_file(replace(ENTRY, sequence=2, is_cancelled=True))
    assert str(Calendar.from_ical(text)["METHOD"]) == "CANCEL"
    assert str(event_in(text)["STATUS"]) == "CANCELLED"


def test_what_a_guest_gets_names_him_alone_and_his_own_page() -> None:
    event = event_in(addressed(calendar_file(ENTRY), "ops@bikes.example", "https://street.example/m/abc"))
    assert str(event["ATTENDEE"]) == "mailto:ops@bikes.example"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert str(event["URL"]) == "https://street.example/m/abc"
    assert str(event["DESCRIPTION"]).endswith("2. 夜宵摊油烟\nhttps://street.example/m/abc")
    assert str(event["UID"]) == ENTRY.uid
