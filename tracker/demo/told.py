"""What is known while a loading goes on: cases reported so far, who speaks of which shared trouble, who is there."""

from dataclasses import dataclass, field

from tracker.demo.moments import Moments
from tracker.demo.shared import SHARED
from tracker.domain.permissions import Actor


@dataclass
class ToldCase:
    """A case that was reported, as the next step needs it.

    Attributes:
        device: the reporter's; `link_key`: of his private page.
    """

    number: str
    version: int
    reporter: Actor
    link_key: str
    device: str


class Told:
    """What was reported so far, by the case's index in the plan."""

    def __init__(self, first_shared: int | None) -> None:
        """Begin with nothing told. `first_shared`: index of the first case of the first shared trouble, if any."""
        self._cases: dict[int, ToldCase] = {}
        self._troubles: dict[str, range] = {}
        first = first_shared or 0
        for trouble in SHARED if first_shared is not None else ():
            self._troubles[trouble.key] = range(first, first + len(trouble.voices))
            first += len(trouble.voices)

    def __getitem__(self, index: int) -> ToldCase:
        return self._cases[index]

    def __setitem__(self, index: int, case: ToldCase) -> None:
        self._cases[index] = case

    @property
    def troubles(self) -> tuple[str, ...]:
        """Keys of the shared troubles of this loading."""
        return tuple(self._troubles)

    def voice(self, trouble: str, position: int) -> ToldCase:
        """The case of one voice of a trouble, by its place in the trouble's list."""
        return self._cases[self._troubles[trouble][position]]

    def of(self, trouble: str) -> list[ToldCase]:
        """What was told of a trouble so far, oldest first."""
        return [self._cases[index] for index in self._troubles[trouble] if index in self._cases]


@dataclass(frozen=True)
class Office:
    """What the committee of one loading works with.

    Attributes:
        actors: everyone who signs in, by login; filled before the first act.
        issues: key of a shared trouble → number of its issue, from when it has one.
    """

    moments: Moments
    told: Told
    actors: dict[str, Actor] = field(default_factory=dict)
    issues: dict[str, str] = field(default_factory=dict)
