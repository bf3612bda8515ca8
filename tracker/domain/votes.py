"""Votes on the options of an agenda item: by private link and by raised hands, counted apart.

Whoever voted by link may also have raised a hand in the room, so the two are never added up; each has its own leader,
and a tie is called one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.domain.words import N_

FEWEST_OPTIONS = 2
MOST_OPTIONS = 8
"""More nobody weighs against each other on a phone."""
OPTION_LIMIT_CHARS = 120


class VoteRefused(Exception):
    """The vote cannot be opened, closed or given now. The message can be shown."""


@dataclass(frozen=True)
class Tally:
    """One way of voting.

    Attributes:
        counts: option id → votes, every option there.
        entitled: people who could have voted this way.
    """

    counts: Mapping[int, int]
    entitled: int

    @property
    def total(self) -> int:
        """All votes given this way."""
        return sum(self.counts.values())

    @property
    def leaders(self) -> tuple[int, ...]:
        """Ids of the options with the most votes, in their order; none without votes."""
        most = max(self.counts.values(), default=0)
        return tuple(option for option, count in self.counts.items() if count == most and most > 0)

    @property
    def is_tie(self) -> bool:
        """Whether several options share the most votes."""
        return len(self.leaders) > 1

    @property
    def turnout_percent(self) -> int | None:
        """Share of those who could vote that did, rounded down; None where nobody could.

        More hands than people who signed in is no share of anything: None too.
        """
        if not self.entitled or self.total > self.entitled:
            return None
        return 100 * self.total // self.entitled


@dataclass(frozen=True)
class Result:
    """What a vote gave. `by_hand` is None where nobody counted hands."""

    by_link: Tally
    by_hand: Tally | None = None


def result_of(
    options: Sequence[int],
    by_link: Mapping[int, int],
    by_hand: Mapping[int, int],
    *,
    links: int,
    people: int,
) -> Result:
    """Count a vote.

    Args:
        options: ids, in their order.
        by_link, by_hand: option id → votes; `by_hand` is empty where nobody counted.
        links: private links that could vote.
        people: in the room.
    """
    linked = Tally({option: by_link.get(option, 0) for option in options}, links)
    if not by_hand:
        return Result(linked)
    return Result(linked, Tally({option: by_hand.get(option, 0) for option in options}, people))


def options_from(text: str) -> list[str]:
    """The options in `text`, one a line; empty lines and spaces around do not count.

    Raises:
        VoteRefused: one alone, too many, too long, or the same twice.
    """
    options = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if not options:
        return []
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise VoteRefused(N_("选项写2到8个，一行一个；不表决就留空。"))
    if max(map(len, options)) > OPTION_LIMIT_CHARS:
        raise VoteRefused(N_("有选项超过120字，请写短一些。"))
    if len(set(options)) < len(options):
        raise VoteRefused(N_("有两个选项一样，请改一个。"))
    return options
