"""What follows from approved minutes: an action item for each line, and one sentence to those who reported."""

from datetime import datetime

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction
from tracker.domain.minutes import Line, day_of
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import Grant, Issue, IssueMessage, User
from tracker.services import actions
from tracker.services.issue_moves import take_issue
from tracker.services.issue_reports import reachable
from tracker.services.notices import tell

SENTENCE_LIMIT_CHARS = 500
"""Of a decision, in the message to reporters; the minutes keep it whole."""
_PARTS = {"due_on": "due", "person_name": "person"}


def make_item(line: Line, issue_id: int, meeting_id: int, *, by: Actor, now: datetime) -> str:
    """Make the action item of a line and return its number; the first one puts the issue into its acting state.

    Inside the transaction that approves.

    Raises:
        Incomplete: by the name of the minutes' field.
    """
    new = actions.NewItem(
        issue_id=issue_id,
        action=line.action,
        measure=line.measure,
        department=line.department,
        due_on=day_of(line.due),
        user_id=person_called(line.person, line.department),
        person_name=line.person,
        meeting_id=meeting_id,
        agenda_item_id=line.agenda_item,
    )
    try:
        return actions.create_within(new, by=by, now=now)
    except Incomplete as lacking:
        place = f"line.{line.agenda_item}.{line.uid}"
        problems = {f"{place}.{_PARTS.get(part, part)}": why for part, why in lacking.problems.items()}
        raise Incomplete(problems) from lacking


def tell_reporters(
    issue: Issue, decision: str, *, meeting: str, has_items: bool, by: Actor, now: datetime
) -> None:
    """Write what the meeting decided on the page of everybody who reported the issue.

    Whoever left a number is told once: by the first action item, or, where none was made, here.
    """
    text = decision if len(decision) <= SENTENCE_LIMIT_CHARS else decision[: SENTENCE_LIMIT_CHARS - 1] + "…"
    key = f"minutes:{meeting}:{issue.number}"
    take_issue(issue, IssueAction.MESSAGE, by=by, now=now, note=text, facts={"meeting": meeting, "key": key})
    db.session.add(IssueMessage(key=key, issue_id=issue.id, text=text, sent_by=by.user_id or 0, sent_at=now))
    if not has_items:
        tell(
            "issue_message",
            key=f"issue_message:{key}"[:60],
            recipients=reachable(issue.id),
            facts={"number": issue.number, "title": issue.title},
            now=now,
        )


def person_called(name: str, department: str) -> int | None:
    """The one handler of the department who has this very name; None: nobody, or several."""
    if not name:
        return None
    found = db.session.scalars(
        select(User.id)
        .join(Grant, Grant.user_id == User.id)
        .where(
            User.name == name,
            User.is_active,
            Grant.role == Role.HANDLER.value,
            Grant.department_code == department,
        )
        .distinct()
    ).all()
    return found[0] if len(found) == 1 else None
