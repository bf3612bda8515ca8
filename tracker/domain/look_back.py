"""Did it help? Reports before a measure and after it, compared with an interval for what chance alone can do.

Counts of reports are taken as Poisson: x₁ in an exposure of t₁ days before, x₂ in t₂ days after. Of interest is the
ratio of the two rates, ρ = (x₂/t₂) / (x₁/t₁); below 1 there were fewer.

Method: the exact conditional interval. Given the total n = x₁ + x₂, x₂ is binomial with n trials and the chance
p = ρt₂ / (t₁ + ρt₂). The Clopper-Pearson limits of p, that is the values for which seeing so few, or so many, as x₂ has
a probability of 2.5 %, turn into limits of ρ by ρ = p/(1-p) · t₁/t₂. The interval covers the truth in at least 95 of
100 cases, whatever the rates; with few reports it is wide, as it should be.
Sources: Przyborowski and Wilenski, Biometrika 31 (1940), 313; Clopper and Pearson, Biometrika 26 (1934), 404; Rothman,
Greenland, Lash, Modern Epidemiology, 3rd ed., chapter 14.

What it cannot say: that the measure was the cause. Reports come in bunches, which makes the truth less certain than the
interval; and what was decided on when it was at its worst tends to get better by itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

PERIODS_DAYS = (7, 30, 90)
"""A look back is taken so long after. Source: design brief, section 6."""
TAIL = 0.025
"""On either side: an interval of 95 %."""
_STEPS = 60
"""Halvings of a search between 0 and 1: the limits are exact to the last digit that a float holds well."""


class Verdict(StrEnum):
    """What the numbers say."""

    WORKED = "worked"
    NOT_SHOWN = "not_shown"
    WORSE = "worse"
    TOO_FEW = "too_few"
    """So few reports altogether that none at all afterwards could still be chance."""


class Answer(StrEnum):
    """What somebody who reported it says when he is asked whether it is better."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True)
class Comparison:
    """Two counts compared.

    Attributes:
        ratio: of the rates, after to before; None: none before.
        low, high: limits of the ratio; `high` None: without limit.
    """

    before: int
    after: int
    before_days: float
    after_days: float
    ratio: float | None
    low: float
    high: float | None
    verdict: Verdict

    @property
    def change_percent(self) -> int | None:
        """Change of the rate: -71 is 71 % fewer; None: none before."""
        return None if self.ratio is None else percent(self.ratio)


def compare(before: int, after: int, before_days: float, after_days: float) -> Comparison:
    """Compare `before` reports in so many days with `after` in so many.

    Raises:
        ValueError: a count below zero, or an exposure of nothing.
    """
    if min(before, after) < 0 or min(before_days, after_days) <= 0:
        raise ValueError("counts from 0 and exposures above 0")
    low, high = ratio_interval(after, before, after_days, before_days)
    ratio = (after / after_days) / (before / before_days) if before else None
    verdict = _verdict(before + after, low, high, after_days / (before_days + after_days))
    return Comparison(before, after, before_days, after_days, ratio, low, high, verdict)


def percent(ratio: float) -> int:
    """A ratio of rates as a change in per cent."""
    return round((ratio - 1) * 100)


def ratio_interval(
    events: int, reference: int, exposure: float, reference_exposure: float, *, tail: float = TAIL
) -> tuple[float, float | None]:
    """Limits of the ratio of two Poisson rates, `events` in `exposure` to the reference; None: without limit."""
    low, high = binomial_interval(events, events + reference, tail=tail)
    scale = reference_exposure / exposure
    return low / (1 - low) * scale, None if high == 1 else high / (1 - high) * scale


def binomial_interval(successes: int, trials: int, *, tail: float = TAIL) -> tuple[float, float]:
    """Clopper-Pearson limits of a binomial chance."""
    low = 0.0 if successes == 0 else _rising(lambda chance: 1 - _at_most(successes - 1, trials, chance), tail)
    high = (
        1.0
        if successes == trials
        else _rising(lambda chance: 1 - _at_most(successes, trials, chance), 1 - tail)
    )
    return low, high


def _rising(function: Callable[[float], float], wanted: float) -> float:
    """Where a function that rises from 0 to 1 takes a value."""
    below, above = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (below + above) / 2
        if function(middle) < wanted:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _at_most(successes: int, trials: int, chance: float) -> float:
    """The probability of so many successes or fewer; 0 < chance < 1."""
    logs = math.log(chance), math.log1p(-chance)
    return min(
        1.0,
        math.fsum(
            math.exp(_log_choose(trials, count) + count * logs[0] + (trials - count) * logs[1])
            for count in range(successes + 1)
        ),
    )


def _log_choose(trials: int, count: int) -> float:
    return math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)


def _verdict(total: int, low: float, high: float | None, share_after: float) -> Verdict:
    if high is not None and high < 1:
        return Verdict.WORKED
    if low > 1:
        return Verdict.WORSE
    return Verdict.NOT_SHOWN if _could_show(total, share_after) else Verdict.TOO_FEW


def _could_show(total: int, share_after: float) -> bool:
    """Whether the best there could be, none of so many reports afterwards, would not pass for chance."""
    return (1 - share_after) ** total < TAIL
