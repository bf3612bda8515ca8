"""What the street committee of the demo does with the troubles that many share: its form.

Days are counted back from the loading; a negative number lies ahead. Hours are those of the street's clocks. What
is said and decided stands in `committee_plan`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LookBackPlan:
    """One look at whether it helped.

    Attributes:
        after_days: 7, 30 or 90 after the last item was done.
        days: when the secretary judged.
        helped: what was judged.
        note: why, in words.
    """

    after_days: int
    days: float
    helped: bool
    note: str


@dataclass(frozen=True)
class IssuePlan:
    """A common issue that somebody decided on.

    Attributes:
        trouble: key of its `shared.SharedTrouble`; what is reported of it after the acceptance joins by itself.
        accepted_days: when the secretary accepted the candidate.
        note: the reason given.
        message: to all reporters, and when; None if there was none.
        finished, reopened: when, and the reason given.
    """

    trouble: str
    title: str
    cause: str
    accepted_days: float
    note: str
    message: tuple[float, str] | None = None
    look_backs: tuple[LookBackPlan, ...] = ()
    finished: tuple[float, str] | None = None
    reopened: tuple[float, str] | None = None


@dataclass(frozen=True)
class ItemPlan:
    """An action item.

    Attributes:
        department: code; `person` its handler, as the minutes call him.
        due_days, done_days: due longer ago than done: it was late. Due on the day that lies so far back.
        evidence: what was handed in when it was done.
    """

    action: str
    measure: str
    department: str
    person: str
    due_days: float
    done_days: float | None
    evidence: str = ""


@dataclass(frozen=True)
class OptionPlan:
    """What can be voted for.

    Attributes:
        by_link: voices of the trouble (by their place in its list) who voted through their private link.
        hands: counted in the room.
    """

    text: str
    by_link: tuple[int, ...] = ()
    hands: int = 0


@dataclass(frozen=True)
class AgendaPlan:
    """One issue at a meeting.

    Attributes:
        guests: voices of the trouble (by their place in its list) who were invited, and their answer: yes, no, none.
        said: for the minutes, a paragraph each.
        decision: as the minutes hold it; empty before the meeting.
    """

    trouble: str
    question: str
    guests: tuple[tuple[int, str], ...]
    options: tuple[OptionPlan, ...] = ()
    said: tuple[str, ...] = ()
    decision: str = ""
    items: tuple[ItemPlan, ...] = ()


@dataclass(frozen=True)
class MeetingPlan:
    """A joint meeting.

    Attributes:
        days, hour: when it begins: on the day so many days before the loading's, at that full hour.
        planned_days: when it was called; `invited_days`: when the invitations went out.
        area: code of the area whose meeting it is.
        departments: codes of those invited; `absent`: those that did not come.
        approved_days: when the minutes were approved; None: not yet.
    """

    key: str
    title: str
    area: str
    days: int
    hour: int
    minutes: int
    room: str
    chair: str
    planned_days: float
    invited_days: float
    departments: tuple[str, ...]
    absent: tuple[str, ...]
    agenda: tuple[AgendaPlan, ...]
    opening: str = ""
    closing: str = ""
    approved_days: float | None = None
