"""A common issue and action items straight in their tables, for tests of what comes after them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from tests.factories import MORNING
from tracker.domain.permissions import Actor
from tracker.extensions import db, transaction
from tracker.models import ActionItem, Case, Issue, IssueCase
from tracker.services.numbers import next_number


def an_issue(
    *numbers: str,
    state: str = "accepted",
    area: str = "PP-1",
    at: datetime = MORNING,
    owner: int | None = None,
) -> int:
    """An issue with the cases of these numbers; its id."""
    with transaction():
        issue = Issue(
            number=next_number("G", at),
            title="地铁口两侧非机动车乱停放",
            state=state,
            version=1,
            area_code=area,
            category="A5",
            owner_id=owner,
            dismissed_voices=int(state == "dismissed"),
            opened_at=at,
            state_at=at,
        )
        db.session.add(issue)
        db.session.flush()
        for case_id in db.session.scalars(select(Case.id).where(Case.number.in_(numbers))):
            db.session.add(IssueCase(issue_id=issue.id, case_id=case_id, added_at=at))
        return issue.id


def an_item(
    issue_id: int,
    by: Actor,
    *,
    due_on: date,
    at: datetime = MORNING,
    department: str = "ZF",
    person: Actor | None = None,
) -> ActionItem:
    """An open action item without a clock."""
    with transaction():
        item = ActionItem(
            number=next_number("X", at),
            issue_id=issue_id,
            action="重新划定非机动车停放线",
            measure="早晚高峰各抽查两次，线外不超过三辆",
            department_code=department,
            user_id=person.user_id if person else None,
            due_on=due_on,
            state="open",
            version=1,
            made_at=at,
            made_by=by.user_id or 0,
            state_at=at,
        )
        db.session.add(item)
        db.session.flush()
        db.session.expunge(item)
    return item


def ids_of(actors: Sequence[Actor]) -> set[str]:
    """As recipients of messages."""
    return {f"user:{actor.user_id}" for actor in actors}
