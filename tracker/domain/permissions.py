"""Who somebody is, where that counts, and which pages it opens.

A *role* says what a person may do to a case (domain/lifecycle.py names roles in its table); a *permission*
says which pages and commands a person may use at all. A *grant* limits a role to areas or a department.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.words import N_


class Role(StrEnum):
    """Everyone the case table knows. The first seven sign in; the last four never do."""

    OPERATOR = "operator"
    HANDLER = "handler"
    VERIFIER = "verifier"
    DUTY_LEAD = "duty_lead"
    SUPERVISOR = "supervisor"
    SECRETARY = "secretary"
    ADMIN = "admin"
    REPORTER = "reporter"
    PASSER_BY = "passer_by"
    """Somebody on the street who follows nothing, and says what he sees."""
    RULE = "rule"
    """The category's or routing rule that files and dispatches by itself."""
    SYSTEM = "system"
    """A timed job."""


STAFF_ROLES = frozenset(Role) - {Role.REPORTER, Role.PASSER_BY, Role.RULE, Role.SYSTEM}


class Permission(StrEnum):
    """What a route asks for. Public routes say so themselves (web/access.py)."""

    QUEUE_SEE = "queue_see"
    CASE_SEE = "case_see"
    CASE_ACT = "case_act"
    ESCALATIONS_SEE = "escalations_see"
    SESSIONS_OWN = "sessions_own"
    CALENDAR_KEEP = "calendar_keep"
    SERVICE_WATCH = "service_watch"
    ISSUES_SEE = "issues_see"
    ISSUES_DECIDE = "issues_decide"
    MEETINGS_KEEP = "meetings_keep"
    ACTIONS_SEE = "actions_see"
    ACTIONS_WORK = "actions_work"
    VISITS_KEEP = "visits_keep"
    PHOTOS_PUBLISH = "photos_publish"
    FLOODS_SEE = "floods_see"
    FLOODS_UNDO = "floods_undo"
    BANS_KEEP = "bans_keep"
    LABELS_POST = "labels_post"
    LABELS_KEEP = "labels_keep"
    PLACES_KEEP = "places_keep"
    REGISTER_EXPORT = "register_export"


CASE_ROLES = STAFF_ROLES - {Role.ADMIN}
"""An admin keeps the registers and sees no cases: least data."""

_P = Permission
_AT_THE_DESK = frozenset({_P.QUEUE_SEE, _P.CASE_SEE, _P.CASE_ACT, _P.SESSIONS_OWN, _P.ACTIONS_SEE})
_COMMITTEE = frozenset({_P.ISSUES_SEE, _P.ISSUES_DECIDE, _P.MEETINGS_KEEP, _P.ACTIONS_WORK})
"""Who takes what many share from a candidate to a meeting and on."""
_REGISTERS = frozenset({_P.LABELS_POST, _P.LABELS_KEEP, _P.PLACES_KEEP, _P.REGISTER_EXPORT})
"""Places and the codes on them: who prints, posts, imports and takes the register out."""

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: _AT_THE_DESK
    | {_P.ESCALATIONS_SEE, _P.ISSUES_SEE, _P.PHOTOS_PUBLISH, _P.FLOODS_SEE, _P.LABELS_POST},
    Role.HANDLER: _AT_THE_DESK | {_P.ACTIONS_WORK},
    Role.VERIFIER: _AT_THE_DESK | {_P.LABELS_POST},
    Role.DUTY_LEAD: _AT_THE_DESK
    | {_P.ESCALATIONS_SEE, _P.ISSUES_SEE, _P.FLOODS_SEE, _P.FLOODS_UNDO, _P.BANS_KEEP},
    Role.SUPERVISOR: _AT_THE_DESK | _COMMITTEE | {_P.ESCALATIONS_SEE, _P.FLOODS_SEE},
    Role.SECRETARY: _AT_THE_DESK | _COMMITTEE | {_P.VISITS_KEEP, _P.PHOTOS_PUBLISH, _P.LABELS_POST},
    Role.ADMIN: _REGISTERS | {_P.SESSIONS_OWN, _P.CALENDAR_KEEP, _P.SERVICE_WATCH, _P.BANS_KEEP},
}


class NotPermitted(Exception):
    """The person may not do this, here or at all. Pages answer 404: what is not yours is not there."""


@dataclass(frozen=True)
class Grant:
    """One role of one person, with its limits.

    Attributes:
        areas: codes of the areas it counts in, descendants included; None: everywhere.
        department: code; a handler acts for it, other roles leave it None.
    """

    role: Role
    areas: frozenset[str] | None = None
    department: str | None = None

    def covers(self, area: str, departments: Iterable[str]) -> bool:
        """Whether the grant counts for a case in `area` that lies with `departments`."""
        if self.areas is not None and area not in self.areas:
            return False
        return self.department is None or self.department in departments


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a plain value, read once per request, valid for that request.

    Attributes:
        user_id: of staff; None for reporters, rules and jobs.
        report_id: of the reporter's own report.
        name: shown to other staff in the history.
        departments: codes of every department the person belongs to or handles for.
        cases: ids of the cases a reporter's link follows (his own, and the main case it was merged into).
    """

    name: str
    grants: tuple[Grant, ...] = ()
    user_id: int | None = None
    report_id: int | None = None
    departments: frozenset[str] = frozenset()
    cases: frozenset[int] = frozenset()

    def roles_for(self, area: str, departments: Iterable[str]) -> frozenset[Role]:
        """The roles this person has on a case in `area` that lies with `departments` (codes)."""
        codes = frozenset(departments)
        return frozenset(grant.role for grant in self.grants if grant.covers(area, codes))

    def has(self, permission: Permission) -> bool:
        """Whether any of the person's roles carries `permission`."""
        return any(permission in ROLE_PERMISSIONS.get(grant.role, ()) for grant in self.grants)

    def may(self, permission: Permission, area: str) -> bool:
        """Whether one of the person's roles carries `permission` and counts in `area`, whoever works on it there."""
        return any(
            permission in ROLE_PERMISSIONS.get(grant.role, ()) and grant.covers(area, ())
            for grant in self.grants
        )

    @property
    def only_handles(self) -> bool:
        """Whether handling is all this person does: somebody whom a reporter may have to fear."""
        return bool(self.grants) and all(grant.role == Role.HANDLER for grant in self.grants)

    @property
    def kind(self) -> str:
        """``staff``, ``reporter``, ``passer_by``, ``rule`` or ``system``: written into the history."""
        if self.user_id is not None:
            return "staff"
        if self.report_id is not None:
            return "reporter"
        return {RULE: "rule", PASSER_BY: "passer_by"}.get(self, "system")


RULE = Actor(N_("规则"), (Grant(Role.RULE),))
SYSTEM = Actor(N_("系统"), (Grant(Role.SYSTEM),))
PASSER_BY = Actor(N_("路过的人"), (Grant(Role.PASSER_BY),))

ON_THE_STREET = frozenset({Role.REPORTER.value, Role.PASSER_BY.value})
"""Kinds of actors of whom others learn neither words nor photos nor, where it could say who it was, the minute."""


def reporter(report_id: int, cases: Iterable[int]) -> Actor:
    """The person behind a private link who has shown the device or the code, so may speak."""
    return Actor(N_("上报人"), (Grant(Role.REPORTER),), report_id=report_id, cases=frozenset(cases))
