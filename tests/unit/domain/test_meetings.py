"""The table of meetings, the hours of the door, the hour of the reminder. Expectations from the brief, section 6."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.domain.time_samples import calendar_of
from tracker.domain.meetings import (
    MEETING_STEPS,
    MeetingAction,
    MeetingState,
    MeetingStepRefused,
    is_door_open,
    may_be_held,
    meeting_step,
    reminder_at,
)
from tracker.domain.permissions import Role

STREET = ZoneInfo("Asia/Shanghai")

ARROWS = {
    "plan": ("", "planned"),
    "edit": ("planned invited", ""),
    "set_agenda": ("planned invited", ""),
    "set_item": ("planned invited held", ""),
    "set_guests": ("planned invited", ""),
    "invite": ("planned invited", "invited"),
    "sign_in": ("invited held", ""),
    "open_vote": ("invited held", ""),
    "close_vote": ("invited held", ""),
    "count": ("invited held", ""),
    "hold": ("invited", "held"),
    "close": ("held", "closed"),
    "cancel": ("planned invited", "cancelled"),
}


def street(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=STREET)


def test_the_table_is_that_of_the_brief() -> None:
    table = {
        step.action.value: (
            " ".join(state.value for state in MeetingState if state in step.sources),
            step.target.value if step.target else "",
        )
        for step in MEETING_STEPS
    }
    assert table == ARROWS


def test_secretary_and_supervisor_keep_meetings_and_the_chair_alone_opens_and_closes_a_vote() -> None:
    assert {step.who for step in MEETING_STEPS} == {frozenset({Role.SECRETARY, Role.SUPERVISOR})}
    assert {step.action for step in MEETING_STEPS if step.by_chair} == {"open_vote", "close_vote"}
    assert [step.action for step in MEETING_STEPS if step.needs_note] == ["cancel"]


@pytest.mark.parametrize("state", ["held", "closed", "cancelled"])
def test_what_took_place_or_was_called_off_is_not_changed_any_more(state: str) -> None:
    for action in (MeetingAction.EDIT, MeetingAction.INVITE, MeetingAction.CANCEL, MeetingAction.SET_AGENDA):
        with pytest.raises(MeetingStepRefused):
            meeting_step(action, MeetingState(state))


@pytest.mark.parametrize(
    ("state", "at", "is_open"),
    [
        ("invited", "11-27 11:59", False),
        ("invited", "11-27 12:00", True),
        ("held", "11-27 18:00", True),
        ("held", "11-27 18:01", False),
        ("invited", "11-26 14:30", False),
        ("planned", "11-27 14:00", False),
        ("cancelled", "11-27 14:00", False),
        ("closed", "11-27 15:00", False),
    ],
)
def test_the_door_is_open_around_the_meeting_alone(state: str, at: str, *, is_open: bool) -> None:
    starts, ends = street("11-27 14:00"), street("11-27 16:00")
    assert is_door_open(MeetingState(state), starts, ends, street(at)) is is_open


def test_a_meeting_is_held_on_its_day_and_later_but_not_before() -> None:
    starts = street("11-27 14:00")
    assert not may_be_held(starts, street("11-26 23:59"), STREET)
    assert may_be_held(starts, street("11-27 00:01"), STREET)
    assert may_be_held(starts, street("11-30 09:00"), STREET)


@pytest.mark.parametrize(
    ("starts", "reminded"),
    [
        ("11-27 14:00", "11-26 09:00"),
        ("11-30 14:00", "11-27 09:00"),
        ("10-08 10:00", "09-30 09:00"),
    ],
)
def test_guests_are_reminded_as_service_begins_on_the_working_day_before(starts: str, reminded: str) -> None:
    """A Friday; a Monday, so on Friday; the first working day after the National Day holidays."""
    assert reminder_at(street(starts), calendar_of(2026), STREET) == street(reminded)


def test_without_a_calendar_or_beyond_its_end_it_is_a_full_day_before() -> None:
    starts = street("11-27 14:00")
    assert reminder_at(starts, None, STREET) == starts - timedelta(days=1)
    beyond = datetime(2031, 1, 2, 14, tzinfo=STREET)
    assert reminder_at(beyond, calendar_of(2026), STREET) == beyond - timedelta(days=1)
