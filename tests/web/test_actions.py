"""The pages of action items: queue, one item with its forms, a new one, the case's and the reporter's side of it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import upload
from tests.matters import an_issue
from tests.web.staff import Desk, a_desk, form_in, signed_in, statements, text_of
from tracker.domain.actions import ItemAction
from tracker.domain.permissions import Role
from tracker.extensions import now
from tracker.services import actions, look_backs
from tracker.services.actions import NewItem


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def decided(desk: Desk, *cases: str, **changes: Any) -> str:
    """Number of an item on an issue with these cases; due in a week."""
    with desk.app.app_context():
        issue_id = an_issue(*cases)
        new: dict[str, Any] = {
            "action": "重新划定非机动车停放线",
            "measure": "早晚高峰线外不超过三辆",
            "department": "ZF",
            "due_on": now().date() + timedelta(days=7),
        }
        return actions.create(
            NewItem(issue_id=issue_id, **(new | changes)), by=desk.crew[Role.SECRETARY], now=now()
        )


def send(client: FlaskClient, number: str, action: str, **fields: Any) -> TestResponse:
    """Open the page of an item, fill in the form for `action` and send it."""
    page = text_of(client.get(f"/actions/{number}"))
    fields = form_in(page, ItemAction(action)) | fields  # type: ignore[arg-type]  # any action's name will do
    return client.post(f"/actions/{number}/{action}", data=fields)


def test_the_queue_shows_a_handler_his_own_and_the_views_stand_in_the_address(app: Flask, desk: Desk) -> None:
    number = decided(desk)
    other = decided(desk, department="LR")
    client = signed_in(app, "handler-zf")
    page = text_of(client.get("/actions"))
    assert "行动项：待我办理" in page
    assert number in page
    assert "重新划定非机动车停放线" in page
    assert "剩" in page
    assert other not in page
    for view in ("mine", "department", "overdue", "claimed", "open", "all", "nonsense"):
        assert client.get(f"/actions?show={view}").status_code == 200
    assert "第一页" in text_of(client.get("/actions?show=all&at=nonsense"))
    assert client.get(f"/actions/{other}").status_code == 404
    assert client.get("/actions/X26-9999").status_code == 404


def test_an_item_is_worked_on_accepted_by_another_and_its_photos_are_seen(app: Flask, desk: Desk) -> None:
    number = decided(desk)
    handler, secretary = signed_in(app, "handler-zf"), signed_in(app, "secretary")
    assert send(handler, number, "take_on").status_code == 303
    refused = send(handler, number, "claim")
    assert refused.status_code == 422
    assert "有一样就行" in text_of(refused)
    assert send(handler, number, "claim", photos=upload()).status_code == 303
    page = text_of(secretary.get(f"/actions/{number}"))
    assert "待验收" in page
    assert "证据照片" in page
    assert secretary.get("/actions/photos/1?size=thumb").status_code == 200
    assert signed_in(app, "handler-lr").get("/actions/photos/1").status_code == 404
    assert send(secretary, number, "send_back", note="东侧还没划。").status_code == 303
    assert send(handler, number, "claim", note="东侧也划了。").status_code == 303
    assert send(secretary, number, "accept").status_code == 303
    page = text_of(secretary.get(f"/actions/{number}"))
    assert "已办结" in page
    assert "现在没有需要您办理的" in page


def test_two_people_at_once_lose_nothing_and_the_second_sees_what_changed(app: Flask, desk: Desk) -> None:
    number = decided(desk)
    handler, secretary = signed_in(app, "handler-zf"), signed_in(app, "secretary")
    stale = form_in(text_of(secretary.get(f"/actions/{number}")), ItemAction.NOTE)  # type: ignore[arg-type]
    send(handler, number, "take_on")
    answer = secretary.post(f"/actions/{number}/note", data=stale | {"note": "请先从东侧开始。"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "没有保存：您打开页面之后，这一项已有变化" in page
    assert "开始办理" in page
    assert "请先从东侧开始。" in page
    again = form_in(page, ItemAction.NOTE)  # type: ignore[arg-type]
    for _ in range(2):  # the second is the same form once more, and all is well
        answer = secretary.post(f"/actions/{number}/note", data=again | {"note": "请先从东侧开始。"})
        assert answer.status_code == 303


def test_nobody_accepts_his_own_word_not_even_by_a_form_of_his_own(app: Flask, desk: Desk) -> None:
    number = decided(desk)
    secretary = signed_in(app, "secretary")
    assert send(secretary, number, "claim", note="我去看过了，已划好。").status_code == 303
    page = text_of(secretary.get(f"/actions/{number}"))
    assert "验收通过" not in page
    forged = form_in(page, ItemAction.NOTE)  # type: ignore[arg-type]
    answer = secretary.post(f"/actions/{number}/accept", data=forged)
    assert answer.status_code == 409
    assert "不能自己验收" in text_of(answer)


def test_a_later_day_is_asked_for_and_granted(app: Flask, desk: Desk) -> None:
    number = decided(desk)
    with app.app_context():
        later = (now().date() + timedelta(days=14)).isoformat()
    send(signed_in(app, "handler-zf"), number, "ask_time", note="等路面干。", on=later)
    secretary = signed_in(app, "secretary")
    page = text_of(secretary.get(f"/actions/{number}"))
    assert "承办的申请延期到" in page
    assert f'value="{later}"' in page
    assert send(secretary, number, "extend", note="同意。", on="").status_code == 422
    assert send(secretary, number, "extend", note="同意。", on=later).status_code == 303
    assert "→" in text_of(secretary.get(f"/actions/{number}"))


def test_the_secretary_sets_down_an_item_on_an_issue(app: Flask, desk: Desk) -> None:
    with desk.app.app_context():
        an_issue()
        due = (now().date() + timedelta(days=7)).isoformat()
    secretary = signed_in(app, "secretary")
    page = text_of(secretary.get("/actions/new?issue=G26-0001"))
    fields = form_in(page, "new")  # type: ignore[arg-type]
    lacking = secretary.post("/actions/new", data=fields | {"action": "划线"})
    assert lacking.status_code == 422
    for words in ("请写明怎样算做到了", "请选择负责的单位", "请定一个完成日期"):
        assert words in text_of(lacking)
    whole = {"action": "划线", "measure": "看得出", "department": "ZF", "due_on": due}
    made = secretary.post("/actions/new", data=fields | whole)
    assert made.status_code == 303
    assert made.location == "/actions/X26-0001"
    assert signed_in(app, "handler-zf").get("/actions/new?issue=G26-0001").status_code == 404
    assert secretary.get("/actions/new?issue=G26-0099").status_code == 404


def test_the_case_page_shows_what_was_decided(app: Flask, desk: Desk) -> None:
    sent = desk.report()
    number = decided(desk, sent.number)
    page = text_of(signed_in(app, "operator").get(f"/desk/cases/{sent.number}"))
    assert "相关的行动项" in page
    assert f"/actions/{number}" in page


def test_the_reporter_reads_what_was_decided_and_says_whether_it_is_better(app: Flask, desk: Desk) -> None:
    sent = desk.report()
    number = decided(desk, sent.number, person_name="李师傅")
    client, passer_by = app.test_client(), app.test_client()
    page = text_of(client.get(f"/t/{sent.link_key}"))
    assert "定了怎么办" in page
    assert "重新划定非机动车停放线" in page
    assert "李师傅" not in page
    assert "好些了吗" not in page
    with app.app_context():
        for actor, action in ((desk.crew["ZF"], "claim"), (desk.crew[Role.SECRETARY], "accept")):
            version = 1 if action == "claim" else 2
            actions.take(number, ItemAction(action), version=version, by=actor, now=now(), note="线已划好。")
    _speak(client, sent.link_key, sent.code)
    page = text_of(client.get(f"/t/{sent.link_key}"))
    assert "好些了吗" in page
    fields = form_in(page, "better")  # type: ignore[arg-type]
    answer = client.post(f"/t/{sent.link_key}/better", data=fields | {"answer": "better"})
    assert answer.status_code == 303
    assert "您的回答：好些了" in text_of(client.get(f"/t/{sent.link_key}"))
    assert client.post(f"/t/{sent.link_key}/better", data=fields | {"answer": "x"}).status_code == 400
    page = text_of(passer_by.get(f"/t/{sent.link_key}"))
    assert "上报人可以在这里回答" in page
    token = form_in(page, "code")  # type: ignore[arg-type]
    assert passer_by.post(f"/t/{sent.link_key}/better", data=token | {"answer": "worse"}).status_code == 403
    with app.app_context():
        review = look_backs.review_of(1)
        assert review is not None
        assert {answer.value: count for answer, count in review.answers.items()} == {
            "better": 1,
            "same": 0,
            "worse": 0,
        }


def _speak(client: FlaskClient, key: str, code: str) -> None:
    fields = form_in(text_of(client.get(f"/t/{key}")), "code")  # type: ignore[arg-type]
    assert client.post(f"/t/{key}/code", data=fields | {"code": code}).status_code == 303


def test_an_issue_is_not_ended_over_unfinished_items(app: Flask, desk: Desk) -> None:
    number = decided(desk)
    secretary = signed_in(app, "secretary")
    token = form_in(text_of(secretary.get(f"/actions/{number}")), ItemAction.NOTE)  # type: ignore[arg-type]
    sent = {"csrf_token": token["csrf_token"], "action": "lengthen", "note": "要等明年。", "version": "2"}
    answer = secretary.post("/issues/G26-0001/ending", data=sent)
    assert answer.status_code == 409
    assert "还有没完成的行动项" in text_of(answer)
    assert "要等明年。" in text_of(answer)
    stale = secretary.post("/issues/G26-0001/ending", data=sent | {"version": "1"})
    assert stale.status_code == 409
    assert send(secretary, number, "lengthen", note="要等明年预算。").status_code == 303
    without = secretary.post("/issues/G26-0001/ending", data=sent | {"version": "3", "note": ""})
    assert without.status_code == 422
    assert secretary.post("/issues/G26-0001/ending", data=sent | {"version": "3"}).status_code == 303


@pytest.mark.one_database  # what is counted is the same on both
def test_the_queue_takes_as_many_statements_for_many_items_as_for_few(app: Flask, desk: Desk) -> None:
    decided(desk)
    client = signed_in(app, "secretary")
    with statements(app) as few:
        client.get("/actions?show=all")
    for _ in range(4):
        decided(desk)
    with statements(app) as many:
        client.get("/actions?show=all")
    assert len(many) == len(few) <= 12
