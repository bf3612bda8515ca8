"""Where a report belongs: the best open group above the threshold, or a group of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tracker.domain.grouping.evidence import FEATURES, Table, evidence
from tracker.domain.grouping.group import Group, Sample
from tracker.domain.grouping.likeness import Likeness
from tracker.domain.grouping.model import Model
from tracker.domain.grouping.reading import Packer, sample_of
from tracker.domain.grouping.report import DAY_S, Report
from tracker.domain.grouping.store import GroupStore, Rulings
from tracker.domain.grouping.weights import DAY

WINDOW_DAYS: Final = 60.0  # a group that was silent for longer is closed
CANDIDATES: Final = 32  # groups a report is compared with, at most


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a report was put, and why.

    Attributes:
        key: of the group; is_new: whether the report founded it.
        score: log-odds of the chosen group against a group of its own; 0 for a new one that had no competitor.
        features: what spoke for the chosen group, by name, each already weighted; empty for a new group.
    """

    key: str
    is_new: bool
    score: float
    features: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Weighing:
    """A report beside the open groups it may belong to, and what speaks for each."""

    sample: Sample
    rulings: Rulings
    groups: list[Group]
    table: Table
    scores: Table
    likes: tuple[Likeness, Packer] | None = None


def weighed(report: Report, store: GroupStore, model: Model, packer: Packer | None = None) -> Weighing:
    """Compare a report with the open groups around it; changes nothing."""
    sample, rulings = sample_of(report, store), store.rulings(report.id)
    groups = allowed(candidates(report, sample, store), rulings)
    if not groups:
        return Weighing(sample, rulings, groups, np.zeros((0, len(FEATURES))), np.zeros(0))
    likes = Likeness.of(sample, model), packer or Packer(model)
    table = evidence(report, sample, groups, likes[1], likes[0])
    return Weighing(sample, rulings, groups, table, DAY(table), likes)


def place(
    report: Report,
    store: GroupStore,
    model: Model,
    packer: Packer | None = None,
    *,
    known: Weighing | None = None,
) -> Placement:
    """Put a report into a group and keep both in the store.

    Reports have to come in canonical order (Report.order). What people ruled goes before the score.

    Args:
        known: the weighing of this report, if nothing was placed since.
    """
    weighing = known or weighed(report, store, model, packer)
    if weighing.rulings.home:
        return _at_home(report, weighing.sample, weighing.rulings.home, store)
    best = int(np.argmax(weighing.scores)) if weighing.groups else -1
    score = float(weighing.scores[best]) if weighing.groups else 0.0
    joins = best >= 0 and score > 0
    group = weighing.groups[best] if joins else Group(free_key(report.id, store))
    group.add(report, weighing.sample)
    store.put(report, group)
    return Placement(group.key, not joins, score, DAY.said(weighing.table[best]) if joins else {})


def suggest(  # noqa: PLR0917 - as place, and how many
    report: Report, store: GroupStore, model: Model, n: int = 3, packer: Packer | None = None
) -> list[tuple[str, float]]:
    """Earlier reports that are probably about the same, best first, with their score; changes nothing.

    One report a group: of those it remembers the one whose text is most like.
    """
    return suggestions(weighed(report, store, model, packer), n)


def suggestions(weighing: Weighing, n: int = 3) -> list[tuple[str, float]]:
    """The suggestions that a weighing gives."""
    order = np.argsort(-weighing.scores, kind="stable")[:n]
    return [(_likest(weighing, at), round(float(weighing.scores[at]), 4)) for at in order]


def _likest(weighing: Weighing, at: int) -> str:
    """The remembered member of a group whose text is most like; the latest where texts say nothing."""
    group = weighing.groups[at]
    spoken = [sample for sample in group.samples if len(sample.grams)]
    if weighing.likes is None or not weighing.likes[0].has_text or not spoken:
        return group.samples[-1].report
    likeness, pack = weighing.likes[0], weighing.likes[1].pack(group)
    like = (
        likeness.by_vector(pack.vectors) if likeness.has_vector else likeness.by_words(pack.slots, pack.texts)
    )
    return spoken[int(np.argmax(like))].report


def candidates(report: Report, sample: Sample, store: GroupStore) -> list[Group]:
    """The open groups a report is compared with: those around it, or on its street if nobody knows where it is."""
    since, until = sample.at - WINDOW_DAYS * DAY_S, sample.at + WINDOW_DAYS * DAY_S
    if sample.lat == sample.lat:
        return list(store.near(sample.lat, sample.lon, since, until, CANDIDATES))
    return list(store.on_street(report.street, since, until, CANDIDATES)) if report.street else []


def allowed(groups: Sequence[Group], rulings: Rulings) -> list[Group]:
    """Without those that people barred the report from."""
    return [group for group in groups if group.anchor not in rulings.barred]


def free_key(report_id: str, store: GroupStore) -> str:
    """The key of a group founded by this report; its founding id may still name a group it has left."""
    key, number = report_id, 2
    while store.group(key) is not None:
        key, number = f"{report_id}~{number}", number + 1
    return key


def _at_home(report: Report, sample: Sample, home: str, store: GroupStore) -> Placement:
    group = store.anchored(home)
    is_new = group is None
    group = group or Group(free_key(report.id, store), anchor=home)
    group.add(report, sample)
    store.put(report, group)
    return Placement(group.key, is_new=is_new, score=0.0)
