"""Who hears of an action item: whoever does it, the committee that decided on it, the reporters of its issue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tracker.domain.actions import ItemAction
from tracker.extensions import db
from tracker.models import ActionItem, Department, Issue
from tracker.services.issue_reports import reachable
from tracker.services.notices import tell
from tracker.services.recipients import Staff

WORDS_SHOWN = 80
"""Characters of an item's words in a message."""

FOR_DOERS = {
    ItemAction.MAKE: "item_made",
    ItemAction.SEND_BACK: "item_sent_back",
    ItemAction.EXTEND: "item_extended",
    ItemAction.ACCEPT: "item_accepted",
}
FOR_COMMITTEE = {ItemAction.CLAIM: "item_claimed", ItemAction.ASK_TIME: "item_time_asked"}
"""What happened → the event that those hear of whose turn it is."""


def tell_staff(item: ActionItem, issue: Issue, action: ItemAction, *, by: int | None, now: datetime) -> None:
    """Tell those whose turn it is after `action`. Inside the transaction of the move."""
    staff = Staff()
    if action in FOR_DOERS:
        event, heard = FOR_DOERS[action], staff.doers_of(item, issue)
    elif action in FOR_COMMITTEE:
        event, heard = FOR_COMMITTEE[action], staff.committee_of(issue)
    else:
        return
    tell(
        event,
        key=f"item:{item.id}:{item.version}",
        recipients=users(heard - {by}),
        facts=facts_of(item, issue),
        now=now,
    )


def tell_reporters(item: ActionItem, issue: Issue, event: str, now: datetime) -> None:
    """One sentence to everybody who reported it and left a number; what one meeting decided is one sentence."""
    once = f"m{item.meeting_id}" if event == "item_decided" and item.meeting_id else f"x{item.id}"
    tell(
        event,
        key=f"{event}:{issue.id}:{once}",
        recipients=reachable(issue.id),
        facts=facts_of(item, issue) | {"number": issue.number, "link": f"/issues/{issue.number}"},
        now=now,
    )


def facts_of(item: ActionItem, issue: Issue) -> dict[str, Any]:
    """What messages about an item may say; no person."""
    department = db.session.get_one(Department, item.department_code)
    return {
        "number": item.number,
        "link": f"/actions/{item.number}",
        "action": shortened(item.action),
        "due_on": item.due_on.isoformat(),
        "department_zh": department.name_zh,
        "department_en": department.name_en,
        "issue": issue.number,
        "title": issue.title,
    }


def users(ids: Iterable[int | None]) -> list[str]:
    """Members of staff as recipients."""
    return [f"user:{user_id}" for user_id in sorted(each for each in ids if each is not None)]


def shortened(words: str) -> str:
    """The beginning of an item's words, on one line."""
    line = " ".join(words.split())
    return line if len(line) <= WORDS_SHOWN else f"{line[: WORDS_SHOWN - 1]}…"
