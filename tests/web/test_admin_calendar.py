"""The calendar as an admin keeps it: a year at a glance, its editor, the look before saving, the warning."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config import Config
from tests.applications import lent
from tests.web.staff import Desk, a_desk, signed_in, statements, text_of
from tracker.domain.lifecycle import State
from tracker.extensions import db, transaction
from tracker.models import Calendar, Clock
from tracker.services import calendars

TODAY = datetime(2026, 10, 12, 1, 30, tzinfo=UTC)
"""A Monday with more than sixty known days ahead."""
NOVEMBER = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture
def today() -> list[datetime]:
    """The application's clock: its last moment is now."""
    return [TODAY]


@pytest.fixture
def app(settings: Config, today: list[datetime]) -> Iterator[Flask]:
    """The application at a moment of the test's choice."""
    with lent(settings, lambda: today[-1]) as app:
        yield app


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def admin(app: Flask, desk: Desk) -> FlaskClient:  # noqa: ARG001 - the people of the desk
    return signed_in(app, "admin")


def fields(page: TestResponse, action: str) -> MultiDict[str, str]:
    """What a browser would send for the form with this address, buttons left out."""
    root = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
    (form,) = [each for each in root.iter("form") if each.get("action") == action]
    return MultiDict(_inputs(form))


def _inputs(form: Element) -> Iterator[tuple[str, str]]:
    for each in form.iter("input"):
        if each.get("type") not in ("radio", "checkbox") or each.get("checked") is not None:
            yield str(each.get("name")), each.get("value") or ""


def changed(form: MultiDict[str, str], **values: Any) -> MultiDict[str, str]:
    """The form with other rows; ``from_0`` stands for ``from-0``."""
    result = form.copy()
    for name, value in values.items():
        result.setlist(name.replace("_", "-", 1), value if isinstance(value, list) else [value])
    return result


def looked_at(admin: FlaskClient, address: str = "/admin/calendar/edit", **values: Any) -> TestResponse:
    """Open the editor, change rows, and go on to the look before saving."""
    form = fields(admin.get(address), "/admin/calendar/preview")
    return admin.post("/admin/calendar/preview", data=changed(form, **values))


def saved(admin: FlaskClient, look: TestResponse, **values: Any) -> TestResponse:
    return admin.post("/admin/calendar/save", data=changed(fields(look, "/admin/calendar/save"), **values))


def holidays(admin: FlaskClient, *more: tuple[str, str]) -> dict[str, Any]:
    form = fields(admin.get("/admin/calendar/edit?year=2026"), "/admin/calendar/preview")
    return {
        "holiday_first": [*form.getlist("holiday-first"), *(first for first, _ in more)],
        "holiday_last": [*form.getlist("holiday-last"), *(last for _, last in more)],
    }


def current(app: Flask, department: str = "") -> calendars.CalendarVersion:
    with app.app_context():
        found = calendars.current_version(department)
    assert found is not None
    return found


def done_at(app: Flask) -> str:
    with app.app_context():
        clock = db.session.query(Clock).filter_by(kind="done").one()
        assert clock.due_at is not None
        return clock.due_at.astimezone(UTC).isoformat()[:16]


# ---- who may, and what is seen


@pytest.mark.parametrize("address", ["/admin", "/admin/calendar", "/admin/calendar/edit"])
@pytest.mark.usefixtures("desk")
def test_the_admins_pages_are_not_there_for_others(app: Flask, address: str) -> None:
    assert signed_in(app, "operator").get(address).status_code == 404
    assert app.test_client().get(address).status_code == 302
    assert signed_in(app, "admin").get(address).status_code == 200


def test_the_way_to_the_calendar_starts_at_the_desk(admin: FlaskClient) -> None:
    assert 'href="/admin"' in text_of(admin.get("/desk"))
    assert 'href="/admin/calendar"' in text_of(admin.get("/admin"))


def test_a_year_shows_every_day_in_words(admin: FlaskClient) -> None:
    page = text_of(admin.get("/admin/calendar?year=2026"))
    cells = re.findall(r'<td class="day-\w+"[^>]*><b>\d+</b><span>(\w+)</span>', page)
    assert len(cells) == 365
    assert {word: cells.count(word) for word in set(cells)} == {
        "上班": 242,
        "补班": 6,
        "放假": 33,
        "休息": 84,
    }
    assert "2026年2月" in page
    assert "16 个工作日" in page


def test_a_year_that_was_not_imported_says_so_and_what_that_means(admin: FlaskClient) -> None:
    page = text_of(admin.get("/admin/calendar?year=2027"))
    assert "2027年的放假安排还没有导入" in page
    assert "上报不受影响" in page
    assert "<td class=" not in page


@pytest.mark.parametrize("asked", ["department=QQ", "year=20260"])
def test_what_there_is_not_is_not_shown(admin: FlaskClient, asked: str) -> None:
    assert admin.get(f"/admin/calendar?{asked}").status_code == 404


# ---- editing


def test_another_day_off_is_looked_at_before_it_is_saved(app: Flask, admin: FlaskClient) -> None:
    look = looked_at(admin, **holidays(admin, ("2026-12-24", "2026-12-25")))
    assert look.status_code == 200
    assert re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td><b>(.*?)</b>', text_of(look)) == [
        ("2026年12月24日 周四", "照平常", "放假"),
        ("2026年12月25日 周五", "照平常", "放假"),
    ]
    assert "没有在办案件的期限会变" in text_of(look)
    assert current(app).version == 1, "looking saves nothing"
    assert saved(admin, look).status_code == 303
    assert current(app).version == 2
    assert current(app).facts["years"]["2026"]["holidays"][-1] == "2026-12-24/2026-12-25"


def test_a_day_may_have_any_number_of_windows(app: Flask, admin: FlaskClient) -> None:
    windows = [("06:00", "08:00"), ("09:00", "11:30"), ("13:00", "17:30"), ("19:00", "21:00")]
    opens, closes = map(list, zip(*windows, strict=True))
    look = looked_at(admin, from_5=opens, to_5=closes)
    assert "06:00–08:00、09:00–11:30、13:00–17:30、19:00–21:00" in text_of(look)
    saved(admin, look)
    assert current(app).facts["weekly"]["5"] == [list(window) for window in windows]


def test_more_rows_come_without_script_and_keep_what_was_typed(admin: FlaskClient) -> None:
    form = fields(admin.get("/admin/calendar/edit"), "/admin/calendar/preview")
    page = admin.post("/admin/calendar/preview", data=changed(form, from_5="10:00", to_5="11:00", more="yes"))
    again = fields(page, "/admin/calendar/preview")
    assert again.getlist("from-5") == ["10:00", ""]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"from_1": "09:00", "to_1": ""}, "周二：每个时段要填起止两个时间"),
        ({"from_1": ["09:00", "11:00"], "to_1": ["12:00", "13:00"]}, "时段要从早到晚，不能重叠"),
        ({"from_0": "", "to_0": ""}, "周一必须有服务时间"),
        ({"holiday_first": "", "holiday_last": ""}, "请填写这一年的放假安排"),
        ({"holiday_first": "2026-01-03", "holiday_last": "2026-01-01"}, "放假要从前到后"),
        ({"holiday_first": "2027-01-01", "holiday_last": "2027-01-03"}, "都在2026年之内"),
        ({"make-up": "someday"}, "补班日要在2026年之内"),
        ({"make-up": "2026-10-01"}, "既放假又补班：2026-10-01"),
    ],
)
def test_what_cannot_be_meant_comes_back_with_its_reason(
    app: Flask, admin: FlaskClient, values: dict[str, Any], words: str
) -> None:
    answer = looked_at(admin, "/admin/calendar/edit?year=2026", **values)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "<title>错误：" in text_of(answer)
    assert current(app).version == 1


def test_nothing_changed_makes_no_version(app: Flask, admin: FlaskClient) -> None:
    assert looked_at(admin).status_code == 303
    assert "没有改动" in text_of(admin.get("/admin/calendar"))
    assert current(app).version == 1


def test_a_department_gets_hours_of_its_own(app: Flask, admin: FlaskClient) -> None:
    assert "没有单独的日历" in text_of(admin.get("/admin/calendar?department=ZF"))
    look = looked_at(admin, "/admin/calendar/edit?department=ZF", from_0="07:00", to_0="15:00")
    saved(admin, look)
    assert current(app, "ZF").facts["weekly"]["0"] == [["07:00", "15:00"]]
    assert current(app).version == 1


def test_the_next_year_is_added_to_those_before(app: Flask, admin: FlaskClient) -> None:
    look = looked_at(
        admin, "/admin/calendar/edit?year=2027", holiday_first="2027-01-01", holiday_last="2027-01-03"
    )
    saved(admin, look)
    assert current(app).calendar.years == {2026, 2027}


# ---- open cases


@pytest.mark.parametrize(("choice", "due"), [("keep", "2026-10-13T09:30"), ("move", "2026-10-14T09:30")])
def test_open_cases_move_only_if_that_is_chosen(
    app: Flask, desk: Desk, admin: FlaskClient, choice: str, due: str
) -> None:
    desk.case_in(State.DISPATCHED)
    assert done_at(app) == "2026-10-13T09:30"
    look = looked_at(admin, **holidays(admin, ("2026-10-13", "2026-10-13")))
    assert "1 个在办案件的期限会变" in text_of(look)
    assert fields(look, "/admin/calendar/save")["open"] == "keep", "nothing moves by oversight"
    saved(admin, look, open=choice)
    assert done_at(app) == due


def test_two_admins_at_once_neither_overwrites_the_other(app: Flask, admin: FlaskClient) -> None:
    first = looked_at(admin, **holidays(admin, ("2026-12-24", "2026-12-24")))
    second = looked_at(admin, from_5="09:00", to_5="12:00")
    assert saved(admin, second).status_code == 303
    answer = saved(admin, first)
    assert answer.status_code == 409
    theirs, ours = text_of(answer).split("您想改的", 1)
    assert "09:00–12:00" in theirs
    assert "2026年12月24日" in ours
    assert current(app).version == 2


def test_a_form_from_before_somebody_elses_change_is_stopped_at_the_look_already(
    app: Flask, admin: FlaskClient
) -> None:
    form = fields(admin.get("/admin/calendar/edit"), "/admin/calendar/preview")
    saved(admin, looked_at(admin, from_5="09:00", to_5="12:00"))
    answer = admin.post("/admin/calendar/preview", data=changed(form, from_6="09:00", to_6="12:00"))
    assert answer.status_code == 409
    assert current(app).version == 2


@pytest.mark.parametrize("facts", ["", "[]", '{"weekly": {}}', '{"weekly": {}, "years": {}}'])
def test_a_form_made_by_hand_stores_nothing(app: Flask, admin: FlaskClient, facts: str) -> None:
    look = looked_at(admin, from_5="09:00", to_5="12:00")
    assert saved(admin, look, facts=facts).status_code == 400
    assert current(app).version == 1


def test_a_reload_after_a_form_leads_to_the_editor(admin: FlaskClient) -> None:
    for address in ("/admin/calendar/preview", "/admin/calendar/save"):
        assert admin.get(address).headers["Location"] == "/admin/calendar/edit"


# ---- the warning


@pytest.mark.usefixtures("desk")
def test_admins_are_warned_on_every_desk_page_and_nobody_else_is(app: Flask, today: list[datetime]) -> None:
    assert "工作日历只到" not in text_of(signed_in(app, "admin").get("/desk"))
    today.append(NOVEMBER)
    admin = signed_in(app, "admin")
    for address in ("/desk", "/admin", "/login/sessions"):
        page = text_of(admin.get(address))
        assert "街道的工作日历只到2026年12月31日，还剩39天" in page
        assert 'href="/admin/calendar/edit?year=2027"' in page
    assert "工作日历只到" not in text_of(signed_in(app, "operator").get("/desk"))


def test_it_is_loud_once_a_promise_has_no_end(app: Flask, desk: Desk, today: list[datetime]) -> None:
    today.append(datetime(2026, 12, 31, 9, 0, tzinfo=UTC))
    desk.report()
    page = text_of(signed_in(app, "admin").get("/desk"))
    assert "已经有时限算不出到期时间" in page
    assert 'tone-bad" role="alert"' in page


def test_without_any_calendar_the_shipped_one_is_offered(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.query(Calendar).delete()
    page = text_of(admin.get("/admin/calendar"))
    assert "还没有工作日历" in page
    look = looked_at(admin, "/admin/calendar/edit?year=2026", from_5="09:00", to_5="12:00")
    assert saved(admin, look).status_code == 303
    assert current(app).calendar.years == {2026}


@pytest.mark.usefixtures("desk")
def test_the_warning_costs_nobody_else_a_query(app: Flask) -> None:
    operator = signed_in(app, "operator")
    with statements(app) as ran:
        operator.get("/login/sessions")
    assert not [each for each in ran if "calendars" in each]
