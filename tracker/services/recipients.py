"""Who hears of a notice: those it names, or groups of people around a case, an issue or an action item.

Everybody is read once for a batch of notices; the rules are the grants that also open the pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import func, or_, select

from tracker.domain.case_rules import who_may
from tracker.domain.clocks import OWNER, ClockKind
from tracker.domain.escalation import Hearer, rung
from tracker.domain.lifecycle import LIFECYCLE, Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import ActionItem, Case, Channel, Department, Issue, Notice, Report, User
from tracker.services.moves import record_of
from tracker.services.notices import FOR_OPENERS, FOR_REPORTERS, FOR_STAFF
from tracker.services.parts import parts
from tracker.services.people import actor_of

CASE_EVENT = "case_"
"""Events of moves are ``case_<action>``."""

_UPWARDS = (Hearer.OWNER, Hearer.DEPARTMENT_LEAD, Hearer.DUTY_LEAD, Hearer.SUPERVISOR)
"""Where nobody is found, the next one up hears: a promise that nobody looks after is worth a look."""
_RECEIPTS = frozenset({f"{CASE_EVENT}{Action.REPORT}", f"{CASE_EVENT}{Action.JOIN}"})
"""What only the person hears who did it."""
_DECISION = {
    Action.REQUEST_RETURN: Action.GRANT_RETURN,
    Action.REQUEST_EXTENSION: Action.GRANT_EXTENSION,
}
"""What is asked for → what is ruled on."""
_ROLE_OF = {"operators": Role.OPERATOR, "duty_leads": Role.DUTY_LEAD, "handlers": Role.HANDLER}
_HAS_IT_IN_HAND: Mapping[State, frozenset[Role]] = {
    **dict.fromkeys((State.REPORTED, State.NEEDS_INFO, State.FILED), frozenset({Role.OPERATOR})),
    State.CHECKING: frozenset({Role.VERIFIER}),
    **dict.fromkeys((State.DISPATCHED, State.RETURN_REQUESTED, State.IN_PROGRESS), frozenset({Role.HANDLER})),
    State.ON_HOLD: frozenset({Role.HANDLER, Role.SUPERVISOR}),
}
"""Who works on a case as it stands; on hold also whoever can end that."""


@dataclass(frozen=True)
class ReporterAddress:
    """A report whose sender left a phone number; the number itself stays sealed until it is used."""

    report_id: int
    language: str


@dataclass(frozen=True)
class Matter:
    """What a promise is about, as far as it says whose it is.

    Attributes:
        departments: codes, the lead first; empty: it lies with none.
        handled_by: codes of departments that may not verify it.
        person_id: of the member of staff who does it himself, if one was named.
    """

    area: str
    departments: tuple[str, ...] = ()
    handled_by: frozenset[str] = frozenset()
    person_id: int | None = None


class Staff:
    """Everybody who may hear of something now."""

    @cached_property
    def actors(self) -> Mapping[int, Actor]:
        """User id → the person as the rules see him."""
        users = db.session.scalars(select(User).where(User.is_active).order_by(User.id))
        may_be_demo = parts().config.demo
        return {user.id: actor_of(user) for user in users if may_be_demo or not user.is_demo}

    @cached_property
    def channels(self) -> Mapping[int, list[Channel]]:
        """User id → the channels he chose beside the bell."""
        chosen: dict[int, list[Channel]] = {}
        for channel in db.session.scalars(
            select(Channel).where(Channel.channel != "bell").order_by(Channel.id)
        ):
            chosen.setdefault(channel.user_id, []).append(channel)
        return chosen

    @cached_property
    def _leads(self) -> Mapping[str, int]:
        """Department code → its lead, where there is one who can sign in."""
        rows = db.session.execute(select(Department.code, Department.lead_user_id))
        return {code: user_id for code, user_id in rows if user_id is not None and user_id in self.actors}

    def hearers_of(self, notice: Notice, case: Case | None) -> frozenset[int]:
        """Ids of the people who hear of `notice`. Whoever did it knows already."""
        if notice.recipients is not None:
            return named_in(notice, "user") & self.actors.keys()
        if case is not None and notice.event.startswith(CASE_EVENT):
            found = self._next_in_line(Action(notice.event.removeprefix(CASE_EVENT)), case)
        else:
            kind = ClockKind(notice.facts["kind"])
            matter = _of_case(case) if case is not None else _of_more(notice)
            found = self._heard(rung(notice.facts["rung"]).hearers, kind, matter)
        return found - {notice.facts.get("user_id")}

    def doers_of(self, item: ActionItem, issue: Issue) -> frozenset[int]:
        """Ids of those who do an action item: the person named, else the handlers of its department."""
        return self._heard((Hearer.OWNER,), ClockKind.ITEM, _of_item(item, issue))

    def committee_of(self, issue: Issue) -> frozenset[int]:
        """Ids of those who decide on a common issue: its owner, else the secretaries of its area."""
        return self._heard((Hearer.OWNER,), ClockKind.ISSUE_REVIEW, _of_issue(issue))

    def _next_in_line(self, action: Action, case: Case) -> frozenset[int]:
        match FOR_STAFF.get(action):
            case "operators" | "duty_leads" | "handlers" as group:
                return self._with({_ROLE_OF[group]}, _of_case(case))
            case "verifiers":
                return self._verifiers(_of_case(case))
            case "at_work":
                return self._at_work(case)
            case "deciders":
                return self._with(self._deciding(_DECISION[action], case), _of_case(case))
        return frozenset()

    def _at_work(self, case: Case) -> frozenset[int]:
        """Whoever has the case in hand by now; nobody once there is a result."""
        roles = _HAS_IT_IN_HAND.get(State(case.state), frozenset())
        checking = self._verifiers(_of_case(case)) if Role.VERIFIER in roles else frozenset()
        return checking | self._with(roles - {Role.VERIFIER}, _of_case(case))

    def _deciding(self, action: Action, case: Case) -> frozenset[Role]:
        step = next(step for step in LIFECYCLE if step.action == action)
        return who_may(step, record_of(case))

    def _heard(self, hearers: Iterable[Hearer], kind: ClockKind, matter: Matter) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        for hearer in hearers:
            upwards = _UPWARDS[_UPWARDS.index(hearer) :]
            found |= next(filter(None, (self._hearer(each, kind, matter) for each in upwards)), frozenset())
        return found

    def _hearer(self, hearer: Hearer, kind: ClockKind, matter: Matter) -> frozenset[int]:
        lead = matter.departments[:1]
        match hearer:
            case Hearer.OWNER if matter.person_id is not None and matter.person_id in self.actors:
                return frozenset({matter.person_id})
            case Hearer.OWNER if OWNER[kind] == Role.VERIFIER:
                return self._verifiers(matter)
            case Hearer.OWNER:
                return self._with({OWNER[kind]}, replace(matter, departments=lead))
            case Hearer.DEPARTMENT_LEAD:
                return frozenset(self._leads[code] for code in lead if code in self._leads)
            case Hearer.DUTY_LEAD:
                return self._with({Role.DUTY_LEAD}, matter)
            case Hearer.SUPERVISOR:
                return self._with({Role.SUPERVISOR}, matter)

    def _verifiers(self, matter: Matter) -> frozenset[int]:
        """Never of a department that handled the case: they may not verify it either."""
        return frozenset(
            user_id
            for user_id in self._with({Role.VERIFIER}, matter)
            if not self.actors[user_id].departments & matter.handled_by
        )

    def _with(self, roles: Iterable[Role], matter: Matter) -> frozenset[int]:
        wanted = frozenset(roles)
        return frozenset(
            user_id
            for user_id, actor in self.actors.items()
            if wanted & actor.roles_for(matter.area, matter.departments)
        )


def named_in(notice: Notice, kind: str) -> frozenset[int]:
    """Ids of the recipients of this kind (``user``, ``report``, ``guest``) that the notice itself names."""
    split = (recipient.partition(":") for recipient in notice.recipients or ())
    return frozenset(int(number) for first, _, number in split if first == kind)


def _of_case(case: Case) -> Matter:
    return Matter(case.area_code, (case.lead, *case.co), frozenset(case.handled_by))


def _of_more(notice: Notice) -> Matter:
    """An action item, or a common issue: whose they are now, not when the rung fell due."""
    if "item_id" in notice.facts:
        item = db.session.get_one(ActionItem, notice.facts["item_id"])
        return _of_item(item, db.session.get_one(Issue, item.issue_id))
    return _of_issue(db.session.get_one(Issue, notice.facts["issue_id"]))


def _of_item(item: ActionItem, issue: Issue) -> Matter:
    return Matter(issue.area_code, (item.department_code,), person_id=item.user_id)


def _of_issue(issue: Issue) -> Matter:
    return Matter(issue.area_code, person_id=issue.owner_id)


def reporters_of(notice: Notice, case: Case | None) -> list[ReporterAddress]:
    """Reporters who left a number and are named, or follow the case, also through one merged into it.

    Not who did it himself.
    """
    if not parts().config.sms_url:
        return []
    if notice.recipients is not None:
        return _named_reporters(named_in(notice, "report"))
    is_for_them = notice.event in {f"{CASE_EVENT}{action}" for action in FOR_REPORTERS}
    if case is None or not is_for_them:
        return []
    merged = select(Case.id).where(Case.main_case == case.number)
    rows = db.session.execute(
        select(Report.id, Report.language)
        .where(Report.phone_sealed != "", or_(Report.case_id == case.id, Report.case_id.in_(merged)))
        .order_by(Report.id)
    )
    himself = notice.facts.get("report_id")
    told = [ReporterAddress(report_id, language) for report_id, language in rows]
    if notice.event in _RECEIPTS:
        return [
            each for each in told if each.report_id == himself
        ]  # the receipt; older followers heard already
    if notice.event in _TO_OPENERS:
        opened = _openers(case)
        told = [each for each in told if each.report_id in opened]
    return [each for each in told if each.report_id != himself]


_TO_OPENERS = frozenset(f"{CASE_EVENT}{action}" for action in FOR_OPENERS)


def _openers(case: Case) -> frozenset[int]:
    """Ids of the reports that opened the case and those merged into it."""
    merged = select(Case.id).where(Case.main_case == case.number)
    first = select(func.min(Report.id)).group_by(Report.case_id)
    return frozenset(
        db.session.scalars(first.where(or_(Report.case_id == case.id, Report.case_id.in_(merged))))
    )


def _named_reporters(report_ids: frozenset[int]) -> list[ReporterAddress]:
    if not report_ids:
        return []
    rows = db.session.execute(
        select(Report.id, Report.language)
        .where(Report.phone_sealed != "", Report.id.in_(sorted(report_ids)))
        .order_by(Report.id)
    )
    return [ReporterAddress(report_id, language) for report_id, language in rows]
