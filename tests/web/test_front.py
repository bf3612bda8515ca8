"""The front page for somebody who has nothing but a phone: what it says, what it costs, where it leads."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.factories import Street
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, hidden, statements, text_of
from tracker.domain.clearing import Clearing
from tracker.domain.honest_figures import Ending, Figures, Median, Medians, Span
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import now
from tracker.services import case_pages, clearings, figures, front_page
from tracker.services.figures import Counted
from tracker.web.figure_words import figure_words

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def words_of(app: Flask, told: Figures) -> Any:
    with app.test_request_context("/"):
        return figure_words(Counted(90, NOON - timedelta(days=90), NOON, told))


TOLD = Figures(
    endings={
        Ending.FIXED: 143,
        Ending.UNANSWERED: 61,
        Ending.DECLINED: 12,
        Ending.OPEN: 40,
        Ending.WAITING: 8,
        Ending.ANSWERED: 20,
        Ending.MERGED: 15,
        Ending.WITHDRAWN: 9,
        Ending.VOIDED: 4,
    },
    disputed=27,
    disputed_fixed=18,
    overdue=6,
    times={
        Span.FILED: Medians(Median(200, 45 * 60), Median(9, 60)),
        Span.ANSWERED: Medians(Median(250, 3 * 3600 + 600), Median(30, 20 * 60)),
        Span.FIXED: Medians(Median(180, 10 * 3600), Median(24, 26 * 3600)),
    },
    service_day_s=7 * 3600,
)


@pytest.mark.one_database  # words only
def test_each_number_says_what_it_was_counted_from(app: Flask) -> None:
    told = words_of(app, TOLD)
    assert told.head == "过去 90 天（2026年8月25日起）共上报 312 件。"
    assert [(each.label, each.count, each.share) for each in told.figures] == [
        ("解决了", 143, 46),
        ("说没解决", 27, 9),
        ("没有回答", 61, 20),
        ("不予受理", 12, 4),
        ("还没办完", 48, 15),
        ("已经超时", 6, 13),
    ]
    assert told.figures[0].share_words == "占上报的 312 件的 46%"
    assert told.figures[5].share_words == "占没办完的 48 件的 13%"
    assert "其中 18 件后来解决了" in told.figures[1].formula
    assert told.sum.endswith("= 143 + 61 + 12 + 48 + 48 = 312。")
    assert [(row.service, row.service_count, row.clock, row.clock_count) for row in told.times] == [
        ("45 分钟", "200 件的中间一件", "—", "只有 9 件，太少，不算"),
        ("3 小时 10 分", "250 件的中间一件", "20 分钟", "30 件的中间一件"),
        ("1 个工作日 3 小时", "180 件的中间一件", "1 天 2 小时", "24 件的中间一件"),
    ]


@pytest.mark.one_database  # words only
def test_of_a_few_cases_no_percentage_is_told(app: Flask) -> None:
    told = words_of(app, Figures(endings={Ending.FIXED: 4, Ending.OPEN: 5}, times=TOLD.times))
    assert {each.share for each in told.figures} == {None}
    assert told.figures[0].share_words == "上报的只有 9 件，太少，不算百分比"
    assert told.figures[0].count == 4


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def a_confirmed_case(app: Flask, desk: Desk, category: str = "A5", token: str = "") -> str:
    with app.app_context():
        sent = factories.a_report(token or desk.street.token, category, photos=1)
        factories.take(sent.number, Action.FIX_ON_SPOT, by=desk.crew[Role.OPERATOR], photos=1)
        factories.take(sent.number, Action.CONFIRM, by=factories.speaker(sent))
    return sent.number


def clear(app: Flask, desk: Desk, number: str) -> None:
    """Let strangers see all photos of a case, and what was done."""
    operator = desk.crew[Role.OPERATOR]
    with app.app_context():
        photos = case_pages.staff_case(number, operator, now()).page.photos
        pictures = [
            clearings.make_public_picture(
                photo.id, case_pages.staff_photo(photo.id, operator, now()), areas=""
            )
            for photo in photos
        ]
        clearing = Clearing("清走了。", tuple(pictures))
        factories.take(number, Action.PUBLISH_PHOTOS, by=operator, clearing=clearing)


def test_the_page_asks_the_database_four_times_and_weighs_little(app: Flask, desk: Desk) -> None:
    for _ in range(4):
        clear(app, desk, a_confirmed_case(app, desk))
    for _ in range(5):
        a_confirmed_case(app, desk)
    with app.app_context():
        while figures.count_on(now()):
            pass
    stranger = app.test_client()
    with statements(app) as ran:
        page = stranger.get("/").get_data(as_text=True)
    assert len(ran) <= 4, ran
    assert not any("history" in statement or "case_figures" in statement for statement in ran)
    packed = FlaskClient(app).get("/", headers={"Accept-Encoding": "gzip"}, buffered=True).get_data()
    assert len(packed) <= 14_000
    thumbs = re.findall(r'<img src="(/fixed/[^"]+)"', page)
    assert len(thumbs) == 6
    assert page.count('loading="lazy"') == 6
    weights = [len(stranger.get(each).get_data()) for each in thumbs]
    assert max(weights) <= 20_000
    assert len(packed) + sum(weights) <= 80_000
    assert "<script" not in page
    assert "://" not in page


def test_what_was_fixed_names_a_road_and_never_a_shop(app: Flask, desk: Desk) -> None:
    a_confirmed_case(app, desk)
    a_confirmed_case(app, desk, "B5", desk.street.metro_token)
    a_confirmed_case(app, desk, "F4", desk.street.metro_token)
    hidden_one = a_confirmed_case(app, desk, "J3")
    silent = desk.case_in(State.CLOSED)
    with app.app_context():
        found = front_page.fixed_lately()
    shown = [(case.category_zh, case.where, case.is_confirmed) for case in found]
    assert shown == [
        ("占道(乱)堆物", "共和新路", False),
        ("经营(社会生活)噪声", "共和新路", True),
        ("非法小广告(乱涂写)", "彭浦新村地铁站 2 号口", True),
        ("占道(乱)堆物", "共和新路", True),
    ]
    page = text_of(app.test_client().get("/"))
    assert "老盛昌" not in page
    assert "核查通过，报的人没有回答" in page
    assert "报的人说解决了" in page
    assert not any(number in page for number in (hidden_one, silent))
    assert "纸箱已清走。" not in page, (
        "what the reporter was told is not for everybody until somebody clears it"
    )


def test_a_period_is_chosen_and_any_other_is_the_usual_one(app: Flask, street: Street) -> None:
    with app.app_context():
        factories.a_report(street.token)
        figures.count_on(now())
        figures.count_on(now())
    stranger = app.test_client()
    for asked, told in (
        ("", "过去 90 天（"),
        ("?days=30", "过去 30 天（"),
        ("?days=365", "过去一年（"),
        ("?days=7", "过去 90 天（"),
    ):
        assert told in text_of(stranger.get(f"/{asked}"))
    assert "1 件" in text_of(stranger.get("/"))


def test_number_and_code_lead_to_the_private_page_and_wrong_ones_tell_nothing(
    app: Flask, street: Street, owner: Reporter
) -> None:
    address = owner.report(street.token)
    number, code = owner.number(), owner.code()
    stranger = Reporter(app.test_client())
    stranger.get("/")
    form = {"csrf_token": hidden(stranger.page, "csrf_token"), "number": number, "code": code}
    wrong_code = f"{(int(code) + 1) % 10_000:04d}"
    wrong = [
        stranger.client.post("/find/case", data=form | change)
        for change in ({"number": "261123-9999"}, {"code": wrong_code})
    ]
    pages = [re.sub(r'nonce="[^"]*"|value="[^"]*"', "", text_of(each)) for each in wrong]
    assert [each.status_code for each in wrong] == [422, 422]
    assert pages[0] == pages[1]
    assert "编号或4位数字不对" in pages[0]
    assert f'value="{number}"' in text_of(wrong[1]), "nobody has to type it again"
    empty = stranger.client.post("/find/case", data=form | {"code": " "})
    assert (empty.status_code, "都填上" in text_of(empty)) == (422, True)
    answer = stranger.client.post("/find/case", data=form)
    assert (answer.status_code, answer.location) == (303, f"{address}?progress=1")
    assert stranger.client.get("/find/case").location == "/#look-up"


def test_staff_find_their_door_at_the_foot(app: Flask, street: Street) -> None:
    assert street.token
    page = text_of(app.test_client().get("/"))
    assert page.index("工作人员登录") > page.index("<footer")
