"""A report read with what is known: its position made firm, its text as numbers and as a vector."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import NO_GRAMS, Grams, grams_of
from tracker.domain.grouping.group import Group, Sample
from tracker.domain.grouping.model import Floats, Model
from tracker.domain.grouping.report import Report, seconds
from tracker.domain.grouping.store import GroupStore

_PACKS_KEPT: Final = 8_000


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
        spots: a row for every sample: moment, hour of day, latitude, longitude.
        slots: where the runs of all texts stand in the model, one text after another.
        texts: a row for each text: how many slots, length as a weighted vector. vectors: the same, learned.
            Samples without a text have no part in these.
        figures: of the group: first, last, size, latitude, longitude, scatter, located.
        agreement: for each category as filed, how much likelier it is here than anywhere, as a logarithm.
    """

    spots: NDArray[np.float64]
    slots: Grams
    texts: NDArray[np.float64]
    vectors: Floats
    figures: tuple[float, ...] = ()
    agreement: tuple[float, ...] = ()


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
        pack = replace(
            packed(group.samples, self.model),
            figures=(group.first, group.last, group.size, group.lat, group.lon, group.scatter, group.located),
            agreement=self.model.agreement(group.categories),
        )
        if len(self._known) >= _PACKS_KEPT:
            self._known.clear()
        self._known[group.key] = group, group.size, pack
        return pack


def packed(samples: Sequence[Sample], model: Model) -> Pack:
    """Samples as arrays."""
    spots = np.array([(s.at, s.hour, s.lat, s.lon) for s in samples], dtype=np.float64).reshape(-1, 4)
    said = [sample.grams for sample in samples if len(sample.grams)]
    if not said:
        return Pack(
            spots, NO_GRAMS, np.zeros((0, 2)), np.zeros((0, model.vectors.shape[1]), dtype=np.float32)
        )
    slots = model.slot_of[said[0] if len(said) == 1 else np.concatenate(said)]
    texts = np.empty((len(said), 2))
    texts[:, 0] = [len(grams) for grams in said]
    starts = starts_of(texts[:, 0])
    weights = model.weight_in[slots]
    texts[:, 1] = np.sqrt(np.add.reduceat(weights * weights, starts))
    return Pack(spots, slots, texts, _embedded(slots, starts, model))


def _embedded(slots: Grams, starts: NDArray[np.int64], model: Model) -> Floats:
    """A vector of length one for each text; all zeros for one of which nothing is known."""
    if not model.is_deep:
        return np.zeros((len(starts), model.vectors.shape[1]), dtype=np.float32)
    vectors = np.add.reduceat(model.part_in[slots], starts, axis=0)
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, 1e-9)[:, None], dtype=np.float32)


def starts_of(lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where each of many things begins that lie one after another."""
    ends = np.cumsum(lengths).astype(np.int64)
    return np.asarray(ends - lengths.astype(np.int64))


_BEHIND: dict[int, tuple[Model, Pack]] = {}


def behind_of(model: Model) -> Pack:
    """The background texts of a model as arrays; those of the latest model are remembered."""
    held = _BEHIND.get(0)
    if held is None or held[0] is not model:
        samples = [Sample("", 0.0, 0.0, math.nan, math.nan, grams) for grams in model.background]
        held = _BEHIND[0] = model, packed(samples, model)
    return held[1]
