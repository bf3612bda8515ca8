"""What the grouping needs of whatever keeps its groups: a database, or memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tracker.domain.grouping.group import Group
from tracker.domain.grouping.report import Report


@dataclass(frozen=True, slots=True)
class Rulings:
    """What people decided about one report.

    Attributes:
        home: the anchor of the group it belongs to, whatever the score says; empty: nobody said.
        barred: anchors of groups it never joins.
    """

    home: str = ""
    barred: frozenset[str] = frozenset()


NO_RULINGS = Rulings()


class GroupStore(Protocol):
    """Reads are bounded by their limits; writes are seen by the reads that follow.

    Only `put`, `move` and `drop` change anything. The caller of the engine holds whatever lock keeps two writers apart.
    """

    def near(  # noqa: PLR0917 - a point, a time and a limit
        self, lat: float, lon: float, since: float, until: float, limit: int
    ) -> Sequence[Group]:
        """Groups of the nine cells around (report.cells_around) with last >= since, first <= until; at most `limit`.

        Nearest first, by distance over reach: metres from the group's mean, divided by 60 + the root of
        scatter / located. Ties by key. Those farther than five reaches may be left out.
        """

    def on_street(self, street: str, since: float, until: float, limit: int) -> Sequence[Group]:
        """Groups whose main_street it is, with last >= since and first <= until, latest first, then by key."""

    def anchored(self, anchor: str) -> Group | None:
        """The group that carries this anchor."""

    def group(self, key: str) -> Group | None:
        """The group of that key."""

    def key_of(self, report_id: str) -> str | None:
        """The key of the group a report is in."""

    def members(self, key: str, limit: int) -> Sequence[Report]:
        """The latest `limit` members of a group, in canonical order."""

    def position_of(self, place: str) -> tuple[float, float] | None:
        """Where a place lies: its register entry, or the middle of the positions of reports made there before."""

    def rulings(self, report_id: str) -> Rulings:
        """What people decided about a report."""

    def count(self) -> int:
        """How many reports have been placed."""

    def latest(self, limit: int) -> Sequence[tuple[Report, str]]:
        """The latest `limit` placed reports with the keys of their groups, in canonical order."""

    def put(self, report: Report, group: Group) -> None:
        """Keep a report as a member of a group, and the group's new state."""

    def move(self, report_ids: Sequence[str], group: Group) -> None:
        """Keep reports as members of another group from now on, and that group's state; the old one is kept apart."""

    def keep(self, group: Group) -> None:
        """Keep a group's state; its members stay as they are."""

    def drop(self, key: str) -> None:
        """Forget a group that has no members left."""
