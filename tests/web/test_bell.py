import re
from collections.abc import Iterator

import pytest
from flask import Flask

from config import Config
from tests.web.moving_clock import MovingClock, app_with
from tests.web.staff import Desk, a_desk, hidden, signed_in, statements, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.services.deliveries import make_deliveries


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def app(settings: Config, clock: MovingClock) -> Iterator[Flask]:
    with app_with(settings, clock) as app:
        yield app


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def tell(app: Flask, clock: MovingClock) -> None:
    with app.app_context():
        make_deliveries(clock())


def test_the_bell_counts_what_a_person_has_not_seen_on_every_desk_page(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    client = signed_in(app, "handler-zf")
    assert 'aria-label="消息，没有未看的"' in text_of(client.get("/desk"))
    number = desk.case_in(State.DISPATCHED)
    tell(app, clock)
    for path in ("/desk", f"/desk/cases/{number}", "/login/sessions", "/login/channels"):
        assert 'aria-label="消息，1 条未看"' in text_of(client.get(path)), path
    assert client.get("/desk/bell/count").json == {"count": 1, "words": "消息，1 条未看"}
    assert client.get("/login").status_code == 200


def test_the_list_leads_to_the_case_and_looking_at_it_marks_nothing(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    number = desk.case_in(State.DISPATCHED)
    tell(app, clock)
    client = signed_in(app, "handler-zf")
    page = text_of(client.get("/desk/bell"))
    assert f'href="/desk/cases/{number}"' in page
    assert "派遣" in page
    assert client.get("/desk/bell/count").json == {"count": 1, "words": "消息，1 条未看"}


def test_marking_as_seen_leaves_what_came_after_the_page_was_shown(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    desk.case_in(State.DISPATCHED)
    tell(app, clock)
    client = signed_in(app, "handler-zf")
    page = text_of(client.get("/desk/bell"))
    form = {name: hidden(page[page.index("/desk/bell/seen") :], name) for name in ("csrf_token", "up_to")}
    later = desk.case_in(State.DISPATCHED)
    tell(app, clock)
    assert client.post("/desk/bell/seen", data=form).status_code == 303
    page = text_of(client.get("/desk/bell"))
    assert re.findall(r'class="number" href="/desk/cases/([^"]+)"', page) == [later]


def test_everybody_has_his_own_bell(app: Flask, desk: Desk, clock: MovingClock) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    desk.take(number, Action.REQUEST_EXTENSION, "ZF", note="要调机械", on=clock().date().replace(day=27))
    tell(app, clock)
    assert "申请延期" in text_of(signed_in(app, "duty_lead").get("/desk/bell"))
    assert "申请延期" not in text_of(signed_in(app, "handler-zf").get("/desk/bell"))
    desk.take(number, Action.GRANT_EXTENSION, Role.DUTY_LEAD)
    tell(app, clock)
    assert "批准延期" in text_of(signed_in(app, "handler-zf").get("/desk/bell"))


@pytest.mark.usefixtures("desk")
def test_asking_for_the_count_costs_two_statements_and_keeps_no_session_alive(app: Flask) -> None:
    client = signed_in(app, "operator")
    with statements(app) as ran:
        answer = client.get("/desk/bell/count")
    assert len(ran) <= 2, ran
    assert "Set-Cookie" not in answer.headers, "a page left open is not somebody at work"
    assert "Set-Cookie" in client.get("/desk").headers


def test_the_bell_is_nobody_elses(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/desk/bell").status_code == 302
    assert client.get("/desk/bell/count").status_code == 302
