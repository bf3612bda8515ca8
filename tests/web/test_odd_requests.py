"""Requests that no browser of ours would send."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import PASSWORD
from tests.web.staff import a_desk, hidden, signed_in, text_of, try_sign_in
from tracker.extensions import db


@pytest.mark.parametrize("address", ["/q/ABC%00DEF", "/find?code=%00", "/t/%00", "/desk/cases/2611%00"])
def test_a_nul_in_an_address_is_not_understood(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 400


def test_another_sites_name_gets_a_line_and_no_page(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.text) == (400, "400 Bad Request\n")


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "/\t\\evil.example", "https://evil.example", "/desk\r\nX: y"],
)
def test_no_link_leads_away_from_this_site(app: Flask, client: FlaskClient, address: str) -> None:
    a_desk(app)
    assert try_sign_in(client, "operator", PASSWORD, address).headers["Location"] == "/desk"
    assert client.get("/language/en", query_string={"next": address}).headers["Location"] == "/"


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_row_can_have_is_not_there(app: Flask, number: int) -> None:
    a_desk(app)
    client = signed_in(app, "operator")
    assert client.get(f"/desk/photos/{number}").status_code == 404
    token = hidden(text_of(client.get("/login/sessions")), "csrf_token")
    assert client.post(f"/login/sessions/{number}/end", data={"csrf_token": token}).status_code == 404


def test_a_program_is_told_in_its_own_format_what_went_wrong(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (404, {"error": 404, "reference": ""})


def test_what_a_statement_carried_is_in_no_error(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as failed:
        db.session.execute(text("SELECT * FROM nowhere WHERE phone = :phone"), {"phone": "13812345678"})
    assert "13812345678" not in str(failed.value)
