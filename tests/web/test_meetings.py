"""The desk's pages of meetings, from the new one to its result."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from tests import factories
from tests.factories import Sent
from tests.matters import an_issue
from tests.meetings import a_meeting, ask, link_of, number_of_issue, three_shops
from tests.web.moving_clock import MovingClock, app_with
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, signed_in, text_of
from tracker.domain.permissions import Role
from tracker.services.meeting_views import door_of

BEFORE_IT = "11-27 13:50"

pytestmark = pytest.mark.one_database  # about pages and cookies; what they call is tested on both


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def app(settings: Config, clock: MovingClock) -> Iterator[Flask]:
    with app_with(settings, clock) as app:
        yield app


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def secretary(app: Flask, desk: Desk) -> FlaskClient:  # noqa: ARG001 - the account it needs
    return signed_in(app, "secretary")


def read(answer: TestResponse) -> str:
    """What stands on a page."""
    page = text_of(answer)
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split())


def press(client: FlaskClient, page: str, action: str, **fields: Any) -> TestResponse:
    """Send the form of `page` whose address ends with `action`, with its hidden fields."""
    html = text_of(client.get(page))
    form = re.search(rf'<form[^>]*action="([^"]*{action})"[^>]*>.*?</form>', html, re.DOTALL)
    assert form, f"{page} offers no {action}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))
    return client.post(form[1], data=hidden | fields)


def invited(app: Flask, desk: Desk) -> tuple[str, list[Sent]]:
    """A meeting to which two departments, a firm and three shops are invited."""
    with app.app_context():
        shops = three_shops()
        by = desk.crew[Role.SECRETARY]
        number = a_meeting(by, *shops)
        ask(number, by)
    return number, shops


def guest_link(app: Flask, desk: Desk, number: str, name: str) -> str:
    with app.app_context():
        return f"/m/{link_of(number, desk.crew[Role.SECRETARY], name)}"


# ---- planning


def test_a_meeting_is_made_from_an_accepted_issue_and_the_way_leads_to_its_invitations(
    app: Flask, secretary: FlaskClient
) -> None:
    with app.app_context():
        issue = number_of_issue(an_issue(area="PP-1"))
    page = text_of(secretary.get(f"/meetings/new?issue={issue}"))
    assert re.search(rf'value="{issue}"[^>]* checked', page)
    assert re.search(r'<option value="PP-1" selected', page)
    fields = {
        "issue": issue,
        "title": "地铁口停放协调会",
        "area": "PP-1",
        "day": "2026-11-27",
        "begins": "14:00",
        "ends": "13:00",
        "room": "二楼",
        "chair": re.findall(r'name="chair".*?<option value="(\d+)" selected', page, re.DOTALL)[0],
    }
    refused = press(secretary, "/meetings/new", "/meetings/new", **fields)
    assert refused.status_code == 422
    assert "结束要晚于开始" in read(refused)
    assert 'value="13:00"' in text_of(refused)
    made = press(secretary, "/meetings/new", "/meetings/new", **fields | {"ends": "16:00"})
    assert (made.status_code, made.location) == (303, "/meetings/M26-0001/agenda")
    agenda = "/meetings/M26-0001/agenda"
    item = re.search(r'id="item-(\d+)"', text_of(secretary.get(agenda)))
    assert item
    unwritten = press(secretary, "/meetings/M26-0001/invitations", "/send")
    assert (unwritten.status_code, "还没写要决定的问题" in read(unwritten)) == (409, True)
    wrong = press(secretary, agenda, rf"/agenda/{item[1]}", question="划不划线？", options="只有一个")
    assert (wrong.status_code, "选项写2到8个" in read(wrong)) == (422, True)
    assert "只有一个</textarea>" in text_of(wrong)
    kept = press(secretary, agenda, rf"/agenda/{item[1]}", question="划不划线？", options="划\r\n不划")
    assert kept.status_code == 303
    shown = read(secretary.get("/meetings/M26-0001"))
    assert "11月27日 周五 14:00–16:00 · 二楼" in shown
    assert "划不划线？" in shown
    assert "选项：划；不划" in shown
    listed = read(secretary.get("/meetings"))
    assert "地铁口停放协调会" in listed
    assert "筹备中" in listed


def test_departments_guests_and_reporters_are_asked_from_one_page(
    app: Flask, desk: Desk, secretary: FlaskClient
) -> None:
    with app.app_context():
        number = a_meeting(desk.crew[Role.SECRETARY], *three_shops())
    page = f"/meetings/{number}/invitations"
    assert "同时邀请 3 位上报人" in read(secretary.get(page))
    wrong = press(secretary, page, "/departments", department="ZF", mail="nonsense")
    assert (wrong.status_code, "这不是一个邮箱地址。" in read(wrong)) == (422, True)
    press(secretary, page, "/departments", department="ZF", mail="zhifa@street.example")
    press(secretary, page, "/others", name="蓝骑单车", mail="ops@bikes.example")
    shown = read(secretary.get(page))
    assert "z…@street.example" in shown
    assert "zhifa@" not in shown
    assert "蓝骑单车" in shown
    sent = press(secretary, page, "/send", reporters="yes")
    assert sent.status_code == 303
    shown = read(secretary.get(page))
    assert "商户代表 3号" in shown
    assert "议题的 3 位上报人都邀请过了。" in shown
    assert re.search(r"商户代表 3 3 没答复", shown)


def test_a_page_that_is_out_of_date_says_what_changed_and_keeps_what_was_written(
    app: Flask, desk: Desk, secretary: FlaskClient
) -> None:
    number, _ = invited(app, desk)
    old = text_of(secretary.get(f"/meetings/{number}/edit"))
    fields = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', old)) | dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', old)
    )
    fields |= {"area": "PP", "day": "2026-11-27", "begins": "14:00", "ends": "16:00"}
    fields["chair"] = re.findall(r'name="chair".*?<option value="(\d+)" selected', old, re.DOTALL)[0]
    first = secretary.post(f"/meetings/{number}/edit", data=fields | {"room": "三楼会议室"})
    assert first.status_code == 303
    second = secretary.post(f"/meetings/{number}/edit", data=fields | {"room": "大礼堂"})
    assert second.status_code == 409
    shown = read(second)
    assert "地点：街道二楼会议室 → 三楼会议室" in shown
    assert "大礼堂" in shown
    assert "三楼会议室" in read(secretary.get(f"/meetings/{number}"))


def test_calling_a_meeting_off_needs_a_reason_that_guests_then_read(
    app: Flask, desk: Desk, secretary: FlaskClient
) -> None:
    number, shops = invited(app, desk)
    page = f"/meetings/{number}"
    assert press(secretary, page, "/cancel", note=" ").status_code == 422
    assert press(secretary, page, "/cancel", note="台风来了").status_code == 303
    assert "已取消" in read(secretary.get(page))
    assert not re.search(r"/(cancel|hold)\"", text_of(secretary.get(page)))
    assert "台风来了" in read(app.test_client().get(guest_link(app, desk, number, "蓝骑单车")))
    assert "台风来了" in read(app.test_client().get(f"/t/{shops[0].link_key}"))
    assert "这里还没有会议" not in read(secretary.get("/meetings?show=past"))


# ---- who sees what


def test_a_colleague_who_does_not_keep_it_reads_numbers_and_no_answers(app: Flask, desk: Desk) -> None:
    number, shops = invited(app, desk)
    owner = Reporter(app.test_client())
    address = owner.unlock(shops[0])
    sent = owner.say_again(
        f"{address}/meetings/{number}",
        "answer",
        **owner_form(owner, address),
        answer="yes",
        words="门口最堵",
        name="老王",
        consent="yes",
    )
    assert sent.status_code == 303
    keeper = read(signed_in(app, "secretary").get(f"/meetings/{number}/invitations"))
    assert re.search(r"商户代表 \d号（老王）", keeper)
    assert "门口最堵" in keeper
    other = signed_in(app, "supervisor")
    for tab in ("", "/invitations", "/sign-in", "/votes", "/agenda"):
        page = read(other.get(f"/meetings/{number}{tab}"))
        assert not [word for word in ("老王", "门口最堵", "商户代表 1号", "商户代表 2号") if word in page]
    assert "1 来，2 没答复" in read(other.get(f"/meetings/{number}"))


def owner_form(owner: Reporter, address: str) -> dict[str, str]:
    owner.get(address)
    return {"csrf_token": owner.hidden()["csrf_token"]}


def test_meetings_of_another_area_are_not_there(app: Flask, desk: Desk) -> None:
    number, _ = invited(app, desk)
    with app.app_context():
        factories.a_person(Role.SECRETARY, department="DJ", area="PP-2")
    stranger = signed_in(app, "secretary-dj")
    for tab in ("", "/edit", "/invitations", "/sign-in", "/sign-in/door", "/votes", "/agenda"):
        assert stranger.get(f"/meetings/{number}{tab}").status_code == 404, tab
    token = re.search(r'name="csrf_token" value="([^"]*)"', text_of(stranger.get("/meetings/new")))
    assert token
    fields = {"csrf_token": token[1], "version": "1", "note": "x", "way": "up"}
    for action in (
        "cancel",
        "hold",
        "invitations/send",
        "sign-in/write-down",
        "agenda/1",
        "agenda/1/move",
        "votes/1/open",
    ):
        assert stranger.post(f"/meetings/{number}/{action}", data=fields).status_code == 404, action
    assert number not in text_of(stranger.get("/meetings"))
    assert "会议</a>" not in text_of(signed_in(app, "operator").get("/desk"))
    assert signed_in(app, "operator").get("/meetings").status_code == 404


# ---- votes, the door


def test_the_chair_opens_a_vote_a_guest_votes_and_everybody_reads_the_result(
    app: Flask, desk: Desk, secretary: FlaskClient
) -> None:
    number, _ = invited(app, desk)
    votes, guest = f"/meetings/{number}/votes", app.test_client()
    page = guest_link(app, desk, number, "蓝骑单车")
    assert "开始表决" not in text_of(signed_in(app, "supervisor").get(votes))
    assert press(secretary, votes, "/open").status_code == 303
    nothing = press(guest, page, r"/votes/\d+")
    assert (nothing.status_code, "请选择一个选项。" in read(nothing)) == (409, True)
    option = re.findall(r'name="option" value="(\d+)"', text_of(guest.get(page)))[1]
    assert press(guest, page, r"/votes/\d+", option=option).status_code == 303
    assert re.search(rf'value="{option}" checked', text_of(guest.get(page)))
    live = read(secretary.get(votes))
    assert "正在表决：已投 1 票，能投的 6 人。" in live
    assert "最多" not in live
    hands = {
        f"hands-{each}": "2" for each in re.findall(r'name="hands-(\d+)"', text_of(secretary.get(votes)))
    }
    assert press(secretary, votes, "/hands", **hands | {next(iter(hands)): ""}).status_code == 422
    assert press(secretary, votes, "/hands", **hands).status_code == 303
    assert press(secretary, votes, "/close").status_code == 303
    for shown in (read(secretary.get(votes)), read(guest.get(page))):
        assert "“只加强清运”最多，1 票。 共 1 票，能投的 6 人，投票率 16%。" in shown
        assert "票数相同，各 2 票。" in shown
    assert "secretary·王敏于" in read(secretary.get(votes))


def test_at_the_door_a_reporter_is_known_a_guest_too_and_others_write_who_they_are(
    app: Flask, desk: Desk, secretary: FlaskClient, clock: MovingClock
) -> None:
    number, shops = invited(app, desk)
    with app.app_context():
        door = f"/m/{door_of(number, desk.crew[Role.SECRETARY])}"
    visitor, owner, firm = app.test_client(), Reporter(app.test_client()), app.test_client()
    firm.get(guest_link(app, desk, number, "蓝骑单车"))
    owner.unlock(shops[2])
    assert "还没到签到时间" in read(visitor.get(door))
    assert "到了" not in text_of(secretary.get(f"/meetings/{number}/sign-in"))
    clock.at(BEFORE_IT)
    secretary = signed_in(app, "secretary")
    called = re.search(r"商户代表 \d号", read(owner.get(door)))
    assert called
    assert "蓝骑单车" in read(firm.get(door))
    for client in (owner.client, firm):
        assert press(client, door, "/sign-in", way="known").status_code == 303
        assert "签到成功" in read(client.get(door))
    empty = press(visitor, door, "/sign-in", way="visitor", shop="", name="")
    assert (empty.status_code, "请写店名或住处" in read(empty)) == (422, True)
    assert press(visitor, door, "/sign-in", way="visitor", shop="裁缝铺", name="钱阿姨").status_code == 303
    page = read(secretary.get(f"/meetings/{number}/sign-in"))
    assert "3 人已签到" in page
    for name in (called[0], "蓝骑单车", "裁缝铺 · 钱阿姨"):
        assert name in page
    assert press(secretary, f"/meetings/{number}/sign-in", "/tick").status_code == 303
    assert press(secretary, f"/meetings/{number}/sign-in", "/count", people="x").status_code == 422
    assert press(secretary, f"/meetings/{number}/sign-in", "/count", people="7").status_code == 303
    assert "4 人已签到，另数 7 人" in read(secretary.get(f"/meetings/{number}/sign-in"))
    assert press(secretary, f"/meetings/{number}", "/hold").status_code == 303
    assert "已召开" in read(secretary.get(f"/meetings/{number}"))
    clock.at("11-28 10:00")
    assert "签到已经结束" in read(app.test_client().get(door))
    late = press_at(app.test_client(), door, way="visitor", shop="店", name="名")
    assert late.status_code == 409


def press_at(client: FlaskClient, door: str, **fields: str) -> TestResponse:
    """Send the door's form by hand, as somebody would who kept its address."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', text_of(client.get("/login")))
    assert token
    return client.post(f"{door}/sign-in", data={"csrf_token": token[1]} | fields)


def test_private_pages_of_a_meeting_leave_no_trace(app: Flask, desk: Desk) -> None:
    number, shops = invited(app, desk)
    page = app.test_client().get(guest_link(app, desk, number, "ZF"))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    text = text_of(page)
    assert "/language/" not in text
    others = ("蓝骑单车", "商户代表", "老王面馆", "王敏", shops[0].number)
    assert not [name for name in others if name in text]
    for wrong in ("/m/nonsense", "/m/" + "A" * 32, "/m/" + "0" * 16):
        assert app.test_client().get(wrong).status_code == 404
    calendar = app.test_client().get(guest_link(app, desk, number, "ZF") + "/calendar.ics")
    assert (calendar.mimetype, f"UID:{number}@" in calendar.get_data(as_text=True)) == ("text/calendar", True)
    assert "METHOD:PUBLISH" in calendar.get_data(as_text=True)
    assert "ATTENDEE" not in calendar.get_data(as_text=True)


# ---- the reporter's own page


def test_a_reporter_is_asked_on_his_own_page_and_answers_with_consent_or_says_no(
    app: Flask, desk: Desk
) -> None:
    number, shops = invited(app, desk)
    looker = Reporter(app.test_client())
    address = f"/t/{shops[0].link_key}"
    looker.get(address)
    assert "请您来开会" in looker.text()
    assert "要答复，请用上报的那台手机打开" in looker.text()
    assert f"{address}/meetings/{number}/answer" not in looker.page
    owner = Reporter(app.test_client())
    owner.unlock(shops[0])

    def say(**fields: str) -> TestResponse:
        return owner.say_again(
            f"{address}/meetings/{number}", "answer", **owner_form(owner, address), **fields
        )

    refused = say(answer="yes", words="门口最堵", name="王师傅")
    assert refused.status_code == 422
    assert "请先勾选同意" in owner.text()
    assert "门口最堵</textarea>" in owner.page
    assert say(answer="yes", words="门口最堵", name="王师傅", consent="yes").status_code == 303
    owner.get(address)
    assert "您答复的是“来”" in owner.text()
    looker.get(address)
    assert not [word for word in ("王师傅", "门口最堵", "您答复的是") if word in looker.text()]
    assert say(answer="no").status_code == 303
    owner.get(address)
    assert "您答复的是“不来”" in owner.text()
    assert "门口最堵" not in owner.page


def test_a_link_passed_on_neither_answers_nor_votes(app: Flask, desk: Desk, secretary: FlaskClient) -> None:
    number, shops = invited(app, desk)
    press(secretary, f"/meetings/{number}/votes", "/open")
    owner, looker = Reporter(app.test_client()), Reporter(app.test_client())
    address = owner.unlock(shops[1])
    owner.get(address)
    vote = re.search(rf'action="({address}/meetings/{number}/votes/\d+)"', owner.page)
    option = re.findall(r'name="option" value="(\d+)"', owner.page)[0]
    assert vote
    looker.get(address)
    assert vote[1] not in looker.page
    form = owner_form(looker, address)
    for target, fields in (
        (vote[1], {"option": option}),
        (f"{address}/meetings/{number}/answer", {"answer": "no"}),
    ):
        assert looker.client.post(target, data=form | fields).status_code == 403
    token = owner_form(owner, address)
    assert owner.client.post(vote[1], data=token | {"option": option}).status_code == 303
    owner.get(address)
    assert re.search(rf'value="{option}" checked', owner.page)
    assert "正在表决：已投 1 票" in read(secretary.get(f"/meetings/{number}"))
