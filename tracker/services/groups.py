"""What the grouping says belongs together, as plain values: the one seam between groups and common issues."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class GroupedReport:
    """A report of a group.

    Attributes:
        place_id: where it was sent from; a report that joined a case may come from another place than that.
        device_hash: of whoever sent it; each counts as one voice.
        category: code of the category its case is filed under.
    """

    report_id: int
    case_id: int
    place_id: int
    device_hash: str
    at: datetime
    category: str


@dataclass(frozen=True)
class Group:
    """Reports of one trouble, oldest first; `key` is that of its founding report and outlives a rebuild."""

    key: str
    reports: Sequence[GroupedReport]


class Groups(Protocol):
    """Where groups are read from."""

    def with_ids(self, ids: Sequence[int]) -> Sequence[Group]:
        """The groups with these row ids, as far as they still are."""

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        """Which of the keys still name a group."""
