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
_TEMPER: Final = 0.7  # what runs say for a topic is believed less than if they came one by one


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
            Samples without a text have no part in these. middle: of the vectors, of length one, or nought.
        chances: a row for each text: the chance of each topic. topics: their mean, or noughts.
        figures: of the group: first, last, size, latitude, longitude, scatter, located.
        agreement: see Model.agreement.
    """

    spots: NDArray[np.float64]
    slots: Grams
    texts: NDArray[np.float64]
    vectors: Floats
    chances: Floats
    middle: Floats
    topics: Floats
    figures: tuple[float, ...]
    agreement: NDArray[np.float64]


_NO_AGREEMENT: Final = np.zeros((3, 1))
_NOTHING: Final = np.zeros((0, 0), dtype=np.float32)
_NOBODY: Final = (
    None,
    0,
    Pack(
        np.zeros((0, 4)),
        NO_GRAMS,
        np.zeros((0, 2)),
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        (),
        _NO_AGREEMENT,
    ),
)


@dataclass
class Packer:
    """Packs groups, and remembers how: a group that did not change is not packed again."""

    model: Model
    _known: dict[str, tuple[Group, int, Pack]] = field(default_factory=dict)
    _agreements: dict[frozenset[tuple[str, int]], NDArray[np.float64]] = field(default_factory=dict)

    def pack(self, group: Group) -> Pack:
        """The group's samples as arrays."""
        owner, size, before = self._known.get(group.key, _NOBODY)
        if owner is group and size == group.size:
            return before
        about = (
            (group.first, group.last, group.size, group.lat, group.lon, group.scatter, group.located),
            self._agreement(group.categories),
        )
        if owner is group and size == group.size - 1 and len(group.samples) == len(before.spots) + 1:
            pack = _longer(before, packed(group.samples[-1:], self.model), *about)
        else:
            pack = packed(group.samples, self.model, *about)
        if len(self._known) >= _PACKS_KEPT:
            self._known.clear()
        self._known[group.key] = group, group.size, pack
        return pack

    def _agreement(self, filed: dict[str, int]) -> NDArray[np.float64]:
        """See Model.agreement; most groups are small, so that the same counts come again and again."""
        key = frozenset(filed.items())
        known = self._agreements.get(key)
        if known is None:
            if len(self._agreements) >= _PACKS_KEPT:
                self._agreements.clear()
            known = self._agreements[key] = self.model.agreement(filed)
        return known


def packed(
    samples: Sequence[Sample],
    model: Model,
    figures: tuple[float, ...] = (),
    agreement: NDArray[np.float64] = _NO_AGREEMENT,
) -> Pack:
    """Samples as arrays, beside what is known of their group."""
    spots = np.array([(s.at, s.hour, s.lat, s.lon) for s in samples], dtype=np.float64).reshape(-1, 4)
    said = [sample.grams for sample in samples if len(sample.grams)]
    if not said:
        vectors = np.zeros((0, model.vectors.shape[1]), dtype=np.float32)
        chances = np.zeros((0, len(model.topics)), dtype=np.float32)
        return Pack(
            spots, NO_GRAMS, np.zeros((0, 2)), vectors, chances, *_middles(vectors, chances), figures, agreement
        )  # fmt: skip
    slots = model.slot_of[said[0] if len(said) == 1 else np.concatenate(said)]
    texts = np.empty((len(said), 2))
    texts[:, 0] = [len(grams) for grams in said]
    starts = starts_of(texts[:, 0])
    weights = model.weight_in[slots]
    texts[:, 1] = np.sqrt(np.add.reduceat(weights * weights, starts))
    vectors, chances = _embedded(slots, starts, model)
    return Pack(spots, slots, texts, vectors, chances, *_middles(vectors, chances), figures, agreement)


def _longer(before: Pack, one: Pack, figures: tuple[float, ...], agreement: NDArray[np.float64]) -> Pack:
    """A group's pack with one sample more: to the last bit what packing all of them again would give."""
    spots = np.concatenate((before.spots, one.spots))
    if not len(one.texts):
        return replace(before, spots=spots, figures=figures, agreement=agreement)
    vectors = np.concatenate((before.vectors, one.vectors))
    chances = np.concatenate((before.chances, one.chances))
    return Pack(
        spots,
        np.concatenate((before.slots, one.slots)),
        np.concatenate((before.texts, one.texts)),
        vectors,
        chances,
        *_middles(vectors, chances),
        figures,
        agreement,
    )


def _middles(vectors: Floats, chances: Floats) -> tuple[Floats, Floats]:
    """The middle of the vectors, of length one, and the mean of the chances; noughts of none."""
    if len(vectors) == 1:
        return vectors[0], chances[0]
    return _of_length_one(vectors.sum(axis=0, keepdims=True))[0], chances.sum(axis=0) / max(1, len(chances))


def _embedded(slots: Grams, starts: NDArray[np.int64], model: Model) -> tuple[Floats, Floats]:
    """For each text a vector of length one, all zeros where nothing is known; and the chance of each topic."""
    if not model.is_deep:
        return np.zeros((len(starts), model.vectors.shape[1]), dtype=np.float32), np.zeros(
            (len(starts), 0), dtype=np.float32
        )
    parts = np.add.reduceat(model.part_in[slots], starts, axis=0)
    width = model.vectors.shape[1]
    lengths = np.diff(np.append(starts, len(slots)))
    said = parts[:, width:] * (_TEMPER / np.sqrt(lengths))[:, None] + model.topics_log
    chances = np.exp(said - said.max(axis=1, initial=-1e9, keepdims=True))
    chances /= np.maximum(chances.sum(axis=1, keepdims=True), 1e-9)
    return _of_length_one(parts[:, :width]), chances


def _of_length_one(vectors: Floats) -> Floats:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, 1e-9)[:, None], dtype=np.float32)


def starts_of(lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where each of many things begins that lie one after another."""
    ends = np.cumsum(lengths).astype(np.int64)
    return np.asarray(ends - lengths.astype(np.int64))
