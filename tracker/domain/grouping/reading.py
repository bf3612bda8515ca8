"""A report read with what is known: its position made firm, its text as numbers and as a vector."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tracker.domain.grouping.grams import Grams, grams_of
from tracker.domain.grouping.group import Group, Sample
from tracker.domain.grouping.model import Floats, Model
from tracker.domain.grouping.report import Report, seconds
from tracker.domain.grouping.store import GroupStore

_PACKS_KEPT: Final = 4_000


def sample_of(report: Report, store: GroupStore) -> Sample:
    """What a group remembers of a report.

    The place of the code is trusted before the telephone's fix: a fix may be a hundred metres off, a door is not.
    """
    spot = store.position_of(report.place) if report.place else None
    if spot is None and report.lat is not None and report.lon is not None:
        spot = report.lat, report.lon
    lat, lon = spot or (math.nan, math.nan)
    return Sample(
        report.id, seconds(report.at), report.hour, lat, lon, grams_of(report.text, but=report.street)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """The samples of one group as arrays, for one lesson.

    Attributes:
        at, hours, lats, lons: of every sample.
        grams: the numbers of all texts, one after another; lengths: how many each has; norms: their lengths as
            weighted vectors; vectors: one row for each text. Samples without a text have no part in these.
    """

    lesson: int
    at: Floats
    hours: Floats
    lats: Floats
    lons: Floats
    grams: Grams
    lengths: Grams
    norms: Floats
    vectors: Floats


@dataclass
class Packer:
    """Packs groups, and remembers how: a group that did not change is not packed again."""

    model: Model
    _known: dict[str, tuple[Group, int, Pack]] = field(default_factory=dict)

    def pack(self, group: Group) -> Pack:
        """The group's samples as arrays."""
        held = self._known.get(group.key)
        if held is not None and held[0] is group and held[1] == group.size:
            return held[2]
        pack = packed(group.samples, self.model)
        if len(self._known) >= _PACKS_KEPT:
            self._known.clear()
        self._known[group.key] = group, group.size, pack
        return pack


def packed(samples: Sequence[Sample], model: Model) -> Pack:
    """Samples as arrays."""
    numbers = np.array([(s.at, s.hour, s.lat, s.lon) for s in samples], dtype=np.float64).reshape(-1, 4)
    texts = [sample.grams for sample in samples if len(sample.grams)]
    lengths = np.array([len(grams) for grams in texts], dtype=np.int32)
    grams = np.concatenate(texts) if texts else np.zeros(0, dtype=np.int32)
    weights = model.weight_of[grams]
    starts = (
        np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64) if texts else lengths.astype(np.int64)
    )
    norms = np.sqrt(np.add.reduceat(weights * weights, starts)) if texts else np.zeros(0, dtype=np.float32)
    return Pack(model.lesson, *numbers.T, grams, lengths, norms, embedded(grams, weights, starts, model))


def embedded(grams: Grams, weights: Floats, starts: np.ndarray, model: Model) -> Floats:
    """A vector of length one for each text; all zeros for one of which nothing is known."""
    if not model.is_deep or not len(starts):
        return np.zeros((len(starts), 0), dtype=np.float32)
    rows = model.row_of[grams]
    parts = model.vectors[rows] * np.where(rows < 0, 0, weights)[:, None]
    vectors = np.add.reduceat(parts, starts, axis=0)
    length = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


_BEHIND: dict[int, tuple[Model, Pack]] = {}


def behind_of(model: Model) -> Pack:
    """The background texts of a model as arrays; those of the latest model are remembered."""
    held = _BEHIND.get(0)
    if held is None or held[0] is not model:
        samples = [Sample("", 0.0, 0.0, math.nan, math.nan, grams) for grams in model.background]
        held = _BEHIND[0] = model, packed(samples, model)
    return held[1]
