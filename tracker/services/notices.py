"""What happened that somebody must hear of: written with it, in the same transaction.

Who hears, where and in which words is worked out afterwards (services/deliveries.py), so that a slow address book or
mail server never slows a move.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from tracker.domain.clocks import ClockKind
from tracker.domain.lifecycle import Action
from tracker.extensions import db, insert_rows
from tracker.models import Case, Notice
from tracker.services.clocks import Followed

FOR_REPORTERS = frozenset(
    {
        Action.REPORT,
        Action.JOIN,
        Action.FILE,
        Action.ASK_INFO,
        Action.CHECK,
        Action.FOUND,
        Action.NOT_FOUND,
        Action.FIX_ON_SPOT,
        Action.DECLINE,
        Action.APPEAL,
        Action.MERGE,
        Action.SPLIT,
        Action.VOID,
        Action.DISPATCH,
        Action.SIGN,
        Action.GRANT_RETURN,
        Action.GRANT_EXTENSION,
        Action.HOLD,
        Action.RESUME,
        Action.RESOLVE,
        Action.PASS,
        Action.FAIL,
        Action.CONFIRM,
        Action.LAPSE,
        Action.DISPUTE,
        Action.REOPEN,
        Action.GONE,
        Action.STILL_THERE,
        Action.SEEN_GONE,
    }
)
"""Moves that concern whoever reported or joined and left an address; what he did himself he knows.

Every stage is among them, the end too. Not: that a return is asked for or refused, for the work goes on meanwhile
(先办后议); that a question is answered; that somebody takes back what nobody else follows.
"""

FOR_OPENERS = frozenset({Action.GONE, Action.STILL_THERE, Action.SEEN_GONE})
"""Of these only who opened the case hears: it is his word against another's."""

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
    Action.WORSE: "at_work",
    Action.GONE: "verifiers",
    Action.SEEN_GONE: "at_work",
}
"""Whose work it is next: a group of people around the case (services/deliveries.py knows who is in it)."""

RUNG_EVENTS: Mapping[str, str] = {ClockKind.ISSUE_REVIEW: "issue_rung", ClockKind.ITEM: "item_rung"}
"""Kind of a clock that is of no case → event of its rungs, which has words of its own."""

AUDIENCES: Mapping[str, str] = {"user": "staff", "report": "reporter", "guest": "guest"}
"""First part of a recipient → folder of the templates that are written for him."""


def tell(
    event: str,
    *,
    key: str,
    recipients: Iterable[str],
    facts: Mapping[str, Any],
    now: datetime,
    case_id: int | None = None,
    is_urgent: bool = False,
) -> bool:
    """Write down that these people must hear of something; return whether it is new. Inside a transaction.

    Args:
        event: names the templates ``messages/<staff|reporter|guest>/<event>.txt``, first line subject.
        key: at most 60 characters; of the same key only the first notice counts, whichever process makes it.
        recipients: ``user:<id>`` (bell, and the channels he chose), ``report:<id>`` (whoever left a number with it),
            ``guest:<invitation id>`` (mail). Nobody: nothing is written.
        facts: all that templates get beside the office's name; JSON values, no personal data. `number` and `link` (a
            path here) are what lists show; `ics`, the text of a calendar file, is attached to mails.

    Raises:
        TemplateNotFound: the event has no words for one of those who are to hear of it.
    """
    heard = sorted(set(recipients))
    for kind in {recipient.partition(":")[0] for recipient in heard}:
        current_app.jinja_env.get_template(f"messages/{AUDIENCES[kind]}/{event}.txt")
    if not heard:
        return False
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    row = {
        "key": key,
        "event": event,
        "case_id": case_id,
        "recipients": heard,
        "facts": dict(facts),
        "is_late": False,
        "is_urgent": is_urgent,
        "made_at": now,
    }
    statement = dialect.insert(Notice).values(row).on_conflict_do_nothing(index_elements=[Notice.key])
    return db.session.scalar(statement.returning(Notice.id)) is not None


def notice_moves(case: Case, moves: Sequence[Followed], now: datetime) -> None:
    """Write down which of `moves` must be told; of what is kept apart nobody hears. Inside the move's transaction."""
    following = [*moves[1:], None]
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
        for move, then in zip(moves, following, strict=True)
        if (move.action in FOR_REPORTERS or move.action in FOR_STAFF)
        and _is_news(move, then)
        and not move.after.held
    ]
    insert_rows(Notice, rows)


def _is_news(move: Followed, then: Followed | None) -> bool:
    """Filed and dispatched in one breath is one thing to hear; what ever more people say is heard at each doubling."""
    match move.action:
        case Action.FILE | Action.FOUND:
            return then is None or then.action != Action.DISPATCH
        case Action.WORSE:
            return _is_doubled(move.after.worse)
        case Action.GONE:
            return _is_doubled(move.after.gone)
        case _:
            return True


def _is_doubled(count: int) -> bool:
    return count & (count - 1) == 0


def notice_rung(
    case_id: int | None, now: datetime, *, facts: Mapping[str, Any], is_late: bool, is_urgent: bool
) -> Notice:
    """The notice of one rung of the ladder; the caller stores it.

    Args:
        facts: clock_id, rung, kind, stage, due_at; where there is no case also item_id or issue_id, number, link.
    """
    return Notice(
        key=f"rung:{facts['clock_id']}:{facts['rung']}",
        event=RUNG_EVENTS.get(facts["kind"], "clock_rung"),
        case_id=case_id,
        facts=dict(facts),
        is_late=is_late,
        is_urgent=is_urgent,
        made_at=now,
    )
