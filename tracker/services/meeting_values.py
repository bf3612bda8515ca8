"""A meeting as the desk reads it: plain values, filled by services/meeting_views.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.domain.issues import IssueState
from tracker.domain.meetings import MeetingAction, MeetingState
from tracker.domain.votes import Result

KINDS = ("department", "guest", "reporter")
WALK_IN = "walk_in"


@dataclass(frozen=True)
class OptionView:
    """An option, with the votes it got: by private link (None while the vote is open), and by hand if counted."""

    id: int
    words: str
    by_link: int | None
    by_hand: int | None
    counted_by: str
    counted_at: datetime | None


@dataclass(frozen=True)
class VoteView:
    """The vote on an agenda item.

    Attributes:
        state: ``none``, ``open`` or ``closed``.
        given: votes by link so far.
        entitled: private links that could vote.
        result: of links once closed, of hands as soon as they were counted; None: nothing to read yet.
    """

    state: str
    options: Sequence[OptionView]
    given: int
    entitled: int
    result: Result | None


@dataclass(frozen=True)
class AgendaView:
    """One topic."""

    id: int
    position: int
    issue_id: int
    issue_number: str
    issue_title: str
    issue_state: IssueState
    question: str
    vote: VoteView


@dataclass(frozen=True)
class GuestView:
    """Somebody on the list.

    Attributes:
        kind, number: what he is called by where he gave no name: the third reporter.
        masked_mail: empty for reporters, and once the address was erased.
        has_signed: he came.
    """

    id: int
    kind: str
    number: int
    name: str
    department_code: str
    masked_mail: str
    invited_at: datetime | None
    reminded_at: datetime | None
    answer: str
    answered_at: datetime | None
    words: str
    has_signed: bool

    @property
    def is_likely(self) -> bool:
        """All but merchants who did not say they would come."""
        return self.kind != "reporter" or self.answer in ("yes", "maybe")


@dataclass(frozen=True)
class AnswerCounts:
    """How many of a kind were asked, and what they said."""

    invited: int = 0
    yes: int = 0
    maybe: int = 0
    no: int = 0

    @property
    def silent(self) -> int:
        """Asked, and not answered yet."""
        return self.invited - self.yes - self.maybe - self.no


@dataclass(frozen=True)
class SignedView:
    """Somebody who came.

    Attributes:
        kind: ``department``, ``guest``, ``reporter`` or ``walk_in``.
        number, name, organisation, department_code: what he is called by; number 0: he had no invitation.
        ticked_by: the colleague's name; empty: he signed himself.
    """

    id: int
    kind: str
    number: int
    name: str
    organisation: str
    department_code: str
    at: datetime
    ticked_by: str


@dataclass(frozen=True)
class MeetingEventView:
    """What happened to the meeting. who: a colleague's name."""

    version: int
    at: datetime
    action: MeetingAction
    from_state: str
    to_state: str
    who: str
    note: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class MeetingView:
    """One meeting, for somebody who keeps meetings in its area.

    Attributes:
        is_keeper: reporters are in `guests` and `signed` for him alone; `asked` and `present` count them for all.
        may: what this person may do now.
        asked: kind → counts, of those who were asked and still are.
        present: how many signed, everybody counted.
        present_by_kind: the same by kind.
        counted_by_hand: in the room without having signed.
    """

    id: int
    number: str
    title: str
    area_code: str
    area_name: str
    state: MeetingState
    version: int
    sequence: int
    starts_at: datetime
    ends_at: datetime
    room: str
    chair_id: int
    chair_name: str
    made_by: int
    made_at: datetime
    is_keeper: bool
    may: frozenset[MeetingAction]
    agenda: Sequence[AgendaView]
    guests: Sequence[GuestView]
    asked: Mapping[str, AnswerCounts]
    signed: Sequence[SignedView]
    present: int
    present_by_kind: Mapping[str, int]
    counted_by_hand: int
    events: Sequence[MeetingEventView]
