"""Cases and people as plain values, for tests of the rules."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Situation
from tracker.domain.lifecycle import State
from tracker.domain.permissions import PASSER_BY, RULE, SYSTEM, Actor, Grant, Role, reporter

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, 10:00 on the street."""
TODAY = date(2026, 11, 23)
CASE, OPENER = 1, 7
"""Id of the case, and of the report that opened it."""


def a_person(role: Role, *departments: str, user_id: int = 2) -> Actor:
    """Somebody with one role everywhere; a handler acts for the first of `departments`."""
    department = departments[0] if role == Role.HANDLER else None
    return Actor(role, (Grant(role, None, department),), user_id, departments=frozenset(departments))


ACTORS = {
    Role.REPORTER: reporter(OPENER, {CASE}),
    Role.PASSER_BY: PASSER_BY,
    Role.RULE: RULE,
    Role.SYSTEM: SYSTEM,
    Role.HANDLER: a_person(Role.HANDLER, "ZF", user_id=1),
    Role.OPERATOR: a_person(Role.OPERATOR),
    Role.VERIFIER: a_person(Role.VERIFIER),
    Role.DUTY_LEAD: a_person(Role.DUTY_LEAD),
    Role.SUPERVISOR: a_person(Role.SUPERVISOR),
    Role.SECRETARY: a_person(Role.SECRETARY),
    Role.ADMIN: a_person(Role.ADMIN),
}


def a_case(state: str, *, around: dict[str, Any] | None = None, **fields: Any) -> Situation:
    """A case that lies with ZF at a moment when no deadline has passed.

    Args:
        around: fields of the Situation; `fields` are those of the record.
    """
    given: dict[str, Any] = {
        "state": State(state),
        "category": "A5",
        "lead": "ZF",
        "handled_by": ("ZF",),
        "return_until_at": NOW + timedelta(hours=1),
        "closed_at": NOW - timedelta(days=1),
        "hold_until_on": TODAY,
    }
    usual: dict[str, Any] = {
        "area": "PP-1",
        "now": NOW,
        "today": TODAY,
        "opened_by": OPENER,
        "stages": ("guard",),
    }
    return Situation(CaseRecord(**(given | fields)), case_id=CASE, **(usual | (around or {})))
