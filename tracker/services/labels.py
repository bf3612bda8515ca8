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

from tracker.domain.labels import CURRENT, LabelEvent
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.qr_token import new_token
from tracker.extensions import db, transaction
from tracker.models import Area, Label, LabelBatchItem, LabelTrouble, Place
from tracker.services.label_notes import note
from tracker.services.places import LabelUnknown

_TRIES = 10
"""For a token nobody has: of 2^40, so even with a million labels the second try is rare."""


class LabelRefused(Exception):
    """The label's state does not allow this. The message says why."""


class PlaceUnknown(LookupError):
    """No place, or no area, has this code."""


@dataclass(frozen=True)
class LabelView:
    """One label and its place, as lists and printing need them."""

    label_id: int
    token: str
    state: str
    place_code: str
    place_kind: str
    place_name: str
    address: str
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
    return [view_of(label) for label in db.session.scalars(wanted)]


def current_labels(place_ids: Sequence[int]) -> list[LabelView]:
    """The newest label of each place that is printed or posted, in the order of the places' codes."""
    found = _current(place_ids)
    return [view_of(label) for label in sorted(found.values(), key=lambda label: label.place.code)]


def issue(
    place_ids: Sequence[int], now: datetime, random_bits: Callable[[int], int] = secrets.randbits
) -> int:
    """Give each of the places that has no printed or posted label one, printed `now`; return how many."""
    with transaction():
        return len(issue_missing(place_ids, now, random_bits))


def issue_missing(
    place_ids: Sequence[int], now: datetime, random_bits: Callable[[int], int] = secrets.randbits
) -> list[int]:
    """The same inside the caller's transaction; return the ids of the new labels."""
    # Two people who print at once must not both find a place without a label.
    db.session.execute(select(Place.id).order_by(Place.id).with_for_update(key_share=True))
    has_one = _current(place_ids)
    made: list[int] = []
    for place_id in place_ids:
        if place_id not in has_one:
            label = Label(token=_free_token(random_bits), place_id=place_id, printed_at=now)
            db.session.add(label)
            db.session.flush()
            made.append(label.id)
    return made


def post(token: str, now: datetime, *, by: Actor | None = None, photo_sha256: str = "") -> None:
    """Note that the label hangs on its place; of one that hung there already, that a fresh print does.

    With it every open word about this label is settled: somebody stood before it.

    Args:
        by: None: a command.
        photo_sha256: of the stored photo of where it hangs, for staff.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it has ended, or hangs already and was not printed again.
        NotPermitted: the place is not this person's.
    """
    with transaction():
        label = _locked(token, by, Permission.LABELS_POST)
        waiting = db.session.scalars(
            select(LabelBatchItem).where(
                LabelBatchItem.label_id == label.id, LabelBatchItem.posted_at.is_(None)
            )
        ).all()
        _require(label, CURRENT if waiting and label.state == "posted" else ("printed",), "posted")
        label.state, label.posted_at = "posted", now
        for item in waiting:
            item.posted_at = now
        settle(label.id, now)
        note(label.id, LabelEvent.POSTED, now, by=by, photo_sha256=photo_sha256)


def take_down(token: str, now: datetime, *, reason: str, by: Actor | None = None) -> None:
    """Note that a posted label hangs there no longer, or never did: it is one that was only printed again.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it is not posted.
        NotPermitted: the place is not this person's.
    """
    with transaction():
        label = _locked(token, by, Permission.LABELS_POST)
        _require(label, ("posted",), "taken down")
        label.state, label.posted_at = "printed", None
        note(label.id, LabelEvent.TAKEN_DOWN, now, by=by, reason=reason)


def replace(
    token: str,
    now: datetime,
    random_bits: Callable[[int], int] = secrets.randbits,
    *,
    by: Actor | None = None,
    reason: str = "",
) -> str:
    """Print a new label for the place; the old one leads to it from now on. Return the new token.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it was replaced or revoked before.
        NotPermitted: this person keeps no labels.
    """
    with transaction():
        label = _locked(token, by, Permission.LABELS_KEEP)
        _require(label, CURRENT, "replaced")
        successor = Label(token=_free_token(random_bits), place_id=label.place_id, printed_at=now)
        db.session.add(successor)
        db.session.flush()
        label.state, label.replaced_by_id, label.ended_at = "replaced", successor.id, now
        settle(label.id, now)
        note(label.id, LabelEvent.REPLACED, now, by=by, reason=reason, other_id=successor.id)
        return successor.token


def revoke(token: str, now: datetime, *, by: Actor | None = None, reason: str = "") -> None:
    """End the label without a successor; whoever scans it is told so.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it was replaced or revoked before.
        NotPermitted: this person keeps no labels.
    """
    with transaction():
        label = _locked(token, by, Permission.LABELS_KEEP)
        _require(label, CURRENT, "revoked")
        label.state, label.ended_at = "revoked", now
        settle(label.id, now)
        note(label.id, LabelEvent.REVOKED, now, by=by, reason=reason)


def settle(label_id: int, now: datetime, kinds: Sequence[str] = ()) -> int:
    """Close what was said about a label, inside the caller's transaction; all kinds, or some. Return how many."""
    open_ones = select(LabelTrouble).where(
        LabelTrouble.label_id == label_id, LabelTrouble.settled_at.is_(None)
    )
    if kinds:
        open_ones = open_ones.where(LabelTrouble.kind.in_(kinds))
    troubles = db.session.scalars(open_ones).all()
    for trouble in troubles:
        trouble.settled_at = now
    return len(troubles)


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


def locked_label(token: str) -> Label:
    """The label's row, locked; raises LabelUnknown."""
    label = db.session.scalar(select(Label).where(Label.token == token).with_for_update())
    if label is None:
        raise LabelUnknown(f"No label has the token {token}.")
    return label


def _locked(token: str, by: Actor | None, permission: Permission) -> Label:
    label = locked_label(token)
    if by is not None and not by.may(permission, label.place.area_code):
        raise NotPermitted(token)
    return label


def _require(label: Label, states: Sequence[str], wanted: str) -> None:
    if label.state not in states:
        raise LabelRefused(f"Label {label.token} is {label.state}, so it cannot be {wanted}.")


def view_of(label: Label) -> LabelView:
    """A row as a plain value; reads its place."""
    return LabelView(
        label_id=label.id,
        token=label.token,
        state=label.state,
        place_code=label.place.code,
        place_kind=label.place.kind,
        place_name=label.place.name,
        address=label.place.address,
        area_code=label.place.area_code,
        printed_at=label.printed_at,
        posted_at=label.posted_at,
    )
