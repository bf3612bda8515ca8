"""Reports in the database find their groups: in order, once, the same over any number of steps and processes."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from tests import factories
from tests.crowd import Told, a_crowd, a_street_of_shops, arrive, groups
from tests.factories import MORNING, Street, a_report, a_voice, take
from tests.web.staff import statements
from tracker.domain.grouping import Grouper, MemoryStore, place
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import (
    Case,
    Cluster,
    ClusterReport,
    GroupingNight,
    GroupingRuling,
    GroupingState,
    Issue,
    Report,
)
from tracker.services import cluster_news, grouped_reports, grouping
from tracker.services.cluster_news import StoredGroups
from tracker.services.cluster_store import ClusterStore
from tracker.services.grouping_lessons import lesson_of
from tracker.services.grouping_progress import Step, begin_again, progress, write

pytestmark = pytest.mark.usefixtures("by_category")

Crew = dict[Role | str, Actor]
LATER = MORNING + timedelta(days=60)
NIGHT = datetime.fromisoformat("2026-12-01T03:00:00+08:00")
BIKES = ("共享单车堵住店门口", "门口都是共享单车", "单车把店门堵了", "共享单车挡住店门", "一排单车停在门前")
SMOKE = ("饭店油烟直冲楼上", "油烟味太大，开不了窗", "烧烤油烟熏人", "楼下餐馆排油烟", "油烟呛得睡不着")


def group_all(now: datetime = LATER) -> int:
    """Until nothing is left to do; how many steps that took."""
    steps = 0
    while grouping.group_waiting(now):
        steps += 1
    return steps


def a_week(street: Street) -> dict[str, list[str]]:
    """Two troubles in one street, told by five people each; word → keys, in order."""
    told: dict[str, list[str]] = {"bikes": [], "smoke": []}
    for day in range(5):
        at = MORNING + timedelta(days=day)
        for name, category, words in (("bikes", "A1", BIKES), ("smoke", "F3", SMOKE)):
            sent = a_report(street.token, category, words[day], device=f"{name}-{day}", at=at)
            told[name].append(sent.key)
    return told


@pytest.fixture
def shops(street: Street) -> None:
    """A street of shops."""
    a_street_of_shops(street.token)


def a_month(count: int = 120) -> list[Told]:
    """A crowd that reports every few hours."""
    return a_crowd(count, MORNING, every=timedelta(hours=6))


def test_two_troubles_are_two_groups(street: Street) -> None:
    told = a_week(street)
    group_all()
    assert groups() == {frozenset(told["bikes"]), frozenset(told["smoke"])}
    assert db.session.scalars(select(Report.id).where(~Report.is_grouped)).all() == []


def test_a_report_waits_some_seconds_for_one_that_was_sent_before_it_and_comes_after_it(
    street: Street,
) -> None:
    a_report(street.token, at=MORNING)
    assert grouping.group_waiting(MORNING + timedelta(seconds=4)) == 0
    assert grouping.group_waiting(MORNING + timedelta(seconds=5)) == 1


@pytest.mark.usefixtures("shops")
def test_the_database_groups_as_the_rules_do_in_memory() -> None:
    arrive(a_month())
    memory = MemoryStore()
    grouper = Grouper(memory)
    for waiting in (each for each in grouped_reports.waiting(LATER, 1000) if each.counts):
        spot, place = waiting.read.spot, waiting.read.sighting.place
        memory._positions[place] = [spot] if spot else []
        grouper.place(waiting.read.sighting)
    group_all()
    members = select(ClusterReport.name, Cluster.key).join(Cluster, Cluster.id == ClusterReport.cluster_id)
    assert {row.name: row.key for row in db.session.execute(members)} == memory._key_of
    sizes = {row.key: row.size for row in db.session.execute(select(Cluster.key, Cluster.size))}
    assert sizes == {key: group.size for key, group in memory._groups.items()}
    assert progress().lesson, "lessons were learned on the way"


@pytest.mark.usefixtures("shops")
def test_simultaneous_reports_give_the_same_groups_in_whatever_order_they_are_stored_and_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowd = a_crowd(60, MORNING, every=timedelta())
    arrive(crowd)
    group_all()
    first = groups()
    assert 2 <= len(first) < 40
    for seed, at_once in ((1, 1), (2, 7)):
        _forget_everything()
        monkeypatch.setattr(grouping, "PLACED_AT_ONCE", at_once)
        arrive(random.Random(seed).sample(crowd, len(crowd)))
        group_all()
        assert groups() == first


def _forget_everything() -> None:
    """As if none of the crowd had come."""
    begin_again()
    with transaction():
        db.session.execute(delete(Report).where(Report.key.like("told-%")))
        db.session.execute(delete(Case).where(Case.number.like("CROWD-%")))


def test_a_step_that_was_worked_out_from_an_older_state_is_thrown_away(street: Street) -> None:
    a_report(street.token, at=MORNING)
    mine, others = progress(), progress()
    assert write(others, Step())
    assert not write(mine, Step(lesson=None, looked_at=[1]))
    assert db.session.scalars(select(Report.is_grouped)).all() == [False]


def test_private_withdrawn_and_void_reports_are_nobodys_group(street: Street, crew: Crew) -> None:
    a_report(street.token, "J3", "想申请困难帮扶", at=MORNING)
    withdrawn = a_report(street.token, at=MORNING)
    take(withdrawn.number, Action.WITHDRAW, by=factories.speaker(withdrawn))
    void = a_report(street.token, at=MORNING)
    take(void.number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    kept = a_report(street.token, at=MORNING)
    group_all()
    assert groups() == {frozenset({kept.key})}


def test_merged_declined_and_joined_reports_are_voices(street: Street, crew: Crew) -> None:
    main, other, declined = (
        a_report(street.token, text="纸箱堆在人行道上", device=f"phone-{number}", at=MORNING)
        for number in range(3)
    )
    take(other.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    joined = a_voice(street.token, main.number, "纸箱堵路", at=MORNING + timedelta(hours=1))
    take(
        declined.number,
        Action.DECLINE,
        by=crew[Role.OPERATOR],
        reason="repeated",
        channel="none",
        note="已有案件",
    )
    group_all()
    assert {key for group in groups() for key in group} == {main.key, other.key, declined.key, joined.key}
    assert db.session.scalars(select(Report.category).where(Report.key == joined.key)).one() == "A5"


# ---- nights


def test_a_night_comes_once_and_only_at_a_quiet_hour(street: Street) -> None:
    assert grouping.group_nightly(NIGHT) == 0, "nothing has been reported"
    a_week(street)
    group_all()
    assert grouping.group_nightly(NIGHT + timedelta(hours=8)) == 0
    assert grouping.group_nightly(NIGHT) > 0
    assert grouping.group_nightly(NIGHT + timedelta(minutes=30)) == 0
    assert grouping.group_nightly(NIGHT + timedelta(days=1)) > 0
    assert db.session.scalar(select(func.count()).select_from(GroupingNight)) == 2


def test_while_a_night_is_being_worked_out_nothing_else_is_and_a_dead_worker_is_waited_for_a_while_only(
    street: Street,
) -> None:
    a_week(street)
    with transaction():
        state = db.session.get_one(GroupingState, 1)
        state.leased_until_at = LATER + timedelta(minutes=15)
    assert grouping.group_waiting(LATER) == 0
    assert grouping.group_waiting(LATER + timedelta(minutes=15)) > 0


def test_what_was_taken_back_leaves_its_group_at_night(street: Street, crew: Crew) -> None:
    told = a_week(street)
    group_all()
    gone = db.session.scalars(select(Report).where(Report.key == told["bikes"][0])).one()
    number = db.session.scalars(select(Case.number).where(Case.id == gone.case_id)).one()
    take(number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    grouping.group_nightly(NIGHT)
    assert groups() == {frozenset(told["bikes"][1:]), frozenset(told["smoke"])}
    group_all()
    assert len({key for group in groups() for key in group}) == 9


# ---- what people decide


def an_issue(number: str, cluster_key: str = "") -> int:
    """A common issue that somebody decides about."""
    with transaction():
        issue = Issue(
            number=number,
            title="单车堵门",
            state="accepted",
            version=1,
            area_code="PP-1",
            category="A1",
            cluster_key=cluster_key,
            opened_at=MORNING,
            state_at=MORNING,
        )
        db.session.add(issue)
        db.session.flush()
        return issue.id


def rule(issue_id: int, kind: str, *keys: str, at: datetime = LATER) -> None:
    """A person's decision about these reports."""
    with transaction():
        for report_id in db.session.scalars(select(Report.id).where(Report.key.in_(keys))):
            db.session.add(GroupingRuling(report_id=report_id, issue_id=issue_id, kind=kind, at=at))


def key_of_group(report_key: str) -> str:
    """The key of the group that a report is in."""
    return db.session.scalars(
        select(Cluster.key)
        .join(ClusterReport, ClusterReport.cluster_id == Cluster.id)
        .join(Report, Report.id == ClusterReport.report_id)
        .where(Report.key == report_key)
    ).one()


def key_of_issue(number: str) -> str:
    """The key of the group that carries an issue's number."""
    return db.session.scalars(select(Cluster.key).where(Cluster.anchor == number)).one()


def test_what_people_decided_holds_through_nights_and_rebuilds(street: Street) -> None:
    """Four bikes stay, the fifth is out and has an issue of its own; one smoke is ruled into the bikes."""
    told = a_week(street)
    group_all()
    issue = an_issue("G26-0001", key_of_group(told["bikes"][0]))
    other = an_issue("G26-0002")
    rule(issue, "in", *told["bikes"][:4], told["smoke"][2])
    rule(issue, "out", told["bikes"][4])
    rule(other, "in", told["bikes"][4])
    wanted = {
        frozenset({*told["bikes"][:4], told["smoke"][2]}),
        frozenset({told["bikes"][4]}),
        frozenset({*told["smoke"][:2], *told["smoke"][3:]}),
    }
    group_all()
    assert groups() == wanted
    anchors = {row.anchor: row.size for row in db.session.execute(select(Cluster.anchor, Cluster.size))}
    assert anchors == {"G26-0001": 5, "G26-0002": 1, "": 4}
    grouping.group_nightly(NIGHT)
    assert groups() == wanted
    grouping.rebuild(LATER)  # whom nobody ruled on is judged anew, beside what people put together
    home = next(group for group in groups() if told["bikes"][0] in group)
    assert home >= {*told["bikes"][:4], told["smoke"][2]}
    assert told["bikes"][4] not in home
    assert key_of_group(told["bikes"][4]) == key_of_issue("G26-0002")


def test_a_report_that_was_removed_does_not_come_back_and_new_ones_join_without_it(street: Street) -> None:
    told = a_week(street)
    group_all()
    issue = an_issue("G26-0001", key_of_group(told["bikes"][0]))
    rule(issue, "out", told["bikes"][1])
    group_all()
    assert frozenset({told["bikes"][1]}) in groups()
    for day in (5, 6):
        at = MORNING + timedelta(days=day)
        told["bikes"].append(a_report(street.token, "A1", BIKES[0], device=f"new-{day}", at=at).key)
    group_all()
    grouping.group_nightly(NIGHT)
    of_issue = next(group for group in groups() if told["bikes"][0] in group)
    assert told["bikes"][1] not in of_issue
    assert told["bikes"][5] in of_issue


def test_rulings_are_carried_out_once(street: Street) -> None:
    told = a_week(street)
    group_all()
    rule(an_issue("G26-0001", key_of_group(told["bikes"][0])), "in", *told["bikes"])
    assert group_all() > 0
    before = progress().version
    assert group_all() == 0
    assert progress().version == before


def test_a_decision_about_more_reports_than_one_step_takes_is_carried_out_whole(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "RULED_AT_ONCE", 2)
    told = a_week(street)
    group_all()
    issue = an_issue("G26-0001", key_of_group(told["bikes"][0]))
    rule(issue, "in", told["bikes"][0])
    rule(issue, "out", *told["bikes"][1:])
    group_all()
    assert frozenset({told["bikes"][0]}) in groups()
    assert key_of_group(told["bikes"][0]) == key_of_issue("G26-0001")


# ---- making everything anew


@pytest.mark.usefixtures("shops")
def test_a_rebuild_gives_what_had_grown_with_the_nights_there_were() -> None:
    crowd = a_month()
    for first, night in ((0, 2), (60, 3)):
        arrive(crowd[first : first + 60])
        group_all()
        assert grouping.group_nightly(NIGHT + timedelta(days=night)) > 0
    grown, lesson = groups(), progress().lesson
    assert grouping.rebuild(LATER) == len(crowd)
    assert groups() == grown
    assert progress().lesson == lesson
    assert (progress().nights, progress().is_rebuilding) == (2, False)


@pytest.mark.usefixtures("shops")
def test_a_rebuild_that_died_in_the_middle_is_finished_by_the_job() -> None:
    arrive(a_month(60))
    group_all()
    grown = groups()
    with pytest.raises(InterruptedError):
        grouping.rebuild(LATER, _die_at_the_second_step())
    assert groups() != grown
    group_all()
    assert groups() == grown
    assert not progress().is_rebuilding


def _die_at_the_second_step() -> "Dying":
    return Dying()


class Dying:
    """Somebody presses Ctrl-C."""

    def __init__(self) -> None:
        self._steps = 0

    def __call__(self, _done: int) -> None:
        self._steps += 1
        if self._steps == 2:
            raise InterruptedError


def test_groups_that_an_older_program_made_are_made_anew(street: Street) -> None:
    told = a_week(street)
    group_all()
    grown = groups()
    with transaction():
        db.session.execute(update(Cluster).values(state=b"[0]\n"))
    again = a_report(street.token, "A1", BIKES[1], device="one-more", at=MORNING + timedelta(days=6))
    group_all()
    assert {group - {again.key} for group in groups()} == grown
    assert told


# ---- who hears of it


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the common issues are told: keys of groups."""
    told: list[list[str]] = []

    def hear(ids: Sequence[int], _now: datetime) -> None:
        told.append([group.key for group in StoredGroups().with_ids(ids)])

    monkeypatch.setattr(cluster_news, "HEARERS", (hear,))
    return told


def test_changed_groups_are_passed_on_once_and_small_ones_are_no_news(
    street: Street, heard: list[list[str]]
) -> None:
    told = a_week(street)
    a_report(factories.a_place(), "B5", "墙上有小广告", at=MORNING)
    group_all()
    both = {key_of_group(told[name][0]) for name in told}
    assert {key for keys in heard for key in keys} == both
    heard.clear()
    group_all()
    assert heard == []
    a_report(street.token, "A1", BIKES[0], device="another", at=MORNING + timedelta(days=6))
    group_all()
    assert heard == [[key_of_group(told["bikes"][0])]]


def test_in_a_rebuild_news_wait_until_the_groups_are_whole(street: Street, heard: list[list[str]]) -> None:
    a_week(street)
    group_all()
    heard.clear()
    grouping.rebuild(LATER)
    assert len(heard) == 1
    assert len(heard[0]) == 2


def test_news_that_somebody_failed_to_hear_come_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_ids: Sequence[int], _now: datetime) -> None:
        raise RuntimeError("not now")

    a_week(street)
    monkeypatch.setattr(cluster_news, "HEARERS", (deaf,))
    with pytest.raises(RuntimeError):
        group_all()
    calls: list[int] = []
    monkeypatch.setattr(cluster_news, "HEARERS", (lambda ids, _now: calls.append(len(ids)),))
    group_all()
    assert calls == [2]


def test_groups_are_read_with_what_the_issues_need(street: Street) -> None:
    told = a_week(street)
    group_all()
    key = key_of_group(told["bikes"][0])
    row_id = db.session.scalars(select(Cluster.id).where(Cluster.key == key)).one()
    (group,) = StoredGroups().with_ids([row_id, 999_999])
    assert group.key == key
    assert [report.category for report in group.reports] == ["A1"] * 5
    assert [report.at for report in group.reports] == [MORNING + timedelta(days=day) for day in range(5)]
    assert len({report.device_hash for report in group.reports}) == 5
    assert StoredGroups().known_keys([key, "nobody's"]) == {key}


# ---- bounded work


@contextmanager
def steps_of_the_database() -> Iterator[list[int]]:
    """How much work SQLite does meanwhile: instructions of its machine, in thousands. No clock is asked."""
    counted = [0]

    def tick() -> int:
        counted[0] += 1
        return 0

    driver: Any = db.session.connection().connection.dbapi_connection
    driver.set_progress_handler(tick, 1000)
    try:
        yield counted
    finally:
        driver.set_progress_handler(None, 0)


def work_for_one_more(app: Flask, number: int, at: datetime) -> tuple[int, int]:
    """Statements and database work for grouping one more report."""
    (one,) = a_crowd(1, at, every=timedelta())
    arrive([Told(f"told-in-a-crowd-{number:06d}", one.category, one.text, one.shop, one.device, at)])
    store = ClusterStore(progress().placed)
    (waiting,) = grouped_reports.waiting(at, 10)
    (report,) = store.note([waiting.read])
    with statements(app) as seen, steps_of_the_database() as work:
        place(report, store, lesson_of(progress().lesson))
    db.session.rollback()
    grouping.group_waiting(at + timedelta(minutes=1))
    return len(seen), work[0]


@pytest.mark.one_database  # the work is counted by SQLite's own machine; PostgreSQL has no such counter
@pytest.mark.usefixtures("shops")
def test_a_report_costs_the_same_whatever_the_history(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("asked for on PostgreSQL alone, which does not count its work")
    crowd = a_crowd(900, MORNING, every=timedelta(hours=8))
    arrive(crowd[:180])
    group_all(MORNING + timedelta(days=60))
    few = work_for_one_more(app, 990_001, MORNING + timedelta(days=60))
    arrive(crowd[180:])
    group_all(MORNING + timedelta(days=300))
    many = work_for_one_more(app, 990_002, MORNING + timedelta(days=300))
    assert many[0] == few[0] <= 5
    assert many[1] <= 1.3 * few[1] + 5
