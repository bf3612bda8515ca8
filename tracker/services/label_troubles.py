"""What is said to be wrong with labels: broken, misplaced, to be printed again; and what is done about it."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from tracker.domain.distance import distance_m
from tracker.domain.labels import CURRENT, PRINTED_AGAIN, LabelEvent, Trouble, coarse_distance
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.plain_text import plain_text
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Label, LabelTrouble
from tracker.services.label_notes import REASON_LIMIT_CHARS, note
from tracker.services.labels import LabelRefused, locked_label, settle
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace

MOST_OPEN = 20
"""Open words about one label: the twenty-first tells nobody anything new."""


@dataclass(frozen=True)
class TroubleView:
    """What is open about one label.

    Attributes:
        damaged: how many say it is broken or unreadable; `misplaced`: that it hangs elsewhere.
        far_m: the farthest distance told, in coarse steps; None: none was.
        batch: in which it was printed again; 0: not yet.
        reasons: what staff wrote.
    """

    token: str
    state: str
    place_code: str
    place_name: str
    address: str
    damaged: int
    misplaced: int
    is_asked: bool
    far_m: int | None
    since: datetime
    batch: int
    reasons: tuple[str, ...]

    @property
    def needs_print(self) -> bool:
        """Whether it waits for a fresh print."""
        return not self.batch and bool(self.damaged or self.is_asked)


def tell(
    place: LabelledPlace,
    kind: Trouble,
    device: str,
    now: datetime,
    *,
    spot: tuple[float, float] | None = None,
    by: Actor | None = None,
) -> bool:
    """Take somebody's word that a label is broken or misplaced; return whether it was new.

    Told again from the same device it is one word, until it is settled.

    Args:
        spot: WGS-84 where the teller stands, if he chose to say: kept as a coarse distance only. Somebody who says the
            label is misplaced and stands beside its place tells nothing.
        by: whoever is signed in.
    """
    far_m = far_from_home(place, spot) if spot and _is_on_the_map(place) else None
    if spot and _is_on_the_map(place) and far_m is None:
        return False
    teller = f"user {by.user_id}" if by else f"device {device}"
    return again_if_interrupted(lambda: _tell(place.label_id, kind, teller, now, far_m=far_m, by=by))


def far_from_home(place: LabelledPlace, spot: tuple[float, float]) -> int | None:
    """How far from a label's place somebody stands, in coarse steps; None: beside it, or nobody knows where it is."""
    if place.lat is None or place.lon is None:
        return None
    return coarse_distance(distance_m(*spot, place.lat, place.lon))


def _is_on_the_map(place: LabelledPlace) -> bool:
    return place.lat is not None and place.lon is not None


def _tell(
    label_id: int, kind: Trouble, teller: str, now: datetime, *, far_m: int | None, by: Actor | None
) -> bool:
    with transaction():
        # The label's row is the lock: two taps at once are one word.
        label = db.session.scalars(select(Label).where(Label.id == label_id).with_for_update()).one()
        if label.state not in CURRENT:
            return False
        mine = _open(label_id, kind).where(LabelTrouble.teller_hash == _hash_of(teller))
        known = db.session.scalar(mine)
        if known is not None:
            if far_m is not None and known.far_m is None:
                known.far_m = far_m
            return False
        if (
            db.session.scalar(select(func.count()).select_from(_open(label_id).subquery())) or 0
        ) >= MOST_OPEN:
            return False
        db.session.add(
            LabelTrouble(
                label_id=label_id,
                kind=kind.value,
                teller_hash=_hash_of(teller),
                user_id=by.user_id if by else None,
                far_m=far_m,
                at=now,
            )
        )
        return True


def ask_reprint(token: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Put a label on the list of those to be printed again: the same code on a fresh sheet.

    Raises:
        LabelUnknown, LabelRefused: there is no such label; it has ended.
        NotPermitted: the place is not this person's.
    """
    with transaction():
        label = locked_label(token)
        if not by.may(Permission.LABELS_POST, label.place.area_code):
            raise NotPermitted(token)
        if label.state not in CURRENT:
            raise LabelRefused(f"Label {token} is {label.state}, so it is not printed again.")
        mine = _open(label.id, Trouble.REPRINT).where(LabelTrouble.batch_id.is_(None))
        if db.session.scalar(mine) is not None:
            return
        db.session.add(
            LabelTrouble(
                label_id=label.id,
                kind=Trouble.REPRINT.value,
                teller_hash=_hash_of(f"user {by.user_id} {now.isoformat()}"),
                user_id=by.user_id,
                reason=plain_text(reason)[:REASON_LIMIT_CHARS],
                at=now,
            )
        )
        note(label.id, LabelEvent.REPRINT_ASKED, now, by=by, reason=reason)


def looked_at(token: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Somebody looked at the label: nothing is wrong with it, or no longer. What was said about it is settled.

    Raises:
        LabelUnknown: there is no such label.
        NotPermitted: the place is not this person's.
    """
    with transaction():
        label = locked_label(token)
        if not by.may(Permission.LABELS_POST, label.place.area_code):
            raise NotPermitted(token)
        if settle(label.id, now):
            note(label.id, LabelEvent.SETTLED, now, by=by, reason=reason)


def troubled(place_ids: Sequence[int] | None = None) -> list[TroubleView]:
    """Labels about which something is open, the longest open first; narrowed to places where asked."""
    rows = db.session.scalars(
        select(LabelTrouble)
        .join(LabelTrouble.label)
        .where(LabelTrouble.settled_at.is_(None), Label.state.in_(CURRENT))
        .options(joinedload(LabelTrouble.label).joinedload(Label.place))
        .order_by(LabelTrouble.at, LabelTrouble.id)
    )
    wanted = None if place_ids is None else set(place_ids)
    by_label: dict[int, list[LabelTrouble]] = {}
    for row in rows:
        if wanted is None or row.label.place_id in wanted:
            by_label.setdefault(row.label_id, []).append(row)
    return [_view(told) for told in by_label.values()]


def trouble_of(token: str) -> TroubleView | None:
    """What is open about one label; None: nothing."""
    rows = db.session.scalars(
        select(LabelTrouble)
        .join(LabelTrouble.label)
        .where(Label.token == token, LabelTrouble.settled_at.is_(None))
        .options(joinedload(LabelTrouble.label).joinedload(Label.place))
        .order_by(LabelTrouble.at, LabelTrouble.id)
    ).all()
    return _view(rows) if rows else None


def _view(told: Sequence[LabelTrouble]) -> TroubleView:
    label = told[0].label
    printed = [row.batch_id for row in told if row.kind in PRINTED_AGAIN and row.batch_id]
    waits = [row for row in told if row.kind in PRINTED_AGAIN and not row.batch_id]
    return TroubleView(
        token=label.token,
        state=label.state,
        place_code=label.place.code,
        place_name=label.place.name,
        address=label.place.address,
        damaged=sum(row.kind == Trouble.DAMAGED for row in told),
        misplaced=sum(row.kind == Trouble.MISPLACED for row in told),
        is_asked=any(row.kind == Trouble.REPRINT for row in told),
        far_m=max((row.far_m for row in told if row.far_m is not None), default=None),
        since=told[0].at,
        batch=0 if waits or not printed else max(printed),
        reasons=tuple(dict.fromkeys(row.reason for row in told if row.reason)),
    )


def _open(label_id: int, kind: Trouble | None = None) -> Select[LabelTrouble]:
    wanted = select(LabelTrouble).where(LabelTrouble.label_id == label_id, LabelTrouble.settled_at.is_(None))
    return wanted if kind is None else wanted.where(LabelTrouble.kind == kind.value)


def _hash_of(teller: str) -> str:
    """Keyed, so that the table alone does not tell whose phone it was."""
    key = parts().config.secret_keys[-1].encode()
    return hmac.new(key, f"label trouble {teller}".encode(), sha256).hexdigest()
