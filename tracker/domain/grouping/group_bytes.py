"""A group as bytes and back: a JSON head for what has names, raw numbers for the samples' texts."""

import json
from typing import Final

import numpy as np

from tracker.domain.grouping.group import Group, Sample

_VERSION: Final = 1


class GroupUnreadable(ValueError):
    """Bytes that are not a group, or of a version this program does not read: rebuild."""


def group_to_bytes(group: Group) -> bytes:
    """The whole state, at most some 20 kB; the same group always gives the same bytes."""
    head = [
        _VERSION, group.key, group.anchor, group.size, group.first, group.last, group.located,
        None if group.located == 0 else [group.lat, group.lon], group.scatter,
        group.categories, group.streets, group.places, group.reporters,
        [_sample_head(sample) for sample in group.samples],
    ]  # fmt: skip
    words = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return words + b"\n" + b"".join(sample.grams.astype("<i4").tobytes() for sample in group.samples)


def _sample_head(sample: Sample) -> list[object]:
    place = None if sample.lat != sample.lat else [sample.lat, sample.lon]
    return [sample.report, sample.at, sample.hour, place, len(sample.grams)]


def group_from_bytes(data: bytes) -> Group:
    """The group that was written.

    Raises:
        GroupUnreadable: see there.
    """
    words, _, numbers = data.partition(b"\n")
    try:
        version, key, anchor, size, first, last, located, middle, scatter, *names, heads = json.loads(words)
        grams = np.frombuffer(numbers, dtype="<i4").astype(np.int32)
        if version != _VERSION or len(names) != 4:
            raise GroupUnreadable
        lat, lon = middle or (np.nan, np.nan)
        samples, start = [], 0
        for report, at, hour, place, count in heads:
            spot_lat, spot_lon = place or (np.nan, np.nan)
            samples.append(Sample(report, at, hour, spot_lat, spot_lon, grams[start : start + count].copy()))
            start += count
    except (ValueError, TypeError) as error:
        raise GroupUnreadable("The stored group cannot be read; rebuild the groups.") from error
    categories, streets, places, reporters = names
    return Group(
        key,
        anchor,
        size,
        first,
        last,
        located,
        lat,
        lon,
        scatter,
        categories,
        streets,
        places,
        reporters,
        samples,
    )
