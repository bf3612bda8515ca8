"""The state of one group: what the score needs of its members, in bounded space whatever their number."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from tracker.domain.grouping.grams import Grams
from tracker.domain.grouping.report import Cell, Report, cell_of, metres_between, seconds

FIRST_KEPT: Final = 4  # members remembered one by one: so many from the start …
LATEST_KEPT: Final = 36  # … and so many of the latest
NAMES_KEPT: Final = 32  # places, streets, reporters and categories are counted by name up to here


@dataclass(frozen=True, slots=True)
class Sample:
    """One remembered member: where and when, and the numbers of its text; the text itself is not kept."""

    report: str
    at: float
    hour: float
    lat: float
    lon: float
    grams: Grams


@dataclass(slots=True)
class Group:
    """A group as the score sees it; the sum of its members in canonical order, so that it can be summed anew.

    Attributes:
        key: id of the report that founded it; stays, whoever leaves.
        anchor: the name under which people decided about it, such as the number of a common issue; empty: nobody has.
        size: members. first, last: moments of the earliest and latest, seconds.
        located: members with a position; lat, lon: their mean in degrees, NaN without any.
        scatter: sum of their squared distances from the mean, square metres.
        categories, streets, places, reporters: name → members; at most NAMES_KEPT each, rarest forgotten first.
        samples: the first few members and the latest ones.
    """

    key: str
    anchor: str = ""
    size: int = 0
    first: float = math.inf
    last: float = -math.inf
    located: int = 0
    lat: float = math.nan
    lon: float = math.nan
    scatter: float = 0.0
    categories: dict[str, int] = field(default_factory=dict)
    streets: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    reporters: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def add(self, report: Report, sample: Sample) -> None:
        """Take a member in; `sample` is what is remembered of it (see reading.sample_of)."""
        self.size += 1
        at = seconds(report.at)
        self.first, self.last = min(self.first, at), max(self.last, at)
        if not math.isnan(sample.lat):
            self._locate(sample.lat, sample.lon)
        for names, name in (
            (self.categories, report.category),
            (self.streets, report.street),
            (self.places, report.place),
            (self.reporters, report.reporter),
        ):
            if name:
                _count(names, name)
        self.samples.append(sample)
        if len(self.samples) > FIRST_KEPT + LATEST_KEPT:
            del self.samples[FIRST_KEPT]

    def _locate(self, lat: float, lon: float) -> None:
        self.located += 1
        if self.located == 1:
            self.lat, self.lon = lat, lon
            return
        before = metres_between(self.lat, self.lon, lat, lon)
        self.lat += (lat - self.lat) / self.located
        self.lon += (lon - self.lon) / self.located
        self.scatter += before * metres_between(self.lat, self.lon, lat, lon)

    def without(self, report: Report, sample: Sample) -> "Group":
        """The group as it would be if this member had not come; its remembered members may be one fewer."""
        left = Group(
            self.key, self.anchor, self.size - 1, self.first, self.last, self.located, self.lat, self.lon
        )
        left.scatter = self.scatter
        if not math.isnan(sample.lat):
            left._unlocate(sample.lat, sample.lon)
        left.categories = _less(self.categories, report.category)
        left.streets = _less(self.streets, report.street)
        left.places = _less(self.places, report.place)
        left.reporters = _less(self.reporters, report.reporter)
        left.samples = [one for one in self.samples if one.report != report.id]
        if sample.at in {self.first, self.last} and left.samples:
            left.first = min(one.at for one in left.samples)
            left.last = max(one.at for one in left.samples)
        return left

    def _unlocate(self, lat: float, lon: float) -> None:
        self.located -= 1
        if self.located <= 0:
            self.located, self.lat, self.lon, self.scatter = 0, math.nan, math.nan, 0.0
            return
        after = metres_between(self.lat, self.lon, lat, lon)
        self.lat += (self.lat - lat) / self.located
        self.lon += (self.lon - lon) / self.located
        self.scatter = max(0.0, self.scatter - after * metres_between(self.lat, self.lon, lat, lon))

    @property
    def cell(self) -> Cell | None:
        """The square its middle lies in: what a store finds it by; None without any position."""
        return None if math.isnan(self.lat) else cell_of(self.lat, self.lon)

    @property
    def main_street(self) -> str:
        """The street most members name: what a store finds a group by when a report has no position."""
        return max(self.streets, key=lambda name: (self.streets[name], name), default="")

    @property
    def main_category(self) -> str:
        """The category most members were filed under."""
        return max(self.categories, key=lambda name: (self.categories[name], name), default="")


def summed(key: str, members: Iterable[tuple[Report, Sample]], anchor: str = "") -> Group:
    """A group summed anew from members in canonical order."""
    group = Group(key, anchor)
    for report, sample in members:
        group.add(report, sample)
    return group


def _count(names: dict[str, int], name: str) -> None:
    names[name] = names.get(name, 0) + 1
    if len(names) > NAMES_KEPT:
        rarest = min((other for other in names if other != name), key=lambda other: names[other])
        del names[rarest]


def _less(names: dict[str, int], name: str) -> dict[str, int]:
    fewer = dict(names)
    if name in fewer:
        fewer[name] -= 1
        if not fewer[name]:
            del fewer[name]
    return fewer
