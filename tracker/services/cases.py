"""Acting on a case: every page, command, job and API goes through ``act``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.calendar import CalendarTooShort
from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import (
    Incomplete,
    Situation,
    Supplied,
    check_supplied,
    choose_step,
    roles_of,
)
from tracker.domain.clocks import ClockKind
from tracker.domain.dispatch import Route
from tracker.domain.lifecycle import OPEN, Action, State, step_of
from tracker.domain.permissions import RULE, Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Category, Clock, Department, HistoryRow, Report
from tracker.services.calendars import calendar_by_id, current_calendar_id
from tracker.services.clearings import show_strangers
from tracker.services.clocks import open_clocks
from tracker.services.moves import Move, record_of, take
from tracker.services.parts import parts
from tracker.services.routing import as_details, route_for

RETURN_WINDOW_WORKING_DAYS = 1
"""A handler may ask for a return within this long after dispatch. Source: design brief, section 2."""

_WORK = (
    Action.FIX_ON_SPOT,
    Action.SIGN,
    Action.CONTACT,
    Action.REQUEST_RETURN,
    Action.REQUEST_EXTENSION,
    Action.RESOLVE,
)
"""Whoever did one of these never verifies the case, even if it was done before a dispute."""


class CaseMissing(LookupError):
    """No case has this number, or it is none of the actor's business."""


class StaleVersion(Exception):
    """Somebody else acted since the page was shown; nothing was written.

    Attributes:
        seen: the version the page showed.
    """

    def __init__(self, number: str, seen: int) -> None:
        super().__init__(f"{number} has moved on since version {seen}")
        self.number, self.seen = number, seen


def act(
    number: str,
    action: Action,
    supplied: Supplied,
    *,
    version: int,
    by: Actor,
    now: datetime,
    photos: Sequence[StoredPhoto] = (),
) -> CaseRecord:
    """Take one arrow of the table, and whatever a rule does next by itself.

    Args:
        version: of the case that the actor saw.
        photos: already on disk; counted for the rules here.

    Raises:
        CaseMissing: no such case for this actor.
        StaleVersion: the case moved since the actor saw it.
        NotPermitted, StepRefused, Incomplete: the rules said no; nothing was written.
    """
    given = replace(supplied, photos=len(photos), note=plain_text(supplied.note))
    if len(given.note) > parts().config.text_limit_chars:
        raise Incomplete({"note": N_("文字太长，请缩短后再提交。")})

    def use_case() -> CaseRecord:
        with transaction():
            case = _locked(number)
            situation = situation_of(case, now)
            if not roles_of(by, situation):
                raise CaseMissing(number)
            if case.version != version:
                raise StaleVersion(number, version)
            step = choose_step(situation, action, by)
            check_supplied(step, given, situation)
            return take(case, _moves(case, Move(step, given, by, photos=photos), now), now)

    return again_if_interrupted(use_case)


def situation_of(case: Case, now: datetime) -> Situation:
    """The case as the rules see it at `now`, with what they may ask beside its columns."""
    clocks = open_clocks(case.id)
    reports = _reports(case)
    own = [report_id for report_id, case_id in reports if case_id == case.id]
    done = _done_by(case.id)
    return Situation(
        record=record_of(case),
        case_id=case.id,
        area=case.area_code,
        now=now,
        today=now.astimezone(parts().zone).date(),
        evidence=case.category_version.evidence,
        worked_by=frozenset(
            user_id for action, user_id, _ in done if action in _WORK and user_id is not None
        ),
        for_strangers=not (case.category_version.private or case.category_version.protect_reporter),
        voices=len({case_id for _, case_id in reports} - {case.id}),
        stages=tuple(clock.stage for clock in clocks if clock.kind == ClockKind.STAGE),
        promised_on=_promised_on(clocks),
        opened_by=min(own, default=None),
        reports=frozenset(report_id for report_id, _ in reports),
        joined=max(len(own) - 1, 0),
        said_worse=_said(Action.WORSE, done),
        said_gone=_said(Action.GONE, done),
    )


def current_category(code: str) -> Category:
    """The category's version that new cases are opened under.

    Raises:
        Incomplete: no category has this code.
    """
    category = db.session.scalar(select(Category).where(Category.code == code, Category.is_current))
    if category is None:
        raise Incomplete({"category": N_("请选择类别。")})
    return category


def dispatch_supplies(route: Route, now: datetime) -> Supplied:
    """What the routing rule supplies when it dispatches."""
    return Supplied(lead=route.lead, co=route.co, return_until_at=_return_until(route.lead, now))


def _locked(number: str) -> Case:
    """The case, locked against other moves; rows that only point to it (a rung of its ladder) may come meanwhile."""
    case = db.session.scalar(select(Case).where(Case.number == number).with_for_update(key_share=True))
    if case is None:
        raise CaseMissing(number)
    return case


_Done = tuple[str, int | None, int | None]
"""An action, and the id of the person or the report behind it."""


def _done_by(case_id: int) -> Sequence[_Done]:
    """Who worked on the case, and who said something about it that counts once."""
    asked = (*_WORK, Action.WORSE, Action.GONE)
    rows = db.session.execute(
        select(HistoryRow.action, HistoryRow.user_id, HistoryRow.report_id).where(
            HistoryRow.case_id == case_id, HistoryRow.action.in_(asked)
        )
    )
    return [(action, user_id, report_id) for action, user_id, report_id in rows]


def _said(wanted: Action, done: Iterable[_Done]) -> frozenset[int]:
    return frozenset(report_id for action, _, report_id in done if action == wanted and report_id is not None)


def _reports(case: Case) -> Sequence[tuple[int, int]]:
    """Id and case of every report that follows the case, also through a case merged into it."""
    merged = select(Case.id).where(Case.main_case == case.number)
    rows = db.session.execute(
        select(Report.id, Report.case_id).where(or_(Report.case_id == case.id, Report.case_id.in_(merged)))
    )
    return [(report_id, case_id) for report_id, case_id in rows]


def _moves(case: Case, asked: Move, now: datetime) -> list[Move]:
    """The actor's own move, completed, and the rule's dispatch after a filing where the route says so."""
    given, details = _completed(case, asked, now)
    moves = [replace(asked, supplied=given, details=details)]
    if asked.step.action == Action.RELEASE:
        moves += filed_by_rule(route_for(case.category, case.area_code), now)
    if asked.step.action in (Action.FILE, Action.FOUND):
        moves += rule_dispatch(case.category_version, case.area_code, now)
    return moves


def filed_by_rule(route: Route, now: datetime) -> list[Move]:
    """What the category's rule does with a new report by itself; nothing, if somebody has to look first."""
    if not route.auto_file:
        return []
    filed = Move(step_of(Action.FILE), Supplied(category=route.category), RULE, as_details(route))
    return [filed, dispatch_by_rule(route, now)] if route.auto_dispatch else [filed]


def rule_dispatch(category: Category, area_code: str, now: datetime) -> list[Move]:
    """The dispatch that follows a filing by itself, if the route of this category here says so."""
    route = route_for(category.code, area_code)
    if not route.auto_dispatch:
        return []
    return [dispatch_by_rule(route, now)]


def dispatch_by_rule(route: Route, now: datetime) -> Move:
    """The routing rule's own dispatch."""
    return Move(step_of(Action.DISPATCH), dispatch_supplies(route, now), RULE, as_details(route))


def _completed(case: Case, asked: Move, now: datetime) -> tuple[Supplied, dict[str, Any]]:
    """Check what was supplied against the registers and add what only they know."""
    given = asked.supplied
    match asked.step.action:
        case Action.FILE:
            _recategorise(case, given.category)
        case Action.DISPATCH:
            _require_departments({"lead": [given.lead], "co": given.co})
            return replace(given, return_until_at=_return_until(given.lead, now)), {}
        case Action.REQUEST_RETURN:
            _require_departments({"suggested": [given.suggested]})
        case Action.MERGE:
            return given, {"main_case_id": _lock_main_case(case, given.main_case, asked.by, now)}
        case Action.RELEASE:
            _let_count(case)
        case Action.REVEAL_PHONE if given.report is not None:
            _require_phone(case, given.report)
            return given, {"report_id": given.report}
        case Action.PUBLISH_PHOTOS | Action.WITHDRAW_PHOTOS:
            return given, show_strangers(case, given.clearing, asked.by, now)
        case Action.DISPUTE | Action.REOPEN if not case.lead:
            route = route_for(case.category, case.area_code)
            return replace(given, lead=route.lead), as_details(route)
    return given, {}


def _let_count(case: Case) -> None:
    """What was kept apart was passed over when its time came; the grouping looks at it once more."""
    db.session.execute(update(Report).where(Report.case_id == case.id).values(is_grouped=False))


def _recategorise(case: Case, code: str) -> None:
    """Another category means its present version; the same one keeps the version the case was opened under."""
    if code != case.category:
        case.category_version = current_category(code)


def _require_departments(chosen: Mapping[str, Sequence[str]]) -> None:
    """Refuse codes that are not in the register, each beside the field it was chosen in."""
    codes = {code for each in chosen.values() for code in each}
    known = set(db.session.scalars(select(Department.code).where(Department.code.in_(codes))))
    problems = {
        field: N_("请选择名单中的单位。") for field, each in chosen.items() if not known.issuperset(each)
    }
    if problems:
        raise Incomplete(problems)


def _require_phone(case: Case, report_id: int) -> None:
    """Raise CaseMissing for a report that is none of this case, or has no number; then nothing is written."""
    with_phone = select(Report.id).where(Report.case_id == case.id, Report.phone_sealed != "")
    if report_id not in db.session.scalars(with_phone).all():
        raise CaseMissing(case.number)


def _lock_main_case(case: Case, number: str, by: Actor, now: datetime) -> int:
    """The main case must be one that the actor sees himself; another's is as if it were not there."""
    main = db.session.scalar(select(Case).where(Case.number == number).with_for_update(key_share=True))
    if main is None or main.id == case.id or not roles_of(by, situation_of(main, now)):
        raise Incomplete({"main_case": N_("没有这个编号的其他案件。")})
    if State(main.state) not in OPEN:
        raise Incomplete({"main_case": N_("主案件已经结束，请选择仍在办理的案件。")})
    return main.id


def _return_until(lead: str, now: datetime) -> datetime | None:
    """None, hence no limit, where the calendar ends: a missing list must not take a handler's right away."""
    calendar_id = current_calendar_id(lead)
    if calendar_id is None:
        return None
    try:
        return calendar_by_id(calendar_id).after_working_days(now, RETURN_WINDOW_WORKING_DAYS)
    except CalendarTooShort:
        return None


def _promised_on(clocks: Iterable[Clock]) -> date | None:
    """The day the work is due; None: nothing is promised, or the calendar cannot say."""
    ends = [
        clock.due_at for clock in clocks if clock.kind in (ClockKind.DONE, ClockKind.REDO) and clock.due_at
    ]
    return max(ends).astimezone(parts().zone).date() if ends else None
