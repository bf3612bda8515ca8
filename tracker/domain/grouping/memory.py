"""Groups kept in memory: for playing a file of reports through, and for tests."""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from tracker.domain.grouping.group import Group
from tracker.domain.grouping.report import (
    DAY_S,
    Cell,
    Report,
    cells_around,
    metres_a_degree_east,
    metres_a_degree_north,
)
from tracker.domain.grouping.store import NO_RULINGS, Rulings

_POSITIONS_KEPT = 15  # of the latest reports at one place; their middle does not follow one bad fix
_MONTH_S = 30 * DAY_S  # groups are shelved by month of their latest report: closed ones are never looked at
_REACHES2 = 5.0**2
_Card = tuple[float, float, float, float, float, str]  # last, first, latitude, longitude, reach squared, key
_EMPTY: dict[str, _Card] = {}


class MemoryStore:
    """A GroupStore without a database; holds every report it was given."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._cells: dict[tuple[Cell, int], dict[str, _Card]] = defaultdict(dict)
        self._streets: dict[str, dict[str, Group]] = defaultdict(dict)
        self._filed: dict[str, tuple[tuple[Cell, int] | None, str]] = {}
        self._latest_month = 0
        self._anchors: dict[str, str] = {}
        self._members: dict[str, list[tuple[tuple[float, str], Report]]] = defaultdict(list)
        self._key_of: dict[str, str] = {}
        self._reports: list[Report] = []
        self._positions: dict[str, list[tuple[float, float]]] = {}
        self._rulings: dict[str, Rulings] = {}

    def near(  # noqa: PLR0917 - a point, a time and a limit
        self, lat: float, lon: float, since: float, until: float, limit: int
    ) -> Sequence[Group]:
        """See GroupStore."""
        found = []
        north, east = metres_a_degree_north(), metres_a_degree_east(lat)
        months = range(int(since // _MONTH_S), self._latest_month + 1)
        for cell in cells_around(lat, lon):
            for month in months:
                for last, first, its_lat, its_lon, reach2, key in self._cells.get(
                    (cell, month), _EMPTY
                ).values():
                    if last >= since and first <= until:
                        away = (((its_lat - lat) * north) ** 2 + ((its_lon - lon) * east) ** 2) / reach2
                        if away < _REACHES2:
                            found.append((away, key))
        found.sort()
        return [self._groups[key] for _, key in found[:limit]]

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
        self._groups[group.key] = group
        if group.anchor:
            self._anchors[group.anchor] = group.key
        month = int(group.last // _MONTH_S)
        self._latest_month = max(self._latest_month, month)
        street, cell = group.main_street, group.cell
        shelf = None if cell is None else (cell, month)
        self._unfile(group.key)
        self._filed[group.key] = shelf, street
        if shelf is not None:
            reach = 60.0 + math.sqrt(group.scatter / group.located)
            self._cells[shelf][group.key] = group.last, group.first, group.lat, group.lon, reach**2, group.key
        if street:
            self._streets[street][group.key] = group

    def _unfile(self, key: str) -> None:
        shelf, street = self._filed.pop(key, (None, ""))
        if shelf is not None:
            self._cells[shelf].pop(key, None)
            if not self._cells[shelf]:
                del self._cells[shelf]
        if street:
            self._streets[street].pop(key, None)

    def drop(self, key: str) -> None:
        """See GroupStore."""
        self._unfile(key)
        group = self._groups.pop(key)
        if self._anchors.get(group.anchor) == key:
            del self._anchors[group.anchor]
        self._members.pop(key, None)
