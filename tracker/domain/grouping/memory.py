"""Groups kept in memory: for playing a file of reports through, and for tests."""

import math
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from tracker.domain.grouping.group import Group
from tracker.domain.grouping.report import Cell, Report, cells_around, metres_between, seconds
from tracker.domain.grouping.store import NO_RULINGS, Rulings

_POSITIONS_KEPT = 15  # of the latest reports at one place; their middle does not follow one bad fix


class MemoryStore:
    """A GroupStore without a database; holds every report it was given."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._cells: dict[Cell, dict[str, Group]] = defaultdict(dict)
        self._streets: dict[str, dict[str, Group]] = defaultdict(dict)
        self._filed: dict[str, tuple[Cell | None, str]] = {}
        self._anchors: dict[str, str] = {}
        self._members: dict[str, list[tuple[tuple[float, str], Report]]] = defaultdict(list)
        self._key_of: dict[str, str] = {}
        self._reports: list[Report] = []
        self._positions: dict[str, list[tuple[float, float]]] = {}
        self._rulings: dict[str, Rulings] = {}

    def near(self, lat: float, lon: float, since: float, until: float, limit: int) -> Sequence[Group]:
        """See GroupStore."""
        found = []
        for cell in cells_around(lat, lon):
            here = self._cells.get(cell)
            if not here:
                continue
            for group in here.values():
                if group.last >= since and group.first <= until:
                    reach = 60.0 + math.sqrt(group.scatter / group.located)
                    found.append((metres_between(lat, lon, group.lat, group.lon) / reach, group.key, group))
        found.sort(key=lambda one: one[:2])
        return [group for _, _, group in found[:limit]]

    def on_street(self, street: str, since: float, until: float, limit: int) -> Sequence[Group]:
        """See GroupStore."""
        here = self._streets.get(street, {}).values()
        found = [group for group in here if group.last >= since and group.first <= until]
        found.sort(key=lambda group: (-group.last, group.key))
        return found[:limit]

    def anchored(self, anchor: str) -> Group | None:
        """See GroupStore."""
        key = self._anchors.get(anchor)
        return None if key is None else self._groups[key]

    def group(self, key: str) -> Group | None:
        """See GroupStore."""
        return self._groups.get(key)

    def key_of(self, report_id: str) -> str | None:
        """See GroupStore."""
        return self._key_of.get(report_id)

    def members(self, key: str, limit: int) -> Sequence[Report]:
        """See GroupStore."""
        return [report for _, report in self._members.get(key, [])[-limit:]]

    def position_of(self, place: str) -> tuple[float, float] | None:
        """See GroupStore."""
        seen = self._positions.get(place)
        return None if not seen else (median(lat for lat, _ in seen), median(lon for _, lon in seen))

    def rulings(self, report_id: str) -> Rulings:
        """See GroupStore."""
        return self._rulings.get(report_id, NO_RULINGS)

    def rule(self, report_id: str, rulings: Rulings) -> None:
        """Note what people decided about a report."""
        self._rulings[report_id] = rulings

    def count(self) -> int:
        """See GroupStore."""
        return len(self._reports)

    def latest(self, limit: int) -> Sequence[tuple[Report, str]]:
        """See GroupStore."""
        return [(report, self._key_of[report.id]) for report in self._reports[-limit:]]

    def active(self, since: float) -> Sequence[str]:
        """See GroupStore."""
        return sorted(key for key, group in self._groups.items() if group.last >= since)

    def put(self, report: Report, group: Group) -> None:
        """See GroupStore."""
        self._reports.append(report)
        if report.lat is not None and report.lon is not None and report.place:
            seen = self._positions.setdefault(report.place, [])
            seen.append((report.lat, report.lon))
            del seen[:-_POSITIONS_KEPT]
        self._enter(report, group.key)
        self.keep(group)

    def move(self, report_ids: Sequence[str], group: Group) -> None:
        """See GroupStore."""
        for report_id in report_ids:
            old = self._members[self._key_of[report_id]]
            place = next(at for at, (_, report) in enumerate(old) if report.id == report_id)
            self._enter(old.pop(place)[1], group.key)
        self.keep(group)

    def _enter(self, report: Report, key: str) -> None:
        members, entry = self._members[key], (report.order, report)
        if members and members[-1][0] > entry[0]:
            insort(members, entry, key=lambda one: one[0])
        else:
            members.append(entry)
        self._key_of[report.id] = key

    def keep(self, group: Group) -> None:
        """See GroupStore."""
        self._unfile(group.key)
        cell, street = group.cell, group.main_street
        self._groups[group.key] = group
        self._filed[group.key] = cell, street
        if cell is not None:
            self._cells[cell][group.key] = group
        if street:
            self._streets[street][group.key] = group
        if group.anchor:
            self._anchors[group.anchor] = group.key

    def _unfile(self, key: str) -> None:
        cell, street = self._filed.pop(key, (None, ""))
        if cell is not None:
            self._cells[cell].pop(key, None)
        if street:
            self._streets[street].pop(key, None)

    def drop(self, key: str) -> None:
        """See GroupStore."""
        self._unfile(key)
        group = self._groups.pop(key)
        if self._anchors.get(group.anchor) == key:
            del self._anchors[group.anchor]
        self._members.pop(key, None)


def count_until(reports: Sequence[Report], moment: float) -> int:
    """How many of the reports, in canonical order, came in before a moment."""
    return bisect_left(reports, moment, key=lambda report: seconds(report.at))
