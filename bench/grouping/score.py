"""How good a grouping is, against the causes that are known.

Groups are what a program made of the reports, causes are what really happened. A report without a label is a
group of its own; reports without a cause belong to nobody, and whoever takes them in is less precise. How soon a
program knew, and what it would have proposed to whoever reports: score_arrival.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WORTHY = 5
"""So many different reporters make a cause, or a group, worth a meeting."""


@dataclass(frozen=True)
class Known:
    """What the measures need of a report."""

    id: str
    at: datetime
    reporter: str
    cause: str | None


@dataclass(frozen=True)
class Agreement:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean: 2PR / (P + R); 0 where both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Meetings:
    """How well groups worth a meeting stand for causes worth one.

    Attributes:
        causes, groups: how many are worth a meeting.
        found: precision: share of such groups that hit such a cause; recall: share of such causes that were hit.
        at10: share of hits among the ten groups with the most reporters; fewer where there are fewer.
        at_n: the same among as many groups as there are causes.
    """

    causes: int
    groups: int
    found: Agreement
    at10: float
    at_n: float


@dataclass(frozen=True)
class GroupScores:
    """Attributes: see `score_groups`; `alone` is None where every report has a cause."""

    bcubed: Agreement
    pairwise: Agreement
    meetings: Meetings
    alone: float | None


class _Table:
    """Reports counted by group, by cause and by both."""

    def __init__(self, reports: Sequence[Known], label_of: Mapping[str, Hashable]) -> None:
        self.groups = [_label(report.id, label_of) for report in reports]
        self.in_group = Counter(self.groups)
        self.in_cause = Counter(report.cause for report in reports if report.cause is not None)
        self.in_both: Counter[tuple[Hashable, str]] = Counter()
        self.group_voices: defaultdict[Hashable, set[str]] = defaultdict(set)
        for group, report in zip(self.groups, reports, strict=True):
            self.group_voices[group].add(report.reporter)
            if report.cause is not None:
                self.in_both[group, report.cause] += 1


def known_reports(records: Iterable[Mapping[str, Any]]) -> list[Known]:
    """Read records of the corpus; return them in order of time, those of one moment in order of their ids."""
    reports = (
        Known(row["id"], datetime.fromisoformat(row["submitted_at"]), row["reporter_id"], row["cause_id"])
        for row in records
    )
    return sorted(reports, key=lambda report: (report.at, report.id))


def worthy_causes(reports: Iterable[Known]) -> set[str]:
    """Causes that at least WORTHY different people reported."""
    voices: defaultdict[str, set[str]] = defaultdict(set)
    for report in reports:
        if report.cause is not None:
            voices[report.cause].add(report.reporter)
    return {cause for cause, reporters in voices.items() if len(reporters) >= WORTHY}


def score_groups(reports: Sequence[Known], label_of: Mapping[str, Hashable]) -> GroupScores:
    """Compare the groups with the causes; `label_of` gives a report's group, None or nothing: a group of its own.

    With n(g), n(c), n(g,c) the numbers of reports in group g, in cause c, in both, and N that of all with a cause:

    - B³ (Bagga and Baldwin 1998), over reports with a cause: P = Σ n(g,c)² / n(g) / N, R = Σ n(g,c)² / n(c) / N.
    - Pairwise, with p(n) = n(n-1)/2: P = Σ p(n(g,c)) / Σ p(n(g)), R = Σ p(n(g,c)) / Σ p(n(c)).
    - Meetings: a group with WORTHY reporters or more hits a cause with as many when 2n(g,c) > n(g) and
      2n(g,c) > n(c), so that hits are one to one.
    - Alone: the share of reports without a cause that are a group of their own.
    """
    table = _Table(reports, label_of)
    loners = [group for group, report in zip(table.groups, reports, strict=True) if report.cause is None]
    return GroupScores(
        bcubed=_bcubed(table),
        pairwise=_pairwise(table),
        meetings=_meetings(table, worthy_causes(reports)),
        alone=sum(table.in_group[group] == 1 for group in loners) / len(loners) if loners else None,
    )


def _bcubed(table: _Table) -> Agreement:
    reports, both = table.in_cause.total(), table.in_both.items()
    if not reports:
        return Agreement(0.0, 0.0)
    precision = sum(count * count / table.in_group[group] for (group, _), count in both) / reports
    recall = sum(count * count / table.in_cause[cause] for (_, cause), count in both) / reports
    return Agreement(precision, recall)


def _pairwise(table: _Table) -> Agreement:
    right, called, true = (_pairs(counts) for counts in (table.in_both, table.in_group, table.in_cause))
    return Agreement(right / called if called else 0.0, right / true if true else 0.0)


def _pairs(counts: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _meetings(table: _Table, worthy: set[str]) -> Meetings:
    called = [group for group, voices in table.group_voices.items() if len(voices) >= WORTHY]
    called.sort(key=lambda group: (-len(table.group_voices[group]), str(group)))
    stands_for = {
        group: cause
        for (group, cause), count in table.in_both.items()
        if 2 * count > table.in_group[group] and 2 * count > table.in_cause[cause]
    }
    hits = [stands_for.get(group) in worthy for group in called]
    precision = sum(hits) / len(hits) if hits else 0.0
    recall = sum(hits) / len(worthy) if worthy else 0.0
    return Meetings(
        len(worthy), len(called), Agreement(precision, recall), _first(hits, 10), _first(hits, len(worthy))
    )


def _first(hits: Sequence[bool], many: int) -> float:
    """The share of hits among the first `many`."""
    return sum(hits[:many]) / min(many, len(hits)) if hits and many else 0.0


def _label(report: str, label_of: Mapping[str, Hashable]) -> Hashable:
    """A pair, so that a report of its own is never taken for a group of that name."""
    label = label_of.get(report)
    return ("alone", report) if label is None else ("group", label)
