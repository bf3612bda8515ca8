"""Meetings: planned about accepted issues, changed, called off; the agenda and what it does to its issues."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import MORNING
from tests.matters import an_issue
from tests.meetings import (
    ENDS,
    QUESTION,
    STARTS,
    a_meeting,
    a_plan,
    ask,
    number_of_issue,
    three_shops,
    version_of,
    view_of,
)
from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueStepRefused
from tracker.domain.meetings import MeetingAction, MeetingState, MeetingStepRefused
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Issue, IssueEvent
from tracker.services import agendas, answers, meetings
from tracker.services.answers import Answer
from tracker.services.issue_moves import IssueMissing
from tracker.services.meeting_list import meetings_of
from tracker.services.meeting_moves import MeetingMissing, StaleMeeting, locked_meeting_numbered

Crew = dict[Role | str, Actor]


@pytest.fixture
def secretary(crew: Crew) -> Actor:
    """Who keeps the meetings of the whole street."""
    return crew[Role.SECRETARY]


def state_of(issue_number: str) -> str:
    db.session.rollback()
    return db.session.scalars(select(Issue.state).where(Issue.number == issue_number)).one()


def test_a_meeting_is_planned_about_accepted_issues_which_are_then_scheduled(secretary: Actor) -> None:
    first, second = number_of_issue(an_issue()), number_of_issue(an_issue())
    number = meetings.plan(a_plan(secretary), [second, first], by=secretary, now=MORNING)
    assert number == "M26-0001"
    view = view_of(number, secretary)
    assert [item.issue_number for item in view.agenda] == [second, first]
    assert (view.state, view.version, view.is_keeper) == (MeetingState.PLANNED, 1, True)
    assert (state_of(first), state_of(second)) == ("scheduled", "scheduled")
    event = db.session.scalars(select(IssueEvent).where(IssueEvent.action == "schedule")).first()
    assert event is not None
    assert event.facts == {"meeting": number}
    assert [row.number for row in meetings_of(secretary, "coming").rows] == [number]
    assert meetings_of(secretary, "past").rows == []


def test_what_is_missing_or_makes_no_sense_is_said_by_the_name_of_its_field(crew: Crew) -> None:
    secretary = crew[Role.SECRETARY]
    nonsense: dict[str, dict[str, object]] = {
        "title": {"title": " "},
        "room": {"room": ""},
        "day": {"starts_at": MORNING - timedelta(minutes=1)},
        "ends": {"ends_at": STARTS},
        "chair": {"chair_id": crew[Role.OPERATOR].user_id},
        "area": {"area": "XX"},
    }
    for name, changes in nonsense.items():
        with pytest.raises(Incomplete) as refused:
            meetings.plan(a_plan(secretary, **changes), [], by=secretary, now=MORNING)
        assert name in refused.value.problems
    assert meetings_of(secretary, "coming").rows == []


def test_an_issue_that_is_no_more_than_a_candidate_or_on_another_agenda_is_refused(secretary: Actor) -> None:
    candidate = number_of_issue(an_issue(state="candidate"))
    with pytest.raises(IssueStepRefused):
        meetings.plan(a_plan(secretary), [candidate], by=secretary, now=MORNING)
    issue = number_of_issue(an_issue())
    meetings.plan(a_plan(secretary), [issue], by=secretary, now=MORNING)
    with pytest.raises(IssueStepRefused):
        meetings.plan(a_plan(secretary), [issue], by=secretary, now=MORNING)
    assert len(meetings_of(secretary, "coming").rows) == 1


def test_an_issue_of_another_area_comes_onto_no_agenda(crew: Crew) -> None:
    here = factories.a_person(Role.SECRETARY, area="PP-2", department="DJ")
    issue = number_of_issue(an_issue(area="PP-1"))
    with pytest.raises(IssueMissing):
        meetings.plan(a_plan(here, area="PP-2"), [issue], by=here, now=MORNING)
    everywhere = crew[Role.SECRETARY]
    with pytest.raises(Incomplete):
        meetings.plan(a_plan(everywhere, area="PP-2"), [issue], by=everywhere, now=MORNING)
    number = meetings.plan(a_plan(everywhere), [issue], by=everywhere, now=MORNING)
    with pytest.raises(MeetingMissing):
        view_of(number, here)
    assert meetings_of(here, "coming").rows == []


def test_the_agenda_is_put_in_order_step_by_step(secretary: Actor) -> None:
    issues = [number_of_issue(an_issue()) for _ in range(3)]
    number = meetings.plan(a_plan(secretary), issues, by=secretary, now=MORNING)
    last = view_of(number, secretary).agenda[2]
    for way in ("up", "up", "up", "down"):
        agendas.move_item(number, last.id, way, version=version_of(number), by=secretary, now=MORNING)
    view = view_of(number, secretary)
    assert [item.issue_number for item in view.agenda] == [issues[0], issues[2], issues[1]]
    assert [item.position for item in view.agenda] == [1, 2, 3]
    agendas.remove_item(number, last.id, version=version_of(number), by=secretary, now=MORNING)
    assert [item.position for item in view_of(number, secretary).agenda] == [1, 2]
    assert state_of(issues[2]) == "accepted"
    agendas.add_item(number, issues[2], version=version_of(number), by=secretary, now=MORNING)
    assert [item.issue_number for item in view_of(number, secretary).agenda][-1] == issues[2]


def test_question_and_options_are_kept_and_bad_options_are_not(secretary: Actor) -> None:
    number = a_meeting(secretary, options="划线\n不划线")
    item = view_of(number, secretary).agenda[0]
    assert (item.question, [option.words for option in item.vote.options]) == (QUESTION, ["划线", "不划线"])
    with pytest.raises(Incomplete) as refused:
        agendas.set_item(number, item.id, "", "一个", version=version_of(number), by=secretary, now=MORNING)
    assert list(refused.value.problems) == ["options"]
    assert view_of(number, secretary).agenda[0].question == QUESTION


def test_a_page_that_is_out_of_date_changes_nothing(secretary: Actor) -> None:
    number = a_meeting(secretary)
    seen = version_of(number)
    plan = a_plan(secretary, room="街道三楼会议室")
    assert meetings.edit(number, plan, version=seen, by=secretary, now=MORNING)
    with pytest.raises(StaleMeeting):
        meetings.edit(number, a_plan(secretary, room="别处"), version=seen, by=secretary, now=MORNING)
    view = view_of(number, secretary)
    assert view.room == "街道三楼会议室"
    assert view.events[0].facts == {"changes": {"room": ["街道二楼会议室", "街道三楼会议室"]}}
    assert not meetings.edit(number, plan, version=view.version, by=secretary, now=MORNING)
    late = a_plan(secretary, title="协调会")  # it has begun: the name may change, the hour is what it is
    assert meetings.edit(number, late, version=view.version, by=secretary, now=ENDS)


def test_a_meeting_called_off_gives_its_issues_back_and_needs_a_reason(secretary: Actor) -> None:
    number = a_meeting(secretary, *three_shops())
    issue = view_of(number, secretary).agenda[0].issue_number
    with pytest.raises(Incomplete):
        meetings.cancel(number, " ", version=version_of(number), by=secretary, now=MORNING)
    meetings.cancel(number, "台风", version=version_of(number), by=secretary, now=MORNING)
    assert (view_of(number, secretary).state, state_of(issue)) == (MeetingState.CANCELLED, "accepted")
    assert [row.number for row in meetings_of(secretary, "past").rows] == [number]
    with pytest.raises(MeetingStepRefused):
        meetings.cancel(number, "再一次", version=version_of(number), by=secretary, now=MORNING)


def test_a_meeting_is_held_on_its_day_and_closed_with_its_minutes(secretary: Actor) -> None:
    number = a_meeting(secretary, *three_shops())
    with pytest.raises(MeetingStepRefused):
        meetings.hold(number, version=version_of(number), by=secretary, now=STARTS)
    ask(number, secretary)
    with pytest.raises(MeetingStepRefused):
        meetings.hold(number, version=version_of(number), by=secretary, now=STARTS - timedelta(days=1))
    meetings.hold(number, version=version_of(number), by=secretary, now=STARTS)
    assert view_of(number, secretary).state == MeetingState.HELD
    meetings_close(number, secretary)
    meetings_close(number, secretary)
    view = view_of(number, secretary)
    assert (view.state, view.events[0].action) == (MeetingState.CLOSED, MeetingAction.CLOSE)
    assert view.may == frozenset()


def meetings_close(number: str, by: Actor) -> None:
    """As the approval of the minutes does it."""
    with transaction():
        meetings.close_locked(locked_meeting_numbered(number, by), by=by, now=ENDS)


def test_nobody_but_those_who_keep_meetings_sees_one(crew: Crew) -> None:
    number = a_meeting(crew[Role.SECRETARY])
    for role in (Role.OPERATOR, Role.HANDLER, Role.VERIFIER, Role.DUTY_LEAD, Role.ADMIN):
        with pytest.raises(MeetingMissing):
            view_of(number, crew[role])
    assert not view_of(number, crew[Role.SUPERVISOR]).is_keeper


def test_others_than_the_keeper_read_numbers_of_reporters_and_no_answers(crew: Crew) -> None:
    shops = three_shops()
    number = a_meeting(crew[Role.SECRETARY], *shops)
    ask(number, crew[Role.SECRETARY])
    given = Answer("yes", words="我有话说", name="老王", has_consent=True)
    answers.answer_by_report(shops[0].link_key, shops[0].device, number, given, now=MORNING)
    keeper, other = (view_of(number, crew[role]) for role in (Role.SECRETARY, Role.SUPERVISOR))
    assert sorted(guest.name for guest in keeper.guests if guest.kind == "reporter") == ["", "", "老王"]
    assert [guest.kind for guest in other.guests] == ["department", "department", "guest"]
    for view in (keeper, other):
        counts = view.asked["reporter"]
        assert (counts.invited, counts.yes, counts.silent) == (3, 1, 2)
