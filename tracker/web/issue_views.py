"""The views of the list of issues, all of them in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.issues import LIVE, IssueState
from tracker.domain.permissions import Actor
from tracker.services.issue_lists import IssueFilter, view_counts
from tracker.web.issue_words import STATES

UNDER_WAY, MUST, MINE = "open", "must", "mine"

_ORDER = (*(state for state in IssueState if state != IssueState.DISMISSED), IssueState.DISMISSED)
"""As an issue goes through them; what was dismissed comes last."""


@dataclass(frozen=True)
class AskedIssues:
    """What the address asks for; is_wrong: it named something that is not there, so the nearest thing is shown."""

    show: str
    wanted: IssueFilter
    cursor: str = ""
    is_wrong: bool = False

    def url(self, *, cursor: str = "") -> str:
        """The address of the same view elsewhere."""
        return url_for("issues.queue", show=self.show, at=cursor or None)

    def from_the_start(self) -> "AskedIssues":
        """The first page of the same view, after a cursor that is none of ours."""
        return replace(self, cursor="", is_wrong=True)

    @property
    def title(self) -> str:
        """What the view is called."""
        return _title(self.show)


@dataclass(frozen=True)
class IssueLink:
    """A link above the list."""

    label: str
    count: int
    url: str
    current: bool


def asked_issues(actor: Actor, args: Mapping[str, str]) -> AskedIssues:
    """Read the address; what it lacks or gets wrong becomes everything under way."""
    show = args.get("show") or UNDER_WAY
    is_known = show in (UNDER_WAY, MUST, MINE) or show in set(IssueState)
    if not is_known:
        show = UNDER_WAY
    return AskedIssues(show, _filter(show, actor), args.get("at", ""), not is_known)


def views_of(actor: Actor, asked: AskedIssues) -> list[IssueLink]:
    """The views with their counts; states without an issue are left out, but for the one that is shown."""
    counts = view_counts(actor, actor.user_id)
    counts[UNDER_WAY] = sum(counts.get(state, 0) for state in LIVE)
    return [
        IssueLink(_title(show), counts.get(show, 0), url_for("issues.queue", show=show), show == asked.show)
        for show in (UNDER_WAY, MUST, MINE, *_ORDER)
        if counts.get(show) or show in (UNDER_WAY, asked.show)
    ]


def _filter(show: str, actor: Actor) -> IssueFilter:
    if show == MINE:
        return IssueFilter(LIVE, owner_id=actor.user_id)
    if show in (UNDER_WAY, MUST):
        return IssueFilter(LIVE, must_review=show == MUST)
    return IssueFilter(frozenset({IssueState(show)}))


def _title(show: str) -> str:
    if show in set(IssueState):
        return str(STATES[IssueState(show)])
    return {UNDER_WAY: _("全部在办"), MUST: _("必须研判"), MINE: _("我负责的")}[show]
