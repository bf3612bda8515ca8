"""What the reports of an installation are about: some dozen topics, and how much each run of characters says for each.

Topics are found from the groups: their mean vectors are gathered around centres (k-means, begun as by Arthur and
Vassilvitskii 2007), then each group goes to the topic under which its runs are likeliest (multinomial naive Bayes, a
few rounds of it). A short text that shares no run with another may still be of the same topic.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracker.domain.grouping.grams import Grams
from tracker.domain.grouping.model import Floats

Ints = NDArray[np.int64]

_MOST_TOPICS: Final = 64
_TEXTS_A_TOPIC: Final = 25  # at least so many, in the mean
_WEIGHT_MOST: Final = 15  # a group counts by its size, up to so many
_TURNS: Final = 12  # of k-means
_ROUNDS: Final = 2  # of naive Bayes
_BELIEF: Final = 300.0  # runs that the installation's own usage is worth in each topic
_BLOCK: Final = 2_000  # texts read at once


def learned_topics(documents: Sequence[Sequence[Grams]], parts: Floats) -> tuple[Floats, Floats]:
    """A row for each known run: how much it says for each topic, as a logarithm; and the topics' shares.

    Args:
        documents: the texts of each group, as rows of the known runs.
        parts: a row for each known run: its weighted vector; without rows nothing is learned.
    """
    texts = [text for group in documents for text in group]
    count = min(_MOST_TOPICS, len(texts) // _TEXTS_A_TOPIC)
    if not len(parts) or count < 2:
        return np.zeros((len(parts), 0), dtype=np.float32), np.zeros(0, dtype=np.float32)
    sizes = np.array([len(group) for group in documents])
    starts = np.cumsum(sizes) - sizes
    flat, lengths = np.concatenate(texts), np.array([len(text) for text in texts])
    owner = np.repeat(np.repeat(np.arange(len(sizes)), sizes), lengths)
    weights = np.minimum(sizes, _WEIGHT_MOST).astype(np.float64)
    centres = np.add.reduceat(_of_length_one(_summed(flat, lengths, parts)), starts, axis=0)
    topic = _gathered(_of_length_one(centres), weights, count)
    usual = _shares(np.bincount(flat, minlength=len(parts)) + 0.5)
    for _ in range(_ROUNDS):
        says = _says(topic[owner] * len(parts) + flat, usual, count)
        shares = np.bincount(topic, weights=weights, minlength=count) + 1.0
        spoken = _summed(flat, lengths, says) / np.sqrt(lengths)[:, None]
        topic = np.argmax(np.add.reduceat(spoken, starts, axis=0) + np.log(shares), axis=1)
    says = _says(topic[owner] * len(parts) + flat, usual, count)
    shares = np.bincount(topic, weights=weights, minlength=count) + 1.0
    return says, _shares(shares).astype(np.float32)


def _shares(times: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(times / times.sum(), dtype=np.float64)


def _says(entries: Ints, usual: NDArray[np.float64], count: int) -> Floats:
    times = np.bincount(entries, minlength=count * len(usual)).reshape(count, -1)
    likely = (times + _BELIEF * usual) / (times.sum(axis=1, keepdims=True) + _BELIEF)
    return np.ascontiguousarray(np.log(likely / usual).T, dtype=np.float32)


def _summed(flat: Grams, lengths: Ints, rows: Floats) -> Floats:
    """The sum of its runs' rows for each text."""
    ends = np.cumsum(lengths)
    out = np.empty((len(lengths), rows.shape[1]), dtype=np.float32)
    for block in range(0, len(lengths), _BLOCK):
        some = slice(block, block + _BLOCK)
        first = ends[block] - lengths[block]
        here = flat[first : ends[some][-1]]
        out[some] = np.add.reduceat(rows[here], ends[some] - lengths[some] - first, axis=0)
    return out


def _gathered(points: Floats, weights: NDArray[np.float64], count: int) -> Ints:
    """The centre each point is nearest to."""
    chance = np.random.default_rng(0)
    centres = points[chance.choice(len(points), 1, p=weights / weights.sum())]
    near = points @ centres[0]
    while len(centres) < count:
        far = np.maximum(1.0 - near, 1e-6) * weights
        chosen = points[chance.choice(len(points), p=far / far.sum())]
        centres, near = np.vstack([centres, chosen]), np.maximum(near, points @ chosen)
    for _ in range(_TURNS):
        nearest = np.argmax(points @ centres.T, axis=1)
        member = np.zeros((count, len(points)), dtype=np.float32)
        member[nearest, np.arange(len(points))] = weights
        centres = _of_length_one(member @ points)
    return np.asarray(np.argmax(points @ centres.T, axis=1))


def _of_length_one(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
