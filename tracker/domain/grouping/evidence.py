"""What speaks for a report belonging to an open group: one row of figures for each group it is compared with.

Each figure is near nought where the report says nothing about the matter, and grows with what speaks for the group.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.group import Group, Sample
from tracker.domain.grouping.likeness import Likeness
from tracker.domain.grouping.model import Model
from tracker.domain.grouping.reading import Pack, Packer, starts_of
from tracker.domain.grouping.report import DAY_S, Report, metres_a_degree_east, metres_a_degree_north

FEATURES: Final = (
    "near", "reach", "closest", "unplaced", "gap", "rhythm", "late", "hour",
    "category", "vector_best", "vector_mean", "words_best", "words_mean", "runs_best", "runs_mean", "wordless",
    "place", "street", "other_street", "reporter", "size", "single",
)  # fmt: skip
_USUAL_REACH_M: Final = 60.0  # spread that a group of one is taken to have …
_REACH_PRIOR: Final = 3.0  # … and how many members that belief is worth
_HOUR_BREADTH: Final = 2.5  # reports within so many hours of day count as the same time of day
_SAME: Final = 1.5  # what an equal category says before any lesson …
_OTHER: Final = -1.0  # … and another one

Table = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Crowd:
    """Groups side by side: their figures, the samples of all in a row, and where each group's begin."""

    groups: Sequence[Group]
    packs: Sequence[Pack]
    figures: NDArray[np.float64]
    spots: NDArray[np.float64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, groups: Sequence[Group], packer: Packer) -> "Crowd":
        """Line groups up."""
        packs = [packer.pack(group) for group in groups]
        figures = np.array([pack.figures for pack in packs])
        counts = np.array([len(pack.spots) for pack in packs])
        spots = np.concatenate([pack.spots for pack in packs])
        return cls(groups, packs, figures, spots, starts_of(counts), counts)


def evidence(  # noqa: PLR0917 - a report and what it is compared with
    report: Report, sample: Sample, groups: Sequence[Group], packer: Packer, likeness: Likeness | None = None
) -> Table:
    """Rows: groups; columns: FEATURES."""
    model = packer.model
    crowd = Crowd.of(groups, packer)
    table = np.zeros((len(groups), len(FEATURES)))
    column = {name: table[:, at] for at, name in enumerate(FEATURES)}
    _space(sample, crowd, column)
    _time(sample, crowd, model, column)
    _names(report, crowd, model, column)
    _text(likeness or Likeness.of(sample, model), crowd, column)
    return table


def _space(sample: Sample, crowd: Crowd, column: dict[str, NDArray[np.float64]]) -> None:
    scale = np.array((metres_a_degree_north(), metres_a_degree_east(sample.lat)))
    here = np.array((sample.lat, sample.lon))
    away2 = (((crowd.figures[:, 3:5] - here) * scale) ** 2).sum(axis=1)
    scatter, located = crowd.figures[:, 5], crowd.figures[:, 6]
    reach2 = (_REACH_PRIOR * _USUAL_REACH_M**2 + scatter) / (_REACH_PRIOR + located)
    known = ~np.isnan(away2)
    each = (((crowd.spots[:, 2:4] - here) * scale) ** 2).sum(axis=1)
    closest = np.sqrt(np.minimum.reduceat(np.where(np.isnan(each), 1e8, each), crowd.starts))
    column["near"][:] = np.where(known, -np.minimum(away2 / (2 * reach2), 12.0), 0.0)
    column["reach"][:] = np.where(known, -np.log(reach2 / _USUAL_REACH_M**2), 0.0)
    column["closest"][:] = np.where(known, -np.minimum(closest / 50.0, 6.0), 0.0)
    column["unplaced"][:] = ~known


def _time(sample: Sample, crowd: Crowd, model: Model, column: dict[str, NDArray[np.float64]]) -> None:
    gap = np.minimum.reduceat(np.abs(crowd.spots[:, 0] - sample.at), crowd.starts) / DAY_S
    size = crowd.figures[:, 2]
    span = (crowd.figures[:, 1] - crowd.figures[:, 0]) / DAY_S
    usual = (span + 6.0) / size
    column["gap"][:] = -np.log1p(gap)
    column["rhythm"][:] = -np.log(usual / 6.0)
    column["late"][:] = -np.minimum(gap / (usual + 1.0), 8.0)
    column["size"][:] = np.log(size)
    column["single"][:] = size == 1
    apart = np.abs(crowd.spots[:, 1] - sample.hour)
    apart = np.minimum(apart, 24.0 - apart)
    close = np.add.reduceat(np.maximum(0.0, 1.0 - apart / _HOUR_BREADTH), crowd.starts) / _HOUR_BREADTH
    usual_hour = float(model.hours[int(sample.hour) % 24])
    column["hour"][:] = np.log((close + 2.0 * usual_hour) / ((crowd.counts + 2.0) * usual_hour))


def _names(report: Report, crowd: Crowd, model: Model, column: dict[str, NDArray[np.float64]]) -> None:
    filed = model.column_of.get(report.category, len(model.categories))
    if model.lesson:
        column["category"][:] = [pack.agreement[filed] for pack in crowd.packs]
    else:
        column["category"][:] = [_SAME if report.category in g.categories else _OTHER for g in crowd.groups]
    for at, group in enumerate(crowd.groups):
        column["place"][at] = report.place in group.places
        column["reporter"][at] = report.reporter in group.reporters
        on_it = group.streets.get(report.street, 0)
        column["street"][at] = on_it / group.size if on_it else 0.0
        if not on_it and report.street and len(group.streets) == 1:
            column["other_street"][at] = -math.log1p(group.size)


def _text(likeness: Likeness, crowd: Crowd, column: dict[str, NDArray[np.float64]]) -> None:
    many = np.array([len(pack.texts) for pack in crowd.packs])
    has = many > 0
    column["wordless"][:] = ~has | (not likeness.has_text)
    if not likeness.has_text or not has.any():
        return
    starts = starts_of(many[has])
    texts = np.concatenate([pack.texts for pack in crowd.packs])
    words = likeness.by_words(np.concatenate([pack.slots for pack in crowd.packs]), texts)
    sides = [("words" if not likeness.is_deep else "runs", words)]
    if likeness.has_vector:
        sides.append(("vector", likeness.by_vector(np.concatenate([pack.vectors for pack in crowd.packs]))))
    for name, like in sides:
        column[f"{name}_best"][has] = np.maximum.reduceat(like, starts)
        column[f"{name}_mean"][has] = np.add.reduceat(like, starts) / many[has]
