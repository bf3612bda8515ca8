"""Every clock through the real services: what starts it, stops it, makes it rest, and when it is due.

A5: accept 2wh, contact 4wh, done 1wd. G4: three stages and done in 20 wd. C1: filed and dispatched by rule, urgent.
Every case is reported on Monday 2026-11-23 at 9:30 unless a test says otherwise.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from tests.factories import MORNING, Sent, Street, a_photo, a_report, speaker
from tests.unit.domain.time_samples import at, shown
from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import SYSTEM, Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Calendar, Case, Clock, Escalation, HistoryRow
from tracker.services import calendars, cases, escalations
from tracker.services.calendar_facts import read_facts

Crew = dict[Role | str, Actor]
YEAR_2027 = 'year: 2027\nholidays: ["2027-01-01/2027-01-03"]\nmake_up_working_days: []'


class Story:
    """One case and what happens to it, moment by moment: ``story.do("2026-11-23 10:00", "file", …)``."""

    def __init__(self, sent: Sent, crew: Crew) -> None:
        self.sent, self.crew = sent, crew

    def do(
        self, moment: str, action: str, by: Role | str | Actor, photos: int = 0, **given: Any
    ) -> CaseRecord:
        actor = by if isinstance(by, Actor) else self.crew[by]
        return cases.act(
            self.sent.number,
            Action(action),
            Supplied(**given),
            version=self.case.version,
            by=actor,
            now=at(moment).astimezone(UTC),
            photos=[a_photo(seed) for seed in range(photos)],
        )

    @property
    def case(self) -> Case:
        db.session.rollback()
        return db.session.scalars(select(Case).where(Case.number == self.sent.number)).one()

    @property
    def reporter(self) -> Actor:
        return speaker(self.sent)

    def clocks(self) -> list[Clock]:
        return list(db.session.scalars(select(Clock).where(Clock.case_id == self.case.id).order_by(Clock.id)))

    def running(self) -> dict[str, str]:
        """Kind (and stage) of every clock that is not stopped → when it is due; ``rests`` while it is paused."""
        return {
            f"{clock.kind} {clock.stage}".strip(): "rests" if clock.state == "paused" else _text(clock.due_at)
            for clock in self.clocks()
            if clock.state != "stopped"
        }

    def last(self, kind: str) -> Clock:
        return [clock for clock in self.clocks() if clock.kind == kind][-1]


def _text(moment: datetime | None) -> str:
    return shown(moment.astimezone(UTC)) if moment else "unknown"


Tell = Callable[..., Story]


@pytest.fixture
def tell(street: Street, crew: Crew) -> Tell:
    """Report something and go on from there."""

    def story(category: str = "A5", when: str = "2026-11-23 09:30") -> Story:
        return Story(a_report(street.token, category, at=at(when).astimezone(UTC)), crew)

    return story


def dispatched(story: Story, category: str = "A5") -> Story:
    story.do("2026-11-23 10:00", "file", Role.OPERATOR, category=category)
    story.do("2026-11-23 10:10", "dispatch", Role.OPERATOR, lead="ZF")
    return story


def in_progress(story: Story, category: str = "A5") -> Story:
    dispatched(story, category).do("2026-11-23 10:20", "sign", "ZF")
    return story


def resolved(story: Story) -> Story:
    in_progress(story).do("2026-11-23 15:00", "resolve", "ZF", 1, outcome="fixed", note="已清走")
    return story


def verified(story: Story) -> Story:
    resolved(story).do("2026-11-23 16:00", "pass", Role.VERIFIER)
    return story


# ---- one clock after the other


def test_a_report_starts_the_clock_of_accepting_and_filing_stops_it(tell: Tell) -> None:
    story = tell()
    assert story.running() == {"accept": "2026-11-23 11:30"}
    story.do("2026-11-23 10:00", "file", Role.OPERATOR, category="A5")
    assert story.running() == {"dispatch": "2026-11-23 10:30"}
    assert (story.last("accept").state, _text(story.last("accept").stopped_at)) == (
        "stopped",
        "2026-11-23 10:00",
    )


def test_a_question_lets_the_clock_rest_and_the_answer_gives_back_the_working_time(tell: Tell) -> None:
    story = tell()
    story.do("2026-11-23 10:30", "ask_info", Role.OPERATOR, note="左边还是右边？")
    assert story.running() == {"accept": "rests", "info": "2026-11-26 17:30"}
    story.do("2026-11-24 10:00", "add_info", story.reporter, note="左边。")
    # one of two hours was left; asked for 1 h + 4.5 h + 1 h of service: 11:30 on Monday moves to 11:00 on Tuesday
    assert story.running() == {"accept": "2026-11-24 11:00"}
    segments = story.last("accept").segments
    assert [(each["state"], each["why"]) for each in segments] == [
        ("running", "report"),
        ("paused", "ask_info"),
        ("running", "add_info"),
    ]
    assert [each["to"] for each in segments] == [segments[1]["from"], segments[2]["from"], None]


def test_dispatch_starts_the_clocks_of_the_department(tell: Tell) -> None:
    story = dispatched(tell())
    assert story.running() == {
        "sign": "2026-11-23 13:40",
        "contact": "2026-11-23 15:40",
        "done": "2026-11-24 17:30",
    }


def test_signing_and_first_contact_each_stop_their_own(tell: Tell) -> None:
    story = in_progress(tell())
    assert set(story.running()) == {"contact", "done"}
    story.do("2026-11-23 11:00", "contact", "ZF", note="已到现场")
    assert story.running() == {"done": "2026-11-24 17:30"}


def test_the_result_stops_the_work_and_starts_verifying_then_the_reporters_time(tell: Tell) -> None:
    story = resolved(tell())
    assert story.running() == {"verify": "2026-11-24 17:30"}
    story.do("2026-11-24 09:00", "pass", Role.VERIFIER)
    assert story.running() == {"confirm": "2026-11-27 17:30"}
    story.do("2026-11-24 12:00", "confirm", story.reporter, rating=5)
    assert story.running() == {}


@pytest.mark.parametrize("how", ["fail", "dispute", "reopen"])
def test_work_that_comes_back_has_three_working_days(tell: Tell, how: str) -> None:
    story = resolved(tell())
    if how == "fail":
        story.do("2026-11-24 09:00", "fail", Role.VERIFIER, note="还在")
    else:
        story.do("2026-11-23 16:00", "pass", Role.VERIFIER)
        if how == "reopen":
            story.do("2026-11-23 17:00", "confirm", story.reporter)
        story.do("2026-11-24 09:00", how, story.reporter, note="又堆上了")
    assert story.running() == {"redo": "2026-11-27 17:30"}


def test_an_urgent_case_that_rules_dispatch_runs_day_and_night_and_shows_only_what_lasts(tell: Tell) -> None:
    story = tell("C1", "2026-11-28 23:00")
    assert story.running() == {
        "sign": "2026-11-28 23:15",
        "contact": "2026-11-29 00:00",
        "stage guard": "2026-11-29 00:00",
        "done": "2026-11-29 23:00",
    }
    assert len(story.clocks()) == 4, "accept and dispatch were over at once"


def test_each_stage_is_a_clock_and_is_finished_by_name(tell: Tell) -> None:
    story = in_progress(tell("G4"), "G4")
    stages = {kind: due for kind, due in story.running().items() if "stage" in kind or kind == "done"}
    assert stages == {
        "stage stop": "2026-11-23 15:40",
        "stage penalty": "2026-12-02 17:30",
        "done": "2026-12-21 17:30",
    }
    story.do("2026-11-23 14:00", "finish_stage", "ZF", stage="stop", note="已责令停工")
    assert "stage stop" not in story.running()
    assert "stage penalty" in story.running()
    with pytest.raises(Incomplete):
        story.do("2026-11-23 14:10", "finish_stage", "ZF", stage="stop", note="再来一次")


def test_the_nearest_promise_stands_on_the_case(tell: Tell) -> None:
    story = dispatched(tell())
    assert _text(story.case.due_at) == "2026-11-23 13:40"
    story.do("2026-11-23 10:20", "sign", "ZF")
    assert _text(story.case.due_at) == "2026-11-23 15:40"
    story.do("2026-11-23 11:00", "resolve", "ZF", 1, outcome="fixed", note="已清走")
    story.do("2026-11-23 11:10", "pass", Role.VERIFIER)
    assert story.case.due_at is None, "the reporter's time is no promise of ours"


# ---- a case that is returned, rests or gets more time


def test_asking_for_a_return_stops_nothing(tell: Tell) -> None:
    story = dispatched(tell())
    before = story.running()
    story.do("2026-11-23 11:00", "request_return", "ZF", note="不归我们管", suggested="LR")
    assert story.running() == before
    story.do("2026-11-23 11:10", "refuse_return", Role.DUTY_LEAD)
    assert story.running() == before


def test_after_a_granted_return_the_promise_to_the_reporter_goes_on_and_signing_starts_anew(
    tell: Tell,
) -> None:
    story = dispatched(tell())
    story.do("2026-11-23 11:00", "request_return", "ZF", note="不归我们管", suggested="LR")
    story.do("2026-11-23 14:00", "grant_return", Role.DUTY_LEAD)
    assert story.running() == {"done": "2026-11-24 17:30", "dispatch": "2026-11-23 14:30"}
    story.do("2026-11-23 14:10", "dispatch", Role.OPERATOR, lead="LR")
    assert story.running() == {
        "done": "2026-11-24 17:30",
        "sign": "2026-11-23 16:10",
        "contact": "2026-11-24 09:40",
    }


def test_on_hold_the_work_rests_and_a_day_for_review_runs(tell: Tell) -> None:
    story = in_progress(tell())
    story.do(
        "2026-11-23 14:00", "hold", Role.SUPERVISOR, reason="works", on=date(2026, 12, 3), note="等路面施工"
    )
    assert story.running() == {"contact": "rests", "done": "rests", "review": "2026-12-03 00:00"}
    assert story.case.due_at is None
    story.do("2026-11-24 14:00", "resume", Role.SUPERVISOR)
    assert story.running() == {"contact": "2026-11-24 15:40", "done": "2026-11-25 17:30"}


def test_a_granted_day_moves_the_end_and_both_dates_are_kept_with_who_allowed_it(tell: Tell) -> None:
    story = in_progress(tell())
    story.do("2026-11-23 11:00", "request_extension", "ZF", note="要调吊车", on=date(2026, 11, 27))
    assert story.running()["done"] == "2026-11-24 17:30", "asking moves nothing"
    story.do("2026-11-23 14:00", "grant_extension", Role.DUTY_LEAD)
    assert story.running()["done"] == "2026-11-27 17:30"
    last = story.last("done").segments[-1]
    assert [_text(datetime.fromisoformat(last[edge])) for edge in ("due_from", "due_to")] == [
        "2026-11-24 17:30",
        "2026-11-27 17:30",
    ]
    assert last["by"] == story.crew[Role.DUTY_LEAD].user_id
    row = db.session.scalars(
        select(HistoryRow).where(HistoryRow.case_id == story.case.id, HistoryRow.action == "grant_extension")
    ).one()
    assert row.changes["due_on"] == [None, "2026-11-27"]


def test_an_extension_moves_the_rungs_that_have_not_fired(tell: Tell) -> None:
    story = in_progress(tell())
    story.do("2026-11-23 11:00", "contact", "ZF", note="已到现场")
    first = _text(story.last("done").next_rung_at)
    story.do("2026-11-23 11:00", "request_extension", "ZF", note="要调吊车", on=date(2026, 11, 27))
    story.do("2026-11-23 14:00", "grant_extension", Role.DUTY_LEAD)
    assert first == "2026-11-24 14:17"
    assert _text(story.last("done").next_rung_at) == "2026-11-26 16:02"
    assert escalations.fire_due_rungs(at("2026-11-25 09:00")) == 0


def test_a_day_before_the_promise_is_no_extension(tell: Tell) -> None:
    story = in_progress(tell("G4"), "G4")
    with pytest.raises(Incomplete, match="新的期限须晚于"):
        story.do("2026-11-23 11:00", "request_extension", "ZF", note="要调吊车", on=date(2026, 12, 21))
    story.do("2026-11-23 11:00", "request_extension", "ZF", note="要调吊车", on=date(2026, 12, 22))
    story.do("2026-11-23 11:05", "grant_extension", Role.DUTY_LEAD)
    assert story.running()["done"] == "2026-12-22 17:30"


def test_a_day_off_that_is_granted_ends_with_the_next_working_day(tell: Tell) -> None:
    story = in_progress(tell())
    story.do("2026-11-23 11:00", "request_extension", "ZF", note="要调吊车", on=date(2026, 11, 28))
    story.do("2026-11-23 14:00", "grant_extension", Role.DUTY_LEAD)
    assert story.running()["done"] == "2026-11-30 17:30"


def test_pauses_after_an_extension_add_up(tell: Tell) -> None:
    story = in_progress(tell())
    story.do("2026-11-23 11:00", "request_extension", "ZF", note="要调吊车", on=date(2026, 11, 27))
    story.do("2026-11-23 14:00", "grant_extension", Role.DUTY_LEAD)
    story.do("2026-11-24 09:00", "hold", Role.SUPERVISOR, reason="works", on=date(2026, 12, 3), note="等施工")
    story.do("2026-11-25 09:00", "resume", Role.SUPERVISOR)
    assert story.running()["done"] == "2026-11-30 17:30"


# ---- what ends a case stops everything and fires nothing


@pytest.mark.parametrize("how", ["merge", "withdraw", "void", "decline", "close", "fix_on_spot"])
def test_a_case_that_ended_has_no_clock_and_fires_nothing(tell: Tell, how: str) -> None:
    story = tell()
    if how == "merge":
        story.do("2026-11-23 10:00", "merge", Role.OPERATOR, main_case=tell("D1").sent.number)
    elif how == "withdraw":
        story.do("2026-11-23 10:00", "withdraw", story.reporter)
    elif how == "void":
        story.do("2026-11-23 10:00", "void", Role.DUTY_LEAD, note="测试内容")
    elif how == "decline":
        story.do("2026-11-23 10:00", "decline", Role.OPERATOR, reason="consumer", channel="12315")
    elif how == "fix_on_spot":
        story.do("2026-11-23 10:00", "fix_on_spot", Role.OPERATOR, 1)
        story.do("2026-11-23 10:00", "confirm", story.reporter)
    else:
        verified_now = verified(story)
        verified_now.do("2026-11-23 16:30", "confirm", story.reporter)
    assert story.running() == {}
    assert story.case.due_at is None
    escalations.fire_due_rungs(at("2026-12-23 10:00"))
    late = at("2026-11-23 16:30").astimezone(UTC)
    fired = db.session.scalar(
        select(func.count()).where(Escalation.case_id == story.case.id, Escalation.due_at > late)
    )
    assert fired == 0


# ---- what the system does when time is up


def test_no_answer_for_three_working_days_closes_the_case_as_not_answered(tell: Tell) -> None:
    story = verified(tell())
    assert escalations.end_due_times(at("2026-11-26 17:29")) == 0
    assert escalations.end_due_times(at("2026-11-26 17:30")) == 1
    assert (story.case.state, story.case.closing, story.case.rating) == ("closed", "lapsed", 0)
    assert escalations.end_due_times(at("2026-11-26 17:31")) == 0, "once is enough"


def test_a_question_nobody_answers_for_three_working_days_ends_the_report(tell: Tell) -> None:
    story = tell()
    story.do("2026-11-23 10:30", "ask_info", Role.OPERATOR, note="左边还是右边？")
    assert escalations.end_due_times(at("2026-11-26 17:30")) == 1
    assert (story.case.state, story.case.decline_reason) == ("declined", "unclear")
    row = db.session.scalars(
        select(HistoryRow).where(HistoryRow.case_id == story.case.id).order_by(HistoryRow.version.desc())
    ).first()
    assert row is not None
    assert (row.actor_kind, row.user_id) == ("system", None)


def test_on_its_review_day_a_case_on_hold_goes_on_with_the_time_it_had(tell: Tell) -> None:
    story = in_progress(tell())
    story.do(
        "2026-11-23 14:00", "hold", Role.SUPERVISOR, reason="works", on=date(2026, 12, 3), note="等路面施工"
    )
    assert escalations.end_due_times(at("2026-12-02 23:59")) == 0
    assert escalations.end_due_times(at("2026-12-03 00:00")) == 1
    assert story.case.state == "in_progress"
    # 10.5 hours of service were left at 14:00 on the 23rd: 3.5 of that day and 7 of the next
    assert story.running()["done"] == "2026-12-04 14:00"


def test_an_answer_in_the_same_second_wins_over_the_end_of_the_time(tell: Tell) -> None:
    story = verified(tell())
    story.do("2026-11-26 17:30", "dispute", story.reporter, note="又堆上了")
    assert escalations.end_due_times(at("2026-11-26 17:30")) == 0
    assert story.case.state == "in_progress"


def test_two_jobs_at_once_end_each_time_once(tell: Tell, inside: Flask) -> None:
    stories = [verified(tell()) for _ in range(6)]
    db.session.remove()
    start, moved = Barrier(2), []

    def job() -> None:
        with inside.app_context():
            start.wait()
            moved.append(escalations.end_due_times(at("2026-11-27 09:00").astimezone(UTC)))
            db.session.remove()

    threads = [Thread(target=job) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == 6
    for story in stories:
        lapses = select(func.count()).where(HistoryRow.case_id == story.case.id, HistoryRow.action == "lapse")
        assert (story.case.state, db.session.scalar(lapses)) == ("closed", 1)


# ---- the end of what is known


def test_a_report_is_taken_in_without_a_due_time_and_gets_one_with_the_next_years_list(
    tell: Tell,
) -> None:
    story = tell(when="2026-12-31 16:00")
    assert story.running() == {"accept": "unknown"}
    assert escalations.work_out_unknown_ends() == 0, "there is no longer calendar yet"
    calendars.save_version(read_facts(YEAR_2027, calendars.shipped_facts()), MORNING)
    assert escalations.work_out_unknown_ends() == 1
    assert story.running() == {"accept": "2027-01-04 09:30"}
    assert _text(story.case.due_at) == "2027-01-04 09:30"
    assert escalations.work_out_unknown_ends() == 0


def test_what_was_granted_past_the_calendar_counts_once_the_year_is_known(tell: Tell) -> None:
    story = in_progress(tell())
    story.do("2026-11-23 11:00", "request_extension", "ZF", note="要等开春", on=date(2027, 1, 8))
    story.do("2026-11-23 14:00", "grant_extension", Role.DUTY_LEAD)
    assert story.running()["done"] == "unknown"
    calendars.save_version(read_facts(YEAR_2027, calendars.shipped_facts()), MORNING)
    escalations.work_out_unknown_ends()
    assert story.running()["done"] == "2027-01-08 17:30"


def test_a_pause_into_an_unknown_year_is_given_back_once_the_year_is_known(tell: Tell) -> None:
    story = in_progress(tell())
    story.do("2026-11-23 14:00", "hold", Role.SUPERVISOR, reason="works", on=date(2027, 1, 5), note="等施工")
    assert escalations.end_due_times(at("2027-01-05 00:00")) == 1
    assert story.running() == {"contact": "unknown", "done": "unknown"}
    calendars.save_version(read_facts(YEAR_2027, calendars.shipped_facts()), MORNING)
    assert escalations.work_out_unknown_ends() == 2
    # contact: 1 h 40 min were left; done: 10 h 30 min
    assert story.running() == {"contact": "2027-01-05 10:40", "done": "2027-01-06 14:00"}


def test_without_any_calendar_urgent_promises_run_and_climb_all_the_same(tell: Tell) -> None:
    with transaction():
        db.session.execute(delete(Calendar))
    story = tell("C1")
    assert story.running()["sign"] == "2026-11-23 09:45"
    assert escalations.fire_due_rungs(at("2026-11-23 10:00")) >= 1
    assert "accept" not in story.running()


def test_a_departments_own_hours_count_for_its_work_alone(tell: Tell) -> None:
    early = {str(day): [["06:00", "14:00"]] for day in range(5)}
    calendars.save_version(dict(calendars.shipped_facts()) | {"weekly": early}, MORNING, department="ZF")
    story = resolved(tell())
    done = story.last("done")
    assert _text(done.due_at) == "2026-11-24 14:00"
    assert story.running() == {"verify": "2026-11-24 17:30"}


def test_the_system_may_not_end_a_time_early(tell: Tell) -> None:
    story = in_progress(tell())
    story.do(
        "2026-11-23 14:00", "hold", Role.SUPERVISOR, reason="works", on=date(2026, 12, 3), note="等路面施工"
    )
    with pytest.raises(StepRefused, match="复核日"):
        story.do("2026-12-02 23:59", "resume", SYSTEM)
