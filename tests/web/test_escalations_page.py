import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update

from config import Config
from tests import factories
from tests.web.moving_clock import MovingClock, app_with
from tests.web.staff import Desk, a_desk, signed_in, statements, text_of
from tracker.domain.lifecycle import State
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import Department
from tracker.services import people
from tracker.services.deliveries import make_deliveries
from tracker.services.escalations import fire_due_rungs


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


def fire(app: Flask, clock: MovingClock, at: str) -> None:
    clock.at(at)
    with app.app_context():
        fire_due_rungs(clock())
        make_deliveries(clock())


def read(app: Flask, login: str, address: str = "/desk/escalations") -> str:
    page = text_of(signed_in(app, login).get(address))
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())


def test_what_comes_next_is_said_with_its_reason_before_it_happens(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    """Two working hours to decide on a report of 9:30: three quarters of them are over at 11:00."""
    number = desk.report().number
    page = read(app, "operator")
    assert f"11月23日 周一 11:00 {number} 老盛昌汤包馆 受理，期限 11月23日 11:30 75% 经办人" in page
    assert (
        f"11月23日 周一 11:30 {number} 老盛昌汤包馆 受理，期限 11月23日 11:30 100% 经办人、单位负责人" in page
    )
    assert "还没有提醒过。" in page
    clock.at("11-23 09:31")
    assert "此后每个工作日" in read(app, "operator", "/desk/escalations?ahead=week")


def test_what_happened_is_said_with_who_heard_of_it(app: Flask, desk: Desk, clock: MovingClock) -> None:
    desk.report()
    fire(app, clock, "11-23 11:00")
    page = read(app, "operator")
    assert "▲ 11月23日 周一 11:00" in page
    assert "operator·王敏（工作台消息） · 未看" in page
    client = signed_in(app, "operator")
    bell = text_of(client.get("/desk/bell"))
    fields = dict(re.findall(r'name="(csrf_token|up_to)" value="([^"]*)"', bell[bell.index("/bell/seen") :]))
    client.post("/desk/bell/seen", data=fields)
    assert "operator·王敏（工作台消息） · 已看" in read(app, "operator")


def test_what_was_missed_while_the_service_was_down_says_so(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    desk.report()
    fire(app, clock, "11-23 14:00")
    assert "应在 11月23日 11:00 提醒，当时系统没有运行" in read(app, "operator")


def test_everybody_sees_only_cases_of_his_own_areas(app: Flask, desk: Desk, clock: MovingClock) -> None:
    with app.app_context():
        people.add_person("ward", "片区·李梅", factories.PASSWORD, role="operator", area="PP-2")
    here = desk.report().number
    with app.app_context():
        there = factories.a_report(desk.street.metro_token).number
    fire(app, clock, "11-23 11:00")
    for address in ("/desk/escalations", "/desk/escalations?ahead=week"):
        page = read(app, "ward", address)
        assert there in page
        assert here not in page


def test_the_department_lead_is_named_where_there_is_one(app: Flask, desk: Desk, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        lead = desk.crew[Role.SECRETARY].user_id
        db.session.execute(update(Department).where(Department.code == "ZF").values(lead_user_id=lead))
    desk.case_in(State.IN_PROGRESS)
    fire(app, clock, "11-24 17:30")
    assert "secretary·王敏（工作台消息）" in read(app, "duty_lead")


def test_the_list_goes_on_after_fifty_and_stays_within_its_statements(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    numbers = [desk.report().number for _ in range(52)]
    fire(app, clock, "11-23 11:00")
    client = signed_in(app, "operator")
    with statements(app) as ran:
        first = text_of(client.get("/desk/escalations"))
    assert len(ran) <= 8, ran
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    fired = first[first.index("已经提醒的") :]
    second = text_of(client.get(older[1]))
    shown = [*_numbers(fired), *_numbers(second)]
    assert sorted(shown) == sorted(numbers)


@pytest.mark.usefixtures("desk")
def test_an_address_that_is_not_ours_shows_the_first_page(app: Flask) -> None:
    for cursor in ("x", "1.2", "9e9.1.1", "1.2.99999999999999999999"):
        assert "下面是第一页" in read(app, "operator", f"/desk/escalations?at={cursor}")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("login", "status"),
    [("operator", 200), ("duty_lead", 200), ("supervisor", 200), ("handler-zf", 404), ("admin", 404)],
)
def test_only_those_who_answer_for_lateness_see_the_page(app: Flask, login: str, status: int) -> None:
    client = signed_in(app, login)
    assert client.get("/desk/escalations").status_code == status
    assert ("催办" in text_of(client.get("/desk"))) == (status == 200)


def _numbers(page: str) -> list[str]:
    return re.findall(r'class="number" href="/desk/cases/([^"]+)"', page)
