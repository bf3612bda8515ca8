import re

import pytest
from flask import Flask

from tests import factories
from tests.factories import PASSWORD
from tests.web.staff import hidden, signed_in, text_of, try_sign_in
from tracker.domain.permissions import Role


@pytest.fixture
def operator(app: Flask) -> str:
    with app.app_context():
        factories.a_street()
        factories.a_person(Role.OPERATOR, name="赵受理")
    return "operator"


def test_signing_in_leads_to_the_queue_and_shows_who_is_here(app: Flask, operator: str) -> None:
    client = app.test_client()
    answer = try_sign_in(client, operator, PASSWORD)
    assert answer.location == "/desk"
    page = text_of(client.get("/desk"))
    assert "赵受理" in page
    assert "受理派遣员" in page


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(app: Flask, operator: str) -> None:
    wrong = try_sign_in(app.test_client(), operator, "not the password")
    unknown = try_sign_in(app.test_client(), "nobody", "not the password")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    for answer in (wrong, unknown):
        assert "用户名或密码不对。" in text_of(answer)
        assert "not the password" not in text_of(answer)
    assert 'value="operator"' in text_of(wrong)


def test_ten_failures_slow_a_name_down_even_with_the_right_password(app: Flask, operator: str) -> None:
    client = app.test_client()
    for _attempt in range(10):
        try_sign_in(client, operator, "not the password")
    answer = try_sign_in(client, operator, PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "失败次数太多" in text_of(answer)


def test_signing_in_continues_where_the_person_wanted_to_go(app: Flask, operator: str) -> None:
    client = app.test_client()
    turned_away = client.get("/desk?show=filed")
    assert turned_away.status_code == 302
    assert turned_away.location == "/login?next=/desk?show%3Dfiled"
    assert hidden(text_of(client.get(turned_away.location)), "next") == "/desk?show=filed"
    assert try_sign_in(client, operator, PASSWORD, "/desk?show=filed").location == "/desk?show=filed"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(app: Flask, operator: str, elsewhere: str) -> None:
    assert try_sign_in(app.test_client(), operator, PASSWORD, elsewhere).location == "/desk"


def test_signing_out_ends_the_session_at_once(app: Flask, operator: str) -> None:
    client = signed_in(app, operator)
    cookie = client.get_cookie("desk")
    assert cookie is not None
    token = hidden(text_of(client.get("/desk")), "csrf_token")
    assert client.post("/logout", data={"csrf_token": token}).location == "/login"
    client.set_cookie("desk", cookie.value)
    assert client.get("/desk").location.startswith("/login")


def test_a_session_on_another_device_can_be_ended(app: Flask, operator: str) -> None:
    here, there = signed_in(app, operator), signed_in(app, operator)
    page = text_of(here.get("/login/sessions"))
    assert page.count("就是这里") == 1
    (address,) = re.findall(r'action="(/login/sessions/\d+/end)"', page)
    ended = here.post(address, data={"csrf_token": hidden(page, "csrf_token")}, follow_redirects=True)
    assert "这次登录已结束。" in text_of(ended)
    assert there.get("/desk").location.startswith("/login")
    assert here.get("/desk").status_code == 200


def test_the_session_of_somebody_else_cannot_be_ended(app: Flask, operator: str) -> None:
    with app.app_context():
        factories.a_person(Role.SECRETARY)
    mine, theirs = signed_in(app, operator), signed_in(app, "secretary")
    token = hidden(text_of(theirs.get("/login/sessions")), "csrf_token")
    for session_id in range(1, 4):
        theirs.post(f"/login/sessions/{session_id}/end", data={"csrf_token": token})
    assert mine.get("/desk").status_code == 200


def test_the_sign_in_cookie_cannot_be_read_by_script_or_sent_from_elsewhere(
    app: Flask, operator: str
) -> None:
    cookie = try_sign_in(app.test_client(), operator, PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
