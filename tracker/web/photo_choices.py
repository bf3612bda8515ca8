"""What somebody chose for each photo of a case on the page 公开照片: read from what is public, and from the form."""

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from tracker.domain.clearing import Area, AreasUnreadable, cell_area, grid_of, read_areas, write_areas
from tracker.domain.lifecycle import Action
from tracker.services.case_pages import PhotoView, StaffCase
from tracker.services.clearings import Shown
from tracker.web import words

HIDDEN, AS_IT_IS, MASKED = "hidden", "as_it_is", "masked"
CHOICES = (HIDDEN, AS_IT_IS, MASKED)


@dataclass(frozen=True)
class Choice:
    """One photo with what was chosen for it.

    Attributes:
        areas: places marked in it; kept while another choice is made.
        problem: words of what is wrong with the choice; empty: nothing.
    """

    photo: PhotoView
    number: int
    choice: str = HIDDEN
    areas: tuple[Area, ...] = ()
    problem: str = ""

    @property
    def id(self) -> str:
        """Of its part of the page."""
        return f"photo-{self.photo.id}"

    @property
    def title(self) -> str:
        """Which photo it is, in words."""
        return _("第 %(n)s 张：%(kind)s", n=self.number, kind=words.PHOTO_KINDS[self.photo.kind])

    @property
    def is_public(self) -> bool:
        """Whether strangers would see it."""
        return self.choice != HIDDEN

    @property
    def marks(self) -> str:
        """What is to be destroyed in it, as the forms carry it."""
        return write_areas(self.areas) if self.choice == MASKED else ""

    @property
    def all_marks(self) -> str:
        """The same whatever was chosen, so that going back loses none."""
        return write_areas(self.areas)

    @property
    def cells(self) -> list[tuple[int, bool]]:
        """The cells of the grid over it: number, and whether it is marked as a whole."""
        columns, rows = self.grid
        marked = set(self.areas)
        return [(n, cell_area(n, columns, rows) in marked) for n in range(1, columns * rows + 1)]

    @property
    def boxes(self) -> str:
        """The places that were drawn freely, without those that are cells of the grid."""
        columns, rows = self.grid
        cells = {cell_area(n, columns, rows) for n in range(1, columns * rows + 1)}
        return write_areas(area for area in self.areas if area not in cells)

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows."""
        return grid_of(self.photo.width, self.photo.height)


def may_show(case: StaffCase) -> bool:
    """Whether the person may let strangers see something of it now."""
    return any(step.action == Action.PUBLISH_PHOTOS for step in case.page.steps)


def may_withdraw(case: StaffCase) -> bool:
    """Whether the person may withdraw what is public of it."""
    return any(step.action == Action.WITHDRAW_PHOTOS for step in case.page.steps)


def opens_photos(case: StaffCase) -> bool:
    """Whether the page 公开照片 has something to offer this person; asks the database nothing."""
    was_public = any(event.action == Action.PUBLISH_PHOTOS for event in case.page.events)
    return may_show(case) or (was_public and may_withdraw(case))


def photos_of(case: StaffCase) -> list[PhotoView]:
    return [photo for kind in ("before", "after") for photo in case.page.photos if photo.kind == kind]


def as_shown(case: StaffCase, shown: Shown | None) -> list[Choice]:
    public = shown.photos if shown else {}
    return [
        Choice(
            photo,
            position,
            HIDDEN if photo.id not in public else MASKED if public[photo.id] else AS_IT_IS,
            read_areas(public.get(photo.id, "")),
        )
        for position, photo in enumerate(photos_of(case), start=1)
    ]


def chosen_in(case: StaffCase, form: MultiDict[str, str]) -> list[Choice]:
    return [_choice(Choice(photo, n), form) for n, photo in enumerate(photos_of(case), start=1)]


def _choice(blank: Choice, form: MultiDict[str, str]) -> Choice:
    choice = form.get(f"choice-{blank.photo.id}", HIDDEN)
    chosen = replace(blank, choice=choice if choice in CHOICES else HIDDEN)
    columns, rows = blank.grid
    try:
        is_dropped = f"drop-{blank.photo.id}" in form
        drawn = () if is_dropped else read_areas(form.get(f"boxes-{blank.photo.id}", ""))
        cells = [cell_area(n, columns, rows) for n in form.getlist(f"cell-{blank.photo.id}", type=int)]
        chosen = replace(chosen, areas=read_areas(write_areas((*drawn, *cells))))
    except AreasUnreadable as error:
        return replace(chosen, problem=_(str(error)))
    if chosen.choice == MASKED and not chosen.areas:
        return replace(chosen, problem=_("还没有标出要打码的地方：勾方格，或在照片上画框。"))
    return chosen
