"""What must hold besides state and role: windows, second times, own work, ranges."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.domain.case_samples import ACTORS, NOW, OPENER, TODAY, a_case, a_person
from tracker.domain.case_rules import (
    Incomplete,
    Situation,
    StepRefused,
    Supplied,
    check_supplied,
    choose_step,
    permitted_steps,
    roles_of,
)
from tracker.domain.lifecycle import Action, Step, step_of
from tracker.domain.permissions import Actor, Grant, NotPermitted, Role, reporter


def may(case: Situation, action: str, actor: Actor) -> bool:
    """Whether the arrow can be taken; the buttons must say the same."""
    offered = action in {step.action for step in permitted_steps(case, actor)}
    try:
        choose_step(case, Action(action), actor)
    except (NotPermitted, StepRefused):
        assert not offered
        return False
    assert offered
    return True


def who_may(case: Situation, action: str) -> set[str]:
    """The roles that can take the arrow."""
    return {role.value for role, actor in ACTORS.items() if may(case, action, actor)}


def problems(step: Step, supplied: Supplied, case: Situation) -> set[str]:
    """What is refused of what was supplied."""
    try:
        check_supplied(step, supplied, case)
    except Incomplete as refused:
        return {name for name, words in refused.problems.items() if words}
    return set()


def test_a_yes_is_rated_once_and_a_case_without_an_answer_never() -> None:
    opener, joined = reporter(OPENER, {1}), reporter(OPENER + 1, {1})
    confirmed = a_case("closed", closing="confirmed", closed_at=NOW)
    assert may(confirmed, "rate", opener)
    assert not may(confirmed, "rate", joined)
    assert not may(a_case("closed", closing="confirmed", closed_at=NOW, rating=4), "rate", opener)
    assert not may(a_case("closed", closing="lapsed", closed_at=NOW), "rate", opener)
    step = step_of(Action.RATE, Role.REPORTER)
    assert problems(step, Supplied(rating=6), confirmed) == {"rating"}
    assert problems(step, Supplied(rating=1), confirmed) == set()


# ---- decisions that move up


@pytest.mark.parametrize("action", ["grant_return", "refuse_return"])
def test_the_first_return_is_the_duty_leads_and_from_the_second_on_only_the_supervisors(action: str) -> None:
    assert who_may(a_case("return_requested", returns=1), action) == {"duty_lead"}
    assert who_may(a_case("return_requested", returns=2), action) == {"supervisor"}
    assert who_may(a_case("return_requested", returns=3), action) == {"supervisor"}


@pytest.mark.parametrize("action", ["grant_extension", "refuse_extension"])
def test_the_first_extension_is_the_duty_leads_the_second_the_supervisors(action: str) -> None:
    asked_for = date(2026, 12, 1)
    first = a_case("in_progress", extensions=0, extension_on=asked_for)
    second = a_case("in_progress", extensions=1, extension_on=asked_for)
    assert (who_may(first, action), who_may(second, action)) == ({"duty_lead"}, {"supervisor"})


@pytest.mark.parametrize("action", ["grant_extension", "refuse_extension"])
def test_nobody_decides_on_an_extension_that_was_not_asked_for(action: str) -> None:
    assert who_may(a_case("in_progress", extension_on=None), action) == set()


def test_a_second_request_waits_until_the_first_is_decided() -> None:
    assert may(a_case("in_progress"), "request_extension", ACTORS[Role.HANDLER])
    asked = a_case("in_progress", extension_on=date(2026, 12, 1))
    assert not may(asked, "request_extension", ACTORS[Role.HANDLER])


@pytest.mark.parametrize("action", ["file", "ask_info", "check", "decline", "merge"])
def test_an_appealed_case_is_decided_by_a_duty_lead_not_by_the_operator_again(action: str) -> None:
    appealed = a_case("reported", appeals=1, appeal_open=1, closed_at=None)
    assert who_may(appealed, action) == {"duty_lead"}


def test_once_the_appeal_is_decided_the_case_goes_on_as_any_other() -> None:
    decided = a_case("filed", appeals=1, appeal_open=0)
    assert who_may(decided, "dispatch") == {"operator", "rule"}


def test_an_appeal_is_heard_once() -> None:
    assert may(a_case("declined", appeals=0), "appeal", ACTORS[Role.REPORTER])
    assert not may(a_case("declined", appeals=1), "appeal", ACTORS[Role.REPORTER])


def test_the_system_declines_only_what_was_asked_back() -> None:
    for state in ("reported", "checking"):
        assert "system" not in who_may(a_case(state), "decline")
    assert who_may(a_case("needs_info"), "decline") == {"operator", "system"}


def test_after_a_third_failure_nothing_is_resolved_before_the_supervisor_looked() -> None:
    failed = a_case("in_progress", look_by="supervisor")
    assert who_may(failed, "resolve") == set()
    assert who_may(failed, "look") == {"supervisor"}


def test_after_a_second_dispute_the_duty_lead_looks_and_a_supervisor_may_stand_in() -> None:
    disputed = a_case("in_progress", look_by="duty_lead")
    assert who_may(disputed, "resolve") == set()
    assert who_may(disputed, "look") == {"duty_lead", "supervisor"}


def test_nobody_looks_where_no_look_is_due() -> None:
    assert who_may(a_case("in_progress", look_by=""), "look") == set()


# ---- windows, to the second


def test_a_reporter_reopens_until_fifteen_days_after_closing_and_not_a_second_longer() -> None:
    fifteen_days = timedelta(days=15)
    for at, wanted in ((fifteen_days, True), (fifteen_days + timedelta(seconds=1), False)):
        closed = a_case("closed", closed_at=NOW - at)
        assert may(closed, "reopen", ACTORS[Role.REPORTER]) is wanted


def test_staff_who_may_reopen_do_so_years_later() -> None:
    closed = a_case("closed", closed_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert who_may(closed, "reopen") == {"secretary", "verifier", "duty_lead"}


def test_a_return_is_asked_for_until_the_window_ends_and_not_a_second_later() -> None:
    for until, wanted in ((NOW, True), (NOW - timedelta(seconds=1), False)):
        case = a_case("dispatched", return_until_at=until)
        assert may(case, "request_return", ACTORS[Role.HANDLER]) is wanted


def test_the_system_resumes_on_the_review_day_and_the_supervisor_at_any_time() -> None:
    assert who_may(a_case("on_hold", hold_until_on=TODAY), "resume") == {"supervisor", "system"}
    early = a_case("on_hold", hold_until_on=TODAY + timedelta(days=1))
    assert who_may(early, "resume") == {"supervisor"}


# ---- departments and own work


CO_HANDLER = a_person(Role.HANDLER, "LR", user_id=3)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("dispatched", "sign"),
        ("dispatched", "request_return"),
        ("in_progress", "request_extension"),
        ("in_progress", "resolve"),
    ],
)
def test_only_the_lead_department_answers_for_the_case(state: str, action: str) -> None:
    case = a_case(state, co=("LR",))
    assert may(case, action, ACTORS[Role.HANDLER])
    assert not may(case, action, CO_HANDLER)


def test_a_co_department_may_contact_the_reporter() -> None:
    assert may(a_case("in_progress", co=("LR",)), "contact", CO_HANDLER)


def test_belonging_to_the_lead_department_is_not_handling_for_it() -> None:
    somebody = Actor("王敏", (Grant(Role.HANDLER, None, "LR"),), 4, departments=frozenset({"LR", "ZF"}))
    assert not may(a_case("dispatched", co=("LR",)), "sign", somebody)


def test_a_handler_has_no_business_with_a_case_of_another_department() -> None:
    assert roles_of(CO_HANDLER, a_case("dispatched")) == frozenset()


@pytest.mark.parametrize("action", ["pass", "fail"])
def test_a_verifier_of_a_department_that_ever_handled_it_does_not_verify(action: str) -> None:
    case = a_case("resolved", lead="ZF", handled_by=("JJ", "LR", "ZF"))
    for department in ("JJ", "LR", "ZF"):
        assert not may(case, action, a_person(Role.VERIFIER, department))
    assert may(case, action, a_person(Role.VERIFIER, "JW"))
    assert may(case, action, a_person(Role.VERIFIER))


@pytest.mark.parametrize("action", ["pass", "fail"])
def test_nobody_verifies_what_he_worked_on(action: str) -> None:
    case = a_case("resolved", around={"worked_by": frozenset({9})})
    assert not may(case, action, a_person(Role.VERIFIER, user_id=9))
    assert may(case, action, a_person(Role.VERIFIER, user_id=10))


def test_areas_limit_what_a_role_may_do() -> None:
    elsewhere = Actor("王敏", (Grant(Role.OPERATOR, frozenset({"PP-2"})),), 5)
    assert not may(a_case("reported"), "check", elsewhere)
    assert may(a_case("reported", around={"area": "PP-2"}), "check", elsewhere)


# ---- reporters and voices


VOICE = reporter(8, {1, 2})
STRANGER = reporter(9, {3})


def test_only_the_one_who_opened_it_withdraws_and_confirms() -> None:
    assert may(a_case("filed"), "withdraw", reporter(OPENER, {1}))
    assert not may(a_case("filed"), "withdraw", VOICE)
    assert may(a_case("verified"), "confirm", reporter(OPENER, {1}))
    assert not may(a_case("verified"), "confirm", VOICE)


def test_a_voice_may_say_that_it_is_not_fixed() -> None:
    assert may(a_case("verified"), "dispute", VOICE)


def test_a_case_is_none_of_a_strangers_business() -> None:
    assert list(permitted_steps(a_case("verified"), STRANGER)) == []


@pytest.mark.parametrize(
    ("action", "role"),
    [("merge", Role.OPERATOR), ("withdraw", Role.REPORTER), ("void", Role.DUTY_LEAD)],
)
def test_a_case_with_voices_is_not_merged_withdrawn_or_voided(action: str, role: Role) -> None:
    assert may(a_case("filed"), action, ACTORS[role])
    assert not may(a_case("filed", around={"voices": 1}), action, ACTORS[role])


# ---- ranges of what is supplied


def test_a_hold_is_reviewed_within_ninety_days_from_tomorrow_on() -> None:
    step = step_of(Action.HOLD, Role.SUPERVISOR)
    given = Supplied(reason="works", note="等施工结束")
    for days, wanted in ((0, {"on"}), (1, set()), (90, set()), (91, {"on"})):
        on = TODAY + timedelta(days=days)
        assert problems(step, replace(given, on=on), a_case("in_progress")) == wanted


@pytest.mark.parametrize("reason", ["works", "season", "ownership", "policy"])
def test_a_hold_names_one_of_four_reasons(reason: str) -> None:
    step, case = step_of(Action.HOLD, Role.SUPERVISOR), a_case("in_progress")
    given = Supplied(reason=reason, note="说明", on=TODAY + timedelta(days=1))
    assert problems(step, given, case) == set()
    assert problems(step, replace(given, reason="holiday"), case) == {"reason"}


@pytest.mark.parametrize("channel", ["110", "119", "12315", "court", "petition", "none"])
def test_a_refusal_names_the_right_channel(channel: str) -> None:
    step, case = step_of(Action.DECLINE, Role.OPERATOR), a_case("reported")
    given = Supplied(reason="not_street_matter", channel=channel)
    assert problems(step, given, case) == set()
    assert problems(step, replace(given, reason="boring", channel="the pub"), case) == {"reason", "channel"}


def test_an_extension_is_later_than_what_is_promised_now() -> None:
    step = step_of(Action.REQUEST_EXTENSION, Role.HANDLER)
    given = Supplied(note="等配件")
    granted = date(2026, 12, 10)
    for due_on, on, wanted in (
        (None, TODAY, {"on"}),
        (None, TODAY + timedelta(days=1), set()),
        (granted, granted, {"on"}),
        (granted, granted + timedelta(days=1), set()),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=8), {"on"}),
        (TODAY - timedelta(days=9), TODAY + timedelta(days=1), set()),
    ):
        assert problems(step, replace(given, on=on), a_case("in_progress", due_on=due_on)) == wanted


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        *(
            (each, set())
            for each in ("fixed", "partly_fixed", "planned", "explained", "referred", "not_found")
        ),
        ("fixed_on_spot", {"outcome"}),
        ("forgotten", {"outcome"}),
    ],
)
def test_a_department_resolves_with_an_outcome_of_its_own(outcome: str, wanted: set[str]) -> None:
    step = step_of(Action.RESOLVE, Role.HANDLER)
    assert problems(step, Supplied(outcome=outcome, note="说明"), a_case("in_progress")) == wanted


def test_a_photo_of_the_result_is_asked_for_where_the_category_wants_evidence() -> None:
    step, given = step_of(Action.RESOLVE, Role.HANDLER), Supplied(outcome="fixed", note="已清走")
    strict = a_case("in_progress", around={"evidence": True})
    assert problems(step, given, strict) == {"evidence"}
    assert problems(step, replace(given, photos=1), strict) == set()
    assert problems(step, given, a_case("in_progress")) == set()


@pytest.mark.parametrize(
    ("rating", "wanted"), [(-1, {"rating"}), (0, set()), (1, set()), (5, set()), (6, {"rating"})]
)
def test_a_rating_is_one_to_five_or_none(rating: int, wanted: set[str]) -> None:
    step = step_of(Action.CONFIRM, Role.REPORTER)
    assert problems(step, Supplied(rating=rating), a_case("verified")) == wanted


def test_a_return_names_another_department() -> None:
    step, given = step_of(Action.REQUEST_RETURN, Role.HANDLER), Supplied(note="不归我们管", suggested="ZF")
    assert problems(step, given, a_case("dispatched", lead="ZF")) == {"suggested"}
    assert problems(step, replace(given, suggested="LR"), a_case("dispatched", lead="ZF")) == set()


def test_the_lead_department_is_not_its_own_co_department() -> None:
    step = step_of(Action.DISPATCH, Role.OPERATOR)
    assert problems(step, Supplied(lead="ZF", co=("LR", "ZF")), a_case("filed")) == {"co"}
    assert problems(step, Supplied(lead="ZF", co=("LR", "JJ")), a_case("filed")) == set()


def test_everything_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(Incomplete) as refused:
        check_supplied(
            step_of(Action.RESOLVE, Role.HANDLER),
            Supplied(),
            a_case("in_progress", around={"evidence": True}),
        )
    assert set(refused.value.problems) == {"outcome", "note", "evidence"}
    assert str(refused.value)


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000"])
def test_blanks_are_no_explanation(blank: str) -> None:
    missing: dict[str, Any] = {"note": blank, "photos": 0}
    assert problems(step_of(Action.CONTACT, Role.HANDLER), Supplied(**missing), a_case("in_progress")) == {
        "note"
    }
    dispute = step_of(Action.DISPUTE, Role.REPORTER)
    assert problems(dispute, Supplied(**missing), a_case("verified")) == {"note_or_photo"}
