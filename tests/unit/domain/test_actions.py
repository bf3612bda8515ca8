"""The table of action items, typed from the brief: who may do what, and never accept his own word."""

from dataclasses import replace
from datetime import date

import pytest

from tracker.domain.actions import (
    ItemAction,
    ItemState,
    ItemStepRefused,
    Standing,
    day_problem,
    item_step,
    permitted_item_steps,
    plain_item,
    require,
)
from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Actor, Grant, Role

TODAY = date(2026, 11, 23)
STANDING = Standing(ItemState.OPEN, "PP-1", "ZF", None, None, date(2026, 11, 27), TODAY)


def somebody(
    role: Role, user_id: int = 1, *, department: str | None = None, area: str | None = None
) -> Actor:
    areas = frozenset({area}) if area else None
    return Actor(str(role), (Grant(role, areas, department),), user_id=user_id)


HANDLER = somebody(Role.HANDLER, 1, department="ZF")
SECRETARY = somebody(Role.SECRETARY, 2)

MAY = {
    (Role.HANDLER, "open"): {"take_on", "claim", "note", "ask_time"},
    (Role.HANDLER, "in_progress"): {"claim", "note", "ask_time"},
    (Role.HANDLER, "done_claimed"): {"note"},
    (Role.SECRETARY, "open"): {"take_on", "claim", "note", "ask_time", "extend", "lengthen", "raise_up"},
    (Role.SECRETARY, "in_progress"): {"claim", "note", "ask_time", "extend", "lengthen", "raise_up"},
    (Role.SECRETARY, "done_claimed"): {"accept", "send_back", "note", "lengthen", "raise_up"},
}


@pytest.mark.parametrize("state", list(ItemState))
@pytest.mark.parametrize(
    "role", [Role.HANDLER, Role.SECRETARY, Role.SUPERVISOR, Role.OPERATOR, Role.VERIFIER]
)
def test_who_may_do_what(role: Role, state: ItemState) -> None:
    actor = somebody(role, department="ZF" if role == Role.HANDLER else None)
    wanted = MAY.get((Role.SECRETARY if role == Role.SUPERVISOR else role, state.value), set())
    found = {step.action.value for step in permitted_item_steps(actor, replace(STANDING, state=state))}
    assert found == wanted


def test_whoever_says_it_is_done_does_not_accept_it() -> None:
    claimed = replace(STANDING, state=ItemState.DONE_CLAIMED, claimed_by=2)
    with pytest.raises(ItemStepRefused, match="不能自己验收"):
        item_step(ItemAction.ACCEPT, SECRETARY, claimed)
    assert item_step(ItemAction.ACCEPT, somebody(Role.SECRETARY, 3), claimed).target == ItemState.CLOSED


def test_somebody_named_may_work_and_others_of_other_units_or_areas_may_not() -> None:
    named = somebody(Role.VERIFIER, 9)
    assert list(permitted_item_steps(named, STANDING)) == []
    assert item_step(ItemAction.CLAIM, named, replace(STANDING, person_id=9)).action == "claim"
    assert list(permitted_item_steps(somebody(Role.HANDLER, department="LR"), STANDING)) == []
    assert list(permitted_item_steps(somebody(Role.SECRETARY, area="PP-2"), STANDING)) == []


@pytest.mark.parametrize(
    ("action", "state", "given", "missing"),
    [
        ("claim", "in_progress", {}, {"note"}),
        ("claim", "in_progress", {"photos": 1}, set()),
        ("claim", "in_progress", {"note": "线已划好。"}, set()),
        ("send_back", "done_claimed", {}, {"note"}),
        ("send_back", "done_claimed", {"note": "还缺一段。"}, set()),
        ("extend", "open", {"note": "等路面干。"}, {"on"}),
        ("extend", "open", {"note": "等路面干。", "on": date(2026, 11, 27)}, {"on"}),
        ("extend", "open", {"on": date(2026, 12, 4)}, {"note"}),
        ("extend", "open", {"note": "等路面干。", "on": date(2026, 12, 4)}, set()),
        ("extend", "open", {"note": "等。", "on": date(2036, 12, 4)}, {"on"}),
        ("lengthen", "open", {}, {"note"}),
        ("take_on", "open", {}, set()),
    ],
)
def test_what_has_to_come_with_it(
    action: str, state: str, given: dict[str, object], missing: set[str]
) -> None:
    standing = replace(STANDING, state=ItemState(state))
    step = item_step(ItemAction(action), SECRETARY, standing)
    supplied = {"note": "", "photos": 0, "on": None} | given
    try:
        require(step, standing, **supplied)  # type: ignore[arg-type]
        problems: set[str] = set()
    except Incomplete as lacking:
        problems = set(lacking.problems)
    assert problems == missing


def test_what_is_sent_back_after_its_day_needs_a_new_one() -> None:
    past = replace(STANDING, state=ItemState.DONE_CLAIMED, due_on=TODAY)
    step = item_step(ItemAction.SEND_BACK, SECRETARY, past)
    with pytest.raises(Incomplete) as caught:
        require(step, past, note="还缺一段。", photos=0, on=None)
    assert set(caught.value.problems) == {"on"}


def test_a_due_day_lies_ahead_and_within_two_years() -> None:
    assert day_problem(date(2026, 11, 24), TODAY) == ""
    assert day_problem(TODAY, TODAY)
    assert day_problem(date(2029, 1, 1), TODAY)


def test_a_new_item_says_what_and_how_one_will_see_it() -> None:
    assert plain_item({"action": " 划线\r\n", "measure": "不超过三辆"})["action"] == "划线"
    with pytest.raises(Incomplete) as caught:
        plain_item({"action": " ", "measure": "好" * 501})
    assert set(caught.value.problems) == {"action", "measure"}
