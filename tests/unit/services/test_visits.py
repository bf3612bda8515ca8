"""Visits: written down once, never changed; each line becomes a case, an answer, or stays a note."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import flask_migrate
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.factories import MORNING, Street, a_photo
from tracker.domain.case_rules import Incomplete
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.domain.visits import Due, EventKind, LineState
from tracker.extensions import db, transaction
from tracker.models import Case, HistoryRow, Label, Photo, Place, Report, Visit, VisitLine
from tracker.services import history, links, visit_hints, visit_lines, visit_pages, visit_routes, visits
from tracker.services.places import labelled_place
from tracker.services.visit_places import VisitMissing, find_places, place_for
from tracker.services.visits import NewLine, NewVisit, VisitKeyReused

KEY = "the-key-of-a-visit-01"
_keys = count(1)


@pytest.fixture
def secretary(crew: dict[Role | str, Actor]) -> Actor:
    """Of the whole street."""
    return crew[Role.SECRETARY]


@pytest.fixture
def shop(street: Street) -> int:
    """The shop's row."""
    return labelled_place(street.token).place_id


@pytest.fixture
def colleague(street: Street) -> Actor:  # noqa: ARG001 - the registers she needs
    """A secretary of the other half of the street."""
    return factories.a_person(Role.SECRETARY, department="DJ", area="PP-2")


def a_visit(place_id: int, *lines: str, at: datetime = MORNING, **facts: object) -> NewVisit:
    key = f"a-visit-of-a-test-{next(_keys):04d}"
    return replace(NewVisit(key, place_id, at, lines=[NewLine(line) for line in lines]), **facts)  # type: ignore[arg-type]


def lines_of(visit_id: int) -> list[VisitLine]:
    wanted = select(VisitLine).where(VisitLine.visit_id == visit_id).order_by(VisitLine.position)
    return list(db.session.scalars(wanted))


def a_line(secretary: Actor, place_id: int, words: str = "共享单车堵住店门，客人进不来。") -> int:
    """The id of the one line of a fresh visit."""
    visit_id = visits.record(a_visit(place_id, words), by=secretary, now=MORNING)
    return lines_of(visit_id)[0].id


def code_of(place_id: int) -> str:
    return db.session.get_one(Place, place_id).code


# ---------------------------------------------------------------- writing it down


def test_a_visit_is_read_back_as_it_was_written(secretary: Actor, shop: int) -> None:
    new = NewVisit(
        KEY,
        shop,
        MORNING,
        met=" 王老板 ",
        return_on=date(2026, 11, 30),
        lines=[NewLine("单车堵门"), NewLine("  \n"), NewLine("", [a_photo(1)]), NewLine("下水道返味")],
    )
    seen = visit_pages.visit(visits.record(new, by=secretary, now=MORNING), secretary)
    assert (seen.met, seen.return_on, seen.visited_at, seen.who) == (
        "王老板",
        date(2026, 11, 30),
        MORNING,
        secretary.name,
    )
    assert [(line.position, line.text, len(line.photos)) for line in seen.lines] == [
        (1, "单车堵门", 0),
        (2, "", 1),
        (3, "下水道返味", 0),
    ]
    assert {line.state for line in seen.lines} == {LineState.NOTED}


def test_the_same_key_with_the_same_content_is_the_same_visit(secretary: Actor, shop: int) -> None:
    new = a_visit(shop, "单车堵门")
    first = visits.record(new, by=secretary, now=MORNING)
    assert visits.record(new, by=secretary, now=MORNING + timedelta(hours=3)) == first
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"lines": [NewLine("单车堵门"), NewLine("还有一件")]},
        {"visited_at": MORNING - timedelta(minutes=5)},
        {"met": "李老板"},
        {"return_on": date(2026, 12, 1)},
    ],
)
def test_the_same_key_with_other_content_is_refused_and_names_the_visit(
    secretary: Actor, shop: int, other: dict[str, object]
) -> None:
    new = a_visit(shop, "单车堵门")
    first = visits.record(new, by=secretary, now=MORNING)
    with pytest.raises(VisitKeyReused) as refused:
        visits.record(replace(new, **other), by=secretary, now=MORNING)  # type: ignore[arg-type]
    assert refused.value.visit_id == first
    assert [line.text for line in lines_of(first)] == ["单车堵门"]


def test_somebody_elses_key_says_nothing_about_her_visit(crew: dict[Role | str, Actor], shop: int) -> None:
    other = factories.a_person(Role.SECRETARY, department="DJ")
    new = a_visit(shop, "单车堵门")
    visits.record(new, by=crew[Role.SECRETARY], now=MORNING)
    with pytest.raises(VisitKeyReused) as refused:
        visits.record(new, by=other, now=MORNING)
    assert refused.value.visit_id is None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"key": "short"}, "key"),
        ({"place_id": None}, "place"),
        ({"visited_at": None}, "at"),
        ({"visited_at": MORNING + timedelta(hours=1)}, "at"),
        ({"met": "名" * 61}, "met"),
        ({"lines": [NewLine("字" * 2001)]}, "lines"),
        ({"lines": [NewLine("单车")] * 21}, "lines"),
        ({"return_on": date(2026, 11, 22)}, "return_on"),
    ],
)
def test_what_is_missing_is_named(secretary: Actor, shop: int, facts: dict[str, object], field: str) -> None:
    new = replace(a_visit(shop, "单车堵门"), **facts)  # type: ignore[arg-type]
    with pytest.raises(Incomplete) as refused:
        visits.record(new, by=secretary, now=MORNING)
    assert set(refused.value.problems) == {field}
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_a_place_of_another_area_is_not_there(colleague: Actor, street: Street, shop: int) -> None:
    with pytest.raises(VisitMissing):
        visits.record(a_visit(shop), by=colleague, now=MORNING)
    visits.record(a_visit(labelled_place(street.metro_token).place_id), by=colleague, now=MORNING)


# ---------------------------------------------------------------- a line becomes a case


def test_a_line_becomes_the_shops_own_case(secretary: Actor, street: Street, shop: int) -> None:
    new = a_visit(shop, lines=[NewLine("单车堵门", [a_photo(1)])])
    line = lines_of(visits.record(new, by=secretary, now=MORNING))[0]
    visit_lines.make_case(line.id, "A1", by=secretary, now=MORNING)
    report, case = db.session.scalars(select(Report)).one(), db.session.scalars(select(Case)).one()
    assert (case.place_id, case.category, case.summary) == (shop, "A1", "单车堵门")
    assert report.label_id == labelled_place(street.token).label_id
    assert db.session.scalars(select(Photo.kind)).one() == "before"
    seen = visit_pages.visit(line.visit_id, secretary).lines[0]
    assert seen.state == LineState.CASE
    assert seen.case is not None
    assert (seen.case.number, seen.case.state) == (case.number, State.DISPATCHED)  # A1 is dispatched by rule
    assert history.verify() == db.session.scalar(select(func.count()).select_from(HistoryRow))


def test_made_twice_it_is_one_case_also_under_another_category(secretary: Actor, shop: int) -> None:
    line = a_line(secretary, shop)
    for category in ("A1", "A1", "A5"):
        visit_lines.make_case(line, category, by=secretary, now=MORNING)
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_case_whose_answer_was_lost_is_found_again(secretary: Actor, shop: int) -> None:
    line_id = a_line(secretary, shop)
    visit_lines.make_case(line_id, "A1", by=secretary, now=MORNING)
    with transaction():
        db.session.execute(
            update(VisitLine)
            .where(VisitLine.id == line_id)
            .values(state="noted", case_id=None, report_id=None)
        )
    visit_lines.make_case(line_id, "A5", by=secretary, now=MORNING)
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1
    assert db.session.get_one(VisitLine, line_id).state == "case"


def test_the_reporter_is_the_shop_and_never_the_secretary(
    secretary: Actor, shop: int, street: Street
) -> None:
    visit_lines.make_case(a_line(secretary, shop), "A1", by=secretary, now=MORNING)
    visit_lines.make_case(a_line(secretary, shop, "下水道返味"), "C7", by=secretary, now=MORNING)
    other = labelled_place(street.metro_token).place_id
    visit_lines.make_case(a_line(secretary, other, "站口单车"), "A1", by=secretary, now=MORNING)
    rows = db.session.scalars(select(HistoryRow).where(HistoryRow.action == "report")).all()
    assert [(row.actor_kind, row.user_id) for row in rows] == [("reporter", None)] * 3
    devices = list(db.session.scalars(select(Report.device_hash).order_by(Report.id)))
    assert devices[0] == devices[1] != devices[2]


def test_the_shop_gets_a_link_and_a_code_that_let_it_follow_and_speak(secretary: Actor, shop: int) -> None:
    line = a_line(secretary, shop)
    visit_lines.make_case(line, "A1", by=secretary, now=MORNING)
    credentials = visit_lines.credentials_of(line, secretary)
    report = links.report_behind(credentials.link_key)
    assert not links.speaks_from(report, "the shop's phone")
    links.enter_code(credentials.link_key, credentials.code, "the shop's phone", MORNING)
    assert links.speaks_from(report, "the shop's phone")


def test_a_link_is_shown_only_for_a_case_and_each_showing_is_noted(secretary: Actor, shop: int) -> None:
    line = a_line(secretary, shop)
    with pytest.raises(VisitMissing):
        visit_lines.show_link(line, by=secretary, now=MORNING)
    with pytest.raises(VisitMissing):
        visit_lines.credentials_of(line, secretary)
    visit_lines.make_case(line, "A1", by=secretary, now=MORNING)
    visit_lines.show_link(line, by=secretary, now=MORNING)
    notes = visit_pages.visit(db.session.get_one(VisitLine, line).visit_id, secretary).lines[0].notes
    assert [note.kind for note in notes] == [EventKind.CASE, EventKind.SHOWN]


def test_a_place_that_never_had_a_label_gets_one_to_report_from(secretary: Actor) -> None:
    with transaction():
        place = Place(code="P9001", kind="shop", name="没贴牌的店", address="无名路 1 号", area_code="PP-1")
        db.session.add(place)
    visit_lines.make_case(
        a_line(secretary, place_for("P9001", secretary).id), "A1", by=secretary, now=MORNING
    )
    assert db.session.scalar(select(Label.state).join(Label.place).where(Place.code == "P9001")) == "printed"


def test_an_unknown_category_makes_no_case(secretary: Actor, shop: int) -> None:
    line = a_line(secretary, shop)
    for category in ("", "Z9"):
        with pytest.raises(Incomplete):
            visit_lines.make_case(line, category, by=secretary, now=MORNING)
    assert db.session.get_one(VisitLine, line).state == "noted"


def test_an_answer_on_the_spot_is_noted_once_and_may_still_become_a_case(secretary: Actor, shop: int) -> None:
    line = a_line(secretary, shop)
    for _ in range(2):
        visit_lines.answer(line, "告诉他周三清运", key=KEY, by=secretary, now=MORNING)
    seen = visit_pages.visit(db.session.get_one(VisitLine, line).visit_id, secretary).lines[0]
    assert (seen.state, [note.text for note in seen.notes]) == (LineState.ANSWERED, ["告诉他周三清运"])
    visit_lines.make_case(line, "A1", by=secretary, now=MORNING)
    with pytest.raises(visit_lines.LineTakenUp):
        visit_lines.answer(line, "不用办了", key="another-key-of-a-form", by=secretary, now=MORNING)


def test_a_correction_stands_beside_what_was_written_with_who_and_when(
    secretary: Actor, crew: dict[Role | str, Actor], shop: int
) -> None:
    line = a_line(secretary, shop, "单车堵门")
    visit_id = db.session.get_one(VisitLine, line).visit_id
    later = MORNING + timedelta(hours=2)
    for _ in range(2):
        visit_lines.correct(visit_id, "是电瓶车堵门", line_id=line, key=KEY, by=secretary, now=later)
    visit_lines.correct(
        visit_id, "见到的是店员", line_id=None, key="key-of-the-other-form", by=secretary, now=later
    )
    seen = visit_pages.visit(visit_id, secretary)
    assert (seen.lines[0].text, seen.lines[0].text_now) == ("单车堵门", "是电瓶车堵门")
    assert [(note.who, note.at) for note in seen.lines[0].notes] == [(secretary.name, later)]
    assert [note.text for note in seen.notes] == ["见到的是店员"]
    visit_lines.make_case(line, "A1", by=secretary, now=later)
    assert db.session.scalars(select(Case.summary)).one() == "是电瓶车堵门"
    assert crew[Role.OPERATOR].user_id != secretary.user_id


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE visits SET met = 'x'",
        "DELETE FROM visit_events",
        "UPDATE visit_events SET text = 'x'",
        "UPDATE visit_lines SET text = 'x'",
        "DELETE FROM visit_lines",
    ],
)
def test_the_database_lets_nobody_change_what_was_said(secretary: Actor, shop: int, sql: str) -> None:
    visit_lines.answer(a_line(secretary, shop), "好", key=KEY, by=secretary, now=MORNING)
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text(sql))


def test_lines_of_other_areas_can_be_neither_seen_nor_touched(
    secretary: Actor, colleague: Actor, shop: int
) -> None:
    line = a_line(secretary, shop)
    visit_id = db.session.get_one(VisitLine, line).visit_id
    attempts: list[Callable[[], object]] = [
        lambda: visit_pages.visit(visit_id, colleague),
        lambda: visit_pages.memory(code_of(shop), colleague),
        lambda: visit_lines.make_case(line, "A1", by=colleague, now=MORNING),
        lambda: visit_lines.join_case(line, "261123-0001", by=colleague, now=MORNING),
        lambda: visit_lines.answer(line, "好", key=KEY, by=colleague, now=MORNING),
        lambda: visit_lines.correct(visit_id, "好", line_id=line, key=KEY, by=colleague, now=MORNING),
        lambda: visit_lines.correct(visit_id, "好", line_id=None, key=KEY, by=colleague, now=MORNING),
        lambda: visit_lines.show_link(line, by=colleague, now=MORNING),
        lambda: visit_routes.skip(code_of(shop), by=colleague, now=MORNING),
    ]
    for attempt in attempts:
        with pytest.raises(VisitMissing):
            attempt()


# ---------------------------------------------------------------- what a shop remembers


def test_a_shop_remembers_what_was_said_what_became_of_it_and_what_was_promised(
    secretary: Actor, crew: dict[Role | str, Actor], shop: int
) -> None:
    first = a_line(secretary, shop, "纸箱堆在门口")
    visit_lines.make_case(first, "A5", by=secretary, now=MORNING)
    number = db.session.scalars(select(Case.number)).one()
    factories.walk_to(number, State.CLOSED, crew)
    later = MORNING + timedelta(days=3)
    visits.record(a_visit(shop, "路灯不亮", at=later, return_on=date(2026, 11, 30)), by=secretary, now=later)
    memory = visit_pages.memory(code_of(shop), secretary)
    assert (memory.last_at, memory.promised_on, memory.visit_count) == (later, date(2026, 11, 30), 2)
    assert [[line.text for line in visit.lines] for visit in memory.visits] == [
        ["路灯不亮"],
        ["纸箱堆在门口"],
    ]
    (case,) = memory.cases
    assert (case.number, case.state, case.outcome) == (number, State.CLOSED, "fixed")
    assert memory.visits[1].lines[0].case == case


def test_a_visit_that_arrives_late_does_not_push_the_latest_aside(secretary: Actor, shop: int) -> None:
    visits.record(a_visit(shop, at=MORNING, return_on=date(2026, 12, 1)), by=secretary, now=MORNING)
    early = MORNING - timedelta(days=2)
    visits.record(a_visit(shop, at=early, return_on=date(2026, 11, 24)), by=secretary, now=MORNING)
    memory = visit_pages.memory(code_of(shop), secretary)
    assert (memory.last_at, memory.promised_on) == (MORNING, date(2026, 12, 1))


def test_a_line_that_was_merged_shows_where_it_went(
    secretary: Actor, crew: dict[Role | str, Actor], street: Street, shop: int
) -> None:
    main = factories.a_report(street.token, at=MORNING)
    line = a_line(secretary, shop, "纸箱又堆出来了")
    visit_lines.make_case(line, "A5", by=secretary, now=MORNING)
    number = db.session.scalars(select(Case.number).where(Case.number != main.number)).one()
    factories.take(main.number, Action.FILE, by=crew[Role.OPERATOR], category="A5")
    factories.take(number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    case = visit_pages.visit(db.session.get_one(VisitLine, line).visit_id, secretary).lines[0].case
    assert case is not None
    assert (case.number, case.into, case.state) == (number, main.number, State.FILED)


def test_a_place_is_found_by_code_name_address_label_link_and_token(secretary: Actor, street: Street) -> None:
    code = labelled_place(street.token).place_code
    token = street.token
    for typed in (
        code,
        code.lower(),
        f"{code} 老盛昌汤包馆",
        "汤包",
        "共和新路 2395",
        token,
        token.lower(),
        f"{token[:3]}-{token[3:6]}-{token[6:]}",
        f"http://127.0.0.1:8000/Q/{token}",
        f"https://pengpu.example/q/{token.lower()}?sent=1",
    ):
        assert [place.code for place in find_places(typed, secretary)] == [code], typed
    assert len(find_places("共和新路", secretary)) == 2
    for typed in ("", "%", "没有这家店", "https://other.example/q/ABCDEFGHJ"):
        assert find_places(typed, secretary) == [], typed


# ---------------------------------------------------------------- hints


def test_categories_are_suggested_by_the_words_then_by_what_is_open_here(
    secretary: Actor, street: Street, shop: int
) -> None:
    factories.a_report(street.token, "C7", at=MORNING)
    line = a_line(secretary, shop, "占道堆物，轮椅过不去")
    other = a_line(secretary, shop, "最近老是这样")
    place = place_for(code_of(shop), secretary)
    seen = [
        visit_pages.visit(db.session.get_one(VisitLine, each).visit_id, secretary).lines[0]
        for each in (line, other)
    ]
    hints, everything = visit_hints.hints(place, seen, secretary, MORNING)
    assert hints[line].categories[0].code == "A5"
    assert [choice.code for choice in hints[other].categories] == ["C7", "A1", "A2"]
    assert len(everything) == 44


def test_at_most_three_open_cases_near_are_offered_the_likeliest_first(
    secretary: Actor, crew: dict[Role | str, Actor], street: Street, shop: int
) -> None:
    alike = factories.a_report(street.metro_token, "A1", "共享单车堵住了门口", at=MORNING)
    for words in ("路灯不亮", "纸箱堆着", "下水道返味"):
        factories.a_report(street.token, "A5", words, at=MORNING)
    ended = factories.a_report(street.token, "A5", "共享单车堵住店门", at=MORNING)
    factories.take(ended.number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    with transaction():  # far away
        far = Place(
            code="P9002", kind="shop", name="远处", address="", area_code="PP-1", lat=31.32, lon=121.455
        )
        token = "T" * 8
        db.session.add(Label(token=token, place=far, state="posted", printed_at=MORNING))
    factories.a_report(token, "A1", "共享单车堵住店门", at=MORNING)
    line = a_line(secretary, shop, "共享单车堵住店门")
    seen = visit_pages.visit(db.session.get_one(VisitLine, line).visit_id, secretary)
    hints, _ = visit_hints.hints(seen.place, seen.lines, secretary, MORNING)
    offered = hints[line].cases
    assert len(offered) == 3
    assert (offered[0].number, offered[0].is_here) == (alike.number, False)
    assert all(case.is_here for case in offered[1:])


# ---------------------------------------------------------------- today's route


def test_every_reason_brings_a_shop_onto_the_route(
    secretary: Actor, crew: dict[Role | str, Actor], street: Street
) -> None:
    fresh, promised, long_ago, rested, disputed = (
        labelled_place(factories.a_place("shop", name=name))
        for name in ("新店", "约好", "很久", "上周", "没好")
    )
    for place, days, promise in (
        (promised, 3, date(2026, 11, 23)),
        (long_ago, 40, None),
        (rested, 2, None),
        (disputed, 1, None),
    ):
        at = MORNING - timedelta(days=days)
        visits.record(a_visit(place.place_id, at=at, return_on=promise), by=secretary, now=MORNING)
    factories.a_report(street.token, at=MORNING - timedelta(days=1))
    sent = factories.a_report(disputed.token, at=MORNING)
    factories.walk_to(sent.number, State.VERIFIED, crew)
    factories.take(sent.number, Action.DISPUTE, by=factories.speaker(sent), note="还在")
    now = MORNING + timedelta(minutes=1)
    route = visit_routes.todays_route(secretary, now)
    assert {stop.place.name: set(stop.dues) - {Due.OVERDUE} for stop in route.stops} == {
        "没好": {Due.DISPUTED},
        "约好": {Due.PROMISED},
        "老盛昌汤包馆": {Due.OPEN, Due.NEVER},
        "新店": {Due.NEVER},
        "很久": {Due.LONG_AGO},
    }
    assert [stop.place.name for stop in route.stops][:2] == ["没好", "约好"]
    assert fresh.place_name == "新店"


def test_a_shop_that_was_visited_or_left_out_today_is_off_the_route(
    secretary: Actor, shop: int, street: Street
) -> None:
    other = labelled_place(factories.a_place("restaurant", name="面馆"))
    visit_routes.skip(code_of(shop), by=secretary, now=MORNING)
    visit_routes.skip(code_of(shop), by=secretary, now=MORNING)
    route = visit_routes.todays_route(secretary, MORNING)
    assert ([stop.place.name for stop in route.stops], [place.id for place in route.skipped]) == (
        ["面馆"],
        [shop],
    )
    visit_routes.take_back(code_of(shop), by=secretary, now=MORNING)
    visits.record(a_visit(other.place_id), by=secretary, now=MORNING)
    route = visit_routes.todays_route(secretary, MORNING)
    assert [stop.place.id for stop in route.stops] == [shop]
    assert [each.place_name for each in route.walked] == ["面馆"]
    assert route.start is not None
    assert route.start.name == "面馆"
    assert [stop.place.id for stop in visit_routes.todays_route(secretary, MORNING + timedelta(days=1)).stops]
    assert street.token


def test_a_route_is_as_long_as_a_day_and_counts_what_was_walked(secretary: Actor, street: Street) -> None:
    places = [labelled_place(factories.a_place("shop")).place_id for _ in range(20)]
    assert len(visit_routes.todays_route(secretary, MORNING).stops) == 15
    for place in places[:4]:
        visits.record(a_visit(place, "有事"), by=secretary, now=MORNING)
    assert len(visit_routes.todays_route(secretary, MORNING).stops) == 11
    assert visit_pages.tally(secretary, MORNING) == visit_pages.Tally(4, 4, 0)
    assert street.token


def test_her_list_goes_on_page_by_page(secretary: Actor, shop: int) -> None:
    for hours in range(50):
        at = MORNING - timedelta(hours=hours)
        visits.record(a_visit(shop, "单车", at=at), by=secretary, now=MORNING)
    first = visit_pages.own_visits(secretary)
    second = visit_pages.own_visits(secretary, first.older)
    moments = [row.visited_at for row in (*first.rows, *second.rows)]
    assert moments == sorted(moments, reverse=True)
    assert (len(first.rows), len(second.rows), second.older) == (45, 5, "")
    for cursor in ("x", "1.2", "1.2.99999999999", "9" * 40 + ".0.1"):
        with pytest.raises(visit_pages.CursorWrong):
            visit_pages.own_visits(secretary, cursor)


# ---------------------------------------------------------------- a line joins a case


def test_a_line_joins_an_open_case_as_the_shops_voice(secretary: Actor, street: Street, shop: int) -> None:
    sent = factories.a_report(street.metro_token, "A1", "共享单车堵住了门口", at=MORNING)
    line = a_line(secretary, shop)
    for _ in range(2):
        visit_lines.join_case(line, sent.number, by=secretary, now=MORNING)
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1
    first, joined = db.session.scalars(select(Report).order_by(Report.id)).all()
    assert (joined.case_id, joined.text) == (first.case_id, "共享单车堵住店门，客人进不来。")
    assert joined.device_hash != first.device_hash
    seen = visit_pages.visit(db.session.get_one(VisitLine, line).visit_id, secretary).lines[0]
    assert seen.state == LineState.JOINED
    assert seen.case is not None
    assert seen.case.number == sent.number
    report = links.report_behind(visit_lines.credentials_of(line, secretary).link_key)
    assert report.id == joined.id


def test_a_shop_that_speaks_twice_in_a_case_is_one_voice_and_keeps_its_link(
    secretary: Actor, street: Street, shop: int
) -> None:
    sent = factories.a_report(street.metro_token, "A1", "共享单车堵住了门口", at=MORNING)
    lines = [a_line(secretary, shop, words) for words in ("单车堵门", "还在堵，更多了")]
    for line in lines:
        visit_lines.join_case(line, sent.number, by=secretary, now=MORNING)
    assert db.session.scalar(select(func.count()).select_from(Report)) == 2
    keys = [visit_lines.credentials_of(line, secretary).link_key for line in lines]
    assert keys[0] == keys[1]
    notes = list(db.session.scalars(select(HistoryRow.note).where(HistoryRow.note == "还在堵，更多了")))
    assert len(notes) == 1


def test_what_is_far_away_or_has_ended_is_not_joined(
    secretary: Actor, crew: dict[Role | str, Actor], street: Street, shop: int
) -> None:
    sent = factories.a_report(street.metro_token, at=MORNING)
    factories.take(sent.number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    line = a_line(secretary, shop)
    for number in (sent.number, "261123-9999", ""):
        with pytest.raises(Incomplete):
            visit_lines.join_case(line, number, by=secretary, now=MORNING)
    assert db.session.get_one(VisitLine, line).state == "noted"


def test_visits_go_and_come_with_their_tables(secretary: Actor, shop: int) -> None:
    visit_lines.make_case(a_line(secretary, shop), "A1", by=secretary, now=MORNING)
    db.session.remove()
    flask_migrate.downgrade(revision="0006")
    flask_migrate.upgrade()
    visit_id = visits.record(a_visit(shop, "单车堵门"), by=secretary, now=MORNING)
    assert [line.text for line in lines_of(visit_id)] == ["单车堵门"]
