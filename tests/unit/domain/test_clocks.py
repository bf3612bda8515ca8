"""Which move does what to which clock; typed from the brief, section 3."""

import pytest

from tracker.domain.allowance import read_allowance
from tracker.domain.clocks import (
    AT_THE_END,
    CLOCK_EFFECTS,
    OWNER,
    STANDARD_ALLOWANCES,
    URGENT_SIGN,
    Change,
    ClockKind,
)
from tracker.domain.lifecycle import ENDED, LIFECYCLE, Action
from tracker.domain.permissions import Role

BRIEF = {
    "report": "start accept",
    "file": "stop accept info, start dispatch",
    "found": "stop accept info, start dispatch",
    "ask_info": "pause accept, start info",
    "add_info": "stop info, resume accept",
    "appeal": "start accept",
    "split": "start accept",
    "dispatch": "stop dispatch, start sign contact, start_unless_running stage done",
    "sign": "stop sign",
    "grant_return": "stop sign contact, start dispatch",
    "contact": "stop contact",
    "finish_stage": "stop stage",
    "grant_extension": "extend done redo",
    "hold": "pause contact stage done redo, start review",
    "resume": "stop review, resume contact stage done redo",
    "resolve": "stop sign contact stage done redo, start verify",
    "pass": "stop verify, start confirm",
    "fail": "stop verify, start redo",
    "dispute": "stop confirm, start redo",
    "reopen": "start redo",
}
"""Moves that end a case stop everything; the others are here, or touch no clock."""


def _in_words(action: Action) -> str:
    effects = CLOCK_EFFECTS.get(action, ())
    return ", ".join(
        " ".join([effect.change.value, *(kind.value for kind in effect.kinds)]) for effect in effects
    )


@pytest.mark.parametrize("action", BRIEF)
def test_a_move_does_to_the_clocks_what_the_brief_says(action: str) -> None:
    assert _in_words(Action(action)) == BRIEF[action]


@pytest.mark.parametrize(
    "action",
    ["check", "request_return", "refuse_return", "request_extension", "refuse_extension", "note", "look"],
)
def test_other_moves_touch_no_clock(action: str) -> None:
    assert Action(action) not in CLOCK_EFFECTS


def test_whatever_ends_a_case_stops_every_clock_first() -> None:
    ending = {step.action for step in LIFECYCLE if step.target in ENDED}
    assert ending == {
        Action(name) for name in ("not_found", "decline", "merge", "withdraw", "void", "confirm", "lapse")
    }
    for action in (*ending, Action.FIX_ON_SPOT):
        first = CLOCK_EFFECTS[action][0]
        assert (first.change, set(first.kinds)) == (Change.STOP, set(ClockKind))


def test_standard_times_are_those_of_the_brief() -> None:
    assert {kind.value: text for kind, text in STANDARD_ALLOWANCES.items()} == {
        "info": "3wd",
        "dispatch": "30min",
        "sign": "2wh",
        "redo": "3wd",
        "verify": "1wd",
        "confirm": "3wd",
        "issue_review": "5wd",
    }
    for text in (*STANDARD_ALLOWANCES.values(), URGENT_SIGN):
        read_allowance(text)


def test_every_clock_has_somebody_behind_it_or_a_job_at_its_end_never_both() -> None:
    assert set(OWNER) | set(AT_THE_END) == set(ClockKind)
    assert not set(OWNER) & set(AT_THE_END)


def test_what_the_system_does_at_an_end_is_an_arrow_the_system_has() -> None:
    assert {kind.value: action.value for kind, action in AT_THE_END.items()} == {
        "info": "decline",
        "confirm": "lapse",
        "review": "resume",
    }
    for action in AT_THE_END.values():
        assert any(step.action == action and Role.SYSTEM in step.who for step in LIFECYCLE)
