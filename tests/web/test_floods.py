"""Floods at the desk: seen, undone in one step, devices banned without a word, and what was kept apart taken in."""

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
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, hidden, signed_in, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db, now
from tracker.models import Case, Clock, DeviceBan, HistoryRow, Notice, Report
from tracker.services import cases, floods, grouping, history, suggestions
from tracker.services.places import labelled_place


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def lead(app: Flask, desk: Desk) -> FlaskClient:  # noqa: ARG001 - the crew it belongs to
    return signed_in(app, "duty_lead")


def spam(desk: Desk, count: int, device: str = "angry-neighbour", *, category: str = "A5") -> list[str]:
    """So many reports from one device; their numbers."""
    return [
        desk.report(category, text=f"这家店有鬼 {number}", device=device, photos=1, at=None).number
        for number in range(count)
    ]


def report_id(app: Flask, number: str) -> int:
    with app.app_context():
        return (
            db.session.scalars(
                select(Report.id).join(Case, Case.id == Report.case_id).where(Case.number == number)
            ).first()
            or 0
        )


def post(client: FlaskClient, page: str, address: str, **fields: object) -> TestResponse:
    token = hidden(text_of(client.get(page)), "csrf_token")
    return client.post(address, data={"csrf_token": token, **fields})


def ban(app: Flask, lead: FlaskClient, number: str, days: str = "7") -> None:
    page = f"/desk/floods/device/{report_id(app, number)}"
    assert post(lead, page, f"{page}/ban", days=days, reason="一天十条假的").status_code == 303


def state_of(app: Flask, number: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Case.state).where(Case.number == number)).one()


# ---- seen


def test_a_flooded_label_is_seen_in_the_queue_and_with_its_devices(app: Flask, desk: Desk) -> None:
    operator = signed_in(app, "operator")
    spam(desk, 7)
    assert "报得特别多" not in text_of(operator.get("/desk"))
    desk.report(text="我也看到了", device="somebody else")
    assert "1 张标牌一小时里报得特别多" in text_of(operator.get("/desk"))
    page = text_of(operator.get("/desk/floods"))
    assert "老盛昌汤包馆" in page
    assert "8 件" in page
    assert "2 台设备" in page
    assert "设备 A" in page
    assert "设备 B" in page
    assert "<img" not in page.split("<details")[0]
    assert "作废" not in text_of(operator.get(f"/desk/floods/device/{report_id(app, spam(desk, 1)[0])}"))


def test_who_has_other_areas_or_no_such_duty_sees_nothing_of_it(app: Flask, desk: Desk) -> None:
    (number, *_rest) = spam(desk, 9)
    with app.app_context():
        factories.a_person(Role.DUTY_LEAD, area="PP-2", name="钱王敏")
    assert signed_in(app, "handler-zf").get("/desk/floods").status_code == 404
    assert signed_in(app, "admin").get("/desk/floods").status_code == 404
    with app.app_context():
        elsewhere = factories.a_person(Role.OPERATOR, area="PP-2", department=None)
        elsewhere = type(elsewhere)("他区", elsewhere.grants[-1:], user_id=elsewhere.user_id)
        assert floods.floods(elsewhere, now()) == []
        with pytest.raises(floods.ReportMissing):
            floods.burst_of(db.session.scalars(select(Report.id)).first() or 0, elsewhere, now())
    assert state_of(app, number) == State.REPORTED


# ---- undone


def test_a_burst_is_voided_in_one_step_with_its_history_and_its_photos_are_behind_a_click(
    app: Flask, desk: Desk, lead: FlaskClient
) -> None:
    numbers = spam(desk, 3)
    with app.app_context():
        factories.a_voice(desk.street.token, numbers[2], device="a-neighbour")
    page = f"/desk/floods/device/{report_id(app, numbers[0])}"
    assert "一天里 3 件" in text_of(lead.get(page))
    assert post(lead, page, f"{page}/undo", numbers=numbers, note=" ").status_code == 422
    answer = post(lead, page, f"{page}/undo", numbers=numbers, note="同一个人一天三条，现场没有。")
    assert answer.status_code == 303
    assert [state_of(app, number) for number in numbers] == ["voided", "voided", "reported"]
    with app.app_context():
        rows = db.session.execute(
            select(HistoryRow.note, HistoryRow.user_id).where(HistoryRow.action == "void")
        ).all()
        assert len(rows) == 2
        assert all(row.note == "同一个人一天三条，现场没有。" and row.user_id for row in rows)
        assert history.verify() > 0
    shown = text_of(lead.get(f"/desk/cases/{numbers[0]}"))
    assert "已按恶意上报作废" in shown
    assert len(re.findall(r'<details class="covered"><summary>1 张照片', shown)) == 2
    assert f"/desk/thumbs/{numbers[0]}" not in text_of(lead.get("/desk?show=all"))
    assert f"/desk/thumbs/{numbers[2]}" in text_of(lead.get("/desk?show=all"))
    operator = signed_in(app, "operator")
    assert post(operator, page, f"{page}/undo", numbers=numbers, note="x").status_code == 404


def test_what_somebody_else_has_moved_meanwhile_is_left_and_named(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = spam(desk, 2)
    original = cases.act

    def act_after_others(number: str, *args: Any, **named: Any) -> object:
        if number == numbers[0] and named["by"] == desk.crew[Role.DUTY_LEAD]:
            factories.take(number, Action.CHECK, by=desk.crew[Role.OPERATOR])
        return original(number, *args, **named)

    monkeypatch.setattr(cases, "act", act_after_others)
    with app.app_context():
        one = report_id(app, numbers[0])
        done = floods.undo(one, numbers, "假的", by=desk.crew[Role.DUTY_LEAD], now=now())
    assert (list(done.voided), list(done.left)) == ([numbers[1]], [numbers[0]])


# ---- banned


def test_a_banned_device_sees_what_everybody_sees_and_is_kept_apart(
    app: Flask, desk: Desk, lead: FlaskClient
) -> None:
    neighbour = Reporter(app.test_client())
    first = neighbour.report(desk.street.token, text="第一次", category="A1")
    usual = neighbour.text()
    (number,) = {neighbour.number()}
    ban(app, lead, number)
    address = neighbour.report(
        desk.street.token,
        text="第二次",
        category="A1",
        photos=upload(),
        phone="13812345678",
        phone_consent="yes",
    )
    held = neighbour.number()
    assert address != first
    for words in ("收到了", "记下这4位数字", "接下来", "另一位人员现场核查"):
        assert words in usual
        assert words in neighbour.text()
    neighbour.go_on(address)
    assert "已收到" in neighbour.text()
    assert "停用" not in neighbour.page
    assert neighbour.say(address, "note", note="还在那里").status_code == 303
    again = Reporter(app.test_client())
    assert again.get(address).status_code == 200, "the link works from every browser"

    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.number == held)).one()
        assert (case.state, case.held, case.flagged, case.due_at) == ("reported", 1, 1, None)
        assert not db.session.scalar(select(func.count(Clock.id)).where(Clock.case_id == case.id))
        assert not db.session.scalar(select(func.count(Notice.id)).where(Notice.case_id == case.id))
        place = labelled_place(desk.street.token)
        assert held not in {one.number for one in suggestions.open_here(place)}
        while grouping.group_waiting(now() + timedelta(hours=1)):
            pass
    operator = signed_in(app, "operator")
    assert held not in text_of(operator.get("/desk?show=all"))
    assert operator.get(f"/desk/cases/{held}").status_code == 404
    assert operator.get("/desk/floods/held").status_code == 404
    waiting = text_of(lead.get("/desk/floods/held"))
    assert held in waiting
    assert "第二次" in waiting
    assert held not in text_of(lead.get("/desk?show=all"))


def test_what_was_kept_apart_is_taken_in_and_goes_the_way_of_its_category(
    app: Flask, desk: Desk, lead: FlaskClient
) -> None:
    neighbour = Reporter(app.test_client())
    neighbour.report(desk.street.token, text="第一次")
    ban(app, lead, neighbour.number())
    address = neighbour.report(desk.street.token, text="单车堵住店门", category="A1")
    held = neighbour.number()
    with app.app_context():
        while grouping.group_waiting(now() + timedelta(hours=1)):
            pass
        grouped = select(Report.is_grouped).join(Case, Case.id == Report.case_id).where(Case.number == held)
        assert db.session.scalars(grouped).one() is True, "passed over"
    release = {"version": "1"}
    assert post(lead, "/desk/floods/held", f"/desk/floods/held/{held}/release", **release).status_code == 303
    assert post(lead, "/desk/floods/held", f"/desk/floods/held/{held}/release", **release).status_code == 303
    assert state_of(app, held) == "dispatched"
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.number == held)).one()
        assert (case.held, case.flagged) == (0, 0)
        assert case.due_at is not None
        moves = db.session.scalars(
            select(HistoryRow.action).where(HistoryRow.case_id == case.id).order_by(HistoryRow.version)
        ).all()
        assert moves == ["report", "release", "file", "dispatch"]
        assert db.session.scalars(grouped).one() is False, "looked at once more"
        assert history.verify() > 0
    assert held in text_of(signed_in(app, "operator").get("/desk?show=all"))
    neighbour.go_on(address)
    assert "综合行政执法队" in neighbour.text()


def test_a_banned_voice_changes_nothing_in_the_case_it_was_meant_for(
    app: Flask, desk: Desk, lead: FlaskClient
) -> None:
    number = desk.report(text="油烟太大").number
    neighbour = Reporter(app.test_client())
    neighbour.report(desk.street.token, text="第一次")
    ban(app, lead, neighbour.number())
    form = neighbour.fill(desk.street.token, text="就是") | {"case": number}
    answer = neighbour.send(desk.street.token, form)
    assert answer.status_code == 303
    assert neighbour.send(desk.street.token, form).location == answer.location
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.number == number)).one()
        assert (case.voices, case.version) == (1, 1)
        assert db.session.scalar(select(func.count(Case.id)).where(Case.held == 1)) == 1
    assert f"本来要加入 {number}" in text_of(lead.get("/desk/floods/held"))


def test_a_ban_ends_by_itself_or_is_lifted_and_says_who_and_why(
    app: Flask, desk: Desk, lead: FlaskClient
) -> None:
    neighbour = Reporter(app.test_client())
    neighbour.report(desk.street.token, text="第一次")
    number = neighbour.number()
    page = f"/desk/floods/device/{report_id(app, number)}"
    refused = post(lead, page, f"{page}/ban", days="36500", reason="")
    assert refused.status_code == 422
    assert "请写明原因。" in text_of(refused)
    assert "请选择停用多久。" in text_of(refused)
    ban(app, lead, number, days="1")
    ban(app, lead, number, days="30")
    admin = signed_in(app, "admin")
    shown = text_of(admin.get("/desk/floods/bans"))
    assert shown.count("停用中") == 1
    assert "一天十条假的" in shown
    assert number not in shown
    assert "停用的设备" in text_of(admin.get("/admin"))
    neighbour.report(desk.street.token, text="第二次")
    assert "期间发来 1 件" in text_of(admin.get("/desk/floods/bans"))
    with app.app_context():
        ban_id = db.session.scalars(select(DeviceBan.id).where(DeviceBan.lifted_at.is_(None))).one()
    bans = "/desk/floods/bans"
    assert post(admin, bans, f"{bans}/{ban_id}/lift").status_code == 303
    assert "提前恢复" in text_of(admin.get(bans))
    neighbour.report(desk.street.token, text="第三次")
    with app.app_context():
        assert db.session.scalar(select(func.count(Case.id)).where(Case.held == 1)) == 1
        assert db.session.scalar(select(func.count(DeviceBan.id))) == 2
    assert post(signed_in(app, "operator"), "/login/sessions", f"{bans}/{ban_id}/lift").status_code == 404
