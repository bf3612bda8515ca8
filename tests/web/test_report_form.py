import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.factories import Street, upload
from tests.web.reporting import Reporter
from tests.web.staff import signed_in
from tracker.extensions import db
from tracker.models import Case, Report
from tracker.services.habits import learn_habits
from tracker.services.parts import parts

JSON = {"Accept": "application/json"}


def _count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


# ---- the code on the door


def test_a_scanned_code_shows_its_place_and_the_likeliest_troubles_there(
    street: Street, owner: Reporter
) -> None:
    assert owner.get(f"/Q/{street.token}").status_code == 200
    assert "老盛昌汤包馆" in owner.text()
    assert "共和新路 2395 号" in owner.text()
    tiles = owner.page.split("更多类别")[0]
    assert tiles.count('type="radio"') == 8
    assert tiles.index("非机动车") < tiles.index("机动车违停") < tiles.index("堆物")
    assert owner.page.count('type="radio"') == 44


def test_a_code_is_understood_however_it_is_typed(street: Street, owner: Reporter) -> None:
    typed = street.token.lower().replace("0", "o").replace("1", "l")
    assert owner.get(f"/q/{typed}").status_code == 200
    spaced = f"{typed[:3]}-{typed[3:6]} {typed[6:]}"
    assert owner.client.get("/find", query_string={"code": spaced}).location == f"/q/{street.token}"


@pytest.mark.parametrize("wrong", ["abc", "ABCDEFGHU", "00000000Z", "000000000", "x" * 200])
def test_a_mistyped_or_made_up_code_gets_a_plain_page_with_a_box_to_type_it(
    wrong: str, owner: Reporter
) -> None:
    assert owner.get(f"/q/{wrong}").status_code == 404
    assert "编码不对" in owner.text()
    assert "标牌上的编码" in owner.text()
    assert "什么问题" not in owner.text()


def test_a_replaced_label_leads_to_its_successor(app: Flask, street: Street, owner: Reporter) -> None:
    with app.app_context():
        successor = factories.replace_label(street.token)
    answer = owner.client.get(f"/q/{street.token}")
    assert (answer.status_code, answer.location) == (303, f"/q/{successor}")


def test_a_report_written_while_the_label_was_replaced_is_not_lost(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token)
    with app.app_context():
        factories.replace_label(street.token)
    assert owner.send(street.token, form).status_code == 303


def test_a_revoked_label_says_so_and_takes_no_report(app: Flask, street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token)
    with app.app_context():
        factories.revoke_label(street.token)
    assert owner.get(f"/q/{street.token}").status_code == 410
    assert "停用" in owner.text()
    assert owner.send(street.token, form).status_code == 410
    assert _count(app, Case) == 0


# ---- sending


def test_a_report_gets_a_number_a_link_and_a_code_that_is_gone_with_the_receipt(
    street: Street, owner: Reporter
) -> None:
    address = owner.report(street.token)
    assert len(owner.number()) == len("261123-0001")
    assert len(owner.code()) == 4
    assert address in owner.page
    owner.go_on(address)
    assert owner.code() == ""
    assert "已收到，正在看该由谁处理。" in owner.text()


def test_a_reload_or_another_language_does_not_lose_the_code(street: Street, owner: Reporter) -> None:
    address = owner.report(street.token)
    code = owner.code()
    owner.get(address)
    assert owner.code() == code
    owner.get(f"{address}?language=en")
    owner.get(address)
    assert owner.code() == code


def test_a_trouble_filed_by_rule_says_at_once_who_will_come(street: Street, owner: Reporter) -> None:
    owner.report(street.token, category="A1")
    assert "综合行政执法队去处理" in owner.text()


def test_a_double_tap_gives_the_same_number_link_and_code(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token)
    first, second = owner.send(street.token, form), owner.send(street.token, form)
    assert first.location == second.location
    owner.get(second.location)
    assert owner.code()
    assert _count(app, Case) == 1


def test_eight_sendings_at_the_same_moment_open_one_case(app: Flask, street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token)
    cookie = owner.client.get_cookie("device")
    assert cookie is not None
    start, answers = threading.Barrier(8), []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("device", cookie.value)
        start.wait()
        answers.append(client.post(f"/q/{street.token}", data=dict(form), headers=JSON))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_data() for answer in answers}) == 1
    assert _count(app, Case) == 1


def test_the_same_key_with_other_words_is_refused_and_leads_to_the_first_report(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token)
    address = owner.send(street.token, form).location
    assert owner.send(street.token, form | {"text": "另外，灯也坏了"}).status_code == 422
    assert f'href="{address}"' in owner.page
    assert "另外，灯也坏了" in owner.text()
    assert _count(app, Case) == 1
    again = owner.hidden() | {"category": "A5", "text": "另外，灯也坏了"}
    assert owner.send(street.token, again).status_code == 303
    assert _count(app, Case) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"category": ""}, "请选择类别。"),
        ({"category": "Z9"}, "请选择类别。"),
        ({"text": "  "}, "请写几个字，或者附一张照片。"),
        ({"text": "长" * 2001}, "文字太长"),
        ({"phone": "12", "phone_consent": "yes"}, "没有认出这个电话号码"),
        ({"key": "short"}, "页面已过期"),
    ],
)
def test_what_is_missing_is_named_and_nothing_typed_is_lost(
    fields: dict[str, str], words: str, app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token, text="门口的纸箱", phone="138 1234 5678") | fields
    assert owner.send(street.token, form).status_code == 422
    assert words in owner.text()
    assert "错误：" in owner.page.split("</title>")[0]
    assert str(form["text"]).strip() in owner.page
    assert str(form["phone"]) in owner.page
    assert _count(app, Report) == 0


def test_a_form_without_its_token_is_refused(app: Flask, street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token) | {"csrf_token": ""}
    assert owner.send(street.token, form).status_code == 400
    assert _count(app, Case) == 0


# ---- the phone number


def test_the_consent_to_be_phoned_is_not_ticked_beforehand(street: Street, owner: Reporter) -> None:
    owner.get(f"/q/{street.token}")
    consent = owner.page.split('name="phone_consent"')[1].split(">")[0]
    assert "checked" not in consent
    for said in ("谁在用", "为什么", "存什么", "存多久", "删除我的电话", "不留也一样处理"):
        assert said in owner.text()


def test_a_number_without_consent_is_not_kept_and_the_report_is_taken(
    app: Flask, street: Street, owner: Reporter
) -> None:
    owner.report(street.token, phone="13812345678")
    assert "电话没有保存" in owner.text()
    assert owner.code()
    with app.app_context():
        report = db.session.scalars(select(Report)).one()
        assert (report.phone_sealed, report.phone_fingerprint, report.consent_version) == ("", "", "")


def test_a_number_with_consent_is_sealed_with_the_words_agreed_to(
    app: Flask, street: Street, owner: Reporter
) -> None:
    owner.report(street.token, phone="138 1234 5678", phone_consent="yes")
    assert "电话没有保存" not in owner.text()
    with app.app_context():
        report = db.session.scalars(select(Report)).one()
        assert report.phone_sealed
        assert report.consent_version
        assert "13812345678" not in repr(vars(report))


# ---- for programs


def test_a_program_gets_number_link_and_code(street: Street, owner: Reporter) -> None:
    answer = owner.send(street.token, owner.fill(street.token), headers=JSON)
    assert answer.status_code == 201
    assert set(answer.get_json()) == {"number", "url", "code"}
    assert owner.get(answer.get_json()["url"]).status_code == 200


def test_a_program_is_told_what_is_wrong(street: Street, owner: Reporter) -> None:
    answer = owner.send(street.token, owner.fill(street.token, category=""), headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json() == {"problems": {"category": "请选择类别。"}}
    assert owner.send("abc", owner.fill(street.token), headers=JSON).status_code == 404


def test_a_program_that_repeats_itself_with_other_words_is_shown_its_first_report(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token)
    url = owner.send(street.token, form, headers=JSON).get_json()["url"]
    answer = owner.send(street.token, form | {"text": "另外，灯也坏了"}, headers=JSON)
    assert answer.status_code == 422
    assert url.endswith(answer.get_json()["sent_before"])
    assert _count(app, Case) == 1


def test_a_report_that_the_phone_sends_later_has_its_receipt_with_the_code(
    street: Street, owner: Reporter
) -> None:
    told = owner.send(street.token, owner.fill(street.token), headers=JSON).get_json()
    owner.get(urlsplit(told["url"]).path)
    assert (owner.number(), owner.code()) == (told["number"], told["code"])


# ---- times without network


def test_a_report_written_before_the_browser_lost_its_cookies_is_sent_with_a_fresh_token(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    form = owner.fill(street.token)
    assert stranger.send(street.token, form, headers=JSON).status_code == 400
    fresh = stranger.client.get("/form-token", headers=JSON)
    assert "no-store" in fresh.headers["Cache-Control"]
    form |= {"csrf_token": fresh.get_json()["csrf_token"]}
    assert stranger.send(street.token, form, headers=JSON).status_code == 201
    assert _count(app, Case) == 1


def test_the_worker_is_asked_for_anew_and_names_the_scripts_it_goes_with(
    street: Street, owner: Reporter
) -> None:
    worker = owner.client.get("/sw.js")
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    owner.get(f"/q/{street.token}")
    (shelf,) = re.findall(r'data-shelf="([^"]+)"', owner.page)
    assert f"'{shelf}'" in worker.text
    for script in re.findall(r"/static/js/\w+\.js\?v=\w+", owner.page):
        answer = owner.client.get(script, buffered=True)
        assert "immutable" in answer.headers["Cache-Control"], script
        assert "immutable" not in owner.client.get(script + "x", buffered=True).headers["Cache-Control"]


def test_the_form_is_kept_on_the_phone_only_while_blank_and_never_as_staff_see_it(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token, category="")
    assert " data-blank" in owner.page
    owner.send(street.token, form)
    assert " data-blank" not in owner.page
    with app.app_context():
        factories.a_crew()
    secretary = Reporter(signed_in(app, "secretary"))
    secretary.get(f"/q/{street.token}")
    assert " data-staff" in secretary.page


# ---- what a category calls for


def test_danger_protection_and_the_order_of_the_buttons_are_said_without_script_too(
    street: Street, owner: Reporter
) -> None:
    owner.get(f"/q/{street.token}")
    for number in ("119", "110", "120"):
        assert f'href="tel:{number}"' in owner.page.split("什么问题")[0]
    for said in (
        "餐饮油烟、违法搭建：这几类，另外保护报事人",
        "看不到几点几分",
        "这类地方容易出的问题排在前面",
        "其他",
    ):
        assert said in owner.text()
    urgent = re.findall(r'value="(\w+)"[^>]* data-urgent', owner.page)
    guarded = re.findall(r'value="(\w+)"[^>]* data-guarded', owner.page)
    assert sorted(urgent) == ["C1", "C3", "C6", "D1", "E1", "G1", "G2", "G3", "G5"]
    assert sorted(guarded) == ["F3", "F4", "G4"]


def test_once_the_street_has_reported_enough_the_form_says_that_it_goes_by_it(
    app: Flask, street: Street, owner: Reporter
) -> None:
    with app.app_context():
        for n in range(20):
            factories.a_report(street.token, "C7", f"第 {n} 次", device=f"phone {n}", at=factories.MORNING)
        assert learn_habits(factories.MORNING + timedelta(days=1, minutes=1)) == 20
        assert learn_habits(factories.MORNING + timedelta(days=1, minutes=1)) == 0
    owner.get(f"/q/{street.token}")
    first = owner.page.split('class="tile"')[1]
    assert 'value="C7"' in first
    assert "共和新路上和这类地方常报的排在前面" in owner.text()


# ---- language


def test_the_language_changes_by_a_link_and_leads_back(street: Street, owner: Reporter) -> None:
    answer = owner.client.get("/language/en", query_string={"next": f"/q/{street.token}"})
    assert answer.location == f"/q/{street.token}"
    owner.get(answer.location)
    assert "Illegal car parking" in owner.text()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:1", ""]
)
def test_the_language_link_never_leads_to_another_site(elsewhere: str, owner: Reporter) -> None:
    assert owner.client.get("/language/en", query_string={"next": elsewhere}).location == "/"


def test_the_front_page_takes_a_typed_code(street: Street, owner: Reporter) -> None:
    assert owner.get("/").status_code == 200
    assert "扫码" in owner.text()
    assert owner.get(f"/find?code={street.token}").status_code == 200
    assert "什么问题" in owner.text()


def test_a_full_disk_gives_the_form_back_and_later_takes_the_report(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token)
    with app.app_context():
        store = parts().photo_store
    store._floor_bytes = 1 << 62
    answer = owner.send(street.token, form | {"photos": upload()})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "存储空间不足" in owner.text()
    assert "纸箱堆在人行道上" in owner.text()
    assert _count(app, Case) == 0
    store._floor_bytes = 0
    assert owner.send(street.token, form | {"photos": upload()}).status_code == 303
