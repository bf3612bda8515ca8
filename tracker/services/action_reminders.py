"""Reminders of action items: three days before the due day and on the day; what comes after is the ladder's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from tracker.domain.actions import WORKED_ON
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import ActionItem, Issue, Notice
from tracker.services.action_notices import facts_of, users
from tracker.services.notices import tell
from tracker.services.parts import parts
from tracker.services.recipients import Staff

AHEAD = timedelta(days=3)
BATCH = 200


@dataclass(frozen=True)
class _Due:
    """A reminder that has its time now, under the key that lets it happen once for each due day."""

    item_id: int
    days: int
    key: str


def remind(now: datetime) -> int:
    """Remind of what is due in three days or today; return how many reminders are new.

    Any number of processes may ask: the notice's key lets each reminder happen once. A day that moved has reminders
    of its own; what was made less than three days before it is due was told when it was made.
    """
    today = now.astimezone(parts().zone).date()
    waiting = list(_untold(list(_due(today))))
    return sum(again_if_interrupted(_Reminder(one, now)) for one in waiting[:BATCH])


@dataclass(frozen=True)
class _Reminder:
    due: _Due
    now: datetime

    def __call__(self) -> bool:
        with transaction():
            item = db.session.get_one(ActionItem, self.due.item_id)
            issue = db.session.get_one(Issue, item.issue_id)
            return tell(
                "item_due",
                key=self.due.key,
                recipients=users(Staff().doers_of(item, issue)),
                facts=facts_of(item, issue) | {"days": self.due.days},
                now=self.now,
            )


def _due(today: date) -> Iterator[_Due]:
    rows = db.session.execute(
        select(ActionItem.id, ActionItem.due_on, ActionItem.made_at).where(
            ActionItem.state.in_(sorted(state.value for state in WORKED_ON)),
            ActionItem.due_on >= today,
            ActionItem.due_on <= today + AHEAD,
        )
    )
    for item_id, due_on, made_at in rows:
        made_on = made_at.astimezone(parts().zone).date()
        if due_on == today:
            yield _Due(item_id, 0, f"item:{item_id}:day:{due_on}")
        elif made_on < due_on - AHEAD:
            yield _Due(item_id, (due_on - today).days, f"item:{item_id}:ahead:{due_on}")


def _untold(due: list[_Due]) -> Iterator[_Due]:
    told = set(db.session.scalars(select(Notice.key).where(Notice.key.in_([one.key for one in due]))))
    db.session.rollback()
    return (one for one in due if one.key not in told)
