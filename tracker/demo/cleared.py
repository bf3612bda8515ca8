"""What the operator of the demo let strangers see: a handful of pairs of photos, and in whose words."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from tracker.domain.case_rules import Supplied
from tracker.domain.clearing import Clearing, cell_area, grid_of, write_areas
from tracker.domain.honest_figures import FIXED_OUTCOMES
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Case, Category, HistoryRow, Photo
from tracker.services import cases
from tracker.services.clearings import make_public_picture
from tracker.services.figures import count_on

CLEARED = 5
LOOKED_AT = 120
MASKED_CELLS = ((), (18, 19), (), (21, 22, 29, 30), ())
"""Of the pairs, newest first, the cells of the grid that were marked: a signboard, a window with people behind it."""


def clear_some(operator: Actor, now: datetime) -> None:
    """Clear some pairs that strangers may see, one trouble each, so that they are not all bikes."""
    for (number, version, words, photos), cells in zip(list(_pairs()), MASKED_CELLS, strict=False):
        pictures = []
        for photo_id, sha256, size in photos:
            areas = write_areas(cell_area(cell, *grid_of(*size)) for cell in cells)
            pictures.append(make_public_picture(photo_id, sha256, areas))
        supplied = Supplied(clearing=Clearing(words, tuple(pictures)))
        cases.act(number, Action.PUBLISH_PHOTOS, supplied, version=version, by=operator, now=now)


def count_all(now: datetime) -> None:
    """Bring the figures up to the loading, as their job would have."""
    while count_on(now):
        pass


Pair = tuple[str, int, str, list[tuple[int, str, tuple[int, int]]]]
"""Number, version, what was done, and the first photo of each kind: id, content hash, size."""


def _pairs() -> Iterator[Pair]:
    newest = (
        select(Case)
        .join(Case.category_version)
        .where(Case.state == "closed", Case.outcome.in_(FIXED_OUTCOMES))
        .where(~Category.private, ~Category.protect_reporter)
        .order_by(
            Case.closing, Case.closed_at.desc(), Case.id.desc()
        )  # what its reporter confirmed comes first
        .limit(LOOKED_AT)
    )
    seen: set[str] = set()
    for case in db.session.scalars(newest).all():
        kinds = {
            photo.kind: photo
            for photo in db.session.scalars(
                select(Photo).where(Photo.case_id == case.id).order_by(Photo.id.desc())
            )
        }
        if case.category in seen or not {"before", "after"} <= set(kinds):
            continue
        seen.add(case.category)
        pair = [
            (each.id, each.sha256, (each.width, each.height)) for each in (kinds["before"], kinds["after"])
        ]
        yield case.number, case.version, _words(case.id), pair
        if len(seen) == CLEARED:
            return


def _words(case_id: int) -> str:
    done = (Action.RESOLVE.value, Action.FIX_ON_SPOT.value)
    said = db.session.scalars(
        select(HistoryRow.note)
        .where(HistoryRow.case_id == case_id, HistoryRow.action.in_(done))
        .order_by(HistoryRow.version.desc())
    ).first()
    return said or ""
