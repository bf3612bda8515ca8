"""Action items 行动项: the states, every arrow between them, who may take it and what has to be supplied.

Buttons, the queue's views and the history read ``ITEM_STEPS``. Whoever says that something is done never accepts it
himself. Source: design brief, section 6; docs of the committee screens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Actor, Role
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_

LATEST_DUE = timedelta(days=730)
"""A day further off than two years is a slip of the finger."""
ACTION_CHARS, MEASURE_CHARS, PERSON_CHARS, NOTE_CHARS = 300, 500, 60, 2000


class ItemState(StrEnum):
    """Where an action item stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE_CLAIMED = "done_claimed"
    """Whoever does it says that it is done, with evidence."""
    CLOSED = "closed"
    LONG_TERM = "long_term"
    RAISED = "raised"


ENDED = frozenset({ItemState.CLOSED, ItemState.LONG_TERM, ItemState.RAISED})
WORKED_ON = frozenset({ItemState.OPEN, ItemState.IN_PROGRESS})
"""Its promise runs."""


class ItemAction(StrEnum):
    """What can happen to an action item. ``MAKE`` opens it."""

    MAKE = "make"
    TAKE_ON = "take_on"
    NOTE = "note"
    CLAIM = "claim"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    ASK_TIME = "ask_time"
    EXTEND = "extend"
    LENGTHEN = "lengthen"
    RAISE_UP = "raise_up"


class ItemNeed(StrEnum):
    """What has to come with an action."""

    NOTE = "note"
    NOTE_OR_PHOTO = "note_or_photo"
    LATER_DAY = "later_day"
    """A day after the present due day."""
    DAY_IF_PAST = "day_if_past"
    """A new due day where the present one is over."""


@dataclass(frozen=True)
class ItemStep:
    """One arrow.

    Attributes:
        sources: states it leaves; empty for what opens an item.
        target: state it reaches; None: the item stays where it is.
        not_claimer: never whoever said that it is done.
    """

    action: ItemAction
    sources: frozenset[ItemState]
    target: ItemState | None
    who: frozenset[Role]
    needs: frozenset[ItemNeed] = frozenset()
    not_claimer: bool = False


class ItemStepRefused(Exception):
    """The table has no such arrow from where the item stands. The message can be shown."""


@dataclass(frozen=True)
class Standing:
    """An item as the rules see it.

    Attributes:
        area: code of its issue's area.
        person_id: of the member of staff who was named for it.
        claimed_by: user id of whoever said last that it is done.
        today: on the street.
    """

    state: ItemState
    area: str
    department: str
    person_id: int | None
    claimed_by: int | None
    due_on: date
    today: date


_S, _A, _N = ItemState, ItemAction, ItemNeed
_DECIDES = frozenset({Role.SECRETARY, Role.SUPERVISOR})
_WORKS = _DECIDES | {Role.HANDLER}
"""A committee may speak for a unit that never signs in, such as a bike company."""
_UNFINISHED = frozenset(ItemState) - ENDED


def _from(*states: ItemState) -> frozenset[ItemState]:
    return frozenset(states)


# fmt: off
ITEM_STEPS: tuple[ItemStep, ...] = (
    ItemStep(_A.MAKE, _from(), _S.OPEN, _DECIDES),
    ItemStep(_A.TAKE_ON, _from(_S.OPEN), _S.IN_PROGRESS, _WORKS),
    ItemStep(_A.CLAIM, WORKED_ON, _S.DONE_CLAIMED, _WORKS, frozenset({_N.NOTE_OR_PHOTO})),
    ItemStep(_A.ACCEPT, _from(_S.DONE_CLAIMED), _S.CLOSED, _DECIDES, not_claimer=True),
    ItemStep(_A.SEND_BACK, _from(_S.DONE_CLAIMED), _S.IN_PROGRESS, _DECIDES,
             frozenset({_N.NOTE, _N.DAY_IF_PAST})),
    ItemStep(_A.NOTE, _UNFINISHED, None, _WORKS, frozenset({_N.NOTE_OR_PHOTO})),
    ItemStep(_A.ASK_TIME, WORKED_ON, None, _WORKS, frozenset({_N.NOTE, _N.LATER_DAY})),
    ItemStep(_A.EXTEND, WORKED_ON, None, _DECIDES, frozenset({_N.NOTE, _N.LATER_DAY})),
    ItemStep(_A.LENGTHEN, _UNFINISHED, _S.LONG_TERM, _DECIDES, frozenset({_N.NOTE})),
    ItemStep(_A.RAISE_UP, _UNFINISHED, _S.RAISED, _DECIDES, frozenset({_N.NOTE})),
)
# fmt: on


def roles_on(actor: Actor, standing: Standing) -> frozenset[Role]:
    """The person's roles on an item; whoever is named for it handles it, whatever else he is."""
    roles = actor.roles_for(standing.area, (standing.department,))
    is_named = actor.user_id is not None and actor.user_id == standing.person_id
    return roles | {Role.HANDLER} if is_named else roles


def permitted_item_steps(actor: Actor, standing: Standing) -> Iterator[ItemStep]:
    """What the person may do now, in the order of the table."""
    roles = roles_on(actor, standing)
    for step in ITEM_STEPS:
        is_own = step.not_claimer and actor.user_id == standing.claimed_by
        if standing.state in step.sources and roles & step.who and not is_own:
            yield step


def item_step(action: ItemAction, actor: Actor, standing: Standing) -> ItemStep:
    """The arrow that `action` takes.

    Raises:
        ItemStepRefused: there is none from here, or not for this person.
    """
    for step in permitted_item_steps(actor, standing):
        if step.action == action:
            return step
    claimed_himself = action == ItemAction.ACCEPT and actor.user_id == standing.claimed_by
    if claimed_himself and standing.state == ItemState.DONE_CLAIMED:
        raise ItemStepRefused(N_("说做完了的人不能自己验收，请另一位同事来看。"))
    raise ItemStepRefused(N_("这一项现在不能这样操作，请看看最新的情况。"))


def require(step: ItemStep, standing: Standing, *, note: str, photos: int, on: date | None) -> None:
    """Refuse what is missing.

    Raises:
        Incomplete: ``note``, ``photos`` or ``on`` → what to supply.
    """
    problems: dict[str, str] = {}
    if _N.NOTE in step.needs and not note:
        problems["note"] = N_("请写明原因。")
    if _N.NOTE_OR_PHOTO in step.needs and not note and not photos:
        problems["note"] = N_("写几个字，或者附一张照片，有一样就行。")
    if len(note) > NOTE_CHARS:
        problems["note"] = N_("文字太长，请缩短后再提交。")
    if _N.LATER_DAY in step.needs and (on is None or on <= standing.due_on):
        problems["on"] = N_("新的日期要晚于现在的完成日期。")
    if _N.DAY_IF_PAST in step.needs and on is None and standing.due_on <= standing.today:
        problems["on"] = N_("原来的完成日期已过，请定一个新的日期。")
    if on is not None and "on" not in problems and (words := day_problem(on, standing.today)):
        problems["on"] = words
    if problems:
        raise Incomplete(problems)


def day_problem(on: date, today: date) -> str:
    """What is wrong with a due day; empty: nothing."""
    if on <= today:
        return N_("日期要从明天起。")
    return N_("日期太远了，请核对年份。") if on > today + LATEST_DUE else ""


def plain_item(values: Mapping[str, str]) -> dict[str, str]:
    """The words of a new item as they are stored: ``action``, ``measure``, ``person_name``.

    Raises:
        Incomplete: something is missing or too long.
    """
    limits = {"action": ACTION_CHARS, "measure": MEASURE_CHARS, "person_name": PERSON_CHARS}
    missing = {"action": N_("请写明要做什么。"), "measure": N_("请写明怎样算做到了。")}
    plain = {name: plain_text(values.get(name, "")) for name in limits}
    problems = {name: words for name, words in missing.items() if not plain[name]}
    problems |= {
        name: N_("文字太长，请缩短后再提交。") for name, limit in limits.items() if len(plain[name]) > limit
    }
    if problems:
        raise Incomplete(problems)
    return plain
