from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.factories import Sent, Street, upload
from tests.web.reporting import Reporter
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import Case, Report

Crew = Mapping[Role | str, Actor]


@pytest.fixture
def crew(app: Flask, street: Street) -> Crew:
    """The people behind the desk."""
    assert street.token, "departments come with the street"
    with app.app_context():
        return factories.a_crew()


def _case(app: Flask, street: Street, crew: Crew, state: State | None, **report: object) -> Sent:
    with app.app_context():
        sent = factories.a_report(street.token, **report)  # type: ignore[arg-type]
        if state:
            factories.walk_to(sent.number, state, crew)
        return sent


def _state(app: Flask, number: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Case.state).where(Case.number == number)).one()


def _act(app: Flask, sent: Sent, action: Action, by: Actor, **supplied: Any) -> None:
    with app.app_context():
        factories.take(sent.number, action, by=by, **supplied)


# ---- looking


def test_a_wrong_key_gets_the_plain_page_and_no_hint(owner: Reporter) -> None:
    assert owner.get("/t/" + "A" * 32).status_code == 404
    assert "没有找到这一页" in owner.text()
    for action in ("note", "code", "phone", "phone/erase"):
        assert owner.client.post(f"/t/{'A' * 32}/{action}").status_code in (400, 404)


def test_the_link_shows_where_the_case_stands_and_says_nothing_when_shared(
    app: Flask, street: Street, crew: Crew, stranger: Reporter
) -> None:
    sent = _case(app, street, crew, State.IN_PROGRESS)
    answer = stranger.get(f"/t/{sent.link_key}")
    assert "<h1>综合行政执法队正在处理。</h1>" in stranger.page
    assert sent.number in stranger.text()
    assert "老盛昌汤包馆" in stranger.text()
    assert "<title>案件进度</title>" in stranger.page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "next=" not in stranger.page, "the key must stand in no other address"


def test_the_language_changes_without_the_key_leaving_its_page(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.IN_PROGRESS)
    answer = owner.client.get(f"/t/{sent.link_key}?language=en")
    assert answer.location == f"/t/{sent.link_key}"
    owner.get(answer.location)
    assert "Urban management enforcement" in owner.text()


def test_filing_and_dispatch_by_rule_are_told_in_one_sentence(street: Street, owner: Reporter) -> None:
    owner.go_on(owner.report(street.token, category="A1"))
    told = owner.page.split("<h2>经过</h2>")[1]
    assert told.count("timeline-head") == 2
    assert told.index("已派给综合行政执法队") < told.index("您报了这件事"), "newest first"


def test_the_result_is_shown_beside_the_trouble(
    app: Flask, street: Street, crew: Crew, stranger: Reporter
) -> None:
    sent = _case(app, street, crew, State.RESOLVED, photos=2)
    stranger.get(f"/t/{sent.link_key}")
    before, after = stranger.page.split("<figcaption>")[1:]
    assert before.count('alt="处置前的照片"') == 2
    assert after.count('alt="处置后的照片"') == 1
    for source in stranger.images():
        assert stranger.client.get(source).mimetype == "image/jpeg"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.NEEDS_INFO, ["还差一点情况", "请问是店门左边还是右边？"]),
        (State.DECLINED, ["这是消费纠纷", "请拨打 12315", "价格争议请打消费者热线。"]),
        (State.ON_HOLD, ["要等工程施工", "前会再看一次", "等路面施工结束。"]),
        (State.VERIFIED, ["您看解决了吗？", "纸箱已清走。"]),
        (State.CLOSED, ["没有收到您的回答"]),
        (State.VOIDED, ["已作废", "测试内容。"]),
    ],
)
def test_each_state_is_told_in_plain_words_with_what_staff_wrote(
    state: State, words: list[str], app: Flask, street: Street, crew: Crew, stranger: Reporter
) -> None:
    sent = _case(app, street, crew, state)
    stranger.get(f"/t/{sent.link_key}")
    top = stranger.page.split("<h2>经过</h2>")[0]
    assert all(each in top for each in words), top


def test_nothing_private_is_ever_on_the_page(app: Flask, street: Street, crew: Crew, owner: Reporter) -> None:
    sent = _case(app, street, crew, State.IN_PROGRESS, phone="13812345678")
    other = _case(app, street, crew, None, text="隔壁老王天天堵我家门", phone="13987654321", photos=1)
    _act(app, sent, Action.NOTE, crew["ZF"], note="店主脾气不好，注意")
    _act(app, sent, Action.CONTACT, crew["ZF"], note="已电话联系店主")
    _act(app, other, Action.MERGE, crew[Role.OPERATOR], main_case=sent.number)
    _act(app, sent, Action.RESOLVE, crew["ZF"], outcome="fixed", note="已清走", photos=1)
    for one, another in ((sent, "隔壁老王"), (other, "轮椅过不去")):
        owner.unlock(one)
        owner.get(f"/t/{one.link_key}")
        for private in (
            "王敏",
            "handler",
            "13812345678",
            "13987654321",
            "5678",
            "脾气不好",
            "已电话联系",
            another,
        ):
            assert private not in owner.text(), private
        assert "综合行政执法队" in owner.text()


# ---- speaking


def test_the_device_that_reported_may_speak_at_once(
    street: Street, owner: Reporter, stranger: Reporter
) -> None:
    address = owner.report(street.token)
    owner.go_on(address)
    assert "补充情况" in owner.text()
    stranger.get(address)
    assert "补充情况" not in stranger.text()
    assert "4位数字" in stranger.text()


def test_a_link_passed_on_can_look_but_not_speak(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    address = owner.report(street.token)
    number = owner.number()
    owner.go_on(address)
    forged = {"version": owner.hidden()["version"], "note": "算了，不用处理了"}
    assert stranger.say(address, "withdraw", **forged).status_code == 403
    assert "算了，不用处理了" in stranger.page, "what was typed is given back"
    assert _state(app, number) == State.REPORTED


def test_the_code_lets_another_device_speak(
    app: Flask, street: Street, crew: Crew, stranger: Reporter
) -> None:
    sent = _case(app, street, crew, None)
    address = stranger.unlock(sent)
    assert stranger.say(address, "note", note="在店门左边").status_code == 303
    stranger.get(address)
    assert "收到了，谢谢。" in stranger.text()
    assert "在店门左边" in stranger.text()


def test_wrong_codes_are_slowed_down(app: Flask, street: Street, crew: Crew, stranger: Reporter) -> None:
    sent = _case(app, street, crew, None)
    address, wrong = f"/t/{sent.link_key}", f"{(int(sent.code) + 1) % 10_000:04d}"
    for _ in range(5):
        assert stranger.say(address, "code", code=wrong).status_code == 422
        assert "验证码不对" in stranger.text()
    assert stranger.say(address, "code", code=sent.code).status_code == 422
    assert "试错次数太多" in stranger.text()


def test_a_question_is_answered_where_it_stands(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.NEEDS_INFO)
    address = owner.unlock(sent)
    assert owner.say(address, "add_info", note=" ").status_code == 422
    assert "请写几个字，或者附一张照片。" in owner.text()
    assert owner.say(address, "add_info", photos=upload()).status_code == 303
    assert _state(app, sent.number) == State.REPORTED
    owner.get(address)
    assert owner.page.count('alt="照片"') == 1


def test_solved_is_one_tap_and_a_rating_may_follow_once(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.VERIFIED)
    address = owner.unlock(sent)
    owner.get(address)
    yes, no = owner.page.index(f'action="{address}/confirm"'), owner.page.index("?answer=no")
    assert yes < no < owner.page.index("<h2>"), "before anything else"
    form = owner.hidden()
    assert owner.say_again(address, "confirm", **form).status_code == 303
    assert owner.say_again(address, "confirm", **form).status_code == 303, "a second tap is no error"
    owner.get(address)
    assert "您已确认解决，谢谢！" in owner.text()
    assert "很不满意" in owner.text()
    assert owner.say(address, "rate", rating="").status_code == 422
    assert "请选一个满意程度。" in owner.text()
    assert owner.say(address, "rate", rating="4", note="很快").status_code == 303
    owner.get(address)
    assert "您评了：满意" in owner.text()
    assert "很不满意" not in owner.text(), "once"
    assert owner.say(address, "rate", rating="1").status_code == 409
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.number == sent.number)).one()
        assert (case.state, case.closing, case.rating) == ("closed", "confirmed", 4)


def test_a_slip_of_the_finger_on_solved_can_be_taken_back(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.VERIFIED)
    address = owner.unlock(sent)
    owner.say(address, "confirm")
    owner.get(address)
    assert "点错了？其实没解决" in owner.text()
    assert owner.say(address, "reopen", note="点错了").status_code == 303
    assert _state(app, sent.number) == State.IN_PROGRESS


def test_not_solved_is_two_taps_with_words_that_only_have_to_be_touched(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.VERIFIED)
    address = owner.unlock(sent)
    owner.get(f"{address}?answer=no")
    assert owner.say_again(address, "dispute", **owner.hidden(), still_wrong="part").status_code == 303
    owner.get(address)
    assert "只处理了一部分" in owner.text()
    assert _state(app, sent.number) == State.IN_PROGRESS


def test_not_solved_needs_a_word_or_a_photo_and_goes_back_to_work(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.VERIFIED)
    address = owner.unlock(sent)
    owner.get(f"{address}?answer=no")
    assert "哪里没解决" in owner.text()
    assert owner.say(f"{address}", "dispute").status_code == 422
    assert "请写几个字" in owner.text()
    assert owner.say(address, "dispute", note="还有一半没清").status_code == 303
    assert _state(app, sent.number) == State.IN_PROGRESS
    owner.get(address)
    assert "正在重新处理" in owner.text()


def test_a_closed_case_can_be_reopened_with_a_reason(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.CLOSED)
    address = owner.unlock(sent)
    assert owner.say(address, "reopen", note="").status_code == 422
    assert owner.say(address, "reopen", note="又堆起来了").status_code == 303
    owner.get(address)
    assert sent.number in owner.text()
    assert "您要求继续处理，已重新打开" in owner.text()


def test_a_refused_report_can_be_appealed_once(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, State.DECLINED)
    address = owner.unlock(sent)
    assert owner.say(address, "appeal", note="不是价格问题，是占道").status_code == 303
    owner.get(address)
    assert "已收到您的申诉" in owner.text()
    _act(app, sent, Action.DECLINE, crew[Role.DUTY_LEAD], reason="repeated", channel="none", note="已有案件")
    owner.get(address)
    assert "申诉" not in owner.page.split("还可以做什么")[1]
    with app.app_context():
        version = db.session.scalars(select(Case.version).where(Case.number == sent.number)).one()
    assert owner.say(address, "appeal", note="再来", version=version).status_code == 409
    assert "只能申诉一次" in owner.text()


def test_a_report_can_be_withdrawn(app: Flask, street: Street, crew: Crew, owner: Reporter) -> None:
    sent = _case(app, street, crew, None)
    assert owner.say(owner.unlock(sent), "withdraw").status_code == 303
    assert _state(app, sent.number) == State.WITHDRAWN


def test_staff_actions_are_not_to_be_had_here(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, None)
    address = owner.unlock(sent)
    for action in ("file", "decline", "void", "reveal_phone"):
        assert owner.say(address, action, note="x").status_code == 404
    assert owner.say_again(address, "note", note="x").status_code == 400, "no token"


# ---- when somebody else was faster


def test_a_stale_page_shows_what_changed_and_keeps_the_words(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, None)
    address = owner.unlock(sent)
    owner.get(address)
    form = owner.hidden() | {"note": "算了，已经没了", "photos": upload()}
    with app.app_context():
        factories.walk_to(sent.number, State.IN_PROGRESS, crew)
    assert owner.say_again(address, "note", **form).status_code == 409
    top = owner.page.split("<h1>")[0]
    assert "有了新进展" in top
    assert "综合行政执法队已接单" in top
    assert "您报了这件事" not in top, "only what is new"
    assert "算了，已经没了" in owner.page
    assert len(owner.kept()) == 1
    again = owner.hidden() | {"note": "算了，已经没了", "kept_photo": owner.kept()}
    assert owner.say_again(address, "note", **again).status_code == 303


def test_words_for_a_move_that_is_gone_are_given_back(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, None)
    address = owner.unlock(sent)
    owner.get(address)
    form = owner.hidden() | {"note": "自己清走了"}
    with app.app_context():
        factories.walk_to(sent.number, State.IN_PROGRESS, crew)
    assert owner.say_again(address, "withdraw", **form).status_code == 409
    assert "您刚才写的" in owner.text()
    assert "自己清走了" in owner.page
    assert _state(app, sent.number) == State.IN_PROGRESS


def test_a_second_tap_on_a_move_is_not_an_error(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, None)
    address = owner.unlock(sent)
    owner.get(address)
    form = owner.hidden() | {"note": "在店门左边"}
    assert owner.say_again(address, "note", **form).status_code == 303
    assert owner.say_again(address, "note", **form).status_code == 303
    owner.get(address)
    assert owner.text().count("在店门左边") == 1


# ---- merged reports


def test_a_merged_report_follows_the_main_case(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    main = _case(app, street, crew, State.IN_PROGRESS, text="主案件的话")
    own = _case(app, street, crew, None, text="同一堆纸箱", photos=1)
    _act(app, own, Action.MERGE, crew[Role.OPERATOR], main_case=main.number)
    address = owner.unlock(own)
    owner.get(address)
    assert f"您报的 {own.number} 与同一件事的 {main.number} 合并办理" in owner.text()
    assert "综合行政执法队正在处理。" in owner.text()
    assert "同一堆纸箱" in owner.text()
    assert "主案件的话" not in owner.text()
    assert owner.page.count('alt="处置前的照片"') == 1, "the reporter's own"
    _act(app, main, Action.RESOLVE, crew["ZF"], outcome="fixed", note="已清走", photos=1)
    _act(app, main, Action.PASS, crew[Role.VERIFIER])
    owner.get(address)
    assert "确认：解决了" not in owner.text(), "only who reported first confirms"
    assert owner.say(address, "dispute", note="我这边还有").status_code == 303
    assert _state(app, main.number) == State.IN_PROGRESS


# ---- the phone number


def test_a_number_is_erased_at_once_and_the_case_goes_on(
    app: Flask, street: Street, crew: Crew, owner: Reporter, stranger: Reporter
) -> None:
    sent = _case(app, street, crew, State.IN_PROGRESS, phone="13812345678")
    address = f"/t/{sent.link_key}"
    stranger.get(address)
    assert stranger.say(address, "phone/erase").status_code in (400, 404)
    owner.unlock(sent)
    assert owner.say(address, "phone/erase").status_code == 303
    owner.get(address)
    assert "您的电话已删除。" in owner.text()
    with app.app_context():
        report = db.session.scalars(select(Report)).one()
        assert (report.phone_sealed, report.phone_fingerprint) == ("", "")
    assert _state(app, sent.number) == State.IN_PROGRESS


def test_a_number_can_be_left_later_with_consent(
    app: Flask, street: Street, crew: Crew, owner: Reporter
) -> None:
    sent = _case(app, street, crew, None)
    address = owner.unlock(sent)
    assert owner.say(address, "phone", phone="13812345678").status_code == 422
    assert "请先勾选同意" in owner.text()
    assert owner.say(address, "phone", phone="12", phone_consent="yes").status_code == 422
    assert owner.say(address, "phone", phone="13812345678", phone_consent="yes").status_code == 303
    owner.get(address)
    assert "删除我的电话" in owner.text()
    assert "13812345678" not in owner.page
