"""Labels, changed: issued for a place, posted on the wall, replaced, revoked. None is ever removed.

printed → posted → replaced or revoked; a printed one that was spoiled is replaced or revoked as well. A replaced
label leads to its successor and a revoked one says so: an address that hangs on a wall always answers.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from tracker.domain.qr_token import new_token
from tracker.extensions import db, transaction
from tracker.models import Area, Label, Place
from tracker.services.places import LabelUnknown

CURRENT = ("printed", "posted")
_TRIES = 10
"""For a token nobody has: of 2^40, so even with a million labels the second try is rare."""


class LabelRefused(Exception):
    """The label's state does not allow this. The message says why."""


class PlaceUnknown(LookupError):
    """No place, or no area, has this code."""


@dataclass(frozen=True)
class LabelView:
    """One label and its place, as lists and printing need them."""

    token: str
    state: str
    place_code: str
    place_kind: str
    place_name: str
    area_code: str
    printed_at: datetime
    posted_at: datetime | None


def labels(*, state: str = "", place_kind: str = "") -> list[LabelView]:
    """Every label, by place and then by age; narrowed where asked."""
    wanted = _with_place()
    if state:
        wanted = wanted.where(Label.state == state)
    if place_kind:
        wanted = wanted.where(Place.kind == place_kind)
    return [_view(label) for label in db.session.scalars(wanted)]


def current_labels(place_ids: Sequence[int]) -> list[LabelView]:
    """The newest label of each place that is printed or posted, in the order of the places' codes."""
    found = _current(place_ids)
    return [_view(label) for label in sorted(found.values(), key=lambda label: label.place.code)]


def issue(
    place_ids: Sequence[int], now: datetime, random_bits: Callable[[int], int] = secrets.randbits
) -> int:
    """Give each of the places that has no printed or posted label one, printed `now`; return how many."""
    with transaction():
        # Two people who print at once must not both find a place without a label.
        db.session.execute(select(Place.id).order_by(Place.id).with_for_update(key_share=True))
        has_one = _current(place_ids)
        missing = [place_id for place_id in place_ids if place_id not in has_one]
        for place_id in missing:
            db.session.add(Label(token=_free_token(random_bits), place_id=place_id, printed_at=now))
            db.session.flush()
    return len(missing)


def post(token: str, now: datetime) -> None:
    """Note that the label hangs on its place.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it is not a freshly printed one.
    """
    with transaction():
        label = _locked(token)
        _require(label, ("printed",), "posted")
        label.state, label.posted_at = "posted", now


def replace(token: str, now: datetime, random_bits: Callable[[int], int] = secrets.randbits) -> str:
    """Print a new label for the place; the old one leads to it from now on. Return the new token.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it was replaced or revoked before.
    """
    with transaction():
        label = _locked(token)
        _require(label, CURRENT, "replaced")
        successor = Label(token=_free_token(random_bits), place_id=label.place_id, printed_at=now)
        db.session.add(successor)
        db.session.flush()
        label.state, label.replaced_by_id, label.ended_at = "replaced", successor.id, now
        return successor.token


def revoke(token: str, now: datetime) -> None:
    """End the label without a successor; whoever scans it is told so.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it was replaced or revoked before.
    """
    with transaction():
        label = _locked(token)
        _require(label, CURRENT, "revoked")
        label.state, label.ended_at = "revoked", now


def places_named(codes: Sequence[str]) -> list[int]:
    """Ids of the places with these codes.

    Raises:
        PlaceUnknown: some are none; the message names them.
    """
    found = {
        code: id_ for code, id_ in db.session.execute(select(Place.code, Place.id)) if code in set(codes)
    }
    if unknown := [code for code in codes if code not in found]:
        raise PlaceUnknown(f"No place has the code {', '.join(unknown)}.")
    return list(dict.fromkeys(found[code] for code in codes))


def places_within(area: str = "") -> list[int]:
    """Ids of the places of an area and of every area below it, by code; of all places without an area.

    Raises:
        PlaceUnknown: there is no such area.
    """
    wanted = select(Place.id).order_by(Place.code)
    if not area:
        return list(db.session.scalars(wanted))
    if db.session.get(Area, area) is None:
        raise PlaceUnknown(f"No area has the code {area}.")
    below = select(Area.code).where(Area.code == area).cte("below", recursive=True)
    below = below.union_all(select(Area.code).where(Area.parent_code == below.c.code))
    return list(db.session.scalars(wanted.where(Place.area_code.in_(select(below.c.code)))))


def without_label(place_ids: Sequence[int]) -> list[int]:
    """Those of the places that have no printed or posted label."""
    has_one = _current(place_ids)
    return [place_id for place_id in place_ids if place_id not in has_one]


def _with_place() -> Select[Label]:
    return select(Label).join(Label.place).options(contains_eager(Label.place)).order_by(Place.code, Label.id)


def _current(place_ids: Sequence[int]) -> dict[int, Label]:
    wanted = set(place_ids)
    rows = db.session.scalars(_with_place().where(Label.state.in_(CURRENT)))
    return {label.place_id: label for label in rows if label.place_id in wanted}  # the newest comes last


def _free_token(random_bits: Callable[[int], int]) -> str:
    """A token that no label has. Two processes that draw the same one at once are told apart by the UNIQUE."""
    for token in _drawn(random_bits):
        if db.session.scalar(select(Label.id).where(Label.token == token)) is None:
            return token
    raise LabelRefused("No free token was found; the source of random numbers repeats itself.")


def _drawn(random_bits: Callable[[int], int]) -> Iterator[str]:
    return (new_token(random_bits) for _ in range(_TRIES))


def _locked(token: str) -> Label:
    label = db.session.scalar(select(Label).where(Label.token == token).with_for_update())
    if label is None:
        raise LabelUnknown(f"No label has the token {token}.")
    return label


def _require(label: Label, states: Sequence[str], wanted: str) -> None:
    if label.state not in states:
        raise LabelRefused(f"Label {label.token} is {label.state}, so it cannot be {wanted}.")


def _view(label: Label) -> LabelView:
    return LabelView(
        token=label.token,
        state=label.state,
        place_code=label.place.code,
        place_kind=label.place.kind,
        place_name=label.place.name,
        area_code=label.place.area_code,
        printed_at=label.printed_at,
        posted_at=label.posted_at,
    )
