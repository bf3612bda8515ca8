import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from config import Config
from tests import factories
from tests.web.moving_clock import MovingClock, app_with
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, send, signed_in, statements, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import Calendar, Case, Category, Clock
from tracker.services.deliveries import make_deliveries
from tracker.services.escalations import fire_due_rungs

ROW = re.compile(r'data-case="([^"]+)"')


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


def rows_of(html: str) -> list[str]:
    return ROW.findall(html)


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def case_page(app: Flask, login: str, number: str) -> str:
    return text_of(signed_in(app, login).get(f"/desk/cases/{number}"))


def queue(app: Flask, login: str, show: str = "") -> str:
    return text_of(signed_in(app, login).get("/desk", query_string={"show": show} if show else {}))


def fire(app: Flask) -> None:
    with app.app_context():
        fire_due_rungs(app.extensions["clock"]())
        make_deliveries(app.extensions["clock"]())


# ---------------------------------------------------------------- the case at the desk


def test_the_sum_of_a_clock_stands_in_words(app: Flask, desk: Desk) -> None:
    """Sent to the department on Monday at 9:30, one working day: due with Tuesday's service."""
    page = words_of(case_page(app, "operator", desk.case_in(State.IN_PROGRESS)))
    assert "处置：还有 1 个工作日 6 小时（11月24日 17:30 前）" in page
    assert "先行联系：还有 4 小时（11月23日 15:00 前）" in page
    assert "受理：用了 不到 1 分钟" not in page, "ended clocks stand in the table, not among the sums"


def test_pauses_and_extensions_are_part_of_the_sum(app: Flask, desk: Desk, clock: MovingClock) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    clock.at("11-23 10:00")
    desk.take(
        number,
        Action.HOLD,
        Role.SUPERVISOR,
        reason="works",
        on=date(2026, 12, 1),
        note="等施工。",
    )
    assert "处置：11月23日 10:00 起暂停计时" in words_of(case_page(app, "operator", number))
    clock.at("11-23 14:00")
    desk.take(number, Action.RESUME, Role.SUPERVISOR)
    page = words_of(case_page(app, "operator", number))
    assert "（11月25日 11:30 前），暂停过 1 次共 2 小时 30 分" in page, (
        "10:00 to 14:00 without the lunch break"
    )
    desk.take(number, Action.REQUEST_EXTENSION, "ZF", note="要调机械", on=date(2026, 11, 26))
    desk.take(number, Action.GRANT_EXTENSION, Role.DUTY_LEAD)
    page = words_of(case_page(app, "operator", number))
    assert "（11月26日 17:30 前），暂停过 1 次共 2 小时 30 分，延期 1 次" in page
    assert "期限 11月25日 11:30 → 11月26日 17:30" in page
    assert "暂停 11月23日 10:00—11月23日 14:00（挂账，supervisor·王敏）" in page


def test_the_drawing_says_by_line_and_shape_what_colour_says(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    clock.at("11-25 10:00")
    fire(app)
    page = case_page(app, "operator", number)
    drawing = page[page.index("<figure") : page.index("</figure>")]
    assert 'role="img" aria-label="计时图，内容见文字和表格"' in drawing
    for part in ("clocks-run", "clocks-over", "clocks-due", "■ 处置", "▲", "△", "现在", "11/24"):
        assert part in drawing, part
    assert "style=" not in drawing


def test_the_page_says_who_was_reminded_and_who_will_be(app: Flask, desk: Desk, clock: MovingClock) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    clock.at("11-25 10:00")
    fire(app)
    page = words_of(case_page(app, "operator", number))
    assert "处置：已超 1 小时（应在 11月24日 17:30 前）" in page, "service began at 9:00"
    assert "▲ 100%（11月24日 17:30）已提醒经办人、单位负责人" in page
    assert "△ 150%（" in page
    assert "将提醒值班长" in page


def test_the_due_time_is_told_before_the_case_is_dispatched(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.FILED)
    assert "办结期限将是11月24日 周二 17:30。" in case_page(app, "operator", number)
    desk.take(number, Action.DISPATCH, Role.OPERATOR, lead="ZF")
    desk.take(number, Action.REQUEST_RETURN, "ZF", note="不归我们", suggested="LR")
    desk.take(number, Action.GRANT_RETURN, Role.DUTY_LEAD)
    page = case_page(app, "operator", number)
    assert "办结期限不变，仍是11月24日 周二 17:30。" in page, "a new department gives no new time"


def test_an_extension_is_asked_for_in_sight_of_the_present_due_time(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    assert "现在的期限是11月24日 周二 17:30。" in case_page(app, "handler-zf", number)
    desk.take(number, Action.REQUEST_EXTENSION, "ZF", note="要调机械", on=date(2026, 11, 27))
    page = case_page(app, "duty_lead", number)
    assert "现在的期限是11月24日 周二 17:30，延期后是11月27日 周五 17:30。" in page


def test_the_message_that_colleagues_will_get_can_be_read_before_the_move(app: Flask, desk: Desk) -> None:
    page = words_of(case_page(app, "operator", desk.case_in(State.FILED)))
    assert "保存后会发出的消息 给承办人 新案件待签收" in page


def test_a_stage_is_finished_from_its_own_form(app: Flask, desk: Desk) -> None:
    number = desk.report(_staged(app)).number
    desk.take(number, Action.SIGN, _lead_of(app, number))
    client = signed_in(app, f"handler-{_lead_of(app, number)}".lower())
    page = text_of(client.get(f"/desk/cases/{number}"))
    assert '<option value="guard"' in page
    assert "分段时限：先行防护" in page
    answer = send(client, number, Action.FINISH_STAGE, stage="guard", note="已围挡。")
    assert answer.status_code == 303
    assert '<option value="guard"' not in text_of(client.get(f"/desk/cases/{number}"))


def _staged(app: Flask) -> str:
    """A category with stages that goes to its department by rule."""
    with app.app_context(), transaction():
        row = db.session.scalars(select(Category).where(Category.code == "A1")).one()
        row.allowances = row.allowances | {"stages": ["guard 1h", "repair 24h"], "done": "24h"}
    return "A1"


def _lead_of(app: Flask, number: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Case.lead).where(Case.number == number)).one()


# ---------------------------------------------------------------- the queue


def test_the_queue_says_how_long_is_left_in_working_time(app: Flask, desk: Desk, clock: MovingClock) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    desk.take(number, Action.CONTACT, "ZF", note="已联系")
    page = queue(app, "operator", "open")
    assert '<time datetime="2026-11-24T09:30:00+00:00">剩 1 个工作日 6 小时</time>' in page
    clock.at("11-24 14:10")
    assert "剩 3 小时 20 分" in queue(app, "operator", "open")
    clock.at("11-25 17:30")
    page = queue(app, "operator", "open")
    assert "超 1 个工作日" in page
    assert "■" in page


def test_near_and_past_due_times_have_views_of_their_own(app: Flask, desk: Desk, clock: MovingClock) -> None:
    """On Monday at 16:30 what is due by Tuesday 13:30 is near: between the two lie four hours of service."""
    tomorrow_evening = desk.case_in(State.IN_PROGRESS)
    desk.take(tomorrow_evening, Action.CONTACT, "ZF", note="已联系")
    clock.at("11-23 16:30")
    to_contact = desk.case_in(State.IN_PROGRESS)
    assert rows_of(queue(app, "operator", "soon")) == [to_contact]
    clock.at("11-24 15:00")
    assert rows_of(queue(app, "operator", "soon")) == [tomorrow_evening]
    over = queue(app, "operator", "over")
    assert rows_of(over) == [to_contact]
    assert '已超时 <span class="number">1</span>' in over
    assert '快到期 <span class="number">1</span>' in over


def test_a_case_on_hold_is_neither_late_nor_near(app: Flask, desk: Desk, clock: MovingClock) -> None:
    number = desk.case_in(State.ON_HOLD)
    clock.at("11-25 17:00")
    assert number not in queue(app, "operator", "over")
    assert "暂停中" in queue(app, "operator", "open")


def test_the_views_of_lateness_hold_fifty_rows_a_page_in_the_order_of_their_ends(
    app: Flask, desk: Desk, clock: MovingClock
) -> None:
    numbers = []
    for minute in range(53):
        clock.at(f"11-23 09:{minute:02d}")
        numbers.append(desk.report().number)
    clock.at("11-24 09:30")
    client = signed_in(app, "operator")
    first = text_of(client.get("/desk?show=over"))
    assert rows_of(first) == numbers[:50], "the earliest due first"
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = text_of(client.get(older[1]))
    assert rows_of(second) == numbers[50:]
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer
    assert rows_of(text_of(client.get(newer[1]))) == numbers[:50]


def test_pages_with_clocks_stay_within_their_statements(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.IN_PROGRESS)
    for login in ("operator", "handler-zf", "duty_lead", "supervisor"):
        client = signed_in(app, login)
        with statements(app) as ran:
            client.get("/desk?show=open")
        assert len(ran) <= 9, ran
        with statements(app) as ran:
            client.get(f"/desk/cases/{number}")
        assert len(ran) <= 20, ran


# ---------------------------------------------------------------- the reporter


def test_the_reporter_reads_by_when_the_work_will_be_done(
    app: Flask, desk: Desk, owner: Reporter, clock: MovingClock
) -> None:
    sent = desk.report()
    owner.get(f"/t/{sent.link_key}")
    assert "决定由谁处理 最晚 11月23日 11:30 前" in owner.text()
    with app.app_context():
        factories.walk_to(sent.number, State.IN_PROGRESS, desk.crew)
    owner.get(f"/t/{sent.link_key}")
    assert "综合行政执法队处理好 最晚 11月24日 17:30 前" in owner.text()
    assert "签收" not in owner.text()
    clock.at("11-25 10:00")
    owner.get(f"/t/{sent.link_key}")
    assert "综合行政执法队处理好 本应在 11月24日 17:30 前 已超过答应的时间。" in owner.text()
    assert "已提醒负责人" not in owner.text(), "nobody was reminded yet"
    fire(app)
    owner.get(f"/t/{sent.link_key}")
    assert "已超过答应的时间，已提醒负责人。" in owner.text()


def test_the_reporter_reads_what_holds_on_hold_and_at_the_end(
    app: Flask, desk: Desk, owner: Reporter
) -> None:
    sent = desk.report()
    with app.app_context():
        factories.walk_to(sent.number, State.ON_HOLD, desk.crew)
    owner.get(f"/t/{sent.link_key}")
    assert "综合行政执法队处理好 暂停计时 暂缓期间不计时" in owner.text()
    other = desk.report(text="垃圾桶倒了")
    with app.app_context():
        factories.walk_to(other.number, State.VERIFIED, desk.crew)
    owner.get(f"/t/{other.link_key}")
    assert "请您说解决了没有 最晚 11月26日 17:30 前 没有回答会先结案" in owner.text(), (
        "three working days after Monday"
    )


def test_where_the_calendar_does_not_reach_the_time_is_said_to_be_open(
    app: Flask, desk: Desk, owner: Reporter, clock: MovingClock
) -> None:
    clock.at("12-31 16:30")
    sent = desk.report()
    with app.app_context():
        factories.walk_to(sent.number, State.DISPATCHED, desk.crew)
    owner.get(f"/t/{sent.link_key}")
    assert "期限待定" in owner.text()
    assert "期限待定，工作日历还没有排到那一天" in case_page(app, "operator", sent.number)
    assert "期限待定" in queue(app, "operator", "open")


def test_a_street_without_any_calendar_still_shows_its_pages(app: Flask, desk: Desk, owner: Reporter) -> None:
    with app.app_context(), transaction():
        db.session.query(Clock).delete()
        db.session.query(Calendar).delete()
    sent = desk.report()
    with app.app_context():
        factories.walk_to(sent.number, State.FILED, desk.crew)
    owner.get(f"/t/{sent.link_key}")
    assert "期限待定：工作日历还没有排到那一天。" in case_page(app, "operator", sent.number)


def test_the_receipt_says_what_happens_next_and_when(desk: Desk, owner: Reporter) -> None:
    owner.report(desk.street.token)
    assert "决定由谁处理：最晚 11月23日 11:30 前" in owner.text()
