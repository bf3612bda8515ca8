from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import PASSWORD, upload
from tests.web.staff import (
    Desk,
    a_desk,
    form_for,
    form_in,
    resend,
    send,
    signed_in,
    text_of,
    try_sign_in,
)
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import now


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def state_of(app: Flask, number: str) -> str:
    """As the operator's page says it."""
    title = text_of(signed_in(app, "operator").get(f"/desk/cases/{number}")).split("<title>")[1]
    return title.split("</title>")[0].split(" · ")[1]


def test_the_whole_loop_is_walked_on_the_pages(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    operator, handler = signed_in(app, "operator"), signed_in(app, "handler-zf")
    done = send(operator, number, Action.FILE, category="A5")
    assert (done.status_code, done.location) == (303, f"/desk/cases/{number}")
    assert f"{number}：立案，已保存。" in text_of(operator.get(done.location))
    assert send(operator, number, Action.DISPATCH, lead="ZF", co=["LR"]).status_code == 303
    assert send(handler, number, Action.SIGN).status_code == 303
    resolved = send(
        handler, number, Action.RESOLVE, outcome="fixed", note="清走了", photos=[upload(), upload()]
    )
    assert resolved.status_code == 303
    assert send(signed_in(app, "verifier-jw"), number, Action.PASS).status_code == 303
    page = text_of(operator.get(f"/desk/cases/{number}"))
    assert "待回访" in page
    assert "处置后" in page
    assert "协办：绿化市容所" in page


def _tomorrow(app: Flask, days: int = 1) -> str:
    with app.app_context():
        return (now() + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize(
    ("login", "start", "action", "fields", "reached"),
    [
        ("operator", None, Action.ASK_INFO, {"note": "请问在门左边还是右边？"}, "待补充"),
        ("operator", None, Action.CHECK, {}, "待核实"),
        ("operator", None, Action.FIX_ON_SPOT, {"photos": "photo"}, "待回访"),
        ("operator", None, Action.DECLINE, {"reason": "consumer", "channel": "12315"}, "不予受理"),
        ("verifier-jw", State.CHECKING, Action.FOUND, {"note": "确有堆物"}, "待派遣"),
        (
            "verifier-jw",
            State.CHECKING,
            Action.NOT_FOUND,
            {"note": "已没有了", "photos": "photo"},
            "不予受理",
        ),
        (
            "handler-zf",
            State.DISPATCHED,
            Action.REQUEST_RETURN,
            {"note": "不归我们", "suggested": "LR"},
            "退单申请",
        ),
        ("duty_lead", State.RETURN_REQUESTED, Action.GRANT_RETURN, {}, "待派遣"),
        ("duty_lead", State.RETURN_REQUESTED, Action.REFUSE_RETURN, {"note": "仍归你们"}, "待签收"),
        ("handler-zf", State.IN_PROGRESS, Action.CONTACT, {"note": "约好了"}, "处置中"),
        (
            "handler-zf",
            State.IN_PROGRESS,
            Action.REQUEST_EXTENSION,
            {"note": "缺车", "on": "in 3 days"},
            "处置中",
        ),
        (
            "supervisor",
            State.IN_PROGRESS,
            Action.HOLD,
            {"reason": "works", "on": "in 3 days", "note": "等施工"},
            "挂账",
        ),
        ("supervisor", State.ON_HOLD, Action.RESUME, {}, "处置中"),
        ("verifier-jw", State.RESOLVED, Action.FAIL, {"note": "还有一半"}, "处置中"),
        ("secretary", State.CLOSED, Action.REOPEN, {"note": "又堆上了"}, "处置中"),
        ("duty_lead", State.FILED, Action.VOID, {"note": "测试"}, "已作废"),
        ("operator", State.FILED, Action.NOTE, {"note": "店主来过电话"}, "待派遣"),
    ],
)
def test_every_action_works_from_its_form(
    app: Flask,
    desk: Desk,
    login: str,
    start: State | None,
    action: Action,
    fields: dict[str, str],
    reached: str,
) -> None:
    number = desk.case_in(start) if start else desk.report().number
    typed = {
        name: {"photo": upload(), "in 3 days": _tomorrow(app, 3)}.get(value, value)
        for name, value in fields.items()
    }
    answer = send(signed_in(app, login), number, action, **typed)
    assert answer.status_code == 303, text_of(answer)
    assert state_of(app, number) == reached


def test_extensions_are_granted_or_refused_from_the_page(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    handler, lead = signed_in(app, "handler-zf"), signed_in(app, "duty_lead")
    send(handler, number, Action.REQUEST_EXTENSION, note="缺车", on=_tomorrow(app, 3))
    assert "申请延期至" in text_of(lead.get(f"/desk/cases/{number}"))
    send(lead, number, Action.REFUSE_EXTENSION, note="不批")
    send(handler, number, Action.REQUEST_EXTENSION, note="缺车", on=_tomorrow(app, 3))
    send(lead, number, Action.GRANT_EXTENSION)
    assert "批准的期限" in text_of(handler.get(f"/desk/cases/{number}"))


def test_cases_are_merged_and_split_from_the_page(app: Flask, desk: Desk) -> None:
    main, other = desk.report().number, desk.report().number
    operator = signed_in(app, "operator")
    wrong = send(operator, other, Action.MERGE, main_case="999999-9999")
    assert wrong.status_code == 422
    assert "没有这个编号的其他案件。" in text_of(wrong)
    assert send(operator, other, Action.MERGE, main_case=main).status_code == 303
    assert state_of(app, other) == "已并案"
    assert send(signed_in(app, "duty_lead"), other, Action.SPLIT).status_code == 303
    assert state_of(app, other) == "待受理"


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_is_kept(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    answer = send(signed_in(app, "operator"), number, Action.DECLINE, note="请打热线", reason="consumer")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "<title>错误：" in page
    assert 'href="#decline-channel">请选择应去的渠道。' in page
    assert '<option value="consumer" selected>' in page
    assert "请打热线</textarea>" in page
    assert 'id="action-decline" open' in page
    assert state_of(app, number) == "待受理"


def test_photos_are_kept_when_something_else_is_missing(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    handler = signed_in(app, "handler-zf")
    first = send(handler, number, Action.RESOLVE, outcome="fixed", photos=upload())
    page = text_of(first)
    assert first.status_code == 422
    assert 'name="kept_photo"' in page
    kept = page.split('name="kept_photo" value="')[1].split('"')[0]
    again = form_in(page, Action.RESOLVE) | {"outcome": "fixed", "note": "清走了", "kept_photo": kept}
    assert resend(handler, number, Action.RESOLVE, again).status_code == 303
    assert state_of(app, number) == "待核查"


def test_a_picture_that_is_none_is_refused_in_words_and_the_text_is_kept(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    handler = signed_in(app, "handler-zf")
    answer = send(
        handler, number, Action.RESOLVE, outcome="fixed", note="清走了", photos=upload(b"GIF89a no picture")
    )
    assert answer.status_code == 422
    assert "第 1 张" in text_of(answer)
    assert "清走了</textarea>" in text_of(answer)


def test_words_beyond_all_bounds_are_refused_and_kept(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    answer = send(signed_in(app, "operator"), number, Action.NOTE, note="长" * 2001)
    assert answer.status_code == 422
    assert "文字太长" in text_of(answer)
    assert "长" * 2001 in text_of(answer)


def test_a_stale_page_is_shown_what_changed_and_keeps_the_words(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.FILED)
    operator = signed_in(app, "operator")
    old = form_for(operator, number, Action.NOTE) | {"note": "店主来过电话"}
    desk.take(number, Action.DISPATCH, Role.OPERATOR, lead="LR")
    answer = resend(operator, number, Action.NOTE, old)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "案件已有变化" in page
    assert "派遣 → 待签收" in page
    assert "店主来过电话</textarea>" in page
    fresh = form_in(page, Action.NOTE) | {"note": "店主来过电话"}
    assert resend(operator, number, Action.NOTE, fresh).status_code == 303


def test_words_for_an_action_that_is_no_longer_possible_are_given_back(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    operator = signed_in(app, "operator")
    old = form_for(operator, number, Action.DECLINE) | {
        "note": "写了很久的说明",
        "reason": "consumer",
        "channel": "12315",
    }
    desk.take(number, Action.FILE, Role.OPERATOR, category="A5")
    answer = resend(operator, number, Action.DECLINE, old)
    assert answer.status_code == 409
    assert "您写的内容（没有保存）" in text_of(answer)
    assert "写了很久的说明" in text_of(answer)


def test_pressing_twice_does_it_once_and_says_so_once(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    operator = signed_in(app, "operator")
    form = form_for(operator, number, Action.CHECK)
    assert resend(operator, number, Action.CHECK, form).status_code == 303
    assert resend(operator, number, Action.CHECK, form).status_code == 303
    assert text_of(operator.get(f"/desk/cases/{number}")).count("派核实 → 待核实") == 1


def test_an_action_that_the_state_does_not_allow_is_refused_in_words(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    operator = signed_in(app, "operator")
    form = form_for(operator, number, Action.FILE)
    answer = resend(operator, number, Action.DISPATCH, form | {"lead": "ZF"})
    assert answer.status_code == 409
    assert "案件已不在可以这样办理的状态。" in text_of(answer)


def test_a_department_from_nowhere_is_refused(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.FILED)
    answer = send(signed_in(app, "operator"), number, Action.DISPATCH, lead="XX")
    assert answer.status_code == 422
    assert "请选择名单中的单位" in text_of(answer)


def test_choices_show_in_the_preview_without_script_and_save_nothing(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    answer = send(
        signed_in(app, "operator"),
        number,
        Action.DECLINE,
        reason="consumer",
        channel="12315",
        note="小票请留好。",
        preview="yes",
    )
    assert answer.status_code == 200
    assert "不予受理：这是消费纠纷。请拨打 12315（消费者投诉）。小票请留好。" in text_of(answer)
    assert state_of(app, number) == "待受理"


@pytest.mark.parametrize("action", ["nonsense", "report", "confirm", "lapse", "show"])
def test_what_no_member_of_staff_may_do_is_not_there(app: Flask, desk: Desk, action: str) -> None:
    number = desk.report().number
    operator = signed_in(app, "operator")
    form = form_for(operator, number, Action.FILE)
    assert operator.post(f"/desk/cases/{number}/{action}", data=form).status_code == 404


def test_a_form_from_another_site_changes_nothing(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    answer = signed_in(app, "operator").post(f"/desk/cases/{number}/check", data={"version": "1"})
    assert answer.status_code == 400
    assert state_of(app, number) == "待受理"


def test_the_supervisor_looks_and_the_handler_may_go_on(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.RESOLVED)
    for attempt in range(3):
        desk.take(number, Action.FAIL, Role.VERIFIER, note="没清干净")
        if attempt < 2:
            desk.take(number, Action.RESOLVE, "ZF", outcome="fixed", note="清了", photos=1)
    assert send(signed_in(app, "supervisor"), number, Action.LOOK, note="明天我到现场").status_code == 303
    handler = signed_in(app, "handler-zf")
    resolved = send(handler, number, Action.RESOLVE, outcome="fixed", note="清干净了", photos=upload())
    assert resolved.status_code == 303


def test_whoever_signs_in_again_after_sending_comes_back_to_the_case(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    operator = signed_in(app, "operator")
    form = form_for(operator, number, Action.CHECK)
    operator.delete_cookie("desk")
    turned_away = resend(operator, number, Action.CHECK, form)
    assert turned_away.location == f"/login?next=/desk/cases/{number}/check"
    onward = try_sign_in(operator, "operator", PASSWORD, f"/desk/cases/{number}/check").location
    assert operator.get(onward).location == f"/desk/cases/{number}"


def test_a_form_that_came_back_is_the_first_thing_to_act_on(app: Flask, desk: Desk) -> None:
    page = text_of(send(signed_in(app, "operator"), desk.report().number, Action.DECLINE))
    assert page.index('id="action-decline" open') < page.index('id="action-file"')
    assert "next=/desk/cases/" in page
    assert "/decline" not in page.split("<main")[0], "the language links lead to the page of the case"


def test_reporters_words_stay_words(app: Flask, desk: Desk) -> None:
    number = desk.report(text="<script>alert(1)</script><b>粗</b>").number
    page = signed_in(app, "operator").get(f"/desk/cases/{number}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_reporters_private_page_reads_what_the_preview_promised(app: Flask, desk: Desk) -> None:
    sent = desk.report()
    send(signed_in(app, "operator"), sent.number, Action.ASK_INFO, note="请问在门左边还是右边？")
    assert "请问在门左边还是右边？" in text_of(app.test_client().get(f"/t/{sent.link_key}"))
