"""Groups become candidates by themselves; what people decided stands."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import Sent
from tests.issue_samples import (
    TypedGroups,
    actions_of,
    issue_count,
    newest_issue,
    numbers_in,
    numbers_of,
    proposed,
    refreshed,
    report_from,
    reports_from,
    rulings_of,
)
from tracker.domain.case_rules import Incomplete
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import Clock, Issue, Notice
from tracker.services import issue_decisions
from tracker.services.issue_decisions import Seen
from tracker.services.issue_moves import StaleIssue
from tracker.services.issue_wording import Wording

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
Crew = dict[Role | str, Actor]


@pytest.fixture
def secretary(crew: Crew) -> Actor:
    return crew[Role.SECRETARY]


def seen(issue: Issue, key: str = "") -> Seen:
    return Seen(issue.number, issue.version, key or f"form {issue.version}")


def fresh(issue_id: int) -> Issue:
    db.session.rollback()
    return db.session.get_one(Issue, issue_id)


def accepted(groups: TypedGroups, by: Actor) -> Issue:
    issue = proposed(groups, NOW)
    issue_decisions.accept(seen(issue), Wording("单车挡住店门", "", by.user_id), by=by, now=NOW)
    return fresh(issue.id)


def dismissed(groups: TypedGroups, by: Actor, now: datetime = NOW) -> Issue:
    issue = proposed(groups, now)
    issue_decisions.dismiss(seen(issue), "各有各的原因", by=by, now=now)
    return fresh(issue.id)


@pytest.mark.usefixtures("street")
def test_two_places_are_no_candidate_and_three_are() -> None:
    two = reports_from(["店一", "店二"], at=NOW - 3 * DAY)
    groups = TypedGroups(a=[*two, report_from("店一", at=NOW)])
    groups["a"] = two
    assert refreshed(groups, NOW) == 0
    groups["a"] = [*two, report_from("店三", at=NOW)]
    issue = proposed(groups, NOW)
    assert (issue.state, issue.number, issue.must_review) == ("candidate", "G26-0001", False)
    assert numbers_in(issue.id) == numbers_of(groups["a"])
    assert (issue.area_code, issue.category) == ("PP-1", "A5")


@pytest.mark.usefixtures("street")
def test_many_reports_from_one_place_are_no_candidate() -> None:
    token = factories.a_place("shop", name="店一")
    groups = TypedGroups(a=[factories.a_report(token, device=f"phone {n}", at=NOW) for n in range(5)])
    assert refreshed(groups, NOW) == 0


@pytest.mark.usefixtures("street")
def test_fourteen_days_count_and_a_second_more_does_not() -> None:
    first, second = reports_from(["店一", "店二"], at=NOW)
    edge = report_from("店三", at=NOW - 14 * DAY)
    late = report_from("店四", at=NOW - 14 * DAY - timedelta(seconds=1))
    assert refreshed(TypedGroups(a=[first, second, late]), NOW) == 0
    assert refreshed(TypedGroups(a=[first, second, edge]), NOW) == 1


def test_five_places_in_thirty_days_must_be_reviewed(secretary: Actor) -> None:
    recent = reports_from(["店一", "店二", "店三", "店四"], at=NOW - DAY)
    groups = TypedGroups(a=[*recent, report_from("店五", at=NOW - 30 * DAY - timedelta(seconds=1))])
    assert not proposed(groups, NOW).must_review
    groups["a"] = [*recent, report_from("店六", at=NOW - 30 * DAY)]
    issue = proposed(groups, NOW)
    assert issue.must_review
    assert actions_of(issue.id).count("must_review") == 1
    clock = db.session.scalars(select(Clock).where(Clock.issue_id == issue.id)).one()
    assert (clock.kind, clock.allowance, clock.state) == ("issue_review", "5wd", "running")
    assert db.session.scalars(select(Notice.event).where(Notice.event.like("issue%"))).all() == [
        "issue_must_review"
    ]
    assert refreshed(groups, NOW) == 0, "nothing new, nothing written"
    issue_decisions.dismiss(seen(issue), "各有各的原因", by=secretary, now=NOW)
    db.session.rollback()
    assert db.session.scalars(select(Clock.state).where(Clock.issue_id == issue.id)).all() == ["stopped"]


@pytest.mark.usefixtures("street")
def test_a_candidate_follows_its_group_until_somebody_decides(crew: Crew) -> None:
    sents = reports_from(["店一", "店二", "店三", "店四"], at=NOW)
    groups = TypedGroups(a=sents)
    issue = proposed(groups, NOW)
    groups["a"] = [*sents[1:], report_from("店五", at=NOW)]
    refreshed(groups, NOW)
    assert numbers_in(issue.id) == numbers_of(groups["a"])
    factories.take(sents[1].number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    refreshed(groups, NOW)
    assert sents[1].number not in numbers_in(issue.id)
    assert issue_count() == 1


@pytest.mark.usefixtures("street")
def test_a_candidate_whose_group_fell_apart_is_taken_back_and_returns_with_it() -> None:
    sents = reports_from(["店一", "店二", "店三"], at=NOW)
    groups = TypedGroups(a=sents)
    issue_id = proposed(groups, NOW).id
    refreshed(TypedGroups(a=sents[:1], b=sents[1:]), NOW)
    assert fresh(issue_id).state == "dismissed"
    refreshed(groups, NOW)
    assert (fresh(issue_id).state, issue_count()) == ("candidate", 1)
    assert numbers_in(issue_id) == numbers_of(sents)


@pytest.mark.usefixtures("street")
def test_two_candidates_that_turn_out_to_be_one_group_leave_one() -> None:
    one, other = reports_from(["店一", "店二", "店三"], at=NOW), reports_from(["甲", "乙", "丙"], at=NOW)
    refreshed(TypedGroups(a=one, b=other), NOW)
    assert issue_count() == 2
    refreshed(TypedGroups(a=[*one, *other]), NOW)
    states = {issue.state: numbers_in(issue.id) for issue in (fresh(1), fresh(2))}
    assert states["candidate"] == numbers_of([*one, *other])
    assert states["dismissed"] == set()


def test_an_accepted_issue_takes_new_reports_by_itself_and_a_person_takes_them_out(
    secretary: Actor,
) -> None:
    sents = reports_from(["店一", "店二", "店三"], at=NOW)
    groups = TypedGroups(a=sents)
    issue = accepted(groups, secretary)
    assert rulings_of(issue.id) == dict.fromkeys(numbers_of(sents), "in")
    new = report_from("店四", "D1", at=NOW + 60 * DAY)
    groups["a"] = [*sents, new]
    refreshed(groups, NOW + 60 * DAY)
    assert new.number in numbers_in(issue.id)
    assert new.number not in rulings_of(issue.id), "the machine rules nothing"
    issue_decisions.remove(seen(fresh(issue.id)), [new.number], "", by=secretary, now=NOW)
    refreshed(groups, NOW + 61 * DAY)
    assert numbers_in(issue.id) == numbers_of(sents)
    assert rulings_of(issue.id)[new.number] == "out"


def test_an_accepted_issue_keeps_its_cases_when_the_group_loses_them(secretary: Actor) -> None:
    sents = reports_from(["店一", "店二", "店三"], at=NOW)
    issue = accepted(TypedGroups(a=sents), secretary)
    refreshed(TypedGroups(a=sents[:1], b=[*sents[1:], *reports_from(["丁", "戊"], at=NOW)]), NOW)
    assert numbers_in(issue.id) >= numbers_of(sents)
    assert issue_count() == 1


def test_a_dismissed_candidate_stays_away_until_it_has_grown_by_half(secretary: Actor) -> None:
    sents: list[Sent] = reports_from(["店一", "店二", "店三", "店四"], at=NOW)
    groups = TypedGroups(a=sents)
    issue = dismissed(groups, secretary)
    assert (issue.state, issue.dismissed_voices) == ("dismissed", 4)
    groups["a"] = [*sents, report_from("店五", at=NOW), report_from("店六", at=NOW, device="phone of 店五")]
    refreshed(groups, NOW)
    assert fresh(issue.id).state == "dismissed", "5 voices, 6 would be half as many more"
    assert numbers_in(issue.id) == numbers_of(sents)
    groups["a"] = [*groups["a"], report_from("店七", at=NOW)]
    refreshed(groups, NOW)
    assert fresh(issue.id).state == "candidate"
    assert fresh(issue.id).must_review
    assert numbers_in(issue.id) == numbers_of(groups["a"])


def test_a_dismissal_survives_a_rebuild_that_names_the_group_anew(secretary: Actor) -> None:
    sents = reports_from(["店一", "店二", "店三"], at=NOW)
    issue = dismissed(TypedGroups(a=sents), secretary)
    refreshed(TypedGroups(another_name=sents), NOW)
    assert (issue_count(), fresh(issue.id).state) == (1, "dismissed")


def test_what_was_split_moved_and_dismissed_stays_so_when_all_is_grouped_anew(secretary: Actor) -> None:
    sents = reports_from(["店一", "店二", "店三", "店四", "店五", "店六"], at=NOW)
    issue = proposed(TypedGroups(a=sents), NOW)
    chosen = numbers_of(sents[:3])
    number = issue_decisions.split(seen(issue), chosen, "另一件事", by=secretary, now=NOW)
    other = newest_issue()
    assert (other.number, other.title, other.state) == (number, "另一件事", "candidate")
    issue_decisions.add(seen(other), [sents[3].number], by=secretary, now=NOW)
    issue_decisions.dismiss(seen(fresh(issue.id)), "不是一回事", by=secretary, now=NOW)
    moved = numbers_of(sents[:4])
    staying = numbers_of(sents[4:])
    assert rulings_of(other.id) == dict.fromkeys(moved, "in")
    assert rulings_of(issue.id) == dict.fromkeys(moved, "out") | dict.fromkeys(staying, "in")
    for grouped in ({"a": sents}, {"x": sents[4:], "y": sents[:4]}, {"a": sents[:1], "b": sents[1:]}):
        refreshed(TypedGroups(grouped), NOW)
        assert numbers_in(other.id) == moved
        assert numbers_in(issue.id) == numbers_of(sents[4:])
        assert (fresh(issue.id).state, issue_count()) == ("dismissed", 2)


def test_a_case_moves_between_issues_and_both_histories_say_so(secretary: Actor) -> None:
    one = accepted(TypedGroups(a=reports_from(["店一", "店二", "店三"], at=NOW)), secretary)
    sents = reports_from(["甲", "乙", "丙"], at=NOW)
    refreshed(TypedGroups(b=sents), NOW)
    two = newest_issue()
    issue_decisions.add(seen(one), [sents[0].number], by=secretary, now=NOW)
    assert sents[0].number in numbers_in(one.id)
    assert sents[0].number not in numbers_in(two.id)
    assert actions_of(one.id)[-1] == "add_cases"
    assert actions_of(two.id)[-1] == "remove_cases"


def test_the_same_form_sent_twice_decides_once(secretary: Actor) -> None:
    sents = reports_from(["店一", "店二", "店三"], at=NOW)
    issue = proposed(TypedGroups(a=sents), NOW)
    once = seen(issue, "one form")
    numbers = {
        issue_decisions.split(once, [sents[0].number], "另一件", by=secretary, now=NOW) for _ in range(2)
    }
    assert numbers == {"G26-0002"}
    assert issue_count() == 2


def test_a_decision_on_an_older_page_is_refused_unless_the_issue_only_grew(secretary: Actor) -> None:
    sents = reports_from(["店一", "店二", "店三"], at=NOW)
    groups = TypedGroups(a=sents)
    old = seen(proposed(groups, NOW))
    groups["a"] = [*sents, report_from("店四", at=NOW)]
    refreshed(groups, NOW)
    with pytest.raises(StaleIssue):
        issue_decisions.accept(old, Wording("单车", "", secretary.user_id), by=secretary, now=NOW)
    issue_decisions.edit(old, Wording("单车挡门", "", secretary.user_id), by=secretary, now=NOW)
    assert newest_issue().title == "单车挡门"
    with pytest.raises(StaleIssue):
        issue_decisions.dismiss(old, "不成立", by=secretary, now=NOW)


@pytest.mark.one_database  # about words, not about the database
@pytest.mark.parametrize(
    ("title", "cause", "wrong"),
    [
        ("", "", "title"),
        ("字" * 81, "", "title"),
        ("单车挡门", "请打 138 1234 5678", "cause"),
        ("单车挡门", "物业 021-65432100 不接", "cause"),
    ],
)
def test_what_everybody_reads_has_a_title_and_no_phone(
    secretary: Actor, title: str, cause: str, wrong: str
) -> None:
    issue = proposed(TypedGroups(a=reports_from(["店一", "店二", "店三"], at=NOW)), NOW)
    with pytest.raises(Incomplete) as refused:
        issue_decisions.accept(seen(issue), Wording(title, cause, secretary.user_id), by=secretary, now=NOW)
    assert set(refused.value.problems) == {wrong}
