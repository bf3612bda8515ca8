"""The secretary's pages: her list, today's route, the form, one visit, a shop's memory; and who may see them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import factories
from tests.factories import upload
from tests.web.reporting import Reporter, _multipart
from tests.web.staff import Desk, a_desk, hidden, signed_in, statements, text_of
from tests.web.test_language import in_english, must_be_english
from tests.web.test_rights import WRITE
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Role
from tracker.extensions import db, now
from tracker.models import Case, Report, Visit, VisitEvent, VisitLine
from tracker.services.places import labelled_place

JSON = {"Accept": "application/json"}


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def secretary(app: Flask, desk: Desk) -> FlaskClient:  # noqa: ARG001 - the street she walks
    return signed_in(app, "secretary")


def filled(secretary: FlaskClient, place: str, *lines: str, **fields: Any) -> dict[str, Any]:
    """What the form of a place would send."""
    page = text_of(secretary.get("/visits/new", query_string={"place": place}))
    found = {name: hidden(page, name) for name in ("csrf_token", "key")}
    at = re.search(r'name="at" type="datetime-local" value="([^"]+)"', page)
    value = re.search(r'id="f-place" name="place" type="text" value="([^"]*)"', page)
    assert at
    assert value
    said = {"slot": [str(slot) for slot in range(len(lines))], "text": list(lines)}
    return found | {"place": value[1], "at": at[1], "met": "", "return_on": ""} | said | fields


def sent(secretary: FlaskClient, form: dict[str, Any], **options: Any) -> TestResponse:
    return secretary.post("/visits/new", **_multipart(form), **options)


def recorded(secretary: FlaskClient, place: str, *lines: str, **fields: Any) -> str:
    """The address of a fresh visit."""
    answer = sent(secretary, filled(secretary, place, *lines, **fields))
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def act(secretary: FlaskClient, address: str, what: str, **fields: Any) -> TestResponse:
    """Send one of a visit's forms."""
    token = hidden(text_of(secretary.get(address)), "csrf_token")
    return secretary.post(f"{address}/{what}", data={"csrf_token": token} | fields)


def place_code(app: Flask, token: str) -> str:
    with app.app_context():
        return labelled_place(token).place_code


def counted(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def read(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# ---------------------------------------------------------------- the form


def test_a_visit_is_written_down_with_lines_and_photos(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    address = recorded(
        secretary,
        desk.street.token,
        "单车堵住店门",
        "",
        "下水道返味",
        met="王老板",
        return_on="2030-01-05",
        **{"photos-0": upload(), "photos-1": upload(factories.jpeg(2))},
    )
    page = read(text_of(secretary.get(address)))
    assert "见到：王老板" in page
    assert "答应 1月5日 再来" in page
    assert [words in page for words in ("单车堵住店门", "（只有照片）", "下水道返味", "只记录")] == [True] * 4
    photos = re.findall(r'href="(/visits/photos/\d+)"', text_of(secretary.get(address)))
    assert len(photos) == 2
    for photo in photos:
        with secretary.get(f"{photo}?size=thumb") as answer:
            assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert counted(app, VisitLine) == 3


def test_sent_again_it_is_the_same_visit_for_people_and_for_the_outbox(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    form = filled(secretary, desk.street.token, "单车堵住店门", **{"photos-0": upload()})
    first = sent(secretary, form)
    again = sent(secretary, form | {"photos-0": upload()})
    by_phone = sent(secretary, form | {"photos-0": upload()}, headers=JSON)
    assert (first.status_code, again.location) == (303, first.location)
    assert by_phone.status_code == 201
    assert by_phone.json is not None
    assert by_phone.json["url"] == first.location
    assert counted(app, Visit) == 1


def test_the_same_key_with_other_words_is_told_and_loses_nothing(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    form = filled(secretary, desk.street.token, "单车堵住店门")
    first = sent(secretary, form)
    other = form | {"text": ["下水道返味"], "photos-0": upload()}
    answer = sent(secretary, other)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "这次走访已经记过一次" in page
    assert f'href="{first.location}"' in page
    assert "下水道返味</textarea>" in page
    kept = re.findall(r'name="kept-0" value="([^"]+)"', page)
    assert len(kept) == 1
    second = sent(secretary, form | {"key": hidden(page, "key"), "text": ["下水道返味"], "kept-0": kept})
    assert (second.status_code, second.location == first.location) == (303, False)
    assert counted(app, Visit) == 2
    by_phone = sent(secretary, form | {"text": ["又一件"]}, headers=JSON)
    assert by_phone.status_code == 422
    assert by_phone.json is not None
    assert by_phone.json["recorded"] == first.location


def test_what_cannot_be_taken_comes_back_whole(secretary: FlaskClient, desk: Desk, app: Flask) -> None:
    form = filled(secretary, desk.street.token, "单车堵住店门", "第二条", met="王老板")
    tomorrow = f"{now_local(app) + timedelta(days=1):%Y-%m-%dT%H:%M}"
    for wrong, words in (
        ({"place": ""}, "没有找到这家店"),
        ({"place": "没有这家店"}, "没有找到这家店"),
        ({"place": "共和新路"}, "有几家都对得上，请选一家。"),
        ({"at": ""}, "请填写走访的日期和时间。"),
        ({"at": "gestern"}, "请填写走访的日期和时间。"),
        ({"at": tomorrow}, "走访时间还没有到"),
        ({"photos-1": upload(b"no photo")}, "第 1 张："),
        ({"return_on": "2020-01-01"}, "答应再来的日子在走访之前"),
    ):
        answer = sent(secretary, form | wrong | {"photos-0": upload()})
        page = text_of(answer)
        assert answer.status_code == 422, wrong
        assert words in read(page), wrong
        assert "<title>错误：" in page
        assert "单车堵住店门</textarea>" in page
        assert "第二条</textarea>" in page
        assert len(re.findall(r'name="kept-0"', page)) == 1
    assert counted(app, Visit) == 0
    chosen = sent(
        secretary, form | {"place": place_code(app, desk.street.metro_token), "typed_place": "共和新路"}
    )
    assert chosen.status_code == 303


def now_local(app: Flask) -> Any:
    with app.app_context():
        return now().astimezone()


def test_a_further_line_can_be_had_without_script_and_keeps_what_is_there(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    form = filled(secretary, desk.street.token, "单车堵住店门") | {"more": "1", "photos-0": upload()}
    page = text_of(sent(secretary, form))
    assert re.findall(r'name="slot" value="(\d+)"', page) == ["0", "1"]
    assert "单车堵住店门</textarea>" in page
    assert hidden(page, "key") == form["key"]
    assert 'name="kept-0"' in page
    assert counted(app, Visit) == 0


def test_the_place_is_found_by_what_is_scanned_or_typed(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    code, token = place_code(app, desk.street.token), desk.street.token
    for typed in (token, code, f"https://somewhere.example/Q/{token}", "老盛昌"):
        page = text_of(secretary.get("/visits/new", query_string={"place": typed}))
        assert "<h1>老盛昌汤包馆</h1>" in page
        assert "还没走访过" in page
    page = text_of(secretary.get("/visits/new", query_string={"place": "共和新路"}))
    assert "老盛昌汤包馆" in page
    assert "彭浦新村地铁站 2 号口" in page
    assert "是哪一家？" in page


def test_who_scans_a_label_on_her_round_is_led_to_the_form(
    app: Flask, secretary: FlaskClient, desk: Desk
) -> None:
    token = desk.street.token
    assert f"/visits/new?place={token}" in text_of(secretary.get(f"/q/{token}"))
    assert "/visits/" not in text_of(app.test_client().get(f"/q/{token}"))
    assert "/visits/" not in text_of(signed_in(app, "operator").get(f"/q/{token}"))


# ---------------------------------------------------------------- a line becomes a case


def test_one_tap_makes_the_shops_case_and_shows_its_link_to_the_shop(
    secretary: FlaskClient, desk: Desk, app: Flask, owner: Reporter
) -> None:
    address = recorded(secretary, desk.street.token, "共享单车堵住店门", **{"photos-0": upload()})
    assert 'name="category" value="A1"' in text_of(secretary.get(address))
    answer = act(secretary, address, "lines/1/case", category="A1")
    again = act(secretary, address, "lines/1/case", category="A1")
    assert answer.location == again.location == f"{address}/lines/1/link"
    assert counted(app, Case) == counted(app, Report) == 1
    page = text_of(secretary.get(answer.location))
    link = re.search(r'<output id="link"[^>]*>http://127.0.0.1:8000(/t/[^<]+)<', page)
    code = re.search(r'<output id="code"[^>]*>(\d{4})<', page)
    assert link
    assert code
    assert 'src="data:image/png;base64,' in page
    owner.get(link[1])
    assert "共享单车堵住店门" in owner.text()
    assert "王敏" not in owner.text()
    assert "走访" not in owner.text()
    assert owner.say(link[1], "code", code=code[1]).status_code == 303
    assert owner.say(link[1], "note", note="还在堵").status_code == 303


def test_the_visit_shows_the_case_and_how_it_stands(secretary: FlaskClient, desk: Desk, app: Flask) -> None:
    address = recorded(secretary, desk.street.token, "共享单车堵住店门")
    act(secretary, address, "lines/1/case", category="A1")
    with app.app_context():
        number = db.session.scalars(select(Case.number)).one()
    page = read(text_of(secretary.get(address)))
    assert f"已立案 {number} 待签收" in page
    assert "单独立案" not in page
    code = place_code(app, desk.street.token)
    memory = read(text_of(secretary.get(f"/visits/places/{code}")))
    assert f"共享单车堵住店门 已立案 {number}" in memory
    listed = read(text_of(secretary.get("/visits")))
    assert "1 / 15 家，今天已走访" in listed
    assert "记下 1 条 · 成案 1 件" in listed


def test_the_case_tells_staff_that_it_came_from_a_visit_and_by_whom(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    address = recorded(secretary, desk.street.token, "共享单车堵住店门")
    act(secretary, address, "lines/1/case", category="A1")
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        number, lead = case.number, case.lead
    assert "走访时记下：secretary·王敏" in text_of(signed_in(app, "operator").get(f"/desk/cases/{number}"))
    assert f'href="{address}"' in text_of(secretary.get(f"/desk/cases/{number}"))
    assert address not in text_of(signed_in(app, "operator").get(f"/desk/cases/{number}"))
    with app.app_context():
        if lead not in ("ZF", "LR", "JJ"):
            factories.a_person(Role.HANDLER, department=lead)
    assert "走访时记下" in text_of(signed_in(app, f"handler-{lead.lower()}").get(f"/desk/cases/{number}"))


def test_a_department_does_not_learn_that_a_protected_report_came_from_a_visit(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    """Source: threats, part C: the minute of a report may say who sent it."""
    with app.app_context():
        protected = next(row.code for row in factories._categories() if row.protect_reporter)
    address = recorded(secretary, desk.street.token, "隔壁半夜施工")
    act(secretary, address, "lines/1/case", category=protected)
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        if case.state == "reported":
            factories.take(case.number, Action.FILE, by=desk.crew[Role.OPERATOR], category=protected)
        if db.session.scalars(select(Case.state)).one() == "filed":
            factories.take(case.number, Action.DISPATCH, by=desk.crew[Role.OPERATOR], lead="ZF")
        number, lead = db.session.execute(select(Case.number, Case.lead)).one()
        if lead not in ("ZF", "LR", "JJ"):
            factories.a_person(Role.HANDLER, department=lead)
    answer = signed_in(app, f"handler-{lead.lower()}").get(f"/desk/cases/{number}")
    assert answer.status_code == 200
    assert "走访时记下" not in text_of(answer)


def test_the_link_goes_from_the_screen_by_itself_and_showing_it_again_is_noted(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    address = recorded(secretary, desk.street.token, "共享单车堵住店门")
    link = f"{address}/lines/1/link"
    assert secretary.get(link).location == address
    act(secretary, address, "lines/1/case", category="A1")
    assert secretary.get(link).status_code == 200
    with secretary.session_transaction() as session:
        session["shown_link"] = {"line": 1, "until": 0}
    assert secretary.get(link).location == address
    assert act(secretary, address, "lines/1/link").location == link
    assert secretary.get(link).status_code == 200
    with app.app_context():
        kinds = list(db.session.scalars(select(VisitEvent.kind).order_by(VisitEvent.id)))
    assert kinds == ["case", "shown", "shown"]


def test_an_answer_and_a_correction_are_added_once(secretary: FlaskClient, desk: Desk) -> None:
    address = recorded(secretary, desk.street.token, "单车堵门")
    key = "key-of-a-form-on-the-page"
    for _ in range(2):
        assert act(secretary, address, "lines/1/answer", text="周三有人来清", key=key).status_code == 303
        assert (
            act(secretary, address, "correct", text="电瓶车堵门", line="1", key=key + "2").status_code == 303
        )
    page = read(text_of(secretary.get(address)))
    assert page.count("当场答复 周三有人来清 secretary·王敏") == 1
    assert page.count("更正 电瓶车堵门 secretary·王敏") == 1
    assert "原来写的：单车堵门" in page
    assert act(secretary, address, "lines/1/answer", text=" ").status_code == 422
    assert act(secretary, address, "correct", text="").status_code == 422


# ---------------------------------------------------------------- the route


def test_the_route_says_why_each_shop_is_due_and_is_ticked_off(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    desk.report()
    with app.app_context():
        factories.a_place("restaurant", name="面馆")
    code = place_code(app, desk.street.token)
    page = text_of(secretary.get("/visits/today"))
    assert "还没走访过" in page
    assert "有 1 件在办" in page
    assert "彭浦新村地铁站" not in page
    key = hidden(page[page.index("/been") :], "key")
    token = hidden(page, "csrf_token")
    for _ in range(2):
        been = secretary.post(f"/visits/today/{code}/been", data={"csrf_token": token, "key": key})
        assert been.location == "/visits/today"
    assert counted(app, Visit) == 1
    page = read(text_of(secretary.get("/visits/today")))
    assert "从 老盛昌汤包馆 排起" in page
    assert "今天走过的 老盛昌汤包馆" in page
    noodles = re.search(r"/visits/today/(P\d+)/skip", text_of(secretary.get("/visits/today")))
    assert noodles
    secretary.post(f"/visits/today/{noodles[1]}/skip", data={"csrf_token": token})
    page = read(text_of(secretary.get("/visits/today")))
    assert "今天不去的 面馆" in page
    secretary.post(f"/visits/today/{noodles[1]}/back", data={"csrf_token": token, "from": "面馆"})
    assert "今天不去的" not in text_of(secretary.get("/visits/today"))
    assert secretary.post(f"/visits/today/{code}/eat", data={"csrf_token": token}).status_code == 404
    assert "没有找到这个出发点" in text_of(secretary.get("/visits/today?from=nowhere"))


# ---------------------------------------------------------------- who may see what


def everything(address: str, code: str) -> list[str]:
    return [
        "/visits",
        "/visits/today",
        "/visits/new",
        f"/visits/new?place={code}",
        f"/visits/places/{code}",
        address,
        f"{address}/lines/1/link",
        f"{address}/lines/1/case",
        "/visits/photos/1",
        f"/visits/today/{code}/skip",
    ]


def test_looking_writes_nothing_and_takes_few_statements_whatever_the_history(
    secretary: FlaskClient, desk: Desk, app: Flask
) -> None:
    address = recorded(secretary, desk.street.token, "单车堵门", **{"photos-0": upload()})
    act(secretary, address, "lines/1/case", category="A1")
    code = place_code(app, desk.street.token)
    few: dict[str, int] = {}
    for round_of in range(2):
        for page in everything(address, code):
            with statements(app) as ran, secretary.get(page) as answer:
                assert answer.status_code in (200, 303), page
            assert not [statement for statement in ran if WRITE.match(statement)], page
            few.setdefault(page, len(ran))
            assert len(ran) <= few[page] + (2 if round_of else 0), (page, ran)
            assert len(ran) <= 32, (page, ran)
        for words in ("下水道返味", "路灯不亮", "纸箱堆着"):
            more = recorded(secretary, desk.street.token, words, "还有一件")
            line = re.search(r"/lines/(\d+)/case", text_of(secretary.get(more)))
            assert line
            act(secretary, more, f"lines/{line[1]}/case", category="A5")


def test_only_a_secretary_of_the_area_sees_a_visit(secretary: FlaskClient, desk: Desk, app: Flask) -> None:
    address = recorded(secretary, desk.street.token, "单车堵门", **{"photos-0": upload()})
    code = place_code(app, desk.street.token)
    with app.app_context():
        factories.a_person(Role.SECRETARY, department="DJ", area="PP-2")
        factories.a_person(Role.SECRETARY, department="GH", area="PP-1")
    for login in ("operator", "supervisor", "admin", "handler-zf"):
        other = signed_in(app, login)
        assert {other.get(page).status_code for page in everything(address, code)} == {404}, login
    far, near = signed_in(app, "secretary-dj"), signed_in(app, "secretary-gh")
    token = hidden(text_of(far.get("/visits")), "csrf_token")
    for page in (f"/visits/places/{code}", address, f"{address}/lines/1/link", "/visits/photos/1"):
        assert far.get(page).status_code in (404, 303), page
    for what in ("lines/1/case", "lines/1/join", "lines/1/answer", "lines/1/link", "correct"):
        fields = {"csrf_token": token, "category": "A1", "text": "x", "number": "1"}
        assert far.post(f"{address}/{what}", data=fields).status_code == 404, what
    assert far.post(f"/visits/today/{code}/been", data={"csrf_token": token}).status_code == 404
    assert "老盛昌" not in text_of(far.get("/visits/today"))
    assert "老盛昌" not in text_of(far.get(f"/visits/new?place={code}")).replace('value="老盛昌', "")
    assert near.get(address).status_code == 200
    assert counted(app, Case) == 0


def test_a_line_belongs_to_its_visit(secretary: FlaskClient, desk: Desk) -> None:
    recorded(secretary, desk.street.token, "单车堵门")
    second = recorded(secretary, desk.street.metro_token, "站口单车")
    assert act(secretary, second, "lines/1/case", category="A1").status_code == 404
    assert act(secretary, second, "correct", text="x", line="1").status_code == 404
    assert secretary.get("/visits/9999").status_code == 404


@pytest.mark.one_database(reason="words do not come from the database")
def test_the_secretarys_pages_are_english(secretary: FlaskClient, desk: Desk, app: Flask) -> None:
    desk.report()
    in_english(secretary)
    code = place_code(app, desk.street.token)
    for page in (
        "/visits",
        "/visits/today",
        "/visits/new",
        "/visits/new?place=P0",
        f"/visits/new?place={code}",
    ):
        must_be_english(secretary.get(page))
    form = filled(secretary, code, "Bikes block the door", met="Wang", return_on="2030-01-05")
    must_be_english(sent(secretary, form | {"at": "", "place": "nowhere", "return_on": "2000-01-01"}), 422)
    address = sent(secretary, form).location
    must_be_english(sent(secretary, form | {"met": "Li"}), 422)
    must_be_english(secretary.get(address))
    must_be_english(act(secretary, address, "lines/1/answer", text=""), 422)
    must_be_english(act(secretary, address, "correct", text=""), 422)
    must_be_english(act(secretary, address, "lines/1/case", category=""), 422)
    act(secretary, address, "lines/1/answer", text="Wednesday")
    act(secretary, address, "correct", text="Scooters", line="1")
    must_be_english(secretary.get(act(secretary, address, "lines/1/case", category="A1").location))
    for page in (address, f"/visits/places/{code}", f"/visits/new?place={code}", "/visits", "/visits/today"):
        must_be_english(secretary.get(page))
    with app.app_context():
        number = db.session.scalars(select(Case.number).order_by(Case.id.desc()).limit(1)).one()
    must_be_english(secretary.get(f"/desk/cases/{number}"))
    must_be_english(secretary.get(f"/q/{desk.street.token}"))


def test_a_place_without_visits_still_has_a_page(secretary: FlaskClient, app: Flask, desk: Desk) -> None:
    page = read(text_of(secretary.get(f"/visits/places/{place_code(app, desk.street.metro_token)}")))
    assert "上次走访 还没走访过" in page
    assert "答应再来 没有约" in page


def test_one_tap_joins_an_open_case_nearby(secretary: FlaskClient, desk: Desk, app: Flask) -> None:
    with app.app_context():
        number = factories.a_report(desk.street.metro_token, "A1", "共享单车堵住了门口").number
    address = recorded(secretary, desk.street.token, "共享单车堵住店门")
    assert f'name="number" value="{number}"' in text_of(secretary.get(address))
    answer = act(secretary, address, "lines/1/join", number=number)
    assert answer.location == f"{address}/lines/1/link"
    assert f"这件事已并入 {number}" in read(text_of(secretary.get(answer.location)))
    assert f"并入在办案件 {number}" in read(text_of(secretary.get(address)))
    assert counted(app, Case) == 1
    second = recorded(secretary, desk.street.token, "单车又堵门了")
    line = re.search(r"/lines/(\d+)/join", text_of(secretary.get(second)))
    assert line
    refused = act(secretary, second, f"lines/{line[1]}/join", number="261123-9999")
    assert refused.status_code == 409
    assert "单车又堵门了" in text_of(refused)
