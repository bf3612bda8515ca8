import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.web.staff import Desk, a_desk, send, signed_in, statements, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import HistoryRow, Report, RoutingRule

OFFERED = re.compile(r'id="action-(\w+)"')


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def page_of(app: Flask, login: str, number: str) -> str:
    return text_of(signed_in(app, login).get(f"/desk/cases/{number}"))


def test_the_page_says_what_where_and_how_it_stands(app: Flask, desk: Desk) -> None:
    sent = desk.report(text="纸箱堆到门口了", photos=1)
    page = page_of(app, "operator", sent.number)
    for words in (
        sent.number,
        "A5 占道",
        "老盛昌汤包馆（商铺）",
        "共和新路 2395 号",
        "纸箱堆到门口了",
        "待受理",
    ):
        assert words in page
    assert page.count('class="photos"') == 2, "beside the report and in the history"


@pytest.mark.parametrize(
    ("login", "state", "offered"),
    [
        (
            "operator",
            State.REPORTED,
            ["file", "ask_info", "check", "fix_on_spot", "merge", "note", "decline"],
        ),
        ("operator", State.FILED, ["dispatch", "merge", "note"]),
        ("handler-zf", State.DISPATCHED, ["sign", "request_return", "note"]),
        ("handler-zf", State.IN_PROGRESS, ["resolve", "contact", "request_extension", "note"]),
        ("verifier-jw", State.CHECKING, ["found", "not_found", "fix_on_spot", "note"]),
        ("verifier-jw", State.RESOLVED, ["pass", "fail", "note"]),
        ("duty_lead", State.RETURN_REQUESTED, ["grant_return", "refuse_return", "note", "void"]),
        ("supervisor", State.IN_PROGRESS, ["hold", "note"]),
        ("supervisor", State.ON_HOLD, ["resume", "note"]),
        ("secretary", State.CLOSED, ["reopen"]),
        ("operator", State.CLOSED, []),
    ],
)
def test_each_person_is_offered_what_the_brief_lets_him_do(
    app: Flask, desk: Desk, login: str, state: State, offered: list[str]
) -> None:
    number = desk.report().number if state == State.REPORTED else desk.case_in(state)
    assert OFFERED.findall(page_of(app, login, number)) == offered


def test_the_likeliest_action_is_open_and_within_reach(app: Flask, desk: Desk) -> None:
    page = page_of(app, "handler-zf", desk.case_in(State.DISPATCHED))
    assert '<details class="action action-primary" id="action-sign" open>' in page
    assert 'case-jump" href="#action-sign"' in page


def test_the_page_says_which_rule_sent_the_case_there(app: Flask, desk: Desk) -> None:
    plain = desk.report("A1").number
    with app.app_context(), transaction():
        db.session.add(
            RoutingRule(
                category_code="A1",
                area_code="PP-1",
                lead_code="LR",
                co_codes=[],
                auto_file=True,
                auto_dispatch=True,
            )
        )
    ruled = desk.report("A1").number
    by_hand = desk.case_in(State.DISPATCHED)
    client = signed_in(app, "operator")
    assert "按规则：A1 非机动车" in text_of(client.get(f"/desk/cases/{plain}"))
    assert "× 各片区 → 综合行政执法队" in text_of(client.get(f"/desk/cases/{plain}"))
    assert "× 共和新路片区 → 绿化市容所" in text_of(client.get(f"/desk/cases/{ruled}"))
    assert "由operator·王敏派遣 → 综合行政执法队" in text_of(client.get(f"/desk/cases/{by_hand}"))


def test_the_history_tells_who_did_what_and_what_changed(app: Flask, desk: Desk) -> None:
    page = page_of(app, "operator", desk.case_in(State.RESOLVED))
    for words in ("派遣 → 待签收", "handler-zf·王敏", "主办：综合行政执法队", "结果：已解决", "纸箱已清走。"):
        assert words in page


def test_internal_words_look_different_from_public_ones(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    desk.take(number, Action.CONTACT, "ZF", note="已和店主约好")
    page = page_of(app, "operator", number)
    assert '<p class="timeline-words inside">已和店主约好</p>' in page
    assert '<p class="timeline-words">纸箱堆在人行道上，轮椅过不去。</p>' in page


def test_the_preview_is_what_the_reporter_will_read(app: Flask, desk: Desk) -> None:
    page = page_of(app, "handler-zf", desk.case_in(State.IN_PROGRESS))
    assert 'data-frame="综合行政执法队：已经处理好。{words}"' in page
    assert "已派给综合行政执法队" in page_of(app, "operator", desk.case_in(State.FILED))


def test_dispatch_starts_from_what_the_rule_or_the_returning_handler_suggests(app: Flask, desk: Desk) -> None:
    page = page_of(app, "operator", desk.case_in(State.FILED))
    assert "按规则建议：综合行政执法队" in page
    assert '<option value="ZF" selected>' in page
    returned = desk.case_in(State.RETURN_REQUESTED)
    desk.take(returned, Action.GRANT_RETURN, Role.DUTY_LEAD)
    page = page_of(app, "operator", returned)
    assert "退单时建议：绿化市容所" in page
    assert '<option value="LR" selected>' in page


def test_what_waits_for_a_decision_stands_above_the_case(app: Flask, desk: Desk) -> None:
    returned = desk.case_in(State.RETURN_REQUESTED)
    assert "建议改派绿化市容所，由值班长决定" in page_of(app, "handler-zf", returned)
    appealed = desk.report()
    desk.take(
        appealed.number, Action.DECLINE, Role.OPERATOR, reason="consumer", channel="12315", note="价格。"
    )
    with app.app_context():
        factories.take(appealed.number, Action.APPEAL, by=factories.speaker(appealed), note="不对")
    assert "提出申诉，由值班长重新决定" in page_of(app, "operator", appealed.number)


def test_after_the_third_failure_the_page_says_who_must_look_first(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.RESOLVED)
    for attempt in range(3):
        desk.take(number, Action.FAIL, Role.VERIFIER, note="没清干净")
        if attempt < 2:
            desk.take(number, Action.RESOLVE, "ZF", outcome="fixed", note="清了", photos=1)
    page = page_of(app, "handler-zf", number)
    assert "督办领导先过问，承办单位才能办结" in page
    assert "resolve" not in OFFERED.findall(page)
    assert "返工 3 次" in page


def test_merged_cases_and_their_main_case_link_to_each_other(app: Flask, desk: Desk) -> None:
    main, other = desk.case_in(State.FILED), desk.report().number
    desk.take(other, Action.MERGE, Role.OPERATOR, main_case=main)
    client = signed_in(app, "operator")
    assert f'href="/desk/cases/{other}"' in text_of(client.get(f"/desk/cases/{main}"))
    assert f'href="/desk/cases/{main}"' in text_of(client.get(f"/desk/cases/{other}"))


def test_a_phone_number_is_masked_and_only_the_operator_learns_more(app: Flask, desk: Desk) -> None:
    number = desk.report(phone="13812345678").number
    page = page_of(app, "operator", number)
    assert "138****5678" in page
    assert "13812345678" not in page
    lead = page_of(app, "duty_lead", number)
    assert "138****5678" not in lead
    assert "只有受理派遣员可以查看" in lead


def test_a_number_is_revealed_once_for_a_reason_and_the_history_says_so(app: Flask, desk: Desk) -> None:
    number = desk.report(phone="13812345678").number
    client = signed_in(app, "operator")
    without = send(client, number, Action.REVEAL_PHONE)
    assert without.status_code == 422
    assert "13812345678" not in text_of(without)
    shown = send(client, number, Action.REVEAL_PHONE, note="现场找不到，打电话问")
    assert "13812345678" in text_of(shown)
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert "13812345678" not in str(shown.headers)
    after = text_of(client.get(f"/desk/cases/{number}"))
    assert "13812345678" not in after
    assert "查看电话" in after
    assert "现场找不到，打电话问" in after


def test_a_phone_of_another_case_cannot_be_revealed(app: Flask, desk: Desk) -> None:
    here, there = desk.report(phone="13812345678"), desk.report(phone="13987654321")
    with app.app_context():
        from_there = db.session.scalars(select(Report.id).where(Report.key == there.key)).one()
    client = signed_in(app, "operator")
    answer = send(client, here.number, Action.REVEAL_PHONE, note="试试", report=str(from_there))
    assert answer.status_code == 404
    assert "13987654321" not in text_of(answer)
    assert "试试" not in text_of(client.get(f"/desk/cases/{here.number}"))


def test_the_history_knows_whose_number_was_shown(app: Flask, desk: Desk) -> None:
    sent = desk.report(phone="13812345678")
    send(signed_in(app, "operator"), sent.number, Action.REVEAL_PHONE, note="现场找不到")
    with app.app_context():
        asked_for = db.session.scalars(select(Report.id).where(Report.key == sent.key)).one()
        row = db.session.scalars(select(HistoryRow).where(HistoryRow.action == "reveal_phone")).one()
        assert row.details == {"report_id": asked_for}


def test_a_department_learns_the_day_alone_where_the_minute_could_say_who_reported(
    app: Flask, desk: Desk
) -> None:
    at = datetime(2026, 11, 20, 3, 41, tzinfo=UTC)  # 11:41 on the street
    number = desk.report("F3", at=at).number
    desk.take(number, Action.FILE, Role.OPERATOR, category="F3")
    desk.take(number, Action.DISPATCH, Role.OPERATOR, lead="ZF")
    handler, operator = signed_in(app, "handler-zf"), signed_in(app, "operator")
    for address in (f"/desk/cases/{number}", "/desk?show=all"):
        page = text_of(handler.get(address))
        assert "11月20日" in page
        assert "11月20日 周五 11:41" not in page
        assert "2026-11-20T03:41" not in page
    assert "11月20日 周五 11:41" in text_of(operator.get(f"/desk/cases/{number}"))


def test_staff_photos_are_served_as_pictures_and_nothing_else(app: Flask, desk: Desk) -> None:
    number = desk.report(photos=1).number
    client = signed_in(app, "operator")
    address = re.findall(r'href="(/desk/photos/\d+)"', text_of(client.get(f"/desk/cases/{number}")))[0]
    for query in ("", "?size=thumb"):
        with client.get(address + query) as photo:
            assert photo.mimetype == "image/jpeg"
            assert photo.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in photo.headers["Content-Security-Policy"]
            assert photo.headers["Cache-Control"] == "private, no-store"
            assert photo.headers["Content-Disposition"].startswith('inline; filename="photo-')
    assert signed_in(app, "handler-zf").get(address).status_code == 404


def test_a_case_page_takes_at_most_twenty_statements_and_150_kilobytes(app: Flask, desk: Desk) -> None:
    with app.app_context():
        factories.a_person(Role.VERIFIER, department="LR", area="PP")
    for number, login in (
        (desk.report(phone="13812345678", photos=2).number, "operator"),
        (desk.case_in(State.FILED), "operator"),
        (desk.report("A1").number, "operator"),
        (desk.case_in(State.IN_PROGRESS), "handler-zf"),
        (desk.case_in(State.RESOLVED), "verifier-lr"),
    ):
        client = signed_in(app, login)
        with statements(app) as ran:
            page = client.get(f"/desk/cases/{number}")
        assert page.status_code == 200
        assert len(ran) <= 20, (login, number, len(ran), ran)
        assert len(page.get_data()) < 150_000
