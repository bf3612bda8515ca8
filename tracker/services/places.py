"""Places and their labels, read: which place does a scanned code belong to?"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.domain.distance import distance_m
from tracker.extensions import db
from tracker.models import Label, Place

REACH_M = 600.0
"""Metres: six minutes on foot, the longest stretch of a street that people call here. Our own proposal."""


class LabelUnknown(LookupError):
    """No label has this code: made up, or long mistyped."""


@dataclass(frozen=True)
class LabelledPlace:
    """A scanned code and the place it stands for.

    Attributes:
        state: of the label: printed, posted, replaced, revoked.
        successor: token of the label that replaced it; empty if none did.
    """

    label_id: int
    token: str
    state: str
    successor: str
    place_id: int
    place_code: str
    place_kind: str
    place_name: str
    address: str
    area_code: str
    area_name: str
    lat: float | None = None
    lon: float | None = None
    """WGS-84 degrees; None: not known."""


def labelled_place(token: str) -> LabelledPlace:
    """The place behind a canonical token; one query, one more for a replaced label.

    Raises:
        LabelUnknown: no label has this token.
    """
    label = db.session.scalar(
        select(Label)
        .where(Label.token == token)
        .options(joinedload(Label.place, innerjoin=True).joinedload(Place.area, innerjoin=True))
    )
    if label is None:
        raise LabelUnknown
    place = label.place
    return LabelledPlace(
        label_id=label.id,
        token=label.token,
        state=label.state,
        successor=_successor(label),
        place_id=place.id,
        place_code=place.code,
        place_kind=place.kind,
        place_name=place.name,
        address=place.address,
        area_code=place.area_code,
        area_name=place.area.name,
        lat=place.lat,
        lon=place.lon,
    )


def is_within_reach(there: Place, here: LabelledPlace) -> bool:
    """Whether somebody who scanned the code `here` may mean a trouble at `there`: the same place, or one close by.

    Places without coordinates are close to those of their own area.
    """
    if there.id == here.place_id:
        return True
    if there.lat is None or there.lon is None or here.lat is None or here.lon is None:
        return there.area_code == here.area_code
    return distance_m(here.lat, here.lon, there.lat, there.lon) <= REACH_M


def _successor(label: Label) -> str:
    if label.replaced_by_id is None:
        return ""
    return db.session.scalars(select(Label.token).where(Label.id == label.replaced_by_id)).one()
