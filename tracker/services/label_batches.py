"""Batches of labels: which places, on which paper; numbered, kept, and how much of it hangs already.

What each label shows is kept with the batch, so its files can be made anew at any time and look the same. They are
drawn by a timed job, a small batch at once (services/label_files.py).
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from tracker.adapters.label_papers import CodeTooSmall, Paper, paper_named, papers
from tracker.adapters.photo_store import StoredPhoto
from tracker.adapters.qr_images import symbol
from tracker.domain.case_rules import Incomplete
from tracker.domain.labels import CURRENT, PRINTED_AGAIN, LabelEvent
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.qr_token import TokenMistyped, label_url, read_token
from tracker.domain.streets import walking_order
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Area, Label, LabelBatch, LabelBatchItem, LabelLogo, LabelTrouble, Place
from tracker.services import labels
from tracker.services.label_notes import note
from tracker.services.label_printing import art_of
from tracker.services.parts import parts

MOST_LABELS = 3000
"""Of one batch: a large street in one go; more are several batches."""
A_TOKEN = "000000000"  # noqa: S105 - as long as every token is


@dataclass(frozen=True)
class Choice:
    """Which places a batch is for; what is given narrows together.

    Attributes:
        codes: of places; empty: all.
        is_for_new: only places that have no label yet.
        is_again: only labels that somebody says must be printed again.
    """

    area: str = ""
    kind: str = ""
    codes: tuple[str, ...] = ()
    is_for_new: bool = False
    is_again: bool = False


class BatchMissing(NotPermitted):
    """No batch has this number."""


@dataclass(frozen=True)
class BatchView:
    """One batch in a list.

    Attributes:
        posted: of its labels, how many hang; `ended`: were replaced or revoked since, and need not.
        state: ``waiting`` for its files, ``ready``, ``faulty`` or ``none`` (nobody asked for files).
    """

    number: int
    made_at: datetime
    who: str
    paper: str
    has_logo: bool
    labels: int
    posted: int
    ended: int
    state: str
    chosen: Mapping[str, Any]
    fault: Mapping[str, Any] = field(default_factory=dict)

    @property
    def to_post(self) -> int:
        """Labels that wait for being hung up."""
        return self.labels - self.posted - self.ended


@dataclass(frozen=True)
class ItemView:
    """One label of a batch; page and place on the page from 1."""

    position: int
    page: int
    on_page: int
    token: str
    state: str
    posted_at: datetime | None
    place_code: str
    place_name: str
    address: str
    area_code: str


def make(
    choice: Choice,
    paper: str,
    *,
    key: str = "",
    with_logo: bool = False,
    by: Actor | None = None,
    now: datetime,
    wants_files: bool = True,
    random_bits: Callable[[int], int] | None = None,
) -> int:
    """Make a batch; places that have no label get one. Return its number.

    Args:
        key: of the form; pressed twice it is one batch.
        by: None: a command.
        wants_files: whether its files are to be drawn.

    Raises:
        NotPermitted: this person keeps no labels.
        Incomplete: no such paper, no logo, nothing chosen, too many; by field.
        PlaceUnknown: an area or a place of the choice is none.
        LabelIncomplete, PublicUrlUnusable: something that every label shows is not set.
    """
    if by is not None and not by.has(Permission.LABELS_KEEP):
        raise NotPermitted(paper)
    on = _fitting_paper(paper)
    key = key or str(uuid.uuid4())
    return again_if_interrupted(
        lambda: _make(
            choice, on, key, with_logo=with_logo, by=by, now=now, wants_files=wants_files, bits=random_bits
        )
    )


def _make(
    choice: Choice,
    paper: Paper,
    key: str,
    *,
    with_logo: bool,
    by: Actor | None,
    now: datetime,
    wants_files: bool,
    bits: Callable[[int], int] | None,
) -> int:
    with transaction():
        known = db.session.scalar(select(LabelBatch.id).where(LabelBatch.key == key))
        if known is not None:
            return known
        chosen, new = _labels_for(choice, now, bits)
        batch = LabelBatch(
            key=key,
            paper=paper.code,
            logo_sha256=_logo_to_print(paper) if with_logo else "",
            chosen={name: value for name, value in asdict(choice).items() if value},
            user_id=by.user_id if by else None,
            made_at=now,
            wanted_at=now if wants_files else None,
        )
        db.session.add(batch)
        db.session.flush()
        for position, label in enumerate(chosen, start=1):
            shows = asdict(art_of(label))
            db.session.add(
                LabelBatchItem(batch_id=batch.id, position=position, label_id=label.label_id, shows=shows)
            )
            kind = LabelEvent.PRINTED if label.label_id in new else LabelEvent.REPRINTED
            note(label.label_id, kind, now, by=by, batch_id=batch.id)
        _being_printed([label.label_id for label in chosen], batch.id)
        return batch.id


def _fitting_paper(code: str) -> Paper:
    try:
        paper = paper_named(code)
        paper.refuse_if_too_small(symbol(label_url(parts().config.public_url, A_TOKEN)).size)
    except LookupError:
        raise Incomplete({"paper": N_("请选择一种纸。")}) from None
    except CodeTooSmall as error:
        raise Incomplete({"paper": str(error)}) from None
    return paper


def _labels_for(
    choice: Choice, now: datetime, bits: Callable[[int], int] | None
) -> tuple[list[labels.LabelView], set[int]]:
    """The labels of a choice in walking order, and the ids of those that are new."""
    place_ids = places_of(choice)
    if not place_ids:
        raise Incomplete({"places": N_("没有选中任何场所。")})
    if len(place_ids) > MOST_LABELS:
        raise Incomplete({"places": N_("一批太多了，请按片区分几批。")})
    new = labels.issue_missing(place_ids, now, bits) if bits else labels.issue_missing(place_ids, now)
    found = labels.current_labels(place_ids)
    return sorted(found, key=lambda label: walking_order(label.address, label.place_code)), set(new)


def places_of(choice: Choice) -> list[int]:
    """Ids of the places a choice means.

    Raises:
        PlaceUnknown: an area or a place of the choice is none.
    """
    ids = labels.places_named(choice.codes) if choice.codes else labels.places_within(choice.area)
    if choice.codes and choice.area:
        within = set(labels.places_within(choice.area))
        ids = [place_id for place_id in ids if place_id in within]
    if choice.kind:
        of_kind = set(db.session.scalars(select(Place.id).where(Place.kind == choice.kind)))
        ids = [place_id for place_id in ids if place_id in of_kind]
    if choice.is_for_new:
        ids = labels.without_label(ids)
    if choice.is_again:
        wanted = set(db.session.scalars(_to_print_again()))
        ids = [place_id for place_id in ids if place_id in wanted]
    return ids


def _to_print_again() -> Any:
    return (
        select(Label.place_id)
        .join(LabelTrouble, LabelTrouble.label_id == Label.id)
        .where(
            LabelTrouble.settled_at.is_(None),
            LabelTrouble.batch_id.is_(None),
            LabelTrouble.kind.in_(PRINTED_AGAIN),
            Label.state.in_(CURRENT),
        )
    )


def _being_printed(label_ids: Sequence[int], batch_id: int) -> None:
    """What was said about these labels is answered by this batch; it is settled once the print hangs."""
    troubles = db.session.scalars(
        select(LabelTrouble).where(
            LabelTrouble.settled_at.is_(None),
            LabelTrouble.batch_id.is_(None),
            LabelTrouble.kind.in_(PRINTED_AGAIN),
        )
    )
    wanted = set(label_ids)
    for trouble in troubles:
        if trouble.label_id in wanted:
            trouble.batch_id = batch_id


# ---------------------------------------------------------------- the logo


def keep_logo(photo: StoredPhoto, *, by: Actor | None, now: datetime) -> None:
    """Offer this picture, already stored, as the logo of the batches to come."""
    if by is not None and not by.has(Permission.LABELS_KEEP):
        raise NotPermitted("logo")
    with transaction():
        db.session.add(
            LabelLogo(
                sha256=photo.sha256,
                width=photo.width,
                height=photo.height,
                user_id=by.user_id if by else None,
                at=now,
            )
        )


def logo() -> str:
    """Content hash of the newest logo; empty: there is none."""
    return db.session.scalar(select(LabelLogo.sha256).order_by(LabelLogo.id.desc()).limit(1)) or ""


def _logo_to_print(paper: Paper) -> str:
    if paper.placed.logo is None:
        raise Incomplete({"logo": N_("这种纸上没有放标志的地方。")})
    found = logo()
    if not found:
        raise Incomplete({"logo": N_("还没有上传标志。")})
    return found


# ---------------------------------------------------------------- read


def batches(limit: int = 50, before: int | None = None) -> list[BatchView]:
    """Batches, newest first; `before`: those with a smaller number."""
    wanted = (
        select(LabelBatch).options(joinedload(LabelBatch.user)).order_by(LabelBatch.id.desc()).limit(limit)
    )
    if before is not None:
        wanted = wanted.where(LabelBatch.id < before)
    rows = db.session.scalars(wanted).all()
    counts = _counts([row.id for row in rows])
    return [_view(row, counts.get(row.id, (0, 0, 0))) for row in rows]


def batch(number: int) -> BatchView:
    """One batch.

    Raises:
        BatchMissing: no batch has this number.
    """
    row = db.session.get(LabelBatch, number, options=[joinedload(LabelBatch.user)])
    if row is None:
        raise BatchMissing(number)
    return _view(row, _counts([number]).get(number, (0, 0, 0)))


def items(number: int) -> list[ItemView]:
    """The labels of a batch, in the order printed."""
    paper = papers()[batch(number).paper]
    rows = db.session.scalars(
        select(LabelBatchItem)
        .where(LabelBatchItem.batch_id == number)
        .options(joinedload(LabelBatchItem.label).joinedload(Label.place))
        .order_by(LabelBatchItem.position)
    )
    return [item_view(row, paper) for row in rows]


def item_view(row: LabelBatchItem, paper: Paper) -> ItemView:
    """A row as a plain value; reads its label and place."""
    page, on_page = divmod(row.position - 1, paper.per_page)
    place = row.label.place
    return ItemView(
        position=row.position,
        page=page + 1,
        on_page=on_page + 1,
        token=row.label.token,
        state=row.label.state,
        posted_at=row.posted_at,
        place_code=place.code,
        place_name=place.name,
        address=place.address,
        area_code=place.area_code,
    )


def _counts(numbers: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """Batch → labels, posted ones, ended ones that were never posted."""
    is_posted = LabelBatchItem.posted_at.is_not(None)
    has_ended = LabelBatchItem.posted_at.is_(None) & Label.state.not_in(CURRENT)
    rows = db.session.execute(
        select(
            LabelBatchItem.batch_id,
            func.count(),
            func.sum(case((is_posted, 1), else_=0)),
            func.sum(case((has_ended, 1), else_=0)),
        )
        .join(Label, Label.id == LabelBatchItem.label_id)
        .where(LabelBatchItem.batch_id.in_(list(numbers)))
        .group_by(LabelBatchItem.batch_id)
    )
    return {number: (count, int(posted), int(ended)) for number, count, posted, ended in rows}


def _view(row: LabelBatch, counts: tuple[int, int, int]) -> BatchView:
    count, posted, ended = counts
    return BatchView(
        number=row.id,
        made_at=row.made_at,
        who=row.user.name if row.user else "",
        paper=row.paper,
        has_logo=bool(row.logo_sha256),
        labels=count,
        posted=posted,
        ended=ended,
        state=_state(row),
        chosen=row.chosen,
        fault=row.fault,
    )


def _state(row: LabelBatch) -> str:
    if row.wanted_at is not None:
        return "waiting"
    if row.fault:
        return "faulty"
    return "ready" if row.drawn_at else "none"


# ---------------------------------------------------------------- what a choice is made from


def area_tree() -> list[tuple[str, str, int]]:
    """Every area: code, name, how deep it lies; each above those below it, by code."""
    children: dict[str | None, list[Area]] = {}
    for area in db.session.scalars(select(Area).order_by(Area.code)):
        children.setdefault(area.parent_code, []).append(area)

    def below(parent: str | None, depth: int) -> Iterator[tuple[str, str, int]]:
        for area in children.get(parent, ()):
            yield area.code, area.name, depth
            yield from below(area.code, depth + 1)

    return list(below(None, 0))


def area_names() -> dict[str, str]:
    """Name of each area, by code."""
    return {code: name for code, name, _depth in area_tree()}


def find_labels(typed: str, state: str, limit: int) -> tuple[list[labels.LabelView], bool]:
    """Labels by place, narrowed by state and by words of the place or by a token; and whether there are more."""
    wanted = (
        select(Label)
        .join(Label.place)
        .options(contains_eager(Label.place))
        .order_by(Place.code, Label.id.desc())
    )
    if state:
        wanted = wanted.where(Label.state == state)
    with suppress(TokenMistyped):
        by_token = wanted.where(Label.token == read_token(typed))
        if found := [labels.view_of(row) for row in db.session.scalars(by_token)]:
            return found, False
    for word in typed.split()[:4]:
        wanted = wanted.where(
            or_(
                Place.name.icontains(word, autoescape=True),
                Place.address.icontains(word, autoescape=True),
                Place.code.istartswith(word, autoescape=True),
            )
        )
    rows = [labels.view_of(row) for row in db.session.scalars(wanted.limit(limit + 1))]
    return rows[:limit], len(rows) > limit
