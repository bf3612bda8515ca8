"""Whose turn it is, how it went, what is thrown away; no process is started here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Config
from tests.factories import Street, a_report, take
from tracker import create_app
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import SYSTEM, Actor, Role
from tracker.extensions import db, transaction
from tracker.models import JobProcess, JobSlot, Report, SignInFailure, StaffSession
from tracker.services import jobs
from tracker.services.jobs import Job
from tracker.services.upkeep import prune

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
Crew = dict[Role | str, Actor]


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def app(settings: Config, hand: Hand) -> Iterator[Flask]:
    app = create_app(settings, hand)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def counting(every_s: int = 15, *, left: int = 1) -> tuple[Job, list[datetime]]:
    """A job that finds `left` batches of work at each call, and when it was called."""
    calls: list[datetime] = []

    def batch(now: datetime, _go_on: jobs.GoOn) -> int:
        calls.append(now)
        return int(len(calls) <= left)

    return Job("counting", timedelta(seconds=every_s), batch), calls


def always() -> bool:
    return True


def test_of_two_processes_one_runs_a_slot(hand: Hand) -> None:
    first, second = jobs.enter_process("one"), jobs.enter_process("two")
    job, calls = counting(left=0)
    assert jobs.run_if_free(job, first, always) is True
    assert jobs.run_if_free(job, second, always) is False
    hand.at += timedelta(seconds=15)
    assert jobs.run_if_free(job, second, always) is True
    assert len(calls) == 2


def test_a_job_is_not_called_late_for_a_time_when_no_process_was_there(hand: Hand) -> None:
    process, daily = jobs.enter_process("one"), jobs.job_named("prune")
    hand.at += timedelta(seconds=3)
    assert jobs.run_if_free(daily, process, always) is True
    assert lag_of("prune") == timedelta(seconds=3)
    hand.at = datetime(2026, 11, 24, 0, 0, 7, tzinfo=UTC)
    assert jobs.run_if_free(daily, process, always) is True
    assert lag_of("prune") == timedelta(seconds=7)


def lag_of(name: str) -> timedelta | None:
    return next(state.lag for state in jobs.job_states() if state.name == name)


@pytest.mark.parametrize("jump", [timedelta(days=30), timedelta(hours=-5), timedelta(days=-400)])
def test_a_clock_that_jumps_and_is_put_right_delays_a_job_by_one_tick_at_most(
    hand: Hand,
    jump: timedelta,
) -> None:
    process = jobs.enter_process("one")
    job, calls = counting(left=0)
    for moment in (NOON, NOON + jump, NOON + timedelta(seconds=15), NOON + timedelta(seconds=30)):
        hand.at = moment
        jobs.run_if_free(job, process, always)
    assert calls[0] == NOON
    assert calls[-1] == NOON + timedelta(seconds=30)
    if jump > timedelta():  # and when the time that was seen too early really comes
        hand.at = NOON + jump
        assert jobs.run_if_free(job, process, always) is True


def test_a_job_goes_on_until_nothing_is_left_but_not_for_ever() -> None:
    job, calls = counting(left=7)
    assert jobs.run(job) == 7
    assert len(calls) == 8
    endless, calls = counting(left=10_000)
    assert jobs.run(endless) == 100


def test_a_process_that_is_to_end_finishes_what_it_has_in_hand_and_takes_no_more() -> None:
    job, calls = counting(left=10)
    assert jobs.run(job, lambda: len(calls) < 3) == 3


def test_a_failure_is_shown_with_its_words_and_gone_after_the_next_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_now: datetime, _go_on: jobs.GoOn) -> int:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(jobs, "JOBS", (Job("broken", timedelta(seconds=5), broken),))
    jobs.run(jobs.JOBS[0])
    [state] = jobs.job_states()
    assert (state.error, state.failed_at) == ("RuntimeError: the disk is full", NOON)
    jobs.run(Job("broken", timedelta(seconds=5), lambda _now, _go_on: 0))
    [state] = jobs.job_states()
    assert (state.error, state.failed_at) == ("", NOON)


def test_every_job_of_the_brief_is_there() -> None:
    assert [(state.name, state.every.total_seconds()) for state in jobs.job_states()] == [
        ("escalate", 15),
        ("end_times", 30),
        ("unknown_ends", 3600),
        ("tell", 5),
        ("send", 5),
        ("remind_items", 900),
        ("look_back", 900),
        ("reopen_issues", 60),
        ("group", 5),
        ("regroup", 900),
        ("remind", 300),
        ("figures", 300),
        ("habits", 86400),
        ("forget_limits", 3600),
        ("label_files", 5),
        ("prune", 86400),
    ]


def test_every_job_runs_on_an_empty_installation() -> None:
    for job in jobs.JOBS:
        assert jobs.run(job) == 0
    assert [state.error for state in jobs.job_states()] == [""] * len(jobs.JOBS)


def test_a_process_is_alive_for_a_minute_after_its_last_sign(hand: Hand) -> None:
    process = jobs.enter_process("one")
    hand.at += timedelta(seconds=59)
    assert jobs.is_anybody_alive()
    jobs.beat(process, "one")
    hand.at += timedelta(seconds=60)
    assert not jobs.is_anybody_alive()
    assert [each.is_alive for each in jobs.process_states()] == [False]


def test_a_process_that_was_forgotten_while_its_machine_slept_is_known_again(
    hand: Hand,
) -> None:
    process = jobs.enter_process("laptop")
    hand.at += timedelta(days=3)
    prune(hand.at)
    assert jobs.process_states() == []
    jobs.beat(process, "laptop")
    assert [each.name for each in jobs.process_states()] == ["laptop"]


def test_old_slots_go_and_dead_processes_with_them(hand: Hand) -> None:
    process = jobs.enter_process("one")
    job, _calls = counting()
    for _ in range(4):
        jobs.run_if_free(job, process, always)
        hand.at += timedelta(days=1)
    prune(hand.at)
    assert db.session.scalar(select(func.count()).select_from(JobSlot)) == 3
    assert db.session.scalar(select(func.count()).select_from(JobProcess)) == 0


def test_sign_ins_that_ended_are_removed(crew: Crew) -> None:
    user_id = crew[Role.OPERATOR].user_id
    with transaction():
        for hours in (1, 13):
            at = NOON - timedelta(hours=hours)
            db.session.add(StaffSession(secret_hash=f"{hours}", user_id=user_id, created_at=at, device=""))
            db.session.add(SignInFailure(login_hash="x", at=at))
    prune(NOON)
    assert db.session.scalars(select(StaffSession.secret_hash)).all() == ["1"]
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def sealed() -> list[bool]:
    db.session.rollback()
    return [bool(each) for each in db.session.scalars(select(Report.phone_sealed).order_by(Report.id))]


def test_a_phone_number_is_erased_thirty_days_after_the_case_ended(
    street: Street, crew: Crew, hand: Hand
) -> None:
    ended, still_open = (a_report(street.token, phone="13800001111") for _ in range(2))
    take(ended.number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    prune(hand.at + timedelta(days=29, hours=23))
    assert sealed() == [True, True]
    prune(hand.at + timedelta(days=30, hours=1))
    assert sealed() == [False, True]
    assert still_open.number


def test_the_number_of_a_merged_report_is_kept_as_long_as_its_main_case_needs(
    street: Street, crew: Crew, hand: Hand
) -> None:
    main, other = (a_report(street.token, phone="13800001111") for _ in range(2))
    take(main.number, Action.FILE, by=crew[Role.OPERATOR], category="A5")
    take(other.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    hand.at += timedelta(days=60)
    prune(hand.at)
    assert sealed() == [True, True]
    take(main.number, Action.DISPATCH, by=crew[Role.OPERATOR], lead="ZF")
    take(main.number, Action.SIGN, by=crew["ZF"])
    take(main.number, Action.RESOLVE, by=crew["ZF"], outcome="fixed", note="已清走", photos=1)
    take(main.number, Action.PASS, by=crew[Role.VERIFIER])
    take(main.number, Action.LAPSE, by=SYSTEM)
    prune(hand.at + timedelta(days=31))
    assert sealed() == [False, False]


def test_the_commands_say_how_it_went(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["jobs", "once", "tell"]).output == "tell: 0\n"
    unknown = runner.invoke(args=["jobs", "once", "nothing"])
    assert (unknown.exit_code, "there are: escalate" in unknown.output) == (1, True)
    status = runner.invoke(args=["jobs", "status"])
    assert status.exit_code == 1
    assert "No job process is alive" in status.output
    jobs.enter_process("here 1")
    status = runner.invoke(args=["jobs", "status"])
    assert (status.exit_code, "here 1: alive" in status.output) == (0, True)
