"""What people decided is carried out on groups that are there already; of what is still to come the rules take care."""

from collections.abc import Iterable, Sequence

from tracker.domain.grouping.group import Group, Sample, summed
from tracker.domain.grouping.nights import MEMBERS_READ
from tracker.domain.grouping.placing import free_key
from tracker.domain.grouping.reading import sample_of
from tracker.domain.grouping.report import Report
from tracker.services.cluster_store import ClusterStore


def anchor_groups(issues: Iterable[tuple[str, str]], store: ClusterStore) -> None:
    """Let each issue's group carry its number, so that reports can be tied to it and kept out of it.

    Args:
        issues: (number, key of the group it was proposed from).
    """
    for number, key in issues:
        group = store.group(key) if key and store.anchored(number) is None else None
        if group is not None and not group.anchor:
            group.anchor = number
            store.keep(group)


def obey(report: Report, store: ClusterStore) -> None:
    """Bring a report home, or out of a group it must not be in: into one of its own, until a night finds a better."""
    rulings, key = store.rulings(report.id), store.key_of(report.id)
    own = store.group(key) if key else None
    if own is None:
        return
    if rulings.home:
        target = store.anchored(rulings.home)
        if target is None and not own.anchor:
            own.anchor = rulings.home
            store.keep(own)
        elif target is None or target.key != own.key:
            to = target or Group(free_key(report.id, store), anchor=rulings.home)
            _transfer(report, own, to, store)
    elif own.anchor and own.anchor in rulings.barred:
        _transfer(report, own, Group(free_key(report.id, store)), store)


def leave(report: Report, store: ClusterStore) -> None:
    """Take a report that no longer counts out of its group."""
    key = store.key_of(report.id)
    own = store.group(key) if key else None
    if own is not None:
        store.take_out(report.id)
        _without(report, own, store)


def _transfer(report: Report, own: Group, to: Group, store: ClusterStore) -> None:
    joined = _summed(to, [*store.members(to.key, MEMBERS_READ), report], store)
    joined.size = to.size + 1
    store.move([report.id], joined)
    _without(report, own, store)


def _without(report: Report, own: Group, store: ClusterStore) -> None:
    if own.size <= 1:
        store.drop(own.key)
        return
    rest = [each for each in store.members(own.key, MEMBERS_READ) if each.id != report.id]
    left = _summed(own, rest, store)
    left.size = own.size - 1
    store.keep(left)


def _summed(group: Group, members: Sequence[Report], store: ClusterStore) -> Group:
    ordered = sorted(members, key=lambda each: each.order)
    pairs: list[tuple[Report, Sample]] = [(each, sample_of(each, store)) for each in ordered]
    return summed(group.key, pairs, group.anchor)
