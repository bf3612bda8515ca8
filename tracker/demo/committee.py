"""What the street committee of the demo does with the troubles that many share: its form.

Days are counted back from the loading; a negative number lies ahead. Hours are those of the street's clocks. What
is said and decided stands in `committee_plan`.
"""

from dataclasses import dataclass

from tracker.domain.look_back import Answer


@dataclass(frozen=True)
class AnswerPlan:
    """What somebody who reported it answers when he is asked whether it is better.

    Attributes:
        voice: his place in the list of the trouble's voices.
    """

    voice: int
    days: float
    answer: Answer


@dataclass(frozen=True)
class IssuePlan:
    """A common issue that somebody decided on.

    Attributes:
        trouble: key of its `shared.SharedTrouble`; what is reported of it after the acceptance joins by itself.
        accepted_days: when the secretary accepted the candidate.
        messages: to all reporters, and when.
        voices: who says on the public page that it concerns him too: when, and in which words.
        answers: see AnswerPlan.
        finished: when, and the reason given; None: it is not. A report after its measures opens it again by itself.
    """

    trouble: str
    title: str
    cause: str
    accepted_days: float
    messages: tuple[tuple[float, str], ...] = ()
    voices: tuple[tuple[float, str], ...] = ()
    answers: tuple[AnswerPlan, ...] = ()
    finished: tuple[float, str] | None = None


@dataclass(frozen=True)
class ItemPlan:
    """An action item.

    Attributes:
        department: code; `person` its handler, as the minutes call him.
        due_days, done_days: due longer ago than accepted as done: it was late. Due on the day that lies so far back,
            or the nearest working day that leaves it so.
        evidence: what was handed in a little before.
    """

    action: str
    measure: str
    department: str
    person: str
    due_days: int
    done_days: float
    evidence: str


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
        background: what the secretary adds to the pack.
        guests: voices of the trouble (by their place in its list) who were invited, and their answer: yes, no, none.
        said: for the minutes, a paragraph each.
        decision: as the minutes hold it; empty before the meeting.
    """

    trouble: str
    question: str
    guests: tuple[tuple[int, str], ...]
    background: str = ""
    options: tuple[OptionPlan, ...] = ()
    said: tuple[str, ...] = ()
    decision: str = ""
    items: tuple[ItemPlan, ...] = ()


@dataclass(frozen=True)
class MeetingPlan:
    """A joint meeting.

    Attributes:
        days, hour: when it begins: on the day so many days before the loading's, at that full hour. A past one on the
            last working day until then, one to come on the first from then on.
        planned_days: when it was called; `invited_days`: when the invitations went out.
        area: code of the area whose meeting it is.
        departments: codes of those invited; `absent`: those that said no; `silent`: those that have not answered.
        by_hand: people in the room who did not sign.
        approved_days: when the minutes were approved, or on the first working day from then on; None: not yet.
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
    silent: tuple[str, ...] = ()
    by_hand: int = 0
    opening: str = ""
    closing: str = ""
    approved_days: int | None = None
