"""The one place where a common issue changes its state: state, version and event row, together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction, IssueState, issue_step
from tracker.domain.permissions import SYSTEM, Actor, NotPermitted, Role
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import db
from tracker.models import Issue, IssueEvent


class IssueMissing(LookupError):
    """No common issue has this number, or it is none of the actor's business."""


class StaleIssue(Exception):
    """Somebody else decided something since the page was shown; nothing was written.

    Attributes:
        seen: the version the page showed.
    """

    def __init__(self, number: str, seen: int) -> None:
        super().__init__(f"{number} has moved on since version {seen}")
        self.number, self.seen = number, seen


def locked_issue(issue_id: int) -> Issue:
    """The issue, locked against other decisions. Inside a transaction.

    Raises:
        IssueMissing: there is none.
    """
    issue = db.session.scalar(select(Issue).where(Issue.id == issue_id).with_for_update(key_share=True))
    if issue is None:
        raise IssueMissing(issue_id)
    return issue


def locked_issue_numbered(number: str, by: Actor, version: int | None = None) -> Issue:
    """The issue that `by` decides on, locked. Inside a transaction.

    Args:
        version: that the page showed; None: whatever it is now.

    Raises:
        IssueMissing: no such issue for this person.
        StaleIssue: it moved on since.
    """
    issue = db.session.scalar(select(Issue).where(Issue.number == number).with_for_update(key_share=True))
    if issue is None or not may_see(issue, by):
        raise IssueMissing(number)
    if version is not None and issue.version != version:
        raise StaleIssue(number, version)
    return issue


def may_see(issue: Issue, actor: Actor) -> bool:
    """Whether the issue lies in an area that is the person's business."""
    return actor == SYSTEM or bool(actor.roles_for(issue.area_code, ()))


def take_issue(
    issue: Issue,
    action: IssueAction,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Take a locked issue along one arrow and keep what happened. Inside a transaction.

    Args:
        facts: for the event; JSON values, no personal data.

    Raises:
        IssueStepRefused: the table has no such arrow from here.
        NotPermitted: the arrow is not this person's.
        Incomplete: the reason is missing.
    """
    before = IssueState(issue.state) if issue.state else None
    step = issue_step(action, before)
    roles = {Role.SYSTEM} if by == SYSTEM else by.roles_for(issue.area_code, ())
    if not roles & step.who:
        raise NotPermitted(action)
    words = plain_text(note)
    if step.needs_note and not words:
        raise Incomplete({"note": N_("请写明理由。")})
    if step.target is not None and step.target != before:
        issue.state, issue.state_at = step.target.value, now
    issue.version = (issue.version or 0) + 1
    db.session.add(issue)
    db.session.flush()
    db.session.add(
        IssueEvent(
            issue_id=issue.id,
            version=issue.version,
            at=now,
            action=action.value,
            from_state=before.value if before else "",
            to_state=issue.state,
            user_id=by.user_id,
            note=words,
            facts=dict(facts or {}),
        )
    )
