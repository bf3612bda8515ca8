import hashlib
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tracker.demo.catalogue import categories
from tracker.demo.people import people
from tracker.demo.pictures import draw_photo
from tracker.demo.plan import PlannedCase, plan_cases
from tracker.demo.street import build_street

ROOT = Path(__file__).parents[3]

STATES = {
    "reported", "needs_info", "checking", "filed", "dispatched", "return_requested", "in_progress", "on_hold",
    "resolved", "verified", "closed", "declined", "merged", "withdrawn", "voided",
}  # fmt: skip
OUTCOMES = {"fixed", "partly_fixed", "planned", "explained", "referred", "not_found", "fixed_on_spot"}

INTAKE = "reported needs_info checking filed"
AT_WORK = "dispatched return_requested in_progress on_hold"
# Typed from the brief's table: action -> (states it may leave, state it reaches or "" to stay, roles).
TABLE = {
    "file": ("reported checking", "filed", "operator"),
    "ask_info": ("reported", "needs_info", "operator"),
    "add_info": ("needs_info", "reported", "reporter"),
    "check": ("reported", "checking", "operator"),
    "found": ("checking", "filed", "verifier"),
    "not_found": ("checking", "declined", "verifier"),
    "fix_on_spot": ("reported checking", "verified", "operator verifier secretary"),
    "decline": ("reported checking needs_info", "declined", "operator duty_lead"),
    "appeal": ("declined", "reported", "reporter"),
    "merge": ("reported checking filed dispatched in_progress", "merged", "operator"),
    "withdraw": (INTAKE, "withdrawn", "reporter"),
    "void": (
        f"{INTAKE} dispatched return_requested in_progress on_hold resolved verified",
        "voided",
        "duty_lead",
    ),
    "dispatch": ("filed", "dispatched", "operator"),
    "sign": ("dispatched", "in_progress", "handler"),
    "request_return": ("dispatched", "return_requested", "handler"),
    "grant_return": ("return_requested", "filed", "duty_lead"),
    "refuse_return": ("return_requested", "dispatched", "duty_lead"),
    "contact": ("in_progress", "", "handler"),
    "request_extension": ("in_progress", "", "handler"),
    "grant_extension": ("in_progress", "", "duty_lead"),
    "refuse_extension": ("in_progress", "", "duty_lead"),
    "hold": ("in_progress", "on_hold", "supervisor"),
    "resume": ("on_hold", "in_progress", "supervisor"),
    "resolve": ("in_progress", "resolved", "handler"),
    "pass": ("resolved", "verified", "verifier"),
    "fail": ("resolved", "in_progress", "verifier"),
    "confirm": ("verified", "closed", "reporter"),
    "lapse": ("verified", "closed", "system"),
    "dispute": ("verified", "in_progress", "reporter"),
    "reopen": ("closed", "in_progress", "reporter secretary verifier duty_lead"),
    "look": ("in_progress", "", "duty_lead supervisor"),
}
ROLE = {person.login: person.role.value for person in people()} | {"reporter": "reporter", "system": "system"}
NOTE_NEEDED = {
    "ask_info", "found", "not_found", "void", "request_return", "contact", "request_extension", "hold",
    "resolve", "fail", "reopen", "look", "appeal", "dispute",
}  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> list[PlannedCase]:
    street = build_street(1)
    return [*plan_cases(street, 300, 1), *plan_cases(street, 300, 2), *plan_cases(street, 900, 3)]


def test_300_cases_show_every_state_and_every_outcome_several_times() -> None:
    cases = list(plan_cases(build_street(1), 300, 1))
    states = Counter(case.state.value for case in cases)
    assert set(states) == STATES
    assert min(states.values()) >= 4
    assert states["closed"] == 150
    outcomes = Counter(case.outcome.value for case in cases if case.outcome and case.state == "closed")
    assert set(outcomes) == OUTCOMES
    assert min(outcomes.values()) >= 4


def test_every_story_is_one_the_case_table_allows(cases: list[PlannedCase]) -> None:
    for case in cases:
        state = "dispatched" if categories()[case.category].is_automatic else "reported"
        for step in case.steps:
            sources, target, roles = TABLE[step.action.value]
            assert state in sources.split(), (case, step)
            assert ROLE[step.by] in roles.split(), (case, step)
            state = target or state
        assert state == case.state.value, case


def test_work_is_done_by_the_department_that_has_the_case(cases: list[PlannedCase]) -> None:
    for case in cases:
        lead = categories()[case.category].lead
        for step in case.steps:
            lead = step.lead or lead
            if ROLE[step.by] == "handler":
                assert step.by == lead.lower()
            assert step.suggested != lead


def test_every_step_brings_what_it_has_to_supply(cases: list[PlannedCase]) -> None:
    for case in cases:
        assert case.text or case.photos
        assert len(case.text) <= 200
        for step in case.steps:
            action = step.action.value
            assert step.note or action not in NOTE_NEEDED, step
            if action in {"fix_on_spot", "not_found"} or (
                action == "resolve" and categories()[case.category].needs_evidence
            ):
                assert step.photos
            if action == "decline":
                assert step.reason
                assert step.channel
            if action == "hold":
                assert step.reason
                assert 0 < step.in_days <= 90
            if action == "merge":
                assert step.main_case is not None


def test_somebody_above_looks_after_the_third_failed_check_and_the_second_dispute(
    cases: list[PlannedCase],
) -> None:
    lookers = Counter[str]()
    for case in cases:
        actions = [step.action.value for step in case.steps]
        for number, action in enumerate(actions):
            done = Counter(actions[: number + 1])
            if (action == "fail" and done["fail"] >= 3) or (action == "dispute" and done["dispute"] >= 2):
                assert actions[number + 1] == "look"
                assert ROLE[case.steps[number + 1].by] == ("supervisor" if action == "fail" else "duty_lead")
                lookers[action] += 1
    assert lookers["fail"]
    assert lookers["dispute"]


def test_steps_follow_one_another_and_none_lies_in_the_future(cases: list[PlannedCase]) -> None:
    for case in cases:
        moments = [timedelta(0), *(step.after for step in case.steps), case.opened_before]
        assert moments == sorted(moments)


def test_cases_come_oldest_first_and_are_merged_only_into_earlier_open_ones() -> None:
    cases = list(plan_cases(build_street(1), 300, 7))
    assert [case.index for case in cases] == list(range(300))
    ages = [case.opened_before for case in cases]
    assert ages == sorted(ages, reverse=True)
    for case in cases:
        if case.state == "merged":
            main = cases[case.steps[-1].main_case or 0]
            assert main.index < case.index
            assert main.category == case.category
            assert main.state in {"dispatched", "in_progress", "on_hold"}


def test_bikes_pile_up_near_the_metro() -> None:
    street = build_street(1)
    near = {place.code for place in street.places_near(street.metro.spot, 260)}
    rush = [case for case in plan_cases(street, 300, 1) if case.category == "A1" and case.place in near]
    assert len(rush) >= 30
    assert len({case.place for case in rush}) >= 9


def test_ten_thousand_cases_keep_the_desk_to_a_few_hundred_open_ones() -> None:
    ended = {"closed", "declined", "merged", "withdrawn", "voided"}
    states = Counter(case.state.value for case in plan_cases(build_street(1), 10_000, 1))
    assert states.total() == 10_000
    assert sum(number for state, number in states.items() if state not in ended) < 300


def digest(seed: int) -> str:
    street = build_street(seed)
    planned = hashlib.sha256(repr((street, list(plan_cases(street, 300, seed)))).encode())
    planned.update(draw_photo("A1", before=True, rng=Random(seed)))
    return planned.hexdigest()


def test_the_same_seed_gives_the_same_street_in_another_process_and_another_seed_another() -> None:
    code = "from tests.unit.demo.test_plan import digest; print(digest(1))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == digest(1)
    assert digest(1) != digest(2)
