from datetime import UTC, datetime, timedelta

from tracker.demo.catalogue import categories
from tracker.demo.people import Person, people
from tracker.demo.plan import PlannedCase, plan_cases
from tracker.demo.shared import plan_street
from tracker.demo.stories import PlannedStep
from tracker.demo.street import Street, area_path, build_street
from tracker.domain.case_effects import advance
from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Situation, Supplied, check_supplied, choose_step
from tracker.domain.lifecycle import State
from tracker.domain.permissions import SYSTEM, Actor, Grant, reporter

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
PEOPLE = {person.login: person for person in people()}


def actor(step: PlannedStep, case: PlannedCase, street: Street) -> Actor:
    if step.by == "reporter":
        return reporter(case.index, [case.index])
    if step.by == "system":
        return SYSTEM
    person = PEOPLE[step.by]
    departments = frozenset({person.department} if person.department else set())
    grant = Grant(person.role, areas_of(person, street), person.department)
    return Actor(person.name, (grant,), list(PEOPLE).index(step.by), departments=departments)


def areas_of(person: Person, street: Street) -> frozenset[str] | None:
    if person.areas is None:
        return None
    below = (
        area.code for area in street.areas if set(area_path(street.areas, area.code)) & set(person.areas)
    )
    return frozenset(below)


def supplied(step: PlannedStep, case: PlannedCase, now: datetime) -> Supplied:
    return Supplied(
        note=step.note,
        category=case.category,
        reason=step.reason,
        channel=step.channel,
        main_case="" if step.main_case is None else str(step.main_case),
        lead=step.lead,
        co=step.co,
        suggested=step.suggested,
        outcome=step.outcome.value if step.outcome else "",
        on=now.date() + timedelta(days=step.in_days) if step.in_days else None,
        photos=len(step.photos),
        rating=step.rating,
        return_until_at=now + timedelta(hours=24),
    )


def started(case: PlannedCase) -> CaseRecord:
    """The case as the intake leaves it: automatic categories are with their lead."""
    category = categories()[case.category]
    if not category.is_automatic:
        return CaseRecord(category=category.code)
    everyone = (category.lead, *category.co)
    lead, co = category.lead, category.co
    return CaseRecord(State.DISPATCHED, category=category.code, lead=lead, co=co, handled_by=everyone)


def test_the_rules_accept_every_story_with_these_people() -> None:
    street = build_street(1)
    areas = {place.code: place.area for place in street.places}
    for case in (*plan_cases(street, 600, 5), *plan_street(street, 300, 5)):
        record = started(case)
        for step in case.steps:
            now = NOW - case.opened_before + step.after
            evidence = categories()[case.category].needs_evidence
            situation = Situation(
                record, case.index, areas[case.place], now, now.date(), evidence, opened_by=case.index
            )
            given = supplied(step, case, now)
            arrow = choose_step(situation, step.action, actor(step, case, street))
            check_supplied(arrow, given, situation)
            record = advance(record, arrow, given, now)
        assert record.state == case.state
        if case.outcome:
            assert record.outcome == case.outcome
