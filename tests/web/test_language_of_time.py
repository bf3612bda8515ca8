"""What the clocks brought – promises, reminders, messages, the admin's pages – is English too for who reads English."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from tests import factories
from tests.factories import Sent
from tests.unit.test_translations import CHINESE
from tests.web.moving_clock import MovingClock, app_with
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, hidden, signed_in, text_of
from tests.web.test_admin_calendar import changed, fields, looked_at, saved
from tests.web.test_language import DATA, STAFF, in_english, must_be_english
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import Calendar, Delivery
from tracker.services import calendars, channels, jobs, message_texts
from tracker.services.channels import ChannelChoice
from tracker.services.deliveries import make_deliveries
from tracker.services.escalations import fire_due_rungs
from tracker.services.message_texts import Told
from tracker.services.notices import FOR_REPORTERS, FOR_STAFF
from tracker.services.sending import TRIES, send_waiting

pytestmark = pytest.mark.one_database(reason="words do not come from the database")


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


@pytest.fixture
def admin(app: Flask, desk: Desk) -> FlaskClient:
    assert desk.crew
    return in_english(signed_in(app, "admin"))


def fire(app: Flask, clock: MovingClock, at: str) -> None:
    clock.at(at)
    with app.app_context():
        fire_due_rungs(clock())
        make_deliveries(clock())


def moved_about(desk: Desk, clock: MovingClock) -> Sent:
    """A case that was paused, went on, and was given more time."""
    sent = desk.report(photos=1)
    with desk.app.app_context():
        factories.walk_to(sent.number, State.IN_PROGRESS, desk.crew)
    clock.at("11-23 10:00")
    hold = {"reason": "works", "on": date(2026, 12, 1), "note": "x"}
    desk.take(sent.number, Action.HOLD, Role.SUPERVISOR, **hold)
    clock.at("11-23 14:00")
    desk.take(sent.number, Action.RESUME, Role.SUPERVISOR)
    desk.take(sent.number, Action.REQUEST_EXTENSION, "ZF", note="x", on=date(2026, 12, 4))
    desk.take(sent.number, Action.GRANT_EXTENSION, Role.DUTY_LEAD)
    return sent


# ---------------------------------------------------------------- promises


@pytest.mark.parametrize("state", sorted(set(State) - {State.MERGED, State.WITHDRAWN}))
def test_promises_kept_and_broken_are_told_in_english(
    app: Flask, desk: Desk, clock: MovingClock, state: State
) -> None:
    sent = desk.report(phone="13800000000")
    with app.app_context():
        if state != State.REPORTED:
            factories.walk_to(sent.number, state, desk.crew)
    reader = Reporter(in_english(app.test_client()))
    for at in ("11-23 09:45", "11-25 12:00", "12-04 09:00"):
        fire(app, clock, at)
        must_be_english(reader.get(f"/t/{sent.link_key}"))
        must_be_english(in_english(signed_in(app, "duty_lead")).get(f"/desk/cases/{sent.number}"), 200, 404)


def test_a_broken_promise_says_what_was_due_and_that_it_is_late(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    sent = desk.report()
    fire(app, clock, "11-23 14:00")
    page = must_be_english(Reporter(in_english(app.test_client())).get(f"/t/{sent.link_key}"))
    assert "Decide who deals with it" in page
    assert "Was due by 23 Nov 11:30" in page
    assert "The promised time has passed" in page


def test_pauses_more_time_and_the_table_of_clocks_are_english(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    number = moved_about(desk, clock).number
    page = must_be_english(in_english(signed_in(app, "duty_lead")).get(f"/desk/cases/{number}"))
    assert "paused once for 2 hours 30 minutes, extended once" in page
    clock.at("12-10 10:00")
    must_be_english(in_english(signed_in(app, "operator")).get(f"/desk/cases/{number}"))


def test_without_a_calendar_the_unknown_ends_are_told_in_english(app: Flask, desk: Desk) -> None:
    with app.app_context(), transaction():
        db.session.query(Calendar).delete()
    sent = desk.report()
    must_be_english(Reporter(in_english(app.test_client())).get(f"/t/{sent.link_key}"))
    client = in_english(signed_in(app, "operator"))
    for path in (f"/desk/cases/{sent.number}", "/desk", "/desk/escalations"):
        must_be_english(client.get(path))
    client = in_english(signed_in(app, "admin"))
    for path in ("/desk", "/admin/calendar", "/admin/calendar/edit"):
        must_be_english(client.get(path))


# ---------------------------------------------------------------- reminders, the bell, channels


@pytest.mark.parametrize("login", STAFF)
def test_reminders_and_the_bell_are_english_for_everybody(
    app: Flask, desk: Desk, clock: MovingClock, login: str
) -> None:
    desk.report()
    for state in (
        State.DISPATCHED,
        State.IN_PROGRESS,
        State.RETURN_REQUESTED,
        State.RESOLVED,
    ):
        desk.case_in(state)
    pages = ("/desk", "/desk/bell", "/desk/escalations", "/desk/escalations?ahead=week")
    for at in ("11-23 09:40", "11-23 11:00", "11-24 17:40", "12-08 10:00"):
        fire(app, clock, at)
        client = in_english(signed_in(app, login))
        for path in (*pages, "/desk/escalations?at=nonsense", "/desk?show=over", "/desk?show=soon"):
            must_be_english(client.get(path), 200, 404)
        count = client.get("/desk/bell/count").get_json()
        assert not CHINESE.search(count["words"])


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        ("mail", {"address": ""}),
        ("mail", {"address": "wangmin"}),
        ("mail", {"address": "w@example.org" * 90}),
        ("webhook", {"address": "https://inside.example.org/hook"}),
        ("webhook", {"address": "http://example.org"}),
        ("webhook", {"address": "https://[x"}),
        ("chat", {"address": "json://example.org"}),
        ("mail", {"address": "w@example.org", "quiet_from": "22:00"}),
        ("mail", {"address": "w@example.org", "quiet_from": "22:00", "quiet_to": "x"}),
    ],
)
def test_channels_and_what_is_wrong_with_them_are_english(
    app: Flask, desk: Desk, channel: str, typed: dict[str, str]
) -> None:
    assert desk.crew
    client = in_english(signed_in(app, "operator"))
    page = must_be_english(client.get("/login/channels"))
    form = {"csrf_token": hidden(page, "csrf_token"), "language": "en"} | typed
    must_be_english(client.post(f"/login/channels/{channel}", data=form), 422)


def test_keeping_trying_and_giving_up_a_channel_is_told_in_english(app: Flask, desk: Desk) -> None:
    assert desk.crew
    client = in_english(signed_in(app, "operator"))
    form = {"csrf_token": hidden(text_of(client.get("/login/channels")), "csrf_token"), "language": "en"}
    told = []
    for address in ("mail/trial", "mail", "mail/trial", "mail/off"):
        data = form | {"address": "wangmin@example.org"}
        assert client.post(f"/login/channels/{address}", data=data).status_code == 303
        told.append(must_be_english(client.get("/login/channels")))
    assert "Save an address first" in told[0]
    assert "could not be sent: The mail server is not set: TRACKER_MAIL_HOST" in told[2]


# ---------------------------------------------------------------- texts of messages


def test_every_message_is_written_in_the_language_of_its_reader(app: Flask, clock: MovingClock) -> None:
    with app.app_context():
        staff = [_told(clock, f"case_{action}") for action in FOR_STAFF]
        staff += [_told(clock, "clock_rung", rung=rung, kind="done") for rung in range(1, 7)]
        staff += [_told(clock, "clock_rung", rung=1, kind=kind) for kind in message_texts.CLOCKS]
        english = [message_texts.staff_preview(it, "en") for it in staff]
        english += [message_texts.preview("261123-0001", action, "en") for action in FOR_REPORTERS]
        chinese = [message_texts.preview("261123-0001", action, "zh") for action in FOR_REPORTERS]
    assert [text for text in english if CHINESE.search(without_data(text))] == []
    assert [text for text in english if "%" in re.sub(r"\d%", "", text)] == []
    assert all(CHINESE.search(without_data(text)) for text in chinese)


def test_gathered_messages_are_english(app: Flask, desk: Desk, clock: MovingClock) -> None:
    for _ in range(2):
        desk.case_in(State.DISPATCHED)
    fire(app, clock, "11-23 17:00")
    with app.app_context():
        to_handler = Delivery.recipient == f"user:{desk.crew['ZF'].user_id}"
        ids = list(db.session.scalars(db.select(Delivery.id).where(to_handler)))
        assert len(ids) > 1
        for gathered in ("digest", "late"):
            for some in (ids, ids[:1]):
                text = message_texts.compose(some, "en", gathered)
                assert not CHINESE.search(without_data(text.subject + text.body)), gathered


def without_data(text: str) -> str:
    for name in DATA:
        text = text.replace(name, "")
    return text


def _told(clock: MovingClock, event: str, **facts: object) -> Told:
    link = "https://example.org/desk/cases/261123-0001"
    place, due_at = "Metro, exit 1", clock() + timedelta(days=1)
    return Told(event, "261123-0001", "Boxes", place, "City management", due_at, link, clock(), facts)


# ---------------------------------------------------------------- the admin's pages


def test_the_calendar_is_english_at_every_step(admin: FlaskClient, desk: Desk) -> None:
    desk.case_in(State.IN_PROGRESS)
    for path in ("/admin", "/admin/calendar", "/admin/calendar?year=2026", "/admin/calendar?year=2027"):
        must_be_english(admin.get(path))
    must_be_english(admin.get("/admin/calendar?department=ZF&year=2026"))
    must_be_english(admin.get("/admin/calendar/edit?year=2027"))
    wrong: list[dict[str, object]] = [
        {"from_0": "", "to_0": ""},
        {"from_1": ["09:00", "11:00"], "to_1": ["12:00", "13:00"]},
        {"from_1": "09:00", "to_1": ""},
        {"holiday_first": "", "holiday_last": ""},
        {"holiday_first": "2026-10-08", "holiday_last": "2026-10-01"},
        {"holiday_first": "2026-02-30", "holiday_last": ""},
        {"make-up": "2026-10-01"},
        {"make-up": "2025-10-01"},
    ]
    for values in wrong:
        must_be_english(looked_at(admin, "/admin/calendar/edit?year=2026", **values), 422)
    form = fields(admin.get("/admin/calendar/edit"), "/admin/calendar/preview")
    must_be_english(admin.post("/admin/calendar/preview", data=changed(form, more="yes")))
    look = looked_at(admin, from_0="10:00", to_0="12:00")
    must_be_english(look)
    assert saved(admin, look, open="move").status_code == 303
    must_be_english(admin.get("/admin/calendar"))
    must_be_english(saved(admin, look), 409)
    assert looked_at(admin).status_code == 303
    must_be_english(admin.get("/admin/calendar"))


@pytest.mark.parametrize("at", ["11-23 09:30", "12-28 09:30"])
@pytest.mark.usefixtures("desk")
def test_the_warning_that_the_calendar_ends_is_english(app: Flask, clock: MovingClock, at: str) -> None:
    clock.at(at)
    with app.app_context():
        assert calendars.current_version() is not None
    page = must_be_english(in_english(signed_in(app, "admin")).get("/desk"))
    assert "Working calendar (street office): it ends on 31 December 2026." in page


def test_jobs_and_messages_are_english_when_all_is_well_and_when_not(
    app: Flask, admin: FlaskClient, desk: Desk, clock: MovingClock
) -> None:
    for path in ("/admin/jobs", "/admin/messages"):
        must_be_english(admin.get(path))
    user_id = desk.crew["ZF"].user_id
    assert user_id
    with app.app_context():
        jobs.enter_process("street-1 4711")
        for lag in (2, 200):
            jobs.run(jobs.job_named("escalate"), lag=timedelta(seconds=lag))
        channels.choose(user_id, ChannelChoice("mail", "wangmin@example.org"))
    desk.case_in(State.DISPATCHED)
    with app.app_context():
        make_deliveries(clock())
    for _ in range(TRIES):
        with app.app_context():
            send_waiting(clock())
        must_be_english(admin.get("/admin/messages"))
        clock.now += timedelta(hours=1)
    page = must_be_english(admin.get("/admin/messages"))
    assert "The mail server is not set: TRACKER_MAIL_HOST" in page
    must_be_english(admin.get("/admin/jobs"))
    retry = re.search(r'action="(/admin/messages/\d+/retry)"', page)
    assert retry
    assert admin.post(retry[1], data={"csrf_token": hidden(page, "csrf_token")}).status_code == 303
    must_be_english(admin.get("/admin/messages"))
