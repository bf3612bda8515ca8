"""The case table against the brief's own, typed again by hand: every state × action × role."""

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.brief import BRIEF, ENDED, OPEN, Row
from tests.unit.domain.case_samples import ACTORS, NOW, a_case
from tracker.domain.case_rules import (
    Incomplete,
    StepRefused,
    Supplied,
    check_supplied,
    choose_step,
    permitted_steps,
)
from tracker.domain.clearing import Clearing
from tracker.domain.lifecycle import LIFECYCLE, Action, Outcome, State, step_of
from tracker.domain.permissions import NotPermitted, Role

# The circumstances in which nothing but state and role decides.
CIRCUMSTANCES: dict[Action, dict[str, Any]] = {
    Action.GRANT_EXTENSION: {"extension_on": date(2026, 12, 1)},
    Action.REFUSE_EXTENSION: {"extension_on": date(2026, 12, 1)},
    Action.LOOK: {"look_by": "duty_lead"},
    Action.STILL_THERE: {"gone": 2, "gone_at": NOW},
    Action.SEEN_GONE: {"gone": 2, "gone_at": NOW},
    Action.RATE: {"closing": "confirmed"},
    Action.RELEASE: {"held": 1},
}


def _allowed_by_the_brief(action: Action, state: State, role: Role) -> set[str]:
    """Where the brief's rows lead; empty: nowhere."""
    return {
        row.to
        for row in BRIEF
        if row.action == action and state in row.sources.split() and role in row.who.split()
    }


def _answer(action: Action, state: State, role: Role) -> set[str]:
    try:
        step = choose_step(a_case(state, **CIRCUMSTANCES.get(action, {})), action, ACTORS[role])
    except (NotPermitted, StepRefused):
        return set()
    return {step.target or "stays"}


def test_every_state_action_and_role_is_allowed_exactly_as_in_the_brief() -> None:
    different = {
        (state, action, role): (_answer(action, state, role), wanted)
        for state, action, role in itertools.product(State, Action, Role)
        if _answer(action, state, role) != (wanted := _allowed_by_the_brief(action, state, role))
    }
    assert not different


def test_the_buttons_of_a_page_are_exactly_what_may_be_done() -> None:
    for state, action, role in itertools.product(State, Action, Role):
        case = a_case(state, **CIRCUMSTANCES.get(action, {}))
        offered = {step.action for step in permitted_steps(case, ACTORS[role])}
        assert (action in offered) == bool(_allowed_by_the_brief(action, state, role)), (state, action, role)


def test_somebody_who_never_may_is_told_apart_from_somebody_who_may_not_now() -> None:
    for action, role in itertools.product(Action, Role):
        ever = any(row.action == action and role in row.who.split() for row in BRIEF)
        refusals = set()
        for state in State:
            try:
                choose_step(a_case(state, **CIRCUMSTANCES.get(action, {})), action, ACTORS[role])
            except (NotPermitted, StepRefused) as refusal:
                refusals.add(type(refusal))
        if action != Action.REPORT:  # opens a case; nobody can do that to one that is there
            assert refusals <= ({StepRefused} if ever else {NotPermitted}), (action, role)


EVERYTHING = Supplied(
    note="说明",
    category="A5",
    outcome="fixed",
    channel="12315",
    main_case="261123-0001",
    lead="ZF",
    suggested="LR",
    on=date(2026, 12, 1),
    stage="guard",
    photos=1,
    clearing=Clearing("纸箱清走了。"),
    rating=4,
)
REASONS = {"decline": "consumer", "hold": "works"}
PHOTOS = {"photo": "photos", "note_or_photo": "photos", "evidence": "photos"}
EMPTIED = (
    "note",
    "category",
    "outcome",
    "reason",
    "channel",
    "main_case",
    "lead",
    "suggested",
    "on",
    "photos",
    "clearing",
    "rating",
)
NOTHING: dict[str, dict[str, Any]] = {
    "photo": {"photos": 0},
    "note_or_photo": {"photos": 0, "note": " \n"},
    "evidence": {"photos": 0},
    "on": {"on": None},
    "clearing": {"clearing": None},
    "rating": {"rating": 0},
}


@pytest.mark.parametrize("row", BRIEF, ids=lambda row: f"{row.action}-by-{row.who.split()[0]}")
def test_each_row_asks_for_what_the_brief_says_and_nothing_else(row: Row) -> None:
    step = step_of(Action(row.action), Role(row.who.split()[0]))
    case = replace(a_case(row.sources.split()[0]), evidence=True)
    everything = replace(EVERYTHING, reason=REASONS.get(row.action, ""))
    wanted = row.needs.split()
    just_enough = replace(everything, **_without(wanted))
    check_supplied(step, just_enough, case)
    for need in wanted:
        with pytest.raises(Incomplete) as refused:
            check_supplied(step, replace(everything, **NOTHING.get(need, {need: ""})), case)
        assert set(refused.value.problems) == {need}


def _without(wanted: list[str]) -> dict[str, Any]:
    """Everything that is not wanted, taken away."""
    kept = {PHOTOS.get(need, need) for need in wanted}
    empty = Supplied()
    return {name: getattr(empty, name) for name in EMPTIED if name not in kept}


def test_a_report_needs_a_category_and_words_or_a_photo() -> None:
    step = step_of(Action.REPORT, Role.REPORTER)
    with pytest.raises(Incomplete) as refused:
        check_supplied(step, Supplied(), a_case("reported"))
    assert set(refused.value.problems) == {"category", "note_or_photo"}
    check_supplied(step, Supplied(category="A5", photos=1), a_case("reported"))


def test_there_are_fifteen_states_and_seven_outcomes() -> None:
    assert set(State) == set(f"{OPEN} {ENDED}".split())
    assert len(State) == 15
    assert set(Outcome) == {
        "fixed",
        "partly_fixed",
        "planned",
        "explained",
        "referred",
        "not_found",
        "fixed_on_spot",
    }


def test_only_declined_merged_and_closed_can_be_left_again() -> None:
    left = {source for step in LIFECYCLE if step.target for source in step.sources}
    assert left & set(ENDED.split()) == {"declined", "merged", "closed"}


def test_every_state_but_the_first_is_reached_by_some_row() -> None:
    assert {step.target for step in LIFECYCLE if step.target} == set(State)


def test_a_role_without_such_a_row_has_no_step() -> None:
    with pytest.raises(LookupError):
        step_of(Action.CONFIRM, Role.SYSTEM)
