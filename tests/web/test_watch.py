import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from config import Config
from tests.web.moving_clock import MovingClock, app_with
from tests.web.staff import Desk, a_desk, hidden, signed_in, text_of
from tracker.domain.lifecycle import State
from tracker.domain.permissions import Role
from tracker.extensions import db
from tracker.models import Delivery
from tracker.services import channels, jobs
from tracker.services.channels import ChannelChoice
from tracker.services.deliveries import make_deliveries
from tracker.services.sending import TRIES, send_waiting


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


def page(app: Flask, address: str) -> str:
    html = text_of(signed_in(app, "admin").get(address))
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


def a_stuck_message(app: Flask, desk: Desk, clock: MovingClock) -> None:
    """Mail to a handler, given up because no server is set."""
    user_id = desk.crew["ZF"].user_id
    assert user_id
    with app.app_context():
        channels.choose(user_id, ChannelChoice("mail", "wangmin@example.org"))
    desk.case_in(State.DISPATCHED)
    with app.app_context():
        make_deliveries(clock())
    for _ in range(TRIES):
        with app.app_context():
            send_waiting(clock())
        clock.now += timedelta(hours=1)


@pytest.mark.usefixtures("desk")
def test_jobs_that_never_ran_and_no_process_are_said_loudly(app: Flask) -> None:
    words = page(app, "/admin/jobs")
    assert "一分钟内没有任务进程在运行" in words
    assert "发送消息 send 每 5 秒 从未" in words
    assert "还没有运行过" in words


@pytest.mark.usefixtures("desk")
def test_a_job_shows_how_late_it_was_what_it_did_and_what_went_wrong(app: Flask, clock: MovingClock) -> None:
    with app.app_context():
        jobs.enter_process("street-1 4711")
        jobs.run(jobs.job_named("escalate"), lag=timedelta(seconds=2.5))
        broken = jobs.Job("tell", timedelta(seconds=5), _fail)
        jobs.run(broken)
    words = page(app, "/admin/jobs")
    assert "1 个任务进程在运行。" in words
    assert "street-1 4711" in words
    assert re.search(r"催办：时限到点提醒 escalate 每 15 秒 .{1,12} 2\.5 秒 0 正常", words)
    assert "上次出错 RuntimeError: the address book is shut" in words
    clock.now += timedelta(minutes=5)
    words = page(app, "/admin/jobs")
    assert "没有按时运行" in words
    assert "没有心跳" in words


def _fail(_now: object, _go_on: object) -> int:
    raise RuntimeError("the address book is shut")


def test_a_stuck_message_is_listed_masked_and_goes_out_again_on_demand(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    a_stuck_message(app, desk, clock)
    words = page(app, "/admin/messages")
    assert "handler-zf·王敏 邮件 w…@example.org" in words
    assert f"{TRIES} 次 邮件服务器没有设置：TRACKER_MAIL_HOST 再试一次" in words
    assert "wangmin@" not in words
    assert "纸箱" not in words, "nothing of what was reported"
    client = signed_in(app, "admin")
    html = text_of(client.get("/admin/messages"))
    action = re.search(r'action="(/admin/messages/\d+/retry)"', html)
    assert action
    assert client.post(action[1], data={"csrf_token": hidden(html, "csrf_token")}).status_code == 303
    with app.app_context():
        states = db.session.scalars(select(Delivery.state).where(Delivery.channel == "mail")).all()
    assert states == ["waiting"]
    assert "没有发不出去的消息。" in page(app, "/admin/messages")


def test_a_message_that_failed_and_waits_is_listed_with_its_next_try(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    user_id = desk.crew["ZF"].user_id
    assert user_id
    with app.app_context():
        channels.choose(user_id, ChannelChoice("mail", "wangmin@example.org"))
    desk.case_in(State.DISPATCHED)
    with app.app_context():
        make_deliveries(clock())
        send_waiting(clock())
    words = page(app, "/admin/messages")
    assert "1 条消息在等待发送" in words
    assert "1 次 邮件服务器没有设置：TRACKER_MAIL_HOST 11月23日 周一 09:31" in words


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR])
def test_the_service_is_watched_by_admins_alone(app: Flask, role: Role) -> None:
    client = signed_in(app, role)
    for address in ("/admin/jobs", "/admin/messages"):
        assert client.get(address).status_code == 404
    assert client.post("/admin/messages/1/retry").status_code in (400, 404)
