"""Is a label on the wall still alive? Judged from the days on which it was scanned and the reports that came of it.

Each verdict says why in numbers, so that the person who walks there knows what to look for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NEVER_AFTER = timedelta(days=30)
"""A posted label that nobody scanned for so long is looked at. Source: threats, part C, "Labels"."""
SILENT_AFTER = timedelta(days=30)
"""So is one that was scanned before and not for so long. Source: the same."""
UNUSUAL_AFTER = timedelta(days=7)
UNUSUAL_CHANCE = 0.001
"""Sooner, where such a silence is rarer than once in a thousand by the label's own rate, but never within a week.
Our own proposal: on a street of 1000 labels about one false alarm a week at most."""
RATE_FROM = timedelta(days=14)
"""A rate needs a fortnight to be one."""
WINDOW = timedelta(days=90)
"""What is counted as a label's present rate and funnel."""
FUNNEL_FROM = 20
FUNNEL_CHANCE = 0.01
"""So many scans without any report, where the street's own share of reports makes that rarer than one in a hundred."""


class Verdict(StrEnum):
    """Why a label is on the list."""

    NEVER = "never"
    SILENT = "silent"
    UNUSUAL = "unusual"
    FAR = "far"
    FUNNEL = "funnel"


@dataclass(frozen=True)
class LabelLife:
    """What is known of one posted label.

    Attributes:
        first_on, last_on: first and last day with a scan or a report; None: there never was one.
        active_days, scans, reports: within the window, which ends today; days on which it was scanned.
        scans_ever: since it hangs.
        far: how many say that it hangs elsewhere, and the farthest distance told, in coarse steps (0: none told).
    """

    token: str
    posted_on: date
    first_on: date | None
    last_on: date | None
    active_days: int
    scans: int
    reports: int
    scans_ever: int = 0
    far: int = 0
    far_m: int = 0


@dataclass(frozen=True)
class Finding:
    """One verdict on one label; `days`: of silence, 0 where the verdict is another."""

    token: str
    verdict: Verdict
    days: int = 0


def findings(labels: Iterable[LabelLife], today: date) -> list[Finding]:
    """Everything worth a look, the longest silence first within each verdict."""
    lives = list(labels)
    share = report_share(lives)
    found = [finding for life in lives for finding in _of(life, today, share)]
    order = list(Verdict)
    return sorted(found, key=lambda one: (order.index(one.verdict), -one.days, one.token))


def report_share(labels: Iterable[LabelLife]) -> float | None:
    """Reports for each scan on the whole street, within the window; None: nothing was scanned."""
    scans = reports = 0
    for life in labels:
        scans, reports = scans + life.scans, reports + life.reports
    return min(reports / scans, 1.0) if scans else None


def chance_of_silence(life: LabelLife, today: date) -> float | None:
    """How often a label that is scanned as this one was is left alone for so many days; None: too young to say.

    Each day is taken as a draw by itself: with `active_days` of `span` days it was scanned on, the chance of `days`
    days without is (1 − active_days / span) ^ days. Days, not scans, because a busy hour is one event and not twenty.
    """
    if life.first_on is None or life.last_on is None:
        return None
    span = (life.last_on - max(life.first_on, today - WINDOW + timedelta(days=1))).days + 1
    if span < RATE_FROM.days:
        return None
    return float((1 - min(life.active_days / span, 1.0)) ** (today - life.last_on).days)


def _of(life: LabelLife, today: date, share: float | None) -> Iterator[Finding]:
    if life.last_on is None:
        if today - life.posted_on >= NEVER_AFTER:
            yield Finding(life.token, Verdict.NEVER, (today - life.posted_on).days)
    else:
        quiet = today - life.last_on
        if quiet >= SILENT_AFTER:
            yield Finding(life.token, Verdict.SILENT, quiet.days)
        elif quiet >= UNUSUAL_AFTER:
            chance = chance_of_silence(life, today)
            if chance is not None and chance < UNUSUAL_CHANCE:
                yield Finding(life.token, Verdict.UNUSUAL, quiet.days)
    if life.far:
        yield Finding(life.token, Verdict.FAR)
    if life.scans >= FUNNEL_FROM and not life.reports and share and (1 - share) ** life.scans < FUNNEL_CHANCE:
        yield Finding(life.token, Verdict.FUNNEL)
