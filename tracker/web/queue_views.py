"""The views of the queue: which cases, in which order, all of it in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.lifecycle import LIFECYCLE, OPEN, Guard, State
from tracker.domain.permissions import Actor
from tracker.services.clock_pages import soon_until
from tracker.services.worklists import AWAITED, Due, QueueFilter, state_counts, tallies
from tracker.web import words

MINE, UNDER_WAY, ALL = "mine", "open", "all"
SOON, OVER = "soon", "over"
GONE, WORSE = "gone", "worse"
_NAMED = (MINE, SOON, OVER, GONE, WORSE, UNDER_WAY, ALL)
OLDEST = "oldest"


@dataclass(frozen=True)
class AskedQueue:
    """What the address asks for.

    Attributes:
        show: one of the views: ``mine``, ``soon``, ``over``, ``gone``, ``worse``, ``open``, ``all`` or a state.
        dues: what counts as due soon and as overdue, at the moment of asking.
        is_wrong: the address named something that is not there; the nearest thing is shown instead.
    """

    show: str
    wanted: QueueFilter
    dues: Mapping[str, Due]
    cursor: str = ""
    is_wrong: bool = False

    def url(self, *, cursor: str = "", oldest: bool | None = None) -> str:
        """The address of the same view elsewhere, or in the other order."""
        is_oldest = not self.wanted.newest_first if oldest is None else oldest
        return url_for("desk.queue", show=self.show, order=OLDEST if is_oldest else None, at=cursor or None)

    def from_the_start(self, *, is_wrong: bool) -> "AskedQueue":
        """The first page of the same view."""
        return replace(self, cursor="", is_wrong=is_wrong)

    @property
    def has_orders(self) -> bool:
        """Whether newest or oldest first is a choice: what presses has its own order."""
        return self.wanted.due is None and self.show != GONE

    @property
    def title(self) -> str:
        """What the view is called."""
        return _title(self.show)


@dataclass(frozen=True)
class View:
    """A link above the queue; the far ones stand behind one more tap."""

    label: str
    count: int
    url: str
    current: bool
    is_near: bool


def asked_queue(actor: Actor, args: Mapping[str, str], now: datetime) -> AskedQueue:
    """Read the address; what it lacks or gets wrong becomes the person's own first view."""
    first = MINE if _owes_decisions(actor) else UNDER_WAY
    show = args.get("show") or first
    is_known = show in _NAMED or show in set(State)
    if not is_known:
        show = first
    newest_first = args.get("order") != OLDEST
    dues = {SOON: Due(now, soon_until(now)), OVER: Due(None, now)}
    wanted = replace(_filter(show, newest_first=newest_first), due=dues.get(show))
    return AskedQueue(show, wanted, dues, args.get("at", ""), not is_known)


def views_of(actor: Actor, asked: AskedQueue) -> list[View]:
    """The views with their counts: what waits for this person first, then the states he acts on, then the rest.

    States without a case are left out, but for the one that is shown.
    """
    counts = state_counts(actor)
    totals = {
        UNDER_WAY: sum(number for state, number in counts.items() if state in OPEN),
        ALL: sum(counts.values()),
    } | {state.value: counts.get(state, 0) for state in State}
    pressing = tallies(actor, asked.dues[SOON], asked.dues[OVER])
    totals |= {SOON: pressing.soon, OVER: pressing.over, GONE: pressing.gone, WORSE: pressing.worse}
    if _owes_decisions(actor):
        totals[MINE] = pressing.awaiting
    own = _own_states(actor)
    near = {*_NAMED, asked.show} | own
    order = [MINE, OVER, SOON, GONE, WORSE, UNDER_WAY, *(state for state in State if state in own), ALL]
    return [
        View(_title(show), totals[show], url_for("desk.queue", show=show), show == asked.show, show in near)
        for show in dict.fromkeys([*order, *State])
        if show in totals and (totals[show] or show in (asked.show, MINE))
    ]


def _own_states(actor: Actor) -> set[State]:
    """The states in which the case table waits for one of the person's roles."""
    owed = {action for grant in actor.grants for action in AWAITED.get(grant.role, ())}
    steps = (step for step in LIFECYCLE if step.action in owed and Guard.GONE_SAID not in step.guards)
    return {state for step in steps for state in step.sources}  # who says gone has a view of his own


def _owes_decisions(actor: Actor) -> bool:
    return any(grant.role in AWAITED for grant in actor.grants)


def _filter(show: str, *, newest_first: bool) -> QueueFilter:
    if show == MINE:
        return QueueFilter(newest_first=newest_first, awaiting=True)
    if show == UNDER_WAY:
        return QueueFilter(OPEN, newest_first)
    if show in (SOON, OVER):
        return QueueFilter()
    if show in (GONE, WORSE):
        return QueueFilter(newest_first=newest_first, said=show)
    return QueueFilter(frozenset() if show == ALL else frozenset({State(show)}), newest_first)


def _title(show: str) -> str:
    if show in set(State):
        return str(words.STATES[State(show)])
    return {
        MINE: _("待我办理"),
        OVER: _("已超时"),
        SOON: _("快到期"),
        GONE: _("有人说已经没了"),
        WORSE: _("有人说更严重了"),
        UNDER_WAY: _("全部在办"),
        ALL: _("全部案件"),
    }[show]
