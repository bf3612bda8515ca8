"""What follows from approved minutes: an action item for each line, and one sentence to those who reported."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import ActionItem, Issue, IssueMessage, User
from tracker.services.issue_moves import take_issue
from tracker.services.numbers import next_number

SENTENCE_LIMIT_CHARS = 300
"""Of a decision, in the message to reporters."""


@dataclass(frozen=True)
class Decided:
    """One line of the minutes."""

    action: str
    measure: str
    department: str
    person: str
    due_on: date


def make_item(
    issue: Issue, decided: Decided, *, meeting_id: int, agenda_item_id: int, by: Actor, now: datetime
) -> str:
    """Make the action item and return its number; the first one puts the issue into its acting state.

    Inside the transaction that approves, on a locked issue.
    """
    item = ActionItem(
        number=next_number("X", now),
        issue_id=issue.id,
        meeting_id=meeting_id,
        agenda_item_id=agenda_item_id,
        action=decided.action,
        measure=decided.measure,
        department_code=decided.department,
        user_id=person_called(decided.person, decided.department),
        person_name=decided.person,
        due_on=decided.due_on,
        state="open",
        version=1,
        made_at=now,
        made_by=by.user_id,
        state_at=now,
    )
    db.session.add(item)
    db.session.flush()
    if issue.state in (IssueState.ACCEPTED, IssueState.MET, IssueState.REVIEWING):
        take_issue(issue, IssueAction.ACT, by=by, now=now, facts={"item": item.number})
    return item.number


def tell_reporters(issue: Issue, decision: str, *, meeting: str, by: Actor, now: datetime) -> None:
    """Tell everybody who reported the issue what the meeting decided."""
    text = decision if len(decision) <= SENTENCE_LIMIT_CHARS else decision[: SENTENCE_LIMIT_CHARS - 1] + "…"
    key = f"minutes:{meeting}:{issue.number}"
    db.session.add(IssueMessage(key=key, issue_id=issue.id, text=text, sent_by=by.user_id, sent_at=now))
    take_issue(issue, IssueAction.MESSAGE, by=by, now=now, facts={"meeting": meeting})


def person_called(name: str, department: str) -> int | None:
    """The one member of the department who has this name; None: nobody, or several."""
    if not name:
        return None
    found = db.session.scalars(
        select(User.id).where(User.name == name, User.department_code == department, User.is_active)
    ).all()
    return found[0] if len(found) == 1 else None
