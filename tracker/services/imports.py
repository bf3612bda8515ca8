"""What every import of a register answers: how much was new, and which lines could not be taken, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reason:
    """One thing that is wrong with a line.

    Attributes:
        name: what it is, for whoever says it in other words (web/import_words.py).
        words: English, as commands say it.
        values: what belongs into the words.
    """

    name: str
    words: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words


class LineRefused(ValueError):
    """One line of a file cannot be taken; the message says why.

    Attributes:
        reasons: each by itself, where the import tells them apart.
    """

    def __init__(self, *reasons: Reason | str) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = tuple(reason for reason in reasons if isinstance(reason, Reason))


@dataclass(frozen=True)
class Problem:
    """A line that was left out, or an entry that is wrong.

    Attributes:
        where: such as ``line 12`` or ``category A5``.
        reason: in words for the person who imports.
        line: its number in the file; 0: it is about an entry.
        reasons: each by itself, where the import tells them apart.
    """

    where: str
    reason: str
    line: int = 0
    reasons: tuple[Reason, ...] = ()


@dataclass
class Imported:
    """The result of one import."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def count(self, *, is_new: bool, is_changed: bool) -> None:
        """Count one entry that was taken."""
        if is_new:
            self.added += 1
        elif is_changed:
            self.changed += 1
        else:
            self.unchanged += 1


class ImportRefused(ValueError):
    """A file that is taken whole or not at all has entries that are wrong; nothing was stored.

    Attributes:
        problems: all of them, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.where}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)
