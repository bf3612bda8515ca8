"""Staff at work in tests: signing in, opening pages, sending the forms that stand on them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests import factories
from tests.factories import PASSWORD, Sent, Street
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db


@dataclass(frozen=True)
class Desk:
    """A street with its staff, and how to work on it without a page."""

    app: Flask
    street: Street
    crew: dict[Role | str, Actor]

    def report(self, category: str = "A5", **facts: Any) -> Sent:
        """A report from the shop."""
        with self.app.app_context():
            return factories.a_report(self.street.token, category, **facts)

    def case_in(self, state: State, **facts: Any) -> str:
        """The number of a case that came the shortest way to `state`."""
        sent = self.report(**facts)
        with self.app.app_context():
            factories.walk_to(sent.number, state, self.crew)
        return sent.number

    def take(self, number: str, action: Action, by: Role | str, **supplied: Any) -> None:
        """One move that somebody else makes."""
        with self.app.app_context():
            factories.take(number, action, by=self.crew[by], **supplied)


def a_desk(app: Flask) -> Desk:
    """A street and one person of each role."""
    with app.app_context():
        return Desk(app, factories.a_street(), factories.a_crew())


def signed_in(app: Flask, login: str) -> FlaskClient:
    """A browser in which `login` has signed in."""
    client = app.test_client()
    answer = try_sign_in(client, login, PASSWORD)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


def try_sign_in(client: FlaskClient, login: str, password: str, onward: str = "") -> TestResponse:
    """Send the sign-in form."""
    token = hidden(text_of(client.get("/login")), "csrf_token")
    fields = {"csrf_token": token, "login": login, "password": password, "next": onward}
    return client.post("/login", data=fields)


def text_of(answer: TestResponse) -> str:
    """A page as its reader's browser gets it."""
    return unescape(answer.get_data(as_text=True))


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def form_for(client: FlaskClient, number: str, action: Action) -> dict[str, str]:
    """The hidden fields of the form for `action` on the page of a case."""
    return form_in(text_of(client.get(f"/desk/cases/{number}")), action)


def form_in(html: str, action: Action) -> dict[str, str]:
    """The hidden fields of the form for `action` in a page."""
    form = re.search(rf'<form[^>]*action="[^"]*/{action}"[^>]*>.*?</form>', html, re.DOTALL)
    assert form, f"the page offers no {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))


def send(client: FlaskClient, number: str, action: Action, **fields: Any) -> TestResponse:
    """Open the page of a case, fill in the form for `action` and send it."""
    return resend(client, number, action, form_for(client, number, action) | fields)


def resend(client: FlaskClient, number: str, action: Action, fields: dict[str, Any]) -> TestResponse:
    """Send a form whose page was opened before."""
    return client.post(f"/desk/cases/{number}/{action}", data=fields)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that runs meanwhile; BEGIN and COMMIT are not among it."""
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        ran.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", note)
