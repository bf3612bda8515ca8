"""What is learned from the installation's own reports, without anybody telling the truth: at growing milestones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import SPACE, Grams, grams_of
from tracker.domain.grouping.model import CATEGORIES_KEPT, Floats, Model
from tracker.domain.grouping.report import Report
from tracker.domain.grouping.store import GroupStore
from tracker.domain.grouping.topics import learned_topics
from tracker.domain.grouping.vectors import learned_vectors

REPORTS_READ: Final = 12_000  # the latest so many; older words have gone out of use
_GROWTH: Final = 1.4  # a lesson is worth its time when so many times the reports have come in …
_LEAST_BETWEEN: Final = 30  # … and so many more
_MOST_BETWEEN: Final = 10_000
_HONEST: Final = 0.8  # share of reports taken to be filed right before anything is known
_BELIEF: Final = (
    100.0  # reports that what is usual elsewhere is worth: a first trouble must not set the scale …
)
_USUAL_SHARE: Final = 1 / 12  # … and a category of a catalogue has about this share
_STRANGE: Final = 0.6  # share of pairs taken to be filed by chance before anything is known …
_PAIRS_BELIEVED: Final = 20.0  # … and how many pairs that belief is worth
_GROUP_OF: Final = 4  # members from which a group's main category is believed


def is_due(store: GroupStore, model: Model) -> bool:
    """Whether enough reports have come in since the last lesson."""
    return store.count() >= model.next_at


def learn(store: GroupStore, model: Model) -> Model:
    """The next lesson, from the reports placed so far; the same reports in the same groups give the same lesson."""
    seen = store.count()
    placed = store.latest(REPORTS_READ)
    texts = [grams_of(report.text, but=report.street) for report, _ in placed]
    known, weights = _telling(texts)
    categories = _categories([report for report, _ in placed])
    confusion, shares = _confusion(placed, categories, store)
    documents = _documents(placed, texts, known)
    vectors = learned_vectors(documents, len(known))
    says, topics = learned_topics(documents, vectors * weights[:, None] if len(vectors) else vectors)
    return replace(
        model,
        lesson=model.lesson + 1,
        seen=seen,
        next_at=seen + min(_MOST_BETWEEN, int(seen * (_GROWTH - 1)) + _LEAST_BETWEEN),
        known=known,
        weights=weights,
        vectors=vectors,
        says=says,
        topics=topics,
        categories=categories,
        confusion=confusion,
        shares=shares,
        together=_together(placed, categories, shares),
    )


def _documents(
    placed: Sequence[tuple[Report, str]], texts: Sequence[Grams], known: Grams
) -> list[list[Grams]]:
    """The texts of each group, as rows of the known runs."""
    rows = np.full(SPACE, -1, dtype=np.int32)
    rows[known] = np.arange(len(known), dtype=np.int32)
    documents: dict[str, list[Grams]] = {}
    for (_, key), grams in zip(placed, texts, strict=True):
        own = rows[grams]
        own = own[own >= 0]
        if len(own):
            documents.setdefault(key, []).append(own)
    return list(documents.values())


def _telling(texts: Sequence[Grams]) -> tuple[Grams, Floats]:
    """The runs that occur more than once, and how telling each is: the rarer the more, by the logarithm."""
    spoken = [grams for grams in texts if len(grams)]
    times = (
        np.bincount(np.concatenate(spoken), minlength=SPACE) if spoken else np.zeros(SPACE, dtype=np.int64)
    )
    known = np.flatnonzero(times > 1).astype(np.int32)
    weights = np.log((len(spoken) + 1) / (times[known] + 0.5)) / np.log(len(spoken) + 2)
    return known, np.maximum(weights, 0.01).astype(np.float32)


def _categories(reports: Sequence[Report]) -> tuple[str, ...]:
    times = Counter(report.category for report in reports)
    return tuple(sorted(sorted(times, key=lambda name: (-times[name], name))[:CATEGORIES_KEPT]))


def _confusion(
    placed: Sequence[tuple[Report, str]], categories: tuple[str, ...], store: GroupStore
) -> tuple[Floats, Floats]:
    """How reports of each category are filed, judged by the main category of the group they are in."""
    column, last = {name: at for at, name in enumerate(categories)}, len(categories)
    usual = min(_USUAL_SHARE, 1 / (last + 1))
    filed: NDArray[np.float64] = np.full(last + 1, _BELIEF * usual)
    filed[last] = _BELIEF * (1 - usual * last)
    pairs: NDArray[np.float64] = np.zeros((last + 1, last + 1))
    for report, key in placed:
        mine = column.get(report.category, last)
        filed[mine] += 1
        group = store.group(key)
        if group is not None and group.size >= _GROUP_OF:
            pairs[column.get(group.main_category, last), mine] += 1
    shares = filed / filed.sum()
    believed = (1 - _HONEST) * shares[None, :] + _HONEST * np.eye(last + 1)
    confusion = (pairs + 20.0 * believed) / (pairs.sum(axis=1, keepdims=True) + 20.0)
    return confusion.astype(np.float32), shares.astype(np.float32)


def _together(placed: Sequence[tuple[Report, str]], categories: tuple[str, ...], shares: Floats) -> Floats:
    """How much oftener than by chance two members of one group are filed under two categories, as a logarithm."""
    column, last = {name: at for at, name in enumerate(categories)}, len(categories)
    counts: dict[str, NDArray[np.float64]] = {}
    for report, key in placed:
        counts.setdefault(key, np.zeros(last + 1))[column.get(report.category, last)] += 1
    pairs = np.zeros((last + 1, last + 1))
    for filed in counts.values():
        if (size := filed.sum()) > 1:
            pairs += (np.outer(filed, filed) - np.diag(filed)) / (size - 1)
    by_chance = np.outer(shares, shares).astype(np.float64)
    believed = _STRANGE * by_chance + (1 - _STRANGE) * np.diag(shares)
    joint = (pairs + _PAIRS_BELIEVED * believed) / (pairs.sum() + _PAIRS_BELIEVED)
    return np.asarray(np.clip(np.log(joint / by_chance + 1e-3), -3.0, 4.0), dtype=np.float32)
