"""The forms of an action item's page, made from its table: each thing an arrow needs has one field."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from tracker.domain.actions import ItemAction, ItemNeed, ItemStep
from tracker.services.action_pages import ItemPage
from tracker.web import action_words
from tracker.web.action_forms import ActionForm, Field
from tracker.web.uploads import KeptPhoto

_ORDER = (
    *(ItemAction.ACCEPT, ItemAction.CLAIM, ItemAction.TAKE_ON, ItemAction.NOTE, ItemAction.SEND_BACK),
    *(ItemAction.EXTEND, ItemAction.ASK_TIME, ItemAction.LENGTHEN, ItemAction.RAISE_UP),
)
"""As they stand on the page: what moves the item on, what holds it up, what ends it otherwise."""
_MAIN = frozenset({ItemAction.ACCEPT, ItemAction.CLAIM, ItemAction.TAKE_ON, ItemAction.EXTEND})
_WITHOUT_NOTE = frozenset({ItemAction.TAKE_ON})
_PHOTOS = frozenset({ItemAction.CLAIM, ItemAction.NOTE, ItemAction.SEND_BACK, ItemAction.ACCEPT})
_FIRST_ON = {"open": ItemAction.TAKE_ON, "in_progress": ItemAction.CLAIM, "done_claimed": ItemAction.ACCEPT}


@dataclass(frozen=True)
class Given:
    """What somebody filled in, to be shown again; what is wrong with it; his photos, already stored."""

    action: ItemAction
    values: MultiDict[str, str]
    key: str
    kept: Sequence[KeptPhoto] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """The words."""
        return self.values.get("note", "")

    @property
    def on(self) -> date | None:
        """The day, if it is one."""
        return read_day(self.values.get("on", ""))


def new_given(action: ItemAction, values: MultiDict[str, str] | None = None) -> Given:
    """An empty form, or what was sent, under the form's own key."""
    values = values if values is not None else MultiDict()
    return Given(action, values, values.get("key", "")[:64] or secrets.token_urlsafe(16))


def read_day(text: str) -> date | None:
    """The day a date field sent; none if it is empty or no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def sheets(item: ItemPage, given: Given | None = None) -> list[ActionForm]:
    """The forms of everything the person may do now; the likeliest first and open, or the one that came back."""
    returned = given.action if given else None
    likely = _likeliest(item)
    steps = sorted(
        item.steps,
        key=lambda step: (step.action != returned, step.action != likely, _ORDER.index(step.action)),
    )
    found = []
    for step in steps:
        is_first = step is steps[0]
        filled = given if given and step.action == returned else new_given(step.action)
        is_main = is_first and step.action in _MAIN and step.action == likely
        found.append(_sheet(item, step, filled, is_main=is_main, is_open=is_main or step.action == returned))
    return found


def _likeliest(item: ItemPage) -> ItemAction | None:
    """What the person is here for: what he was asked for, else what comes next, if it is his to do."""
    if item.asked_on is not None and any(step.action == ItemAction.EXTEND for step in item.steps):
        return ItemAction.EXTEND
    first = _FIRST_ON.get(item.row.state.value)
    return first if item.is_doer or first == ItemAction.ACCEPT else ItemAction.NOTE


def _sheet(item: ItemPage, step: ItemStep, given: Given, *, is_main: bool, is_open: bool) -> ActionForm:
    fields = list(_fields(item, step, given))
    ends = step.action in (ItemAction.LENGTHEN, ItemAction.RAISE_UP)
    return ActionForm(
        id=f"action-{step.action}",
        title=str(action_words.ACTIONS[step.action]),
        about=str(action_words.ABOUT[step.action]),
        url=url_for("actions.act", number=item.row.number, action=step.action.value),
        key=given.key,
        kind="primary" if is_main else "danger" if ends else "quiet",
        open=is_open,
        files=any(each.kind == "photos" for each in fields),
        fields=fields,
        reads="",
        may_preview=False,
    )


def _fields(item: ItemPage, step: ItemStep, given: Given) -> Iterator[Field]:
    if step.needs & {ItemNeed.LATER_DAY, ItemNeed.DAY_IF_PAST}:
        yield _day(item, step, given)
    if step.action not in _WITHOUT_NOTE:
        is_needed = ItemNeed.NOTE in step.needs
        hint = _("写几个字，或者拍张照，有一样就行。") if ItemNeed.NOTE_OR_PHOTO in step.needs else None
        label = str(action_words.NOTES.get(step.action, _("说明")))
        yield _field(given, "words", "note", label, optional=not is_needed, hint=hint)
    if step.action in _PHOTOS:
        yield _field(given, "photos", "photos", _("照片"), optional=True, kept=given.kept)


def _day(item: ItemPage, step: ItemStep, given: Given) -> Field:
    is_past = item.row.due_on <= item.today
    is_optional = ItemNeed.LATER_DAY not in step.needs and not is_past
    value = given.values.get("on", "")
    if not value and step.action == ItemAction.EXTEND and item.asked_on is not None:
        value = item.asked_on.isoformat()
    elif not value and step.action == ItemAction.SEND_BACK and is_past:
        value = (item.today + timedelta(days=7)).isoformat()
    hint = _("现在是 %(day)s", day=action_words.day_words(item.row.due_on))
    return _field(given, "date", "on", _("新的完成日期"), value=value, hint=hint, optional=is_optional)


def _field(
    given: Given,
    kind: str,
    name: str,
    label: str,
    *,
    value: str | None = None,
    hint: str | None = None,
    optional: bool = False,
    kept: Sequence[KeptPhoto] = (),
) -> Field:
    return Field(
        kind,
        name,
        f"{given.action}-{name}",
        label,
        value=given.values.get(name, "") if value is None else value,
        hint=hint,
        error=_(given.problems[name]) if name in given.problems else None,
        optional=optional,
        kept=kept,
    )
