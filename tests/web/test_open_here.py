"""更严重了, 已经没了, 都不是: the other answers to what is open already. Buttons of the same form, without script."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.factories import Street, upload
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, form_in, resend, send, signed_in, statements, text_of
from tests.web.test_joining import JSON, offered, opened, reports
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db
from tracker.models import Case, Difference


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A street with its staff."""
    return a_desk(app)


def case_of(app: Flask, number: str) -> Case:
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.number == number)).one()
        db.session.expunge_all()
        return case


def differences(app: Flask) -> list[tuple[str, str]]:
    """(number of the case that was offered, category of what was sent instead)."""
    with app.app_context():
        asked = select(Case.number, Difference.category).join(Case, Case.id == Difference.case_id)
        return [(number, category) for number, category in db.session.execute(asked.order_by(Difference.id))]


# ---- what the cards offer


def test_each_card_has_three_answers_and_the_list_one_for_none_of_them(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = [opened(app, street), opened(app, street)]
    owner.get(f"/q/{street.token}")
    for name in ("case", "worse", "gone"):
        assert owner.page.count(f'name="{name}" value="') == 2
    assert f'name="different" value="{sent[1].number} {sent[0].number}"' in owner.page
    assert owner.page.count("都不是，我的不一样") == 1


def test_where_there_is_a_result_already_only_me_too_is_offered(desk: Desk, owner: Reporter) -> None:
    desk.case_in(State.RESOLVED)
    owner.get(f"/q/{desk.street.token}")
    assert "我也遇到了" in owner.text()
    assert 'name="worse"' not in owner.page
    assert 'name="gone"' not in owner.page


# ---- worse


def test_worse_from_a_new_phone_joins_with_words_and_photo(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street)
    form = owner.fill(street.token, category="", text="堵到马路上了") | {
        "worse": sent.number,
        "photos": upload(),
    }
    answer = owner.send(street.token, form)
    owner.get(answer.location)
    assert owner.number() == sent.number
    owner.go_on(answer.location)
    assert "您说：更严重了" in owner.text()
    assert "堵到马路上了" in owner.text()
    case = case_of(app, sent.number)
    assert (case.voices, case.worse) == (2, 1)
    assert owner.send(street.token, form | {"photos": upload()}).location == answer.location
    assert case_of(app, sent.number).worse == 1


def test_worse_from_the_phone_that_reported_it_goes_to_its_own_page(
    app: Flask, street: Street, owner: Reporter
) -> None:
    address = owner.report(street.token)
    number = owner.number()
    owner.go_on(address)
    form = owner.fill(street.token, category="", text="") | {"worse": number}
    assert owner.send(street.token, form).location == f"{address}?progress=1"
    owner.get(f"{address}?progress=1")
    assert "记下了：更严重了" in owner.text()
    assert (case_of(app, number).voices, case_of(app, number).worse) == (1, 1)


# ---- gone


def test_gone_says_thank_you_and_leaves_no_report(app: Flask, street: Street, owner: Reporter) -> None:
    sent = opened(app, street, "A5")
    form = owner.fill(street.token, category="", text="") | {"gone": sent.number}
    thanks = f"/q/{street.token}/thanks"
    assert [owner.send(street.token, form).location for _double_tap in range(2)] == [thanks, thanks]
    owner.get(thanks)
    assert "记下了，谢谢" in owner.text()
    assert "有人到现场看" in owner.text()
    assert sent.number not in owner.page
    assert reports(app) == 1
    case = case_of(app, sent.number)
    assert (case.gone, case.voices, case.state) == (1, 1, "reported")


def test_whoever_opened_it_is_told_and_whoever_says_so_of_his_own_is_led_to_his_page(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    address = owner.report(street.token)
    number = owner.number()
    owner.go_on(address)
    stranger.send(street.token, stranger.fill(street.token, text="早没了") | {"gone": number})
    owner.get(address)
    assert "有人说已经没了，会派人去看。 还在的话，请在这里告诉我们" in owner.text()
    assert "有人说：已经没了。会有人去看" in owner.text()
    assert "早没了" not in owner.page
    answer = owner.send(street.token, owner.fill(street.token, text="") | {"gone": number})
    assert answer.location == f"{address}?progress=1"
    owner.get(answer.location)
    assert "记下了：您说已经没了" in owner.text()
    assert "还在的话，请在这里告诉我们" not in owner.text()
    assert case_of(app, number).gone == 2


def test_gone_by_the_outbox_and_of_what_ended_or_does_not_exist(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street, "A5")
    answer = owner.send(street.token, owner.fill(street.token, text="") | {"gone": sent.number}, headers=JSON)
    assert answer.status_code == 201
    assert answer.get_json()["url"].endswith(f"/q/{street.token}/thanks")
    with app.app_context():
        factories.walk_to(sent.number, State.DECLINED, factories.a_crew())
    for number, words in ((sent.number, "这件事已经办完"), ("261123-9999", "没有这件事")):
        form = owner.fill(street.token, text="我写了这些") | {"gone": number}
        assert owner.send(street.token, form).status_code == 422
        assert words in owner.text()
        assert "我写了这些" in owner.page


# ---- none of these


def test_none_of_these_sends_the_own_report_and_is_remembered_and_not_asked_again(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    bikes, goods = opened(app, street, "A1"), opened(app, street, "A5")
    form = owner.fill(street.token, category="A5", text="另外一堆")
    form |= {"different": f"{goods.number} {bikes.number}"}
    answer = owner.send(street.token, form)
    assert answer.status_code == 303
    owner.get(answer.location)
    own = owner.number()
    assert own not in (bikes.number, goods.number)
    assert sorted(differences(app)) == [(bikes.number, "A5"), (goods.number, "A5")]
    assert owner.send(street.token, form).location == answer.location
    owner.get(f"/q/{street.token}")
    assert offered(owner) == [own]
    assert owner.get(f"/q/{street.token}/similar?category=A5").status_code == 200
    assert goods.number not in owner.page
    stranger.get(f"/q/{street.token}")
    assert set(offered(stranger)) == {bikes.number, goods.number, own}


def test_none_of_these_before_the_form_is_filled_in_is_no_mistake(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street)
    form = owner.fill(street.token, category="", text="") | {"different": sent.number, "photos": upload()}
    answer = owner.send(street.token, form)
    assert answer.status_code == 200
    assert "好的，按新的一件报" in owner.text()
    assert "错误：" not in owner.text()
    assert offered(owner) == []
    assert len(owner.kept()) == 1
    again = owner.hidden() | {"category": "A5", "text": "另外一堆", "kept_photo": owner.kept()}
    assert again["refused"] == sent.number
    assert owner.send(street.token, again).status_code == 303
    assert differences(app) == [(sent.number, "A5")]


def test_what_is_wrong_for_another_reason_is_said_as_ever(
    app: Flask, street: Street, owner: Reporter
) -> None:
    sent = opened(app, street)
    form = owner.fill(street.token, phone="12345", phone_consent="yes") | {"different": sent.number}
    assert owner.send(street.token, form).status_code == 422
    assert owner.hidden()["refused"] == sent.number
    assert reports(app) == 1


def test_numbers_that_cannot_have_been_offered_teach_nothing(
    app: Flask, street: Street, owner: Reporter
) -> None:
    private = opened(app, street, "J3")
    with app.app_context():
        far = factories.a_report(factories.a_place(spot=(31.39, 121.455)))
    numbers = f"{private.number} {far.number} 261123-9999 <b>x</b>"
    assert owner.send(street.token, owner.fill(street.token) | {"different": numbers}).status_code == 303
    assert differences(app) == []


def test_whoever_does_not_answer_just_sends(app: Flask, street: Street, owner: Reporter) -> None:
    opened(app, street)
    assert owner.send(street.token, owner.fill(street.token)).status_code == 303
    assert reports(app) == 2
    assert differences(app) == []


def test_the_answer_costs_two_statements_more(app: Flask, street: Street, owner: Reporter) -> None:
    sent = [opened(app, street).number for _ in range(3)]
    form = owner.fill(street.token) | {"different": " ".join(sent)}
    with statements(app) as seen:
        assert owner.send(street.token, form).status_code == 303
    assert len(seen) <= 14, seen


# ---- at the desk


def test_the_desk_sees_what_is_said_and_the_verifier_answers(
    app: Flask, desk: Desk, owner: Reporter, stranger: Reporter
) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    token = desk.street.token
    stranger.send(token, stranger.fill(token, text="早没了") | {"gone": number})
    owner.send(token, owner.fill(token, text="满地都是") | {"worse": number})
    handler, verifier = signed_in(app, "handler-zf"), signed_in(app, "verifier-jw")
    for view in ("all", "worse"):
        assert "1 人说更严重了" in text_of(handler.get(f"/desk?show={view}"))
    assert "有人说更严重了" in text_of(handler.get("/desk"))
    listed = text_of(verifier.get("/desk?show=gone"))
    assert number in listed
    assert "1 人说已经没了，" in listed
    assert 'href="/desk?show=gone"' in text_of(verifier.get("/desk"))
    page = text_of(verifier.get(f"/desk/cases/{number}"))
    for words in ("等核查员到现场看", "路过的人", "早没了", "满地都是"):
        assert words in page
    assert send(verifier, number, Action.SEEN_GONE, note="清空了", photos=upload()).status_code == 303
    seen = text_of(handler.get(f"/desk/cases/{number}"))
    assert "到现场看过：已经没了。承办单位可以以“现场未发现”办结" in seen
    assert '<option value="not_found" selected>' in seen
    verifier.get(f"/desk/cases/{number}")
    assert "也遇到了，没有另写文字" not in seen
    assert number not in text_of(verifier.get("/desk?show=gone"))


def test_a_verifier_sent_to_check_what_was_seen_gone_has_his_words_and_photo_at_hand(
    app: Flask, desk: Desk, owner: Reporter
) -> None:
    sent = desk.report()
    owner.send(desk.street.token, owner.fill(desk.street.token, text="") | {"gone": sent.number})
    verifier, operator = signed_in(app, "verifier-jw"), signed_in(app, "operator")
    assert send(verifier, sent.number, Action.SEEN_GONE, note="清空了", photos=upload()).status_code == 303
    assert "请派核实，由核查员以“未发现”了结" in text_of(operator.get(f"/desk/cases/{sent.number}"))
    assert send(operator, sent.number, Action.CHECK).status_code == 303
    page = text_of(verifier.get(f"/desk/cases/{sent.number}"))
    form = form_in(page, Action.NOT_FOUND)
    kept = re.findall(r'name="kept_photo" value="([^"]+)"', page)
    assert len(kept) == 1
    assert page.count("清空了</textarea>") == 1
    answer = resend(verifier, sent.number, Action.NOT_FOUND, form | {"note": "清空了", "kept_photo": kept})
    assert answer.status_code == 303
    assert case_of(app, sent.number).state == State.DECLINED


def test_whoever_joined_is_told_of_every_stage_on_his_page_and_may_say_that_it_is_not_solved(
    app: Flask, desk: Desk, owner: Reporter
) -> None:
    sent = desk.report()
    token = desk.street.token
    form = owner.fill(token, category="", text="") | {"case": sent.number}
    address = owner.send(token, form).location
    owner.go_on(address)
    with app.app_context():
        factories.walk_to(sent.number, State.VERIFIED, desk.crew)
    owner.get(address)
    for words in ("已受理", "已接单，开始处理", "核查，通过了", "由最先报的人来确认"):
        assert words in owner.text()
    assert owner.say(address, "dispute", note="还在").status_code == 303
    with app.app_context():
        factories.take(sent.number, Action.NOTE, by=desk.crew[Role.OPERATOR], note="看过")
    owner.get(address)
    assert "正在重新处理" in owner.text()
