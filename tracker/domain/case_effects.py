"""What an arrow changes on the case besides its state: counters, outcome, departments, dates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import (
    ABUSE,
    AT_WORK,
    DISPUTES_TO_DUTY_LEAD,
    FAILURES_TO_SUPERVISOR,
    INTAKE,
    Action,
    Outcome,
    Step,
)
from tracker.domain.permissions import Role

Effect = Callable[[CaseRecord, Supplied, datetime], dict[str, Any]]

_NO_RESULT = {"outcome": "", "closing": "", "rating": 0, "closed_at": None}
"""A case that goes back to work has no result: what it had stays in the history."""

_UNASSIGNED = {
    "lead": "",
    "co": (),
    "return_to": "",
    "return_until_at": None,
    "extension_on": None,
    "due_on": None,
}
"""Nobody has it: what was promised by or to a department goes with the department."""

_NOBODY_SAYS_GONE = {"gone": 0, "gone_at": None}
_NOTHING_SAID = _NOBODY_SAYS_GONE | {"worse": 0, "gone_seen_at": None}
"""What people said was about the trouble as it stood: a result answers it."""


def advance(record: CaseRecord, step: Step, supplied: Supplied, now: datetime) -> CaseRecord:
    """The record after `step`; the version counts the history row that goes with it."""
    state = step.target or record.state
    effect = _EFFECTS.get(step.action)
    changed = effect(record, supplied, now) if effect else {}
    if state not in INTAKE:
        changed["appeal_open"] = 0
    if state not in AT_WORK:
        changed |= _NOTHING_SAID
    return replace(record, **{"state": state, "version": record.version + 1, **changed})


def _dispatch(record: CaseRecord, given: Supplied, now: datetime) -> dict[str, Any]:
    handled_by = tuple(sorted({*record.handled_by, given.lead, *given.co}))
    return {
        "lead": given.lead,
        "co": tuple(sorted(set(given.co))),
        "handled_by": handled_by,
        "return_to": "",
        "return_until_at": given.return_until_at,
    }


def _back_to_work(record: CaseRecord, given: Supplied) -> dict[str, Any]:
    """Reopened work needs a department: the one it had, else the one the routing rule names (`given.lead`)."""
    lead = record.lead or given.lead
    handled_by = tuple(sorted({*record.handled_by, lead} - {""}))
    return _NO_RESULT | {"reopens": record.reopens + 1, "lead": lead, "handled_by": handled_by}


def _dispute(record: CaseRecord, given: Supplied, now: datetime) -> dict[str, Any]:
    disputes = record.disputes + 1
    look_by = Role.DUTY_LEAD.value if disputes >= DISPUTES_TO_DUTY_LEAD else record.look_by
    return _back_to_work(record, given) | {"disputes": disputes, "look_by": look_by}


def _fail(record: CaseRecord, given: Supplied, now: datetime) -> dict[str, Any]:
    reworks = record.reworks + 1
    look_by = Role.SUPERVISOR.value if reworks >= FAILURES_TO_SUPERVISOR else record.look_by
    return {"outcome": "", "reworks": reworks, "look_by": look_by}


def _decline(record: CaseRecord, given: Supplied, now: datetime) -> dict[str, Any]:
    return {"decline_reason": given.reason, "decline_channel": given.channel, "closed_at": now}


def _appeal(record: CaseRecord, given: Supplied, now: datetime) -> dict[str, Any]:
    return _NO_RESULT | {
        "appeals": record.appeals + 1,
        "appeal_open": 1,
        "decline_reason": "",
        "decline_channel": "",
    }


def _gone(record: CaseRecord, given: Supplied, now: datetime) -> dict[str, Any]:
    return {"gone": record.gone + 1, "gone_at": record.gone_at or now}


_EFFECTS: dict[Action, Effect] = {
    Action.REPORT: lambda record, given, now: {
        "category": given.category,
        "held": int(given.held),
        "flagged": int(given.held),
    },
    Action.RELEASE: lambda record, given, now: {"held": 0, "flagged": 0},
    Action.FILE: lambda record, given, now: {"category": given.category},
    Action.FOUND: lambda record, given, now: dict(_NOBODY_SAYS_GONE),
    Action.NOT_FOUND: lambda record, given, now: {"outcome": Outcome.NOT_FOUND.value, "closed_at": now},
    Action.FIX_ON_SPOT: lambda record, given, now: {"outcome": Outcome.FIXED_ON_SPOT.value},
    Action.DECLINE: _decline,
    Action.APPEAL: _appeal,
    Action.MERGE: lambda record, given, now: {"main_case": given.main_case, "closed_at": now},
    Action.SPLIT: lambda record, given, now: _NO_RESULT | _UNASSIGNED | {"main_case": ""},
    Action.WITHDRAW: lambda record, given, now: {"closed_at": now},
    Action.VOID: lambda record, given, now: {
        "closed_at": now,
        "flagged": int(bool(record.flagged) or given.reason == ABUSE),
    },
    Action.DISPATCH: _dispatch,
    Action.REQUEST_RETURN: lambda record, given, now: {
        "returns": record.returns + 1,
        "return_to": given.suggested,
    },
    Action.GRANT_RETURN: lambda record, given, now: _UNASSIGNED | {"return_to": record.return_to},
    Action.REFUSE_RETURN: lambda record, given, now: {"return_to": ""},
    Action.REQUEST_EXTENSION: lambda record, given, now: {"extension_on": given.on},
    Action.GRANT_EXTENSION: lambda record, given, now: {
        "due_on": record.extension_on,
        "extension_on": None,
        "extensions": record.extensions + 1,
    },
    Action.REFUSE_EXTENSION: lambda record, given, now: {"extension_on": None},
    Action.HOLD: lambda record, given, now: {"hold_reason": given.reason, "hold_until_on": given.on},
    Action.RESUME: lambda record, given, now: {"hold_reason": "", "hold_until_on": None},
    Action.RESOLVE: lambda record, given, now: {"outcome": given.outcome, "extension_on": None},
    Action.FAIL: _fail,
    Action.CONFIRM: lambda record, given, now: {
        "closing": "confirmed",
        "rating": given.rating,
        "closed_at": now,
    },
    Action.RATE: lambda record, given, now: {"rating": given.rating},
    Action.LAPSE: lambda record, given, now: {"closing": "lapsed", "closed_at": now},
    Action.DISPUTE: _dispute,
    Action.REOPEN: lambda record, given, now: _back_to_work(record, given),
    Action.LOOK: lambda record, given, now: {"look_by": ""},
    Action.JOIN: lambda record, given, now: {"gone_seen_at": None},
    Action.WORSE: lambda record, given, now: {"worse": record.worse + 1, "gone_seen_at": None},
    Action.GONE: _gone,
    Action.STILL_THERE: lambda record, given, now: dict(_NOBODY_SAYS_GONE),
    Action.SEEN_GONE: lambda record, given, now: _NOBODY_SAYS_GONE | {"gone_seen_at": now},
}
