"""Why reports are one group, in plain values for a page."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tracker.domain.grouping.grams import plain_text
from tracker.domain.grouping.report import DAY_S, Report, metres_between, seconds

_WORDS_SHOWN: Final = 6
_LONGEST: Final = 4
_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A run of characters that the group's texts share and others do not."""

    word: str
    members: int
    share: float
    elsewhere: float


@dataclass(frozen=True, slots=True)
class Why:
    """What the members have in common.

    Attributes:
        words: most telling first; share: of the members with a text, elsewhere: of the background's texts, 0 to 1.
        places, reporters: distinct ones. streets: street → members. categories: category → members.
        misfiled: ids of members filed otherwise than most.
        spread_m: root of the mean squared distance from the middle; None without positions.
        first, last: seconds. gap_days: usual (median) time between two members; None below three members.
        hours: members by hour of day, 24 numbers.
    """

    words: tuple[SharedWord, ...]
    places: int
    reporters: int
    streets: dict[str, int]
    categories: dict[str, int]
    main_category: str
    misfiled: tuple[str, ...]
    middle: tuple[float, float] | None
    spread_m: float | None
    first: float
    last: float
    gap_days: float | None
    hours: tuple[int, ...]


def why(members: Sequence[Report], background: Iterable[Report]) -> Why:
    """Why these reports are one group.

    Args:
        members: at least one, any order.
        background: other reports of the installation, a few hundred are plenty; members among them do no harm.
    """
    ordered = sorted(members, key=lambda report: report.order)
    categories = _counted(report.category for report in ordered)
    main = next(iter(categories), "")
    moments = [seconds(report.at) for report in ordered]
    gaps = sorted((later - one) / DAY_S for one, later in pairwise(moments))
    middle, spread = _middle(ordered)
    return Why(
        words=shared_words(ordered, background),
        places=len({report.place for report in ordered if report.place}),
        reporters=len({report.reporter for report in ordered if report.reporter}),
        streets=_counted(report.street for report in ordered if report.street),
        categories=categories,
        main_category=main,
        misfiled=tuple(report.id for report in ordered if report.category != main),
        middle=middle,
        spread_m=spread,
        first=moments[0],
        last=moments[-1],
        gap_days=gaps[len(gaps) // 2] if len(gaps) >= 2 else None,
        hours=tuple(sum(int(report.hour) == hour for report in ordered) for hour in range(24)),
    )


def shared_words(members: Sequence[Report], background: Iterable[Report]) -> tuple[SharedWord, ...]:
    """The runs of two to four characters that many members use and the background seldom does.

    A run inside a longer one that is as telling is not shown beside it, nor is one that crosses another shown.
    """
    own = [runs for report in members if (runs := _runs(report))]
    others = [runs for report in background if (runs := _runs(report))]
    here, there = (
        Counter(run for runs in own for run in runs),
        Counter(run for runs in others for run in runs),
    )
    rated = []
    for run, count in here.items():
        if count < 2:
            continue
        share, elsewhere = count / len(own), (there[run] + 0.5) / (len(others) + 1)
        if share > 3 * elsewhere:
            rated.append(
                (share * (1 - elsewhere / share) * (1 + 0.15 * len(run)), run, count, share, elsewhere)
            )
    rated.sort(key=lambda one: (-one[0], one[1]))
    chosen: list[SharedWord] = []
    for _, run, count, share, elsewhere in rated:
        if not any(_crosses(run, word.word) for word in chosen):
            chosen.append(SharedWord(run, count, share, elsewhere))
        if len(chosen) == _WORDS_SHOWN:
            break
    return tuple(chosen)


def _runs(report: Report) -> frozenset[str]:
    plain = plain_text(report.text, report.street)
    return frozenset(
        part[at : at + length]
        for part in _HAN.findall(plain)
        for length in range(2, _LONGEST + 1)
        for at in range(len(part) - length + 1)
    )


def _crosses(run: str, chosen: str) -> bool:
    """Whether two runs say the same: one holds the other, or the end of one is the start of the other."""
    return (
        run in chosen
        or chosen in run
        or any(
            run.endswith(chosen[:n]) or chosen.endswith(run[:n]) for n in range(1, min(len(run), len(chosen)))
        )
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda one: (-one[1], one[0])))


def _middle(members: Sequence[Report]) -> tuple[tuple[float, float] | None, float | None]:
    spots = [
        (report.lat, report.lon) for report in members if report.lat is not None and report.lon is not None
    ]
    if not spots:
        return None, None
    lat, lon = (sum(side) / len(spots) for side in zip(*spots, strict=True))
    mean_square = sum(metres_between(lat, lon, *spot) ** 2 for spot in spots) / len(spots)
    return (lat, lon), mean_square**0.5
