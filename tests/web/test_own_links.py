"""The link as its owner's own: another phone, a new link, none at all; and the list of what a phone has sent."""

import re

from flask import Flask
from sqlalchemy import func, select, update

from tests import factories
from tests.factories import Street
from tests.web.reporting import Reporter
from tests.web.staff import statements
from tracker.domain.lifecycle import State
from tracker.extensions import db, transaction
from tracker.models import HistoryRow, LinkPairing, Report

CODE = re.compile(r'class="code-big">([0-9A-Z]{4}-[0-9A-Z]{4})<')
NUMBER = re.compile(r"\d{6}-\d{4}")


def _pairing_code(phone: Reporter, address: str) -> str:
    """Press the button on the owner's page; the code that is shown."""
    phone.get(f"{address}/phones")
    answer = phone.say_again(address, "phones/pair", **phone.hidden())
    assert answer.status_code == 303, phone.text()
    phone.get(answer.location)
    found = CODE.search(phone.page)
    assert found, phone.text()
    return found[1]


def _open_here(phone: Reporter, code: str) -> str:
    """Type the code on another phone; where it leads, or nothing."""
    phone.get("/mine/open")
    answer = phone.client.post("/mine/open", data=phone.hidden() | {"code": code})
    phone.page = answer.get_data(as_text=True)
    return str(answer.location or "")


def _press(phone: Reporter, address: str, action: str) -> str:
    """One of the buttons of the owner's page; where it leads."""
    phone.get(f"{address}/phones")
    answer = phone.say_again(address, f"phones/{action}", **phone.hidden())
    assert answer.status_code == 303, phone.text()
    return str(answer.location)


# ---- another phone


def test_a_code_from_the_first_phone_opens_the_report_on_another_which_then_may_speak(
    street: Street, owner: Reporter, stranger: Reporter
) -> None:
    address = owner.report(street.token)
    code = _pairing_code(owner, address)
    assert "<svg" in owner.page.split("code-picture")[2], "to be scanned too"
    assert code in owner.page, "a reload keeps it"
    assert _open_here(stranger, f" {code.lower()} ").startswith(f"{address}?")
    assert stranger.say(address, "note", note="在店门左边").status_code == 303
    owner.get(f"{address}/phones")
    assert "2 部手机" in owner.text()
    assert "这个链接是" not in owner.text(), "it is still the first one"


def test_a_code_works_once_and_a_newer_one_ends_it(
    street: Street, owner: Reporter, stranger: Reporter, app: Flask
) -> None:
    address = owner.report(street.token)
    first, second = _pairing_code(owner, address), _pairing_code(owner, address)
    assert not _open_here(stranger, first)
    assert _open_here(stranger, second)
    assert not _open_here(Reporter(app.test_client()), second)
    with app.app_context():
        assert db.session.scalars(select(func.count()).select_from(LinkPairing)).one() == 0


def test_a_scanned_code_is_filled_in_and_pressing_is_what_uses_it(
    street: Street, owner: Reporter, stranger: Reporter
) -> None:
    code = _pairing_code(owner, owner.report(street.token))
    stranger.get(f"/mine/open?code={code.replace('-', '')}")
    assert f'value="{code.replace("-", "")}"' in stranger.page
    stranger.get(f"/mine/open?code={code.replace('-', '')}")
    assert _open_here(stranger, code), "looking used nothing up"


def test_who_only_has_the_link_makes_no_codes_and_ends_nothing(
    street: Street, owner: Reporter, stranger: Reporter
) -> None:
    address = owner.report(street.token)
    stranger.get(address)
    assert stranger.get(f"{address}/phones").status_code == 404
    stranger.get(address)
    form = stranger.hidden()
    for action in ("pair", "renew", "revoke"):
        assert stranger.say_again(address, f"phones/{action}", **form).status_code == 404
    assert owner.get(address).status_code == 200


# ---- a new link, or none


def test_a_new_link_ends_the_old_one_its_code_and_every_other_phone(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    old = owner.report(street.token)
    old_code, number = owner.code(), owner.number()
    assert _open_here(stranger, _pairing_code(owner, old))
    new = _press(owner, old, "renew").removesuffix("/phones")
    assert new != old
    owner.get(f"{new}/phones")
    new_code = owner.code()
    assert new_code
    assert "1 部手机" in owner.text()
    assert "这个链接是" in owner.text()
    looks = [(stranger.get(each).status_code, stranger.text()) for each in ("/t/" + "A" * 32, old)]
    assert looks[0] == looks[1], "wrong and ended look the same"
    assert looks[0][0] == 404
    stranger.get("/mine")
    assert number not in stranger.text()
    assert "补充情况" not in (stranger.get(new), stranger.text())[1], "may look with the new link, not speak"
    if old_code != new_code:
        assert stranger.say(new, "code", code=old_code).status_code == 422
    assert stranger.say(new, "code", code=new_code).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(func.count()).select_from(HistoryRow)).one() == 1, (
            "no move of the case"
        )


def test_the_owner_is_led_on_from_the_old_link_and_a_second_tap_ends_nothing_more(
    street: Street, owner: Reporter
) -> None:
    old = owner.report(street.token)
    owner.get(f"{old}/phones")
    form = owner.hidden()
    new = owner.say_again(old, "phones/renew", **form).location
    assert owner.say_again(old, "phones/renew", **form).location == new
    assert owner.client.get(old).location == new.removesuffix("/phones")


def test_sending_the_same_report_again_after_a_new_link_leads_its_sender_there_and_nobody_else(
    street: Street, owner: Reporter, stranger: Reporter
) -> None:
    form = owner.fill(street.token)
    old = owner.send(street.token, form).location
    owner.get(old)
    new = _press(owner, old, "renew").removesuffix("/phones")
    assert owner.send(street.token, form).location == new
    stranger.get(f"/q/{street.token}")
    same = form | {"csrf_token": stranger.hidden()["csrf_token"]}
    assert stranger.send(street.token, same).status_code == 422
    assert "这份上报已经提交过了" in stranger.text()
    assert new not in stranger.page


def test_an_ended_link_opens_nothing_until_its_owner_makes_one_on_his_phone(
    street: Street, owner: Reporter, stranger: Reporter
) -> None:
    address = owner.report(street.token)
    number = owner.number()
    assert _press(owner, address, "revoke") == "/mine"
    assert owner.get(address).status_code == 404
    owner.get("/mine")
    assert number in owner.text()
    assert "链接已停用" in owner.text()
    assert address not in owner.page
    report_id = owner.page.split("/mine/")[1].split("/")[0]
    stranger.get("/mine/open")
    form = stranger.hidden()
    assert stranger.client.post(f"/mine/{report_id}/link", data=form).status_code == 404
    owner.get("/mine")
    answer = owner.client.post(f"/mine/{report_id}/link", data=owner.hidden())
    owner.get(answer.location)
    assert owner.code()
    assert owner.get(answer.location.removesuffix("/phones")).status_code == 200
    assert address not in owner.page


# ---- what this phone has sent


def test_my_reports_are_mine_alone_what_waits_for_me_first(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    with app.app_context():
        crew = factories.a_crew()
    numbers = []
    for text in ("先报的", "后报的"):
        owner.report(street.token, text=text)
        numbers.append(owner.number())
    stranger.report(street.metro_token)
    others = stranger.number()
    with app.app_context():
        factories.walk_to(numbers[0], State.VERIFIED, crew)
    answer = owner.get("/mine")
    told = owner.text()
    assert told.index("等您回答") < told.index(numbers[0]) < told.index(numbers[1])
    assert "请您说：解决了没有" in told
    assert others not in told
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    newest = owner.page.split(numbers[1])[0].rsplit('href="', 1)[1].split('"')[0]
    owner.get(newest)
    assert numbers[1] in owner.text()
    assert "您还有 1 件事等您回答" in owner.text()


def test_a_long_list_is_turned_page_by_page_in_few_statements(
    app: Flask, street: Street, owner: Reporter
) -> None:
    owner.report(street.token)
    with app.app_context():
        own = db.session.scalars(select(Report.device_hash)).one()
        for count in range(24):
            factories.a_report(street.token, text=f"第 {count} 件")
        with transaction():
            db.session.execute(update(Report).values(device_hash=own))
    with statements(app) as ran:
        owner.get("/mine")
    assert len(ran) == 1, ran
    first, older = NUMBER.findall(owner.text()), re.search(r'rel="next" href="([^"]+)"', owner.page)
    assert len(first) == 20
    assert older
    owner.get(older[1])
    assert len({*first, *NUMBER.findall(owner.text())}) == 25


def test_a_phone_that_is_given_away_shows_nothing_any_more(street: Street, owner: Reporter) -> None:
    address = owner.report(street.token)
    number = owner.number()
    owner.get("/mine")
    assert number in owner.text()
    assert owner.client.post("/mine/forget", data=owner.hidden()).status_code == 303
    owner.get("/mine")
    assert number not in owner.text()
    owner.get(address)
    assert "补充情况" not in owner.text(), "looking is all that is left"
