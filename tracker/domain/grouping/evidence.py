"""What speaks for a report belonging to an open group: one row of figures for each group it is compared with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.group import Group, Sample
from tracker.domain.grouping.likeness import Likeness
from tracker.domain.grouping.reading import Pack, Packer, starts_of
from tracker.domain.grouping.report import DAY_S, Report, metres_a_degree_east, metres_a_degree_north

FEATURES: Final = (
    "closest", "apart", "middle", "spread", "unplaced", "gap", "late", "age", "span", "hour",
    "category", "category_mean", "category_best",
    "vector_best", "vector_mean", "vector_middle", "vector_above", "topic", "words_best", "words_mean", "words_above",
    "silent", "wordless", "place", "street", "reporter", "one_voice", "size", "crowd",
)  # fmt: skip
_METRES: Final = 20.0  # distances count by their order of magnitude beyond so many metres
_FAR_M: Final = 150.0  # how far off a report is taken to be of which nobody knows where it was made
_USUAL_REACH_M: Final = 40.0  # spread that a group of one is taken to have
_HOUR_BREADTH: Final = 2.0  # standard deviation within which two reports count as the same time of day
_GAP_DAYS: Final = 0.3  # a group is not late before so long
_SAME: Final = 1.5  # what an equal category says before any lesson …
_OTHER: Final = -1.0  # … and another one

Table = NDArray[np.float64]
Column = dict[str, NDArray[np.float64]]


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

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mean of each group's samples."""
        return np.asarray(np.add.reduceat(values, self.starts) / self.counts)


def evidence(  # noqa: PLR0917 - the report and what is read of it stand before the groups
    report: Report, sample: Sample, groups: Sequence[Group], packer: Packer, likeness: Likeness | None = None
) -> Table:
    """Rows: groups; columns: FEATURES."""
    crowd = Crowd.of(groups, packer)
    table = np.zeros((len(FEATURES), len(groups)))
    column = dict(zip(FEATURES, table, strict=True))
    _space(sample, crowd, column)
    _time(sample, crowd, column)
    _names(report, crowd, packer, column)
    _text(likeness or Likeness.of(sample, packer.model), crowd, column)
    return table.T


def _space(sample: Sample, crowd: Crowd, column: Column) -> None:
    north = (crowd.spots[:, 2] - sample.lat) * metres_a_degree_north()
    east = (crowd.spots[:, 3] - sample.lon) * metres_a_degree_east(sample.lat)
    away = np.hypot(north, east)
    away[np.isnan(away)] = _FAR_M
    middle = np.hypot(
        (crowd.figures[:, 3] - sample.lat) * metres_a_degree_north(),
        (crowd.figures[:, 4] - sample.lon) * metres_a_degree_east(sample.lat),
    )
    nowhere = np.isnan(middle)
    spread = np.sqrt(crowd.figures[:, 5] / np.maximum(crowd.figures[:, 6], 1.0))
    column["closest"][:] = np.log1p(np.minimum.reduceat(away, crowd.starts) / _METRES)
    column["apart"][:] = np.log1p(crowd.mean(away) / _METRES)
    column["middle"][:] = np.where(nowhere, _FAR_M, middle) / (spread + _USUAL_REACH_M)
    column["spread"][:] = np.log1p(spread / _METRES)
    column["unplaced"][:] = nowhere


def _time(sample: Sample, crowd: Crowd, column: Column) -> None:
    gap = np.minimum.reduceat(np.abs(crowd.spots[:, 0] - sample.at), crowd.starts) / DAY_S
    size = crowd.figures[:, 2]
    span = (crowd.figures[:, 1] - crowd.figures[:, 0]) / DAY_S
    column["gap"][:] = np.log1p(gap)
    column["late"][:] = np.log((gap + _GAP_DAYS) / ((span + 1.0) / size + _GAP_DAYS))
    column["age"][:] = np.log1p(np.maximum(sample.at - crowd.figures[:, 0], 0.0) / DAY_S)
    column["span"][:] = np.log1p(span)
    column["size"][:] = np.log(size)
    column["crowd"][:] = math.log(len(crowd.spots))
    apart = np.abs(crowd.spots[:, 1] - sample.hour)
    apart = np.minimum(apart, 24.0 - apart) / _HOUR_BREADTH
    column["hour"][:] = crowd.mean(np.exp(-0.5 * apart * apart))


def _names(report: Report, crowd: Crowd, packer: Packer, column: Column) -> None:
    if packer.model.lesson:
        filed = packer.model.column(report.category)
        said = np.array([pack.agreement[:, filed] for pack in crowd.packs]).T
    else:
        said = np.array([_SAME if report.category in group.categories else _OTHER for group in crowd.groups])
    column["category"][:], column["category_mean"][:], column["category_best"][:] = np.broadcast_to(
        said, (3, len(crowd.groups))
    )
    place, reporter, street = report.place, report.reporter, report.street
    column["place"][:] = [place in group.places for group in crowd.groups]
    column["street"][:] = [group.streets.get(street, 0) for group in crowd.groups]
    column["street"][:] /= crowd.figures[:, 2]
    own = column["one_voice"]
    own[:] = [group.reporters.get(reporter, 0) for group in crowd.groups]
    column["reporter"][:] = own > 0
    own /= crowd.figures[:, 2]


def _text(likeness: Likeness, crowd: Crowd, column: Column) -> None:
    many = np.array([len(pack.texts) for pack in crowd.packs])
    has = many > 0
    column["wordless"][:] = ~has
    column["silent"][:] = not likeness.has_text
    if not likeness.has_text or not has.any():
        return
    starts, many = starts_of(many[has]), many[has]
    spoken = [pack for pack in crowd.packs if len(pack.texts)]
    words = likeness.by_words(
        np.concatenate([pack.slots for pack in spoken]), np.concatenate([pack.texts for pack in spoken])
    )
    sides = [("words", words)]
    if likeness.has_vector:
        sides.append(("vector", likeness.by_vector(np.concatenate([pack.vectors for pack in spoken]))))
        column["vector_middle"][has] = likeness.by_vector(np.array([pack.middle for pack in spoken]))
    if likeness.topics.size:
        column["topic"][has] = likeness.by_topics(np.array([pack.topics for pack in spoken]))
    for name, like in sides:
        mean = np.add.reduceat(like, starts) / many
        column[f"{name}_best"][has] = np.maximum.reduceat(like, starts)
        column[f"{name}_mean"][has] = mean
        column[f"{name}_above"][has] = mean - like.mean()
