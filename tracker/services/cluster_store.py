"""The groups in the database, as the rules ask for them.

A step of the grouping is worked out in a read transaction: what it changes is held here, seen by its own later reads,
and written at the end by services/cluster_writing.py in one short transaction. So no reporter waits while it thinks.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from tracker.domain.grouping.group import Group
from tracker.domain.grouping.group_bytes import group_from_bytes
from tracker.domain.grouping.report import (
    Cell,
    Report,
    cells_around,
    metres_a_degree_east,
    metres_a_degree_north,
)
from tracker.domain.grouping.store import Rulings
from tracker.extensions import db
from tracker.models import Cluster, ClusterReport, Place
from tracker.services import grouped_reports
from tracker.services.cluster_rulings import rulings_on
from tracker.services.grouped_reports import Read

REACHES2 = 5.0**2
"""Groups further off than five times their reach are none (domain/grouping/memory.py says the same)."""
AT_ONCE = 500
"""Rows asked for by name in one statement."""


class ClusterStore:
    """A ``GroupStore`` (domain/grouping/store.py) on the database, for one step.

    Attributes:
        changed: groups to be written. dropped: keys of groups that ended.
        placed: reports that found their first group. moved: names of reports that changed theirs.
        taken_out: names of reports that are in no group any more.
    """

    def __init__(self, placed: int) -> None:
        """Take how many reports have been placed before."""
        self.changed: dict[str, Group] = {}
        self.dropped: set[str] = set()
        self.placed: dict[str, Report] = {}
        self.moved: set[str] = set()
        self.taken_out: list[str] = []
        self.report_ids: dict[str, int] = {}
        self._count = placed
        self._groups: dict[str, Group | None] = {}
        self._expected: dict[str, None] = {}
        self._row_ids: dict[str, int] = {}
        self._filed: dict[str, tuple[Cell | None, str]] = {}
        self._cells: dict[Cell, set[str]] = defaultdict(set)
        self._streets: dict[str, set[str]] = defaultdict(set)
        self._key_of: dict[str, str] = {}
        self._entered: dict[str, dict[str, Report]] = defaultdict(dict)
        self._left: dict[str, int] = defaultdict(int)
        self._reports: dict[str, Report] = {}
        self._spots: dict[str, tuple[float, float] | None] = {}
        self._rulings: dict[str, Rulings] = {}

    # ------------------------------------------------------------ what the step brings along

    def note(self, reads: Iterable[Read]) -> list[Report]:
        """Remember reports that were read, and return them as the rules take them."""
        found = []
        for read in reads:
            sighting = read.sighting
            self.report_ids[sighting.id] = read.report_id
            self._spots[sighting.place] = read.spot
            found.append(self._reports.setdefault(sighting.id, sighting))
        return found

    def stand(self, place_id: int, spot: tuple[float, float] | None) -> None:
        """Remember where a place lies."""
        self._spots[str(place_id)] = spot

    def key_in_step(self, name: str) -> str:
        """The group a report is in after this step; it was placed or moved in it."""
        return self._key_of[name]

    # ------------------------------------------------------------ reads of the rules

    def near(  # noqa: PLR0917 - the rules name it so
        self, lat: float, lon: float, since: float, until: float, limit: int
    ) -> Sequence[Group]:
        """See GroupStore. Narrow rows of nine squares and the open window, then the state of the nearest."""
        cells = cells_around(lat, lon)
        rows = db.session.execute(
            select(Cluster.key, Cluster.lat, Cluster.lon, Cluster.scatter, Cluster.located).where(
                Cluster.cell_row.in_(sorted({row for row, _ in cells})),
                Cluster.cell_column.in_(sorted({column for _, column in cells})),
                Cluster.last_s >= since,
                Cluster.first_s <= until,
            )
        )
        around: list[Any] = [row for row in rows if self._is_as_stored(row.key)]
        for cell in cells:
            around += self._held(self._cells.get(cell, ()), since, until)
        north, east = metres_a_degree_north(), metres_a_degree_east(lat)
        found = []
        for one in around:
            away2 = ((one.lat - lat) * north) ** 2 + ((one.lon - lon) * east) ** 2
            reach = 60.0 + math.sqrt(one.scatter / one.located)
            if away2 < REACHES2 * reach * reach:
                found.append((away2 / (reach * reach), one.key))
        return self._loaded([key for _, key in sorted(found)[:limit]])

    def on_street(self, street: str, since: float, until: float, limit: int) -> Sequence[Group]:
        """See GroupStore."""
        rows = db.session.execute(
            select(Cluster.key, Cluster.last_s)
            .where(Cluster.street == street, Cluster.last_s >= since, Cluster.first_s <= until)
            .order_by(Cluster.last_s.desc(), Cluster.key)
            .limit(limit + len(self.changed) + len(self.dropped))
        )
        found = [(-row.last_s, row.key) for row in rows if self._is_as_stored(row.key)]
        held = self._held(self._streets.get(street, ()), since, until)
        found += [(-group.last, group.key) for group in held]
        return self._loaded([key for _, key in sorted(found)[:limit]])

    def anchored(self, anchor: str) -> Group | None:
        """See GroupStore."""
        for group in self.changed.values():
            if group.anchor == anchor:
                return group
        key = db.session.scalar(select(Cluster.key).where(Cluster.anchor == anchor, Cluster.anchor != ""))
        return None if key is None or not self._is_as_stored(key) else self.group(key)

    def group(self, key: str) -> Group | None:
        """See GroupStore. Groups that are likely to be asked for next are read along."""
        if key not in self._groups:
            self._load([key, *islice(self._expected, AT_ONCE)])
        return self._groups[key]

    def key_of(self, report_id: str) -> str | None:
        """See GroupStore."""
        if report_id not in self._key_of:
            key = db.session.scalar(
                select(Cluster.key)
                .join(ClusterReport, ClusterReport.cluster_id == Cluster.id)
                .where(ClusterReport.name == report_id)
            )
            if key is None:
                return None
            self._key_of[report_id] = key
        return self._key_of[report_id]

    def members(self, key: str, limit: int) -> Sequence[Report]:
        """See GroupStore."""
        stored: list[Report] = []
        if key not in self._row_ids:
            self.group(key)
        if key in self._row_ids:
            reads = grouped_reports.members_of(self._row_ids[key], limit + self._left[key])
            stored = [each for each in self.note(reads) if self._key_of.setdefault(each.id, key) == key]
        entered = self._entered.get(key, {})
        members = {each.id: each for each in (*stored, *entered.values())}
        return sorted(members.values(), key=lambda each: each.order)[-limit:]

    def position_of(self, place: str) -> tuple[float, float] | None:
        """See GroupStore."""
        if place not in self._spots:
            row = db.session.execute(select(Place.lat, Place.lon).where(Place.id == int(place))).first()
            known = row is not None and row.lat is not None and row.lon is not None
            self._spots[place] = (row.lat, row.lon) if row is not None and known else None
        return self._spots[place]

    def rulings(self, report_id: str) -> Rulings:
        """See GroupStore. A report that nobody has sent yet has none."""
        if report_id not in self._rulings and report_id in self.report_ids:
            unknown = (name for name in self.report_ids if name not in self._rulings)
            names = dict.fromkeys([report_id, *islice(unknown, AT_ONCE)])
            self._rulings |= rulings_on({name: self.report_ids[name] for name in names})
        return self._rulings.get(report_id, Rulings())

    def count(self) -> int:
        """See GroupStore."""
        return self._count

    def latest(self, limit: int) -> Sequence[tuple[Report, str]]:
        """See GroupStore."""
        found: dict[str, Report] = {}
        for read, key in grouped_reports.latest(limit):
            (report,) = self.note([read])
            self._key_of.setdefault(report.id, key)
            found[report.id] = report
        found |= self.placed
        ordered = sorted(found.values(), key=lambda each: each.order)[-limit:]
        pairs = [(each, self._key_of[each.id]) for each in ordered]
        self._expected |= dict.fromkeys(key for _, key in pairs if key not in self._groups)
        return pairs

    # ------------------------------------------------------------ writes of the rules

    def put(self, report: Report, group: Group) -> None:
        """See GroupStore."""
        self.placed[report.id] = report
        self._count += 1
        self._enter(report, group.key)
        self.keep(group)

    def move(self, report_ids: Sequence[str], group: Group) -> None:
        """See GroupStore."""
        for name in report_ids:
            before = self.key_of(name)
            if before is not None and self._entered[before].pop(name, None) is None:
                self._left[before] += 1
            if name not in self._reports:
                self.note(grouped_reports.named([name]))
            if name not in self.placed:
                self.moved.add(name)
            self._enter(self._reports[name], group.key)
        self.keep(group)

    def keep(self, group: Group) -> None:
        """See GroupStore."""
        self._unfile(group.key)
        self._groups[group.key] = self.changed[group.key] = group
        self.dropped.discard(group.key)
        cell, street = group.cell, group.main_street
        self._filed[group.key] = cell, street
        if cell is not None:
            self._cells[cell].add(group.key)
        if street:
            self._streets[street].add(group.key)

    def drop(self, key: str) -> None:
        """See GroupStore."""
        self._unfile(key)
        self.changed.pop(key, None)
        self._groups[key] = None
        self.dropped.add(key)

    def take_out(self, report_id: str) -> None:
        """Let a report be in no group any more; its group's state is the caller's to keep or to drop."""
        before = self.key_of(report_id)
        if before is not None and self._entered[before].pop(report_id, None) is None:
            self._left[before] += 1
        self._key_of[report_id] = ""
        self.moved.discard(report_id)
        self.taken_out.append(report_id)

    # ------------------------------------------------------------ inside

    def _enter(self, report: Report, key: str) -> None:
        self._reports[report.id] = report
        self._key_of[report.id] = key
        self._entered[key][report.id] = report

    def _unfile(self, key: str) -> None:
        cell, street = self._filed.pop(key, (None, ""))
        if cell is not None:
            self._cells[cell].discard(key)
        if street:
            self._streets[street].discard(key)

    def _is_as_stored(self, key: str) -> bool:
        return key not in self.changed and key not in self.dropped

    def _held(self, keys: Iterable[str], since: float, until: float) -> Iterator[Group]:
        for key in keys:
            group = self.changed[key]
            if group.last >= since and group.first <= until:
                yield group

    def _loaded(self, keys: Sequence[str]) -> list[Group]:
        self._load([key for key in keys if key not in self._groups])
        return [group for key in keys if (group := self._groups[key]) is not None]

    def _load(self, keys: Sequence[str]) -> None:
        for first in range(0, len(keys), AT_ONCE):
            wanted = keys[first : first + AT_ONCE]
            rows = db.session.execute(
                select(Cluster.key, Cluster.id, Cluster.state).where(Cluster.key.in_(wanted))
            )
            found = {row.key: row for row in rows}
            for key in wanted:
                self._expected.pop(key, None)
                if key in self._groups:
                    continue
                row = found.get(key)
                self._groups[key] = None if row is None else group_from_bytes(row.state)
                if row is not None:
                    self._row_ids[key] = row.id
