"""What pages, packs and prints say about an issue: plain values, read at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tracker.domain.issue_ranking import Ranking
from tracker.domain.issues import IssueState
from tracker.domain.lifecycle import State
from tracker.domain.shared_words import SharedWord
from tracker.services.issue_titles import Spot


@dataclass(frozen=True)
class IssueCaseRow:
    """A case of an issue, with its own state; names in both languages.

    Attributes:
        is_guarded: its category is private or protects whoever reports.
        by_machine: the grouping put it here.
        is_other_category: filed under another category than most; the grouping or a person saw through that.
        reports: how many people reported it, by the reports that joined it.
    """

    case_id: int
    number: str
    state: State
    outcome: str
    category: str
    category_zh: str
    category_en: str
    icon: str
    place_id: int
    place: str
    address: str
    area_code: str
    lat: float | None
    lon: float | None
    opened_at: datetime
    lead: str
    summary: str
    has_photo: bool
    is_guarded: bool
    by_machine: bool
    added_at: datetime
    reports: int
    reopens: int
    reworks: int
    returns: int
    is_other_category: bool


@dataclass(frozen=True)
class IssuePoint:
    """A place of an issue; kind: ``open`` while a case there is, else ``ended``."""

    lat: float | None
    lon: float | None
    place: str
    address: str
    kind: str
    cases: int


@dataclass(frozen=True)
class IssuePhoto:
    """A photo that may be shown wherever the issue is: sent with a report of a category that allows it."""

    id: int
    sha256: str
    case_number: str
    place: str
    width: int
    height: int
    added_at: datetime


@dataclass(frozen=True)
class IssueCounts:
    """Numbers of an issue.

    Attributes:
        open, ended: its cases by whether somebody still works on them.
        places: distinct places of its cases.
        reporters: distinct devices that reported; public_voices: devices that said on the public page "me too".
        voices: both, each device once.
        reports: of its cases.
        fortnight_places, month_places: distinct places with a report in the last 14 and 30 days.
    """

    cases: int
    open: int
    ended: int
    places: int
    fortnight_places: int
    month_places: int
    reporters: int
    public_voices: int
    voices: int
    reports: int


@dataclass(frozen=True)
class WeekCount:
    """Seven days from `since` on.

    Attributes:
        reports: of this issue.
        around: cases of the same category in the same area, whether of this issue or not.
    """

    since: date
    reports: int
    around: int


@dataclass(frozen=True)
class Trend:
    """Ten times seven days, oldest first; the last two are compared with the eight before.

    Attributes:
        late: reports of the last 14 days; before: of the 56 days before; per_fortnight: `before` in 14 days.
    """

    weeks: Sequence[WeekCount]
    late: int
    before: int
    per_fortnight: float


@dataclass(frozen=True)
class IssueEventView:
    """What happened to an issue; who: empty for the machine."""

    version: int
    at: datetime
    action: str
    from_state: str
    to_state: str
    user_id: int | None
    who: str
    note: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class IssueMeeting:
    """A meeting on whose agenda the issue is, or was; question: what is to be decided there."""

    number: str
    title: str
    state: str
    starts_at: datetime
    question: str
    may_open: bool


@dataclass(frozen=True)
class IssueMessageView:
    """A message from the committee to the reporters."""

    id: int
    text: str
    who: str
    sent_at: datetime


@dataclass(frozen=True)
class IssueCosts:
    """What it has cost so far.

    Attributes:
        rounds: how often a department took one of its cases in hand 签收, again after a return or a reopening.
        working_hours: from signing to done, in service hours, pauses left out; None: nobody signed, or no
            calendar says.
    """

    rounds: int
    reworks: int
    reopens: int
    returns: int
    working_hours: float | None


@dataclass(frozen=True)
class PastItem:
    """An action item: what was to be done, by the department of this code."""

    action: str
    department: str
    state: str
    due_on: date


@dataclass(frozen=True)
class SimilarIssue:
    """An earlier issue of the same kind or the same surroundings.

    Attributes:
        why: ``category``, ``near``, ``words``: what it has in common.
        note: how it ended, in the words of whoever ended it; may be empty.
    """

    number: str
    title: str
    state: IssueState
    state_at: datetime
    why: Sequence[str]
    items: Sequence[PastItem]
    note: str


@dataclass(frozen=True)
class IssueFacts:
    """Everything about one issue at one moment. No rights are checked, and nobody is named but staff.

    Attributes:
        is_guarded: some case is private or protects its reporter, so no photo and no exact place leaves the desk.
        first_at, last_at: of its reports.
        arrivals: day on the street → reports.
    """

    id: int
    number: str
    title: str
    cause: str
    state: IssueState
    version: int
    area_code: str
    area_name: str
    category: str
    category_zh: str
    category_en: str
    icon: str
    owner_id: int | None
    owner: str
    must_review: bool
    opened_at: datetime
    state_at: datetime
    first_at: datetime | None
    last_at: datetime | None
    is_guarded: bool
    counts: IssueCounts
    cases: Sequence[IssueCaseRow]
    points: Sequence[IssuePoint]
    landmarks: Sequence[Spot]
    photos: Sequence[IssuePhoto]
    arrivals: Mapping[date, int]
    trend: Trend
    ranking: Ranking
    shared_words: Sequence[SharedWord]
    events: Sequence[IssueEventView]
    messages: Sequence[IssueMessageView]
    costs: IssueCosts
    similar: Sequence[SimilarIssue]
