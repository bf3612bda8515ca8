"""What happened that somebody must hear of: written with it, in the same transaction.

Who hears, where and in which words is worked out afterwards (services/deliveries.py), so that a slow address book or
mail server never slows a move.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.domain.lifecycle import Action
from tracker.extensions import insert_rows
from tracker.models import Case, Notice
from tracker.services.clocks import Followed

FOR_REPORTERS = frozenset(
    {
        Action.REPORT,
        Action.JOIN,
        Action.ASK_INFO,
        Action.NOT_FOUND,
        Action.FIX_ON_SPOT,
        Action.DECLINE,
        Action.MERGE,
        Action.SPLIT,
        Action.VOID,
        Action.DISPATCH,
        Action.GRANT_EXTENSION,
        Action.HOLD,
        Action.RESUME,
        Action.PASS,
        Action.LAPSE,
    }
)
"""Moves that concern whoever reported and left an address; what he did himself he knows."""

FOR_STAFF: Mapping[Action, str] = {
    Action.ADD_INFO: "operators",
    Action.APPEAL: "duty_leads",
    Action.CHECK: "verifiers",
    Action.DISPATCH: "handlers",
    Action.REQUEST_RETURN: "deciders",
    Action.GRANT_RETURN: "operators",
    Action.REFUSE_RETURN: "handlers",
    Action.REQUEST_EXTENSION: "deciders",
    Action.GRANT_EXTENSION: "handlers",
    Action.REFUSE_EXTENSION: "handlers",
    Action.HOLD: "handlers",
    Action.RESUME: "handlers",
    Action.RESOLVE: "verifiers",
    Action.FAIL: "handlers",
    Action.DISPUTE: "handlers",
    Action.REOPEN: "handlers",
}
"""Whose work it is next: a group of people around the case (services/deliveries.py knows who is in it)."""


def notice_moves(case: Case, moves: Sequence[Followed], now: datetime) -> None:
    """Write down which of `moves` must be told. Inside the move's transaction."""
    rows = [
        {
            "key": f"move:{case.id}:{move.after.version}",
            "event": f"case_{move.action}",
            "case_id": case.id,
            "facts": {
                "version": move.after.version,
                "user_id": move.by.user_id,
                "report_id": move.by.report_id,
            },
            "is_late": False,
            "is_urgent": case.category_version.urgent,
            "made_at": now,
        }
        for move in moves
        if move.action in FOR_REPORTERS or move.action in FOR_STAFF
    ]
    insert_rows(Notice, rows)


def notice_rung(
    case_id: int, now: datetime, *, facts: Mapping[str, Any], is_late: bool, is_urgent: bool
) -> Notice:
    """The notice of one rung of the ladder (facts: clock_id, rung, kind, stage, due_at); the caller stores it."""
    return Notice(
        key=f"rung:{facts['clock_id']}:{facts['rung']}",
        event="clock_rung",
        case_id=case_id,
        facts=dict(facts),
        is_late=is_late,
        is_urgent=is_urgent,
        made_at=now,
    )
