"""Meetings 会议: the states, every arrow between them, who may take it, and the times that hang on the clock.

Buttons, the list's views and the history read ``MEETING_STEPS``. Answers, votes and signatures of those who come are
not in it: they are the guests' own. Source: design brief, section 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tracker.domain.calendar import CalendarTooShort, ServiceCalendar
from tracker.domain.permissions import Role
from tracker.domain.words import N_


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    INVITED = "invited"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class MeetingAction(StrEnum):
    """What can happen to a meeting. ``PLAN`` opens it."""

    PLAN = "plan"
    EDIT = "edit"
    SET_AGENDA = "set_agenda"
    SET_ITEM = "set_item"
    SET_GUESTS = "set_guests"
    INVITE = "invite"
    SIGN_IN = "sign_in"
    OPEN_VOTE = "open_vote"
    CLOSE_VOTE = "close_vote"
    COUNT = "count"
    HOLD = "hold"
    CLOSE = "close"
    CANCEL = "cancel"


@dataclass(frozen=True)
class MeetingStep:
    """One arrow.

    Attributes:
        sources: states it leaves; empty for what opens a meeting.
        target: state it reaches; None: the meeting stays where it is.
        needs_note: a reason must be given.
        by_chair: of those who may, only the person in the chair.
    """

    action: MeetingAction
    sources: frozenset[MeetingState]
    target: MeetingState | None
    who: frozenset[Role]
    needs_note: bool = False
    by_chair: bool = False


class MeetingStepRefused(Exception):
    """The table has no such arrow from where the meeting stands, or its time has not come. Can be shown."""


_S, _A = MeetingState, MeetingAction
_KEEPS = frozenset({Role.SECRETARY, Role.SUPERVISOR})


def _from(*states: MeetingState) -> frozenset[MeetingState]:
    return frozenset(states)


# fmt: off
MEETING_STEPS: tuple[MeetingStep, ...] = (
    MeetingStep(_A.PLAN, _from(), _S.PLANNED, _KEEPS),
    MeetingStep(_A.EDIT, _from(_S.PLANNED, _S.INVITED), None, _KEEPS),
    MeetingStep(_A.SET_AGENDA, _from(_S.PLANNED, _S.INVITED), None, _KEEPS),
    MeetingStep(_A.SET_ITEM, _from(_S.PLANNED, _S.INVITED, _S.HELD), None, _KEEPS),
    MeetingStep(_A.SET_GUESTS, _from(_S.PLANNED, _S.INVITED), None, _KEEPS),
    MeetingStep(_A.INVITE, _from(_S.PLANNED, _S.INVITED), _S.INVITED, _KEEPS),
    MeetingStep(_A.SIGN_IN, _from(_S.INVITED, _S.HELD), None, _KEEPS),
    MeetingStep(_A.OPEN_VOTE, _from(_S.INVITED, _S.HELD), None, _KEEPS, by_chair=True),
    MeetingStep(_A.CLOSE_VOTE, _from(_S.INVITED, _S.HELD), None, _KEEPS, by_chair=True),
    MeetingStep(_A.COUNT, _from(_S.INVITED, _S.HELD), None, _KEEPS),
    MeetingStep(_A.HOLD, _from(_S.INVITED), _S.HELD, _KEEPS),
    MeetingStep(_A.CLOSE, _from(_S.HELD), _S.CLOSED, _KEEPS),
    MeetingStep(_A.CANCEL, _from(_S.PLANNED, _S.INVITED), _S.CANCELLED, _KEEPS, needs_note=True),
)
# fmt: on


def meeting_steps_from(state: MeetingState) -> Iterable[MeetingStep]:
    """Every arrow that leaves `state`, in the order of the table."""
    return (step for step in MEETING_STEPS if state in step.sources)


def meeting_step(action: MeetingAction, state: MeetingState | None) -> MeetingStep:
    """The arrow that `action` takes from `state` (None: the meeting is being opened).

    Raises:
        MeetingStepRefused: there is none.
    """
    for step in MEETING_STEPS:
        if step.action == action and (state in step.sources if state else not step.sources):
            return step
    raise MeetingStepRefused(N_("这个会议现在不能这样操作，请刷新页面看看最新状态。"))


# ---- the door

DOOR_BEFORE = timedelta(hours=2)
DOOR_AFTER = timedelta(hours=2)
"""People sign in from so long before the meeting begins until so long after it ends: a code photographed at the door
is of no use on another day."""
OPEN_AT_THE_DOOR = frozenset({MeetingState.INVITED, MeetingState.HELD})


def door_hours(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """From when until when the code at the door works."""
    return starts_at - DOOR_BEFORE, ends_at + DOOR_AFTER


def is_door_open(state: MeetingState, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether people can sign in at `now` (all aware)."""
    opens, shuts = door_hours(starts_at, ends_at)
    return state in OPEN_AT_THE_DOOR and opens <= now <= shuts


def may_be_held(starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the meeting can have taken place: its day on the street has come."""
    return now.astimezone(zone).date() >= starts_at.astimezone(zone).date()


# ---- the reminder

LONGEST_BREAK_DAYS = 14
"""Longer than any run of holidays; beyond it the calendar is not asked."""


def reminder_at(starts_at: datetime, calendar: ServiceCalendar | None, zone: ZoneInfo) -> datetime:
    """When guests are reminded: as service begins on the last working day before the meeting's.

    Without a calendar, or where it ends: a full day before.
    """
    day = starts_at.astimezone(zone).date()
    if calendar is not None:
        try:
            return _opening_before(day, calendar)
        except CalendarTooShort:
            pass
    return starts_at - timedelta(days=1)


def _opening_before(day: date, calendar: ServiceCalendar) -> datetime:
    for back in range(1, LONGEST_BREAK_DAYS + 1):
        before = day - timedelta(days=back)
        if calendar.is_worked(before):
            midnight = datetime.combine(before, datetime.min.time(), ZoneInfo(calendar.zone))
            return calendar.next_opening(midnight)
    raise CalendarTooShort(day.year)
