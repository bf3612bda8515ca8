"""What a program knew the moment a report came in: how soon it noticed a cause, and what it would have proposed."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.grouping.score import WORTHY, Known, worthy_causes

JOINABLE_FOR = timedelta(days=60)
"""A report can join one of its cause that came in at most so long before."""
SHOWN = 3
FALSE_ALARMS = (5, 10, 20)
"""Percent of the reports with nothing to join that may be shown something."""


@dataclass(frozen=True)
class Delay:
    """How many reports later than possible causes worth a meeting were noticed.

    Attributes:
        flagged: share of them that were noticed at all; the rest is about these, None where there are none.
        median: the upper one where their number is even.
        p90: the 90th percentile.
    """

    flagged: float
    mean: float | None = None
    median: int | None = None
    p90: int | None = None


@dataclass(frozen=True)
class Suggestion:
    """An earlier report that may be about the same, and how sure that is."""

    report: str
    score: float


@dataclass(frozen=True)
class Threshold:
    """What is left when only what scores above `above` is shown.

    Attributes:
        recall3: share of the joinable reports that are shown a right one.
        precision: share of all reports that are shown something whose something holds a right one.
    """

    above: float
    recall3: float
    precision: float


@dataclass(frozen=True)
class Intake:
    """Attributes: see `score_intake`; `at` gives the threshold for so many percent of false alarms."""

    joinable: int
    not_joinable: int
    recall3: float
    at: Mapping[int, Threshold]


@dataclass(frozen=True)
class _Shown:
    """One report's suggestions: the best score of all, and of those that are right."""

    best: float | None
    right: float | None


def score_delay(reports: Sequence[Known], label_at_arrival: Mapping[str, Hashable]) -> Delay:
    """Compare when causes worth a meeting were noticed with when they could have been.

    A cause is noticed at the first of its reports whose group then has WORTHY reporters or more and more than
    half of its members from that cause; a report without a label counts for the cause alone. The delay is the
    number of the cause's reports by then less the number at which it itself had WORTHY reporters, never below 0.

    Args:
        reports: in order of time, as `known_reports` returns them.
        label_at_arrival: the group each report was put into as it came in, before any later change.
    """
    worthy = worthy_causes(reports)
    arrived, least, noticed = Counter[str](), dict[str, int](), dict[str, int]()
    voices: defaultdict[str, set[str]] = defaultdict(set)
    groups: defaultdict[Hashable, _Group] = defaultdict(_Group)
    for report in reports:
        cause, label = report.cause, label_at_arrival.get(report.id)
        if cause in worthy:
            arrived[cause] += 1
            voices[cause].add(report.reporter)
            if len(voices[cause]) == WORTHY:
                least.setdefault(cause, arrived[cause])
        if label is not None:
            groups[label].take(report)
            if cause in worthy and groups[label].notices(cause):
                noticed.setdefault(cause, arrived[cause])
    return _delay(
        [max(0, noticed[cause] - least.get(cause, noticed[cause])) for cause in noticed], len(worthy)
    )


class _Group:
    """A group as it grows."""

    def __init__(self) -> None:
        self._voices: set[str] = set()
        self._causes: Counter[str | None] = Counter()

    def take(self, report: Known) -> None:
        self._voices.add(report.reporter)
        self._causes[report.cause] += 1

    def notices(self, cause: str) -> bool:
        return len(self._voices) >= WORTHY and 2 * self._causes[cause] > self._causes.total()


def _delay(delays: list[int], worthy: int) -> Delay:
    if not delays:
        return Delay(0.0)
    delays.sort()
    many = len(delays)
    return Delay(many / worthy, sum(delays) / many, delays[many // 2], delays[min(many - 1, many * 9 // 10)])


def score_intake(reports: Sequence[Known], suggestions: Mapping[str, Sequence[Suggestion]]) -> Intake:
    """Compare what each report would have been shown with what it could have joined.

    A report is joinable when an earlier one of its cause came in within JOINABLE_FOR before. Of its suggestions,
    only the first SHOWN that are earlier reports count. recall3 is the share of joinable reports with a right
    one among them. At f percent of false alarms, only suggestions that score strictly above a threshold are
    shown: the lowest at which at most f percent of the reports that are not joinable are shown anything.

    Args:
        reports: in order of time, as `known_reports` returns them.
        suggestions: best first, by report.
    """
    joinable: list[_Shown] = []
    others: list[_Shown] = []
    for report, can_join, shown in _shown(reports, suggestions):
        right = [each.score for each in shown if report.cause is not None and each.cause == report.cause]
        scores = [each.score for each in shown]
        (joinable if can_join else others).append(_Shown(max(scores, default=None), max(right, default=None)))
    found = sum(shown.right is not None for shown in joinable)
    at = {percent: _threshold(joinable, others, percent) for percent in FALSE_ALARMS}
    return Intake(len(joinable), len(others), found / max(1, len(joinable)), at)


@dataclass(frozen=True)
class _Earlier:
    score: float
    cause: str | None


def _shown(
    reports: Sequence[Known], suggestions: Mapping[str, Sequence[Suggestion]]
) -> Iterator[tuple[Known, bool, list[_Earlier]]]:
    """Each report, whether it is joinable, and what it is shown."""
    causes: dict[str, str | None] = {}
    last_at: dict[str, datetime] = {}
    for report in reports:
        given = suggestions.get(report.id, ())
        earlier = [_Earlier(each.score, causes[each.report]) for each in given if each.report in causes]
        before = last_at.get(report.cause) if report.cause is not None else None
        yield report, before is not None and report.at - before <= JOINABLE_FOR, earlier[:SHOWN]
        causes[report.id] = report.cause
        if report.cause is not None:
            last_at[report.cause] = report.at


def _threshold(joinable: Sequence[_Shown], others: Sequence[_Shown], percent: int) -> Threshold:
    alarms = sorted(shown.best for shown in others if shown.best is not None)
    allowed = len(others) * percent // 100
    above = alarms[-allowed - 1] if len(alarms) > allowed else float("-inf")
    right = sum(shown.right is not None and shown.right > above for shown in joinable)
    seen = sum(shown.best is not None and shown.best > above for shown in (*joinable, *others))
    return Threshold(above, right / max(1, len(joinable)), right / max(1, seen))
