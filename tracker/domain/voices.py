"""How many people speak: one person may send several reports, from several devices."""

from collections.abc import Iterable


def distinct_voices(senders: Iterable[tuple[str, str]]) -> int:
    """The number of people behind some reports, as far as can be told.

    Args:
        senders: (device, phone number) of each report, both only as hashes; an empty one tells nothing.

    Returns:
        Reports from one device are one person's, and so are those that left one phone number, also by way of a third
        report. A report that tells nothing counts for itself.
    """
    groups: list[set[tuple[str, str]]] = []
    nameless = 0
    for device, phone in senders:
        marks = {mark for mark in (("device", device), ("phone", phone)) if mark[1]}
        if not marks:
            nameless += 1
            continue
        known = [group for group in groups if group & marks]
        groups = [group for group in groups if not group & marks]
        groups.append(marks.union(*known))
    return len(groups) + nameless
