"""Action items in the database: from the decision to the look back, with their clocks and messages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from config import Config
from tests.applications import lent
from tests.databases import Database
from tests.factories import Sent, Street, a_photo, a_report
from tests.matters import an_issue, ids_of
from tests.server import free_port
from tests.settings import settings_in
from tracker.domain.actions import ItemAction, ItemState, ItemStepRefused
from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction
from tracker.domain.look_back import Answer, Verdict
from tracker.domain.permissions import Actor, Grant, NotPermitted, Role
from tracker.extensions import db, transaction
from tracker.models import (
    ActionEvent,
    ActionItem,
    Case,
    Clock,
    Delivery,
    Issue,
    IssueCase,
    IssueEvent,
    LookBack,
    Notice,
    Report,
)
from tracker.services import action_pages, actions, issue_endings, look_backs
from tracker.services.action_reminders import remind
from tracker.services.actions import ItemMissing, NewItem, StaleItem
from tracker.services.deliveries import make_deliveries
from tracker.services.issue_endings import ItemsUnfinished, NotLookedBack
from tracker.services.look_backs import AnswerRefused

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""9:30 on the street."""
FRIDAY = date(2026, 11, 27)
Crew = dict[Role | str, Actor]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Config:
    """Phones are reached through a gateway that is not there."""
    return settings_in(
        tmp_path, database_url=database.url, sms_url=f"json://127.0.0.1:{free_port()}/{{phone}}"
    )


@pytest.fixture
def app(settings: Config) -> Iterator[Flask]:
    with lent(settings, lambda: MONDAY) as app:
        yield app


@pytest.fixture
def sent(street: Street) -> Sent:
    """A report whose sender left a number; it belongs to the issue of a test."""
    return a_report(street.token, phone="13800001234")


def decided(issue_id: int, crew: Crew, *, now: datetime = MONDAY, **changes: Any) -> str:
    """Number of an item that the secretary set down."""
    new: dict[str, Any] = {
        "action": "重新划定非机动车停放线",
        "measure": "早晚高峰线外不超过三辆",
        "department": "ZF",
        "due_on": FRIDAY,
    }
    return actions.create(NewItem(issue_id=issue_id, **(new | changes)), by=crew[Role.SECRETARY], now=now)


def take(number: str, action: str, by: Actor, now: datetime = MONDAY, **supplied: Any) -> None:
    version = db.session.scalars(select(ActionItem.version).where(ActionItem.number == number)).one()
    actions.take(number, ItemAction(action), version=version, by=by, now=now, **supplied)


def finish(number: str, crew: Crew, now: datetime = MONDAY) -> None:
    take(number, "claim", crew["ZF"], now, note="线已划好。")
    take(number, "accept", crew[Role.SECRETARY], now)


def state_of(issue_id: int) -> str:
    db.session.rollback()
    return db.session.scalars(select(Issue.state).where(Issue.id == issue_id)).one()


def told(event: str) -> list[list[str]]:
    db.session.rollback()
    return [
        row or []
        for row in db.session.scalars(
            select(Notice.recipients).where(Notice.event == event).order_by(Notice.id)
        )
    ]


def events(number: str) -> list[tuple[str, str, str]]:
    db.session.rollback()
    rows = db.session.execute(
        select(ActionEvent.action, ActionEvent.from_state, ActionEvent.to_state)
        .join(ActionItem, ActionItem.id == ActionEvent.item_id)
        .where(ActionItem.number == number)
        .order_by(ActionEvent.version)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


# ---- from the decision to the end


def test_a_decision_becomes_an_item_with_a_promise_and_everybody_hears_of_it(sent: Sent, crew: Crew) -> None:
    issue_id = an_issue(sent.number)
    number = decided(issue_id, crew)
    assert number == "X26-0001"
    assert state_of(issue_id) == "acting"
    [clock] = db.session.scalars(select(Clock).where(Clock.item_id.is_not(None)))
    assert clock.due_at == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    assert told("item_made") == [sorted(ids_of([crew["ZF"]]))]
    report = db.session.scalars(select(Report.id)).one()
    assert told("item_decided") == [[f"report:{report}"]]
    make_deliveries(MONDAY)
    assert f"report:{report}" in db.session.scalars(select(Delivery.recipient)).all()


def test_several_items_of_one_meeting_are_one_sentence_and_one_move_of_the_issue(
    sent: Sent, crew: Crew
) -> None:
    issue_id = an_issue(sent.number, state="met")
    with transaction():
        for words in ("划线", "加派巡查"):
            new = NewItem(issue_id, words, "看得出", "ZF", FRIDAY, meeting_id=None)
            actions.create_within(new, by=crew[Role.SECRETARY], now=MONDAY)
    assert db.session.scalars(select(IssueEvent.action)).all() == ["act"]
    assert db.session.scalars(select(ActionItem.number)).all() == ["X26-0001", "X26-0002"]


def test_an_item_goes_its_way_and_the_issue_is_looked_back_at(sent: Sent, crew: Crew) -> None:
    issue_id = an_issue(sent.number)
    number = decided(issue_id, crew)
    take(number, "take_on", crew["ZF"])
    take(number, "note", crew["ZF"], note="材料已到。")
    take(number, "claim", crew["ZF"], photos=[a_photo()])
    assert told("item_claimed") == [sorted(ids_of([crew[Role.SECRETARY]]))]
    take(number, "send_back", crew[Role.SECRETARY], note="东侧还没划。")
    assert told("item_sent_back") == [sorted(ids_of([crew["ZF"]]))]
    take(number, "claim", crew["ZF"], note="东侧也划了。")
    assert state_of(issue_id) == "acting"
    take(number, "accept", crew[Role.SECRETARY])
    assert state_of(issue_id) == "reviewing"
    assert [action for action, *_ in events(number)] == [
        "make",
        "take_on",
        "note",
        "claim",
        "send_back",
        "claim",
        "accept",
    ]
    assert {clock.state for clock in db.session.scalars(select(Clock).where(Clock.item_id.is_not(None)))} == {
        "stopped"
    }
    planned = db.session.execute(select(LookBack.days, LookBack.due_at).order_by(LookBack.days)).all()
    assert [tuple(row) for row in planned] == [(days, MONDAY + timedelta(days=days)) for days in (7, 30, 90)]
    assert len(told("item_closed")) == 1
    page = action_pages.item_page(number, crew["ZF"], MONDAY)
    assert [len(event.photos) for event in page.events] == [0, 0, 0, 1, 0, 0, 0]
    assert page.steps == []


def test_an_extension_keeps_both_days_in_the_history_and_in_the_clock(crew: Crew) -> None:
    number = decided(an_issue(), crew)
    later = date(2026, 12, 4)
    take(number, "ask_time", crew["ZF"], note="等路面干。", on=later)
    assert action_pages.item_page(number, crew[Role.SECRETARY], MONDAY).asked_on == later
    assert told("item_time_asked") == [sorted(ids_of([crew[Role.SECRETARY]]))]
    take(number, "extend", crew[Role.SECRETARY], note="同意。", on=later)
    page = action_pages.item_page(number, crew["ZF"], MONDAY)
    assert page.row.due_on == later
    assert page.asked_on is None
    assert page.events[-1].facts == {"due_from": "2026-11-27", "due_to": "2026-12-04"}
    [clock] = db.session.scalars(select(Clock))
    assert clock.due_at == datetime(2026, 12, 4, 9, 30, tzinfo=UTC)


def test_a_stale_page_changes_nothing_and_sees_what_it_missed(crew: Crew) -> None:
    number = decided(an_issue(), crew)
    take(number, "take_on", crew["ZF"])
    with pytest.raises(StaleItem):
        actions.take(number, ItemAction.NOTE, version=1, by=crew["ZF"], now=MONDAY, note="我也来。")
    assert [event.action for event in action_pages.changed_since(number, 1, crew["ZF"])] == ["take_on"]
    assert len(events(number)) == 2


def test_others_of_the_street_do_not_see_it_and_do_not_move_it(crew: Crew) -> None:
    number = decided(an_issue(), crew)
    elsewhere = Actor("别处", (Grant(Role.SECRETARY, frozenset({"PP-2"})),), user_id=crew["LR"].user_id)
    for stranger in (crew["LR"], elsewhere):
        with pytest.raises(ItemMissing):
            take(number, "note", stranger, note="？")
        with pytest.raises(ItemMissing):
            action_pages.item_page(number, stranger, MONDAY)
        assert action_pages.items_page(stranger, "all", MONDAY).rows == []
    with pytest.raises(ItemStepRefused):
        take(number, "accept", crew["ZF"])
    with pytest.raises(NotPermitted):
        actions.create(
            NewItem(an_issue(), "划线", "看得出", "ZF", FRIDAY), by=crew[Role.OPERATOR], now=MONDAY
        )


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"action": " "}, {"action"}),
        ({"department": "XX"}, {"department"}),
        ({"due_on": None}, {"due_on"}),
        ({"due_on": date(2026, 11, 23)}, {"due_on"}),
        ({"user_id": 999}, {"person"}),
    ],
)
def test_what_is_missing_from_a_decision_is_said(
    crew: Crew, changes: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(Incomplete) as caught:
        decided(an_issue(), crew, **changes)
    assert set(caught.value.problems) == wrong
    assert db.session.scalars(select(ActionItem)).all() == []


@pytest.mark.parametrize("state", ["candidate", "dismissed", "done", "raised"])
def test_nothing_is_decided_on_what_was_not_accepted_or_is_over(crew: Crew, state: str) -> None:
    with pytest.raises(ItemStepRefused):
        decided(an_issue(state=state), crew)


def test_the_views_of_the_queue_hold_what_they_say(crew: Crew) -> None:
    issue_id = an_issue()
    mine = decided(issue_id, crew, user_id=crew["ZF"].user_id)
    claimed = decided(issue_id, crew)
    ended = decided(issue_id, crew)
    other = decided(issue_id, crew, department="LR", due_on=date(2026, 12, 1))
    take(claimed, "claim", crew["ZF"], note="好了。")
    take(ended, "lengthen", crew[Role.SECRETARY], note="要等明年预算。")
    after = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)

    def view(who: Role | str, name: str) -> list[str]:
        return [row.number for row in action_pages.items_page(crew[who], name, after).rows]

    assert view("ZF", "mine") == [mine]
    assert view("ZF", "department") == [mine, claimed]
    assert view("ZF", "all") == [mine, claimed, ended]
    assert view(Role.SECRETARY, "mine") == [claimed]
    assert view(Role.SECRETARY, "overdue") == [mine]
    assert view(Role.SECRETARY, "open") == [mine, claimed, other]
    assert action_pages.view_counts(crew["ZF"], after) == {
        "mine": 1,
        "department": 2,
        "overdue": 1,
        "claimed": 1,
        "open": 2,
        "all": 3,
    }
    assert action_pages.items_page(crew["ZF"], "mine", after).rows[0].clock is not None


# ---- reminders


def test_reminders_come_three_days_before_and_on_the_day_once_each(crew: Crew) -> None:
    number = decided(an_issue(), crew, due_on=date(2026, 12, 4))
    found = {}
    for day in range(12):
        at = MONDAY + timedelta(days=day)
        found[at.date().isoformat()] = [remind(at), remind(at)]
    assert {day: counts for day, counts in found.items() if counts != [0, 0]} == {
        "2026-12-01": [1, 0],
        "2026-12-04": [1, 0],
    }
    assert told("item_due") == [sorted(ids_of([crew["ZF"]]))] * 2
    del number


def test_after_days_without_a_job_the_reminder_says_how_long_is_left(crew: Crew) -> None:
    decided(an_issue(), crew, due_on=date(2026, 12, 4))
    assert (
        remind(datetime(2026, 12, 2, 16, 30, tzinfo=UTC)) == 1
    )  # half past midnight of the third, on the street
    assert db.session.scalars(select(Notice.facts).where(Notice.event == "item_due")).one()["days"] == 1


def test_what_was_just_decided_or_said_to_be_done_is_not_reminded_of(crew: Crew) -> None:
    soon = decided(an_issue(), crew, due_on=date(2026, 11, 25))
    assert remind(MONDAY) == 0
    take(soon, "claim", crew["ZF"], note="好了。")
    assert remind(datetime(2026, 11, 25, 2, 0, tzinfo=UTC)) == 0


# ---- the end of an issue


def test_an_issue_ends_only_when_its_items_have_and_was_looked_back_at(crew: Crew) -> None:
    issue_id = an_issue()
    first, second = decided(issue_id, crew), decided(issue_id, crew)
    finish(first, crew)
    assert state_of(issue_id) == "acting"

    def end(action: IssueAction, now: datetime = MONDAY) -> None:
        version = db.session.scalars(select(Issue.version).where(Issue.id == issue_id)).one()
        secretary = crew[Role.SECRETARY]
        issue_endings.end("G26-0001", action, note="都做到了。", version=version, by=secretary, now=now)

    with pytest.raises(ItemsUnfinished) as caught:
        end(IssueAction.LENGTHEN)
    assert caught.value.items == [second]
    take(second, "raise_up", crew[Role.SUPERVISOR], note="要区里协调。")
    assert state_of(issue_id) == "reviewing"
    with pytest.raises(NotLookedBack):
        end(IssueAction.FINISH)
    week = MONDAY + timedelta(days=7)
    assert look_backs.make_due(week) == 1
    end(IssueAction.FINISH, week)
    assert state_of(issue_id) == "done"


def test_where_everything_was_handed_on_there_is_nothing_to_look_back_at(crew: Crew) -> None:
    issue_id = an_issue()
    take(decided(issue_id, crew), "lengthen", crew[Role.SECRETARY], note="要等明年预算。")
    assert state_of(issue_id) == "reviewing"
    assert look_backs.review_of(issue_id) is None
    ways = issue_endings.endings_of("G26-0001", crew[Role.SECRETARY])
    assert {ending.action.value: ending.hindrance for ending in ways} == {
        "finish": "",
        "lengthen": "",
        "raise_up": "",
    }
    assert issue_endings.endings_of("G26-0001", crew[Role.OPERATOR]) == []


# ---- looking back


def sent_at(street: Street, *moments: datetime) -> list[str]:
    """Numbers of cases reported at these moments."""
    return [a_report(street.token, at=moment, device=f"{moment}").number for moment in moments]


def test_reports_before_and_after_are_counted_once_and_compared(street: Street, crew: Crew) -> None:
    days = [MONDAY - timedelta(days=day) for day in range(1, 16)]
    ended = MONDAY + timedelta(days=4)
    after = [ended + timedelta(days=day) for day in (2, 20)]
    cases = sent_at(street, MONDAY - timedelta(days=100), *days, *after)
    issue_id = an_issue(*cases)
    number = decided(issue_id, crew)
    finish(number, crew, ended)
    assert look_backs.make_due(ended + timedelta(days=6)) == 0
    assert [look_backs.make_due(ended + timedelta(days=7)) for _ in range(2)] == [1, 0]
    assert look_backs.make_due(ended + timedelta(days=30)) == 1
    review = look_backs.review_of(issue_id)
    assert review is not None
    counts = [
        (view.days, view.before_days, view.comparison.before, view.comparison.after, view.comparison.verdict)
        for view in review.views
        if view.comparison
    ]
    assert counts == [(7, 7, 7, 1, Verdict.NOT_SHOWN), (30, 30, 15, 2, Verdict.WORKED)]
    frozen = look_backs.for_pack(issue_id)
    assert frozen is not None
    assert frozen["look_backs"][1] | {"made_at": None} == {
        "days": 30,
        "made_at": None,
        "before": 15,
        "after": 2,
        "before_days": 30,
        "change_percent": -87,
        "low_percent": -99,
        "high_percent": -43,
        "verdict": "worked",
    }
    assert told("look_back_made") == [sorted(ids_of([crew[Role.SECRETARY]]))] * 2


def test_a_young_service_counts_the_days_it_has_been_there(street: Street, crew: Crew) -> None:
    ended = MONDAY + timedelta(days=4)
    cases = sent_at(street, *(MONDAY - timedelta(days=day) for day in (10, 3, 2)))
    issue_id = an_issue(*cases)
    finish(decided(issue_id, crew), crew, ended)
    look_backs.make_due(ended + timedelta(days=30))
    review = look_backs.review_of(issue_id)
    assert review is not None
    assert [(view.days, view.before_days) for view in review.views if view.made_at] == [(7, 7), (30, 10)]


def test_more_decisions_put_the_looks_off_and_those_that_follow_are_the_next_round(
    street: Street, crew: Crew
) -> None:
    issue_id = an_issue(*sent_at(street, MONDAY - timedelta(days=50)))
    finish(decided(issue_id, crew), crew)
    assert look_backs.make_due(MONDAY + timedelta(days=8)) == 1
    again = MONDAY + timedelta(days=10)
    number = decided(issue_id, crew, due_on=date(2026, 12, 20), now=again)
    assert look_backs.make_due(again + timedelta(days=60)) == 0
    ended = again + timedelta(days=2)
    finish(number, crew, ended)
    review = look_backs.review_of(issue_id)
    assert review is not None
    assert (review.since_at, len(review.views)) == (ended, 3)
    assert db.session.scalars(select(LookBack.decided_at).order_by(LookBack.id.desc())).first() == again


def test_a_new_report_opens_the_question_again_once(street: Street, crew: Crew) -> None:
    first = sent_at(street, MONDAY - timedelta(days=5))
    issue_id = an_issue(*first)
    finish(decided(issue_id, crew), crew)
    later = MONDAY + timedelta(days=3)
    assert look_backs.reopen_due(later) == 0
    newcomer = a_report(street.token, at=later, device="newcomer")
    _link(issue_id, [newcomer.number])
    assert look_backs.question_for(newcomer.link_key, newcomer.device, later) is None
    assert [look_backs.reopen_due(later) for _ in range(2)] == [1, 0]
    assert state_of(issue_id) == "accepted"
    event = db.session.scalars(select(IssueEvent).order_by(IssueEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.user_id, event.facts["reports"]) == ("reopen", None, 1)
    assert told("issue_reported_again") == [sorted(ids_of([crew[Role.SECRETARY]]))]


def _link(issue_id: int, numbers: list[str]) -> None:
    with transaction():
        for case_id in db.session.scalars(select(Case.id).where(Case.number.in_(numbers))):
            db.session.add(IssueCase(issue_id=issue_id, case_id=case_id, added_at=MONDAY))


def test_whoever_reported_it_is_asked_and_has_one_answer_a_device(sent: Sent, crew: Crew) -> None:
    issue_id = an_issue(sent.number)
    number = decided(issue_id, crew)
    assert look_backs.question_for(sent.link_key, sent.device, MONDAY) is None
    finish(number, crew)
    for given in (Answer.SAME, Answer.BETTER):
        look_backs.answer(sent.link_key, sent.device, given, MONDAY + timedelta(days=1))
    asked = look_backs.question_for(sent.link_key, sent.device, MONDAY + timedelta(days=1))
    assert asked is not None
    assert asked.given == Answer.BETTER
    with pytest.raises(AnswerRefused):
        look_backs.answer(sent.link_key, "another device", Answer.WORSE, MONDAY + timedelta(days=1))
    with pytest.raises(AnswerRefused):
        look_backs.answer(sent.link_key, sent.device, Answer.WORSE, MONDAY + timedelta(days=101))
    review = look_backs.review_of(issue_id)
    assert review is not None
    assert review.answers == {Answer.BETTER: 1, Answer.SAME: 0, Answer.WORSE: 0}
    look_backs.make_due(MONDAY + timedelta(days=7))
    look_backs.make_due(MONDAY + timedelta(days=30))
    assert len(told("better_asked")) == 1


def test_the_reporter_reads_what_was_decided_without_persons(sent: Sent, crew: Crew) -> None:
    issue_id = an_issue(sent.number)
    assert action_pages.items_for_reporter(sent.link_key) is None
    decided(issue_id, crew, person_name="李师傅")
    found = action_pages.items_for_reporter(sent.link_key)
    assert found is not None
    title, [item] = found
    assert (title, item.action, item.state) == (
        "地铁口两侧非机动车乱停放",
        "重新划定非机动车停放线",
        ItemState.OPEN,
    )
    assert "李师傅" not in repr(found)
    facts = db.session.scalars(select(Notice.facts).where(Notice.event == "item_decided")).one()
    assert "李师傅" not in repr(facts)
