"""How a common issue ends: done, long-term or raised; never while something that was decided on it is unfinished."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.domain.issues import IssueAction, IssueState, IssueStepRefused, issue_steps_from
from tracker.domain.permissions import Actor
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Issue, LookBack
from tracker.services.actions import open_items
from tracker.services.issue_moves import locked_issue_numbered, take_issue

ENDINGS = (IssueAction.FINISH, IssueAction.LENGTHEN, IssueAction.RAISE_UP)


class ItemsUnfinished(IssueStepRefused):
    """Something that was decided is not done.

    Attributes:
        items: numbers of the unfinished items.
    """

    def __init__(self, items: list[str]) -> None:
        super().__init__(N_("还有没完成的行动项，先办完、转长期或提级，再结束这个问题。"))
        self.items = items


class NotLookedBack(IssueStepRefused):
    """Nobody can say yet whether it helped."""

    def __init__(self) -> None:
        super().__init__(N_("还没有做过回头看，看过一次效果再办结；也可以转长期或提级。"))


@dataclass(frozen=True)
class Ending:
    """One way the issue can end for this person. `hindrance`: why not now, in words to be translated; empty: it can."""

    action: IssueAction
    hindrance: str
    items: tuple[str, ...] = ()


def end(number: str, action: IssueAction, *, note: str, version: int, by: Actor, now: datetime) -> None:
    """End an issue with a reason.

    Args:
        action: one of ENDINGS.

    Raises:
        IssueMissing: no such issue for this person.
        StaleIssue: it moved on since the page was shown.
        ItemsUnfinished, NotLookedBack, IssueStepRefused: it cannot end so, or not now.
        NotPermitted, Incomplete: as ``take_issue`` says.
    """
    if action not in ENDINGS:
        raise IssueStepRefused(N_("这个问题现在不能这样操作，请刷新页面看看最新状态。"))

    def use_case() -> None:
        with transaction():
            issue = locked_issue_numbered(number, by, version)
            if hindrance := _hindrance(issue, action):
                raise hindrance
            take_issue(issue, action, by=by, now=now, note=note)

    again_if_interrupted(use_case)


def endings_of(number: str, actor: Actor) -> list[Ending]:
    """The ways the issue can end from where it stands, with what hinders each; nothing for who may not."""
    issue = db.session.scalar(select(Issue).where(Issue.number == number))
    if issue is None:
        return []
    roles = actor.roles_for(issue.area_code, ())
    found = []
    for step in issue_steps_from(IssueState(issue.state)):
        if step.action in ENDINGS and roles & step.who:
            hindrance = _hindrance(issue, step.action)
            items = tuple(hindrance.items) if isinstance(hindrance, ItemsUnfinished) else ()
            found.append(Ending(step.action, str(hindrance) if hindrance else "", items))
    return found


def _hindrance(issue: Issue, action: IssueAction) -> IssueStepRefused | None:
    unfinished = open_items(issue.id)
    if unfinished:
        return ItemsUnfinished(unfinished)
    if action == IssueAction.FINISH and not _was_looked_back_at(issue.id):
        return NotLookedBack()
    return None


def _was_looked_back_at(issue_id: int) -> bool:
    planned = select(LookBack.id).where(LookBack.issue_id == issue_id)
    made = planned.where(LookBack.made_at.is_not(None)).limit(1)
    # Where nothing was planned everything was handed on, and there is nothing to look back at.
    return db.session.scalar(made) is not None or db.session.scalar(planned.limit(1)) is None
