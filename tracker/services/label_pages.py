"""What staff with a phone see of labels: one label with its history, and the walk along those still to be posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from tracker.adapters.label_papers import papers
from tracker.domain.labels import CURRENT
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.streets import street_of, walking_order
from tracker.extensions import db
from tracker.models import Label, LabelBatch, LabelBatchItem, LabelNote, Place
from tracker.services.label_notes import NoteView, notes_of
from tracker.services.label_troubles import TroubleView, trouble_of
from tracker.services.labels import LabelView, view_of
from tracker.services.places import LabelUnknown


@dataclass(frozen=True)
class Spot:
    """Where a print of a label lies in the pile: batch, page and place on the page, from 1."""

    batch: int
    page: int
    on_page: int
    paper: str
    posted_at: datetime | None


@dataclass(frozen=True)
class LabelPage:
    """One label as staff see it.

    Attributes:
        prints: where it was printed, the newest batch first.
        photo_note: id of the note with the newest photo of where it hangs; None: there is none.
        successor: token of the one that replaced it.
        may_post: it waits for being hung up, and this person may do that here.
    """

    label: LabelView
    area_name: str
    prints: Sequence[Spot]
    notes: Sequence[NoteView]
    trouble: TroubleView | None
    photo_note: int | None
    successor: str
    may_post: bool


@dataclass(frozen=True)
class Stop:
    """A label that is still to be posted; `is_again`: a fresh print of one that hangs there."""

    label: LabelView
    spot: Spot | None
    is_again: bool


@dataclass(frozen=True)
class StreetWalk:
    """The labels to be posted along one street, by house number."""

    street: str
    stops: Sequence[Stop]


def label_page(token: str, actor: Actor) -> LabelPage:
    """Everything about one label.

    Raises:
        LabelUnknown: there is none with this token.
        NotPermitted: its place is not this person's.
    """
    label = db.session.scalar(
        select(Label)
        .where(Label.token == token)
        .options(joinedload(Label.place, innerjoin=True).joinedload(Place.area, innerjoin=True))
    )
    if label is None:
        raise LabelUnknown(token)
    if not actor.may(Permission.LABELS_POST, label.place.area_code):
        raise NotPermitted(token)
    prints = [
        _spot(item, paper)
        for item, paper in db.session.execute(
            select(LabelBatchItem, LabelBatch.paper)
            .join(LabelBatch, LabelBatch.id == LabelBatchItem.batch_id)
            .where(LabelBatchItem.label_id == label.id)
            .order_by(LabelBatch.id.desc())
        )
    ]
    notes = notes_of(label.id)
    waits = any(spot.posted_at is None for spot in prints)
    return LabelPage(
        label=view_of(label),
        area_name=label.place.area.name,
        prints=prints,
        notes=notes,
        trouble=trouble_of(token),
        photo_note=next((note.id for note in notes if note.has_photo), None),
        successor=_successor(label),
        may_post=label.state == "printed" or (label.state == "posted" and waits),
    )


def photo_of(note_id: int, actor: Actor) -> str:
    """Content hash of the photo that came with a note.

    Raises:
        NotPermitted: there is none for this person.
    """
    row = db.session.execute(
        select(LabelNote.photo_sha256, Place.area_code)
        .join(Label, Label.id == LabelNote.label_id)
        .join(Place, Place.id == Label.place_id)
        .where(LabelNote.id == note_id)
    ).first()
    if row is None or not row[0] or not actor.may(Permission.LABELS_POST, row[1]):
        raise NotPermitted(note_id)
    return str(row[0])


def to_post(actor: Actor, batch: int | None = None) -> list[StreetWalk]:
    """The labels that wait for being hung up in this person's areas, street by street; of one batch where asked."""
    wanted = (
        select(Label, LabelBatchItem, LabelBatch.paper)
        .outerjoin(LabelBatchItem, (LabelBatchItem.label_id == Label.id) & LabelBatchItem.posted_at.is_(None))
        .outerjoin(LabelBatch, LabelBatch.id == LabelBatchItem.batch_id)
        .where(Label.state.in_(CURRENT), or_(Label.state == "printed", LabelBatchItem.batch_id.is_not(None)))
        .options(joinedload(Label.place, innerjoin=True))
        .order_by(Label.id, LabelBatch.id)
    )
    if batch is not None:
        wanted = wanted.where(LabelBatch.id == batch)
    stops: dict[int, Stop] = {}
    for label, item, paper in db.session.execute(wanted):
        if actor.may(Permission.LABELS_POST, label.place.area_code):
            has_print: bool = item is not None  # an outer join, which the types do not know
            spot = _spot(item, paper) if has_print else None
            stops[label.id] = Stop(view_of(label), spot, is_again=label.state == "posted")  # the newest print
    ordered = sorted(stops.values(), key=_order)
    return [
        StreetWalk(street, list(members))
        for street, members in groupby(ordered, key=lambda stop: street_of(stop.label.address))
    ]


def label_for_place(place_id: int) -> LabelView | None:
    """The label that belongs on a place; None: it has none."""
    label = db.session.scalar(
        select(Label)
        .where(Label.place_id == place_id, Label.state.in_(CURRENT))
        .options(joinedload(Label.place, innerjoin=True))
        .order_by(Label.id.desc())
        .limit(1)
    )
    return view_of(label) if label else None


def find_places(typed: str, actor: Actor, limit: int = 12) -> list[tuple[int, str, str, str]]:
    """Places of this person's areas whose code, name or address holds what was typed: id, code, name, address."""
    words = typed.split()[:4]
    if not words:
        return []
    wanted = select(Place).order_by(Place.code)
    for word in words:
        wanted = wanted.where(
            or_(
                Place.name.icontains(word, autoescape=True),
                Place.address.icontains(word, autoescape=True),
                Place.code.istartswith(word, autoescape=True),
            )
        )
    found = (
        place for place in db.session.scalars(wanted) if actor.may(Permission.LABELS_POST, place.area_code)
    )
    return [
        (place.id, place.code, place.name, place.address)
        for place, _number in zip(found, range(limit), strict=False)
    ]


def _order(stop: Stop) -> tuple[str, int, str]:
    return walking_order(stop.label.address, stop.label.place_code)


def _spot(item: LabelBatchItem, paper: str) -> Spot:
    page, on_page = divmod(item.position - 1, papers()[paper].per_page)
    return Spot(item.batch_id, page + 1, on_page + 1, paper, item.posted_at)


def _successor(label: Label) -> str:
    if label.replaced_by_id is None:
        return ""
    return db.session.scalars(select(Label.token).where(Label.id == label.replaced_by_id)).one()
