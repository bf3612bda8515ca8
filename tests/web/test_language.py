"""English pages are English through and through, and people get the language they chose."""

import ast
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from tests import factories
from tests.factories import Sent, Street, upload
from tests.unit.test_translations import CHINESE, OWN_NAME
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, form_in, resend, signed_in, text_of, try_sign_in
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import now
from tracker.web import errors

STAFF = ("operator", "handler-zf", "verifier-jw", "duty_lead", "supervisor", "secretary")
MOMENT = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2} \d{2}:\d{2}\b")
TO_CHINESE_READERS = re.compile(r'<p class="message-ahead" lang="zh-CN">.*?</p>', re.DOTALL)
"""What colleagues and reporters who read Chinese will be sent, as it will be sent."""
OFFERED = re.compile(r'id="action-(\w+)"')


def _typed_by_people() -> list[str]:
    """Names of places and people, and texts, which stay as they are: every Chinese word of the factories."""
    tree = ast.parse(Path(factories.__file__).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    chinese = {text for text in texts if isinstance(text, str) and CHINESE.search(text)}
    return sorted(chinese | {Config.office_name, OWN_NAME}, key=len, reverse=True)


DATA = _typed_by_people()


def chinese_in(page: str) -> list[str]:
    """The lines of a page that hold Chinese other than data."""
    page = TO_CHINESE_READERS.sub("", page)
    for text in DATA:
        page = page.replace(text, "")
    return [line.strip() for line in page.splitlines() if CHINESE.search(line)]


def must_be_english(answer: TestResponse, *statuses: int) -> str:
    """Check an answer's status and language; its page."""
    assert answer.status_code in (statuses or (200,)), answer.request.path
    page = unescape(answer.get_data(as_text=True))
    assert chinese_in(page) == [], answer.request.path
    assert '<html lang="en">' in page
    return page


def in_english(client: FlaskClient) -> FlaskClient:
    """The same browser after a tap on "English"."""
    assert client.get("/language/en").status_code == 303
    return client


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def reader(app: Flask) -> Reporter:
    """Somebody who reads English."""
    return Reporter(in_english(app.test_client()))


def case_in(app: Flask, desk: Desk, state: State) -> Sent:
    """A case in any state, with a photo where one is asked for."""
    sent = desk.report(photos=1, phone="13800000000")
    with app.app_context():
        if state == State.MERGED:
            main = factories.a_report(desk.street.token, text="纸箱堆在人行道上")
            factories.take(sent.number, Action.MERGE, by=desk.crew[Role.OPERATOR], main_case=main.number)
        elif state == State.WITHDRAWN:
            factories.take(sent.number, Action.WITHDRAW, by=factories.speaker(sent))
        elif state != State.REPORTED:
            factories.walk_to(sent.number, state, desk.crew)
    return sent


# ---------------------------------------------------------------- nothing but English

pytestmark = pytest.mark.one_database(reason="words do not come from the database")


def test_the_public_pages_are_english(street: Street, app: Flask, reader: Reporter) -> None:
    with app.app_context():
        revoked = factories.a_place(name="老盛昌汤包馆", address="共和新路 2395 号")
        factories.revoke_label(revoked)
    for path in ("/", f"/q/{street.token}", f"/q/{street.metro_token}", "/login"):
        must_be_english(reader.get(path))
    for path in ("/q/ABCDEFGHJ", "/q/ABC", "/find?code=UUUUUUUUU", "/find?code=" + "A" * 70, "/nowhere"):
        must_be_english(reader.get(path), 404)
    must_be_english(reader.get(f"/q/{revoked}"), 410)


def test_a_report_and_what_is_wrong_with_it_are_told_in_english(street: Street, reader: Reporter) -> None:
    token = street.token
    wrong: list[dict[str, object]] = [
        {"category": "", "text": ""},
        {"phone": "12", "phone_consent": "yes"},
        {"text": "x" * 3000},
        {"photos": [upload(b"no photo"), upload(b"\0\0\0\x18ftypheic" + b"\0" * 64, "a.heic")]},
        {"kept_photo": "made up"},
        {"key": ""},
    ]
    for fields in wrong:
        must_be_english(reader.send(token, reader.fill(token, **{"text": "Boxes"} | fields)), 422)
    form = reader.fill(token, text="Boxes", photos=upload(), phone="13800000000")
    sent = reader.send(token, form)
    must_be_english(reader.get(sent.location))
    assert "Write down these 4 digits" in reader.page
    must_be_english(reader.get(sent.location))
    must_be_english(reader.send(token, form | {"text": "x", "photos": upload()}), 422)
    assert "We already have this report." in reader.page


@pytest.mark.parametrize("state", list(State))
def test_the_private_page_is_english_in_every_state(
    app: Flask, desk: Desk, reader: Reporter, state: State
) -> None:
    sent = case_in(app, desk, state)
    address = f"/t/{sent.link_key}"
    page = must_be_english(reader.get(address))
    assert MOMENT.search(page), "moments as people write them in English"
    if "f-code" in page:
        must_be_english(reader.say(address, "code", code="not it"), 422)
        reader.unlock(sent)
    for answer in ("", "?answer=yes", "?answer=no"):
        must_be_english(reader.get(address + answer))
    for action in set(re.findall(rf'action="{address}/(\w+)"', reader.page)) - {"confirm", "withdraw"}:
        must_be_english(reader.say(address, action, note="", version="0"), 200, 303, 409, 422)
        must_be_english(reader.say(address, action, note="x" * 3000), 200, 303, 409, 422)


@pytest.mark.parametrize("state", list(State))
def test_the_case_page_is_english_for_everybody_in_every_state(app: Flask, desk: Desk, state: State) -> None:
    number = case_in(app, desk, state).number
    for login in STAFF:
        client = in_english(signed_in(app, login))
        answer = client.get(f"/desk/cases/{number}")
        page = must_be_english(answer, 200, 404)
        for action in map(Action, OFFERED.findall(page)):
            fields = form_in(page, action)
            must_be_english(resend(client, number, action, fields | {"preview": "yes"}))
            must_be_english(resend(client, number, action, fields | {"version": "0", "note": "x"}), 409)
            if action not in _DONE_WITH_NOTHING:
                must_be_english(resend(client, number, action, fields | {"category": ""}), 422)


_DONE_WITH_NOTHING = {
    *(Action.CHECK, Action.SIGN, Action.GRANT_RETURN, Action.REFUSE_RETURN, Action.RESUME, Action.PASS),
    *(Action.SPLIT, Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION),
}


def test_a_long_history_with_every_decision_is_english(app: Flask, desk: Desk, reader: Reporter) -> None:
    sent = desk.report(photos=1)
    number, note = sent.number, "x"
    take, operator, handler = desk.take, Role.OPERATOR, "ZF"
    take(number, Action.FILE, operator, category="D1")
    take(number, Action.DISPATCH, operator, lead="ZF", co=("LR", "JJ"))
    take(number, Action.REQUEST_RETURN, handler, note=note, suggested="LR")
    take(number, Action.REFUSE_RETURN, Role.DUTY_LEAD)
    take(number, Action.SIGN, handler)
    take(number, Action.CONTACT, handler, note=note)
    with app.app_context():
        later = now().date() + timedelta(days=20)
    take(number, Action.REQUEST_EXTENSION, handler, note=note, on=later)
    client = in_english(signed_in(app, "duty_lead"))
    page = must_be_english(client.get(f"/desk/cases/{number}"))
    assert "The department asks for more time" in page
    take(number, Action.GRANT_EXTENSION, Role.DUTY_LEAD)
    for _round in range(3):
        take(number, Action.RESOLVE, handler, outcome="partly_fixed", note=note, photos=1)
        take(number, Action.FAIL, Role.VERIFIER, note=note)
    page = must_be_english(client.get(f"/desk/cases/{number}"))
    assert "redone 3 times" in page
    assert "extended once" in page
    must_be_english(reader.get(f"/t/{sent.link_key}"))


@pytest.mark.parametrize("login", [*STAFF, "admin"])
def test_the_desk_is_english_for_everybody(app: Flask, desk: Desk, login: str) -> None:
    for state in (State.REPORTED, State.FILED, State.DISPATCHED, State.RETURN_REQUESTED, State.RESOLVED):
        case_in(app, desk, state)
    client = in_english(signed_in(app, login))
    for path in ("/desk", "/desk?show=all&order=oldest", "/desk?show=nothing&at=nonsense", "/login/sessions"):
        must_be_english(client.get(path))
    if login != "admin":
        live = client.get("/desk/new?show=all&since=0")
        assert chinese_in(live.get_json()["rows_html"]) == []


def test_a_move_is_confirmed_and_a_phone_number_shown_in_english(app: Flask, desk: Desk) -> None:
    sent = desk.report(phone="13800000000")
    client = in_english(signed_in(app, "operator"))
    page = text_of(client.get(f"/desk/cases/{sent.number}"))
    fields = form_in(page, Action.REVEAL_PHONE) | {"note": "x"}
    assert "13800000000" in must_be_english(resend(client, sent.number, Action.REVEAL_PHONE, fields))
    fields = form_in(text_of(client.get(f"/desk/cases/{sent.number}")), Action.FILE) | {"category": "D1"}
    assert resend(client, sent.number, Action.FILE, fields).status_code == 303
    page = must_be_english(client.get(f"/desk/cases/{sent.number}"))
    assert f"{sent.number}: File – saved." in page


def test_signing_in_wrongly_is_told_in_english(app: Flask, desk: Desk) -> None:
    assert desk.crew
    client = in_english(app.test_client())
    for _attempt in range(12):
        page = must_be_english(try_sign_in(client, "operator", "wrong"), 422, 429)
        assert "You are not signed in" in page


@pytest.mark.parametrize("code", [400, 403, 404, 413, 429, 500, 503])
def test_error_pages_are_english(app: Flask, code: int) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        page = app.make_response(errors._page(code, "0123abcd")).get_data(as_text=True)
    assert chinese_in(unescape(page)) == []
    assert "0123abcd" in page


# ---------------------------------------------------------------- the language people chose


def language_of(answer: TestResponse) -> str:
    """What the page says it is written in."""
    found = re.search(r'<html lang="([^"]+)">', answer.get_data(as_text=True))
    assert found
    return found[1]


def switch(page: str, language: str) -> str:
    """Where the link to a language leads."""
    found = re.search(rf'<a href="([^"]+)" lang="[^"]+" hreflang="{language}">', page)
    assert found, page
    return unescape(found[1])


def test_the_switch_keeps_you_on_the_page(app: Flask, desk: Desk) -> None:
    sent = desk.report()
    client = signed_in(app, "operator")
    paths = ["/", f"/q/{desk.street.token}", f"/t/{sent.link_key}", "/login", "/login/sessions"]
    for path in [*paths, "/desk?show=all&order=oldest", f"/desk/cases/{sent.number}"]:
        for language, link in (("en", "en"), ("zh-CN", "zh-CN")):
            answer = client.get(switch(client.get(path).get_data(as_text=True), link), follow_redirects=True)
            assert answer.request.full_path.rstrip("?") == path
            assert language_of(answer) == language


def test_the_page_that_comes_back_from_a_form_leads_back_to_the_case(app: Flask, desk: Desk) -> None:
    sent = desk.report()
    client = signed_in(app, "operator")
    fields = form_in(text_of(client.get(f"/desk/cases/{sent.number}")), Action.ASK_INFO)
    page = resend(client, sent.number, Action.ASK_INFO, fields).get_data(as_text=True)
    answer = client.get(switch(page, "en"), follow_redirects=True)
    assert answer.request.path == f"/desk/cases/{sent.number}"
    assert language_of(answer) == "en"


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("fr", "zh-CN"),
        ("fr,en;q=0.5", "en"),
        ("", "zh-CN"),
    ],
)
def test_a_first_visit_is_in_the_language_of_the_browser(
    client: FlaskClient, wish: str, language: str
) -> None:
    assert language_of(client.get("/", headers={"Accept-Language": wish})) == language


def test_the_browser_is_asked_at_the_first_visit_only(street: Street, client: FlaskClient) -> None:
    form = f"/q/{street.token}"
    assert language_of(client.get(form, headers={"Accept-Language": "en"})) == "en"
    assert language_of(client.get(form, headers={"Accept-Language": "zh-CN"})) == "en"


def test_what_somebody_chose_wins_over_what_the_browser_says(street: Street, client: FlaskClient) -> None:
    form, english = f"/q/{street.token}", {"Accept-Language": "en"}
    client.get(form, headers=english)
    client.get("/language/zh")
    assert language_of(client.get(form, headers=english)) == "zh-CN"


def test_a_language_that_we_do_not_speak_changes_nothing(client: FlaskClient) -> None:
    in_english(client)
    client.get("/language/fr")
    assert language_of(client.get("/")) == "en"
