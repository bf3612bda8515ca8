import json
import re

import pytest
from flask import Flask

from tests import factories
from tests.web.staff import Desk, a_desk, signed_in, statements, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role

LIVE = re.compile(r'data-url="([^"]*)" data-cursor="(\d+)"')
ROW = re.compile(r'data-case="([^"]+)"')


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def numbers_on(page: str) -> list[str]:
    return ROW.findall(page)


def test_an_operator_first_sees_what_waits_for_a_decision_of_his(app: Flask, desk: Desk) -> None:
    reported, filed = desk.report().number, desk.case_in(State.FILED)
    desk.case_in(State.NEEDS_INFO)
    desk.case_in(State.IN_PROGRESS)
    page = text_of(signed_in(app, "operator").get("/desk"))
    assert numbers_on(page) == [filed, reported]
    assert '待我办理 <span class="number">2</span>' in page
    assert '全部在办 <span class="number">4</span>' in page


@pytest.mark.parametrize(
    ("login", "state"),
    [
        ("handler-zf", State.DISPATCHED),
        ("handler-zf", State.IN_PROGRESS),
        ("verifier-jw", State.CHECKING),
        ("verifier-jw", State.RESOLVED),
        ("duty_lead", State.RETURN_REQUESTED),
        ("supervisor", State.ON_HOLD),
    ],
)
def test_each_role_finds_the_cases_that_wait_for_it(app: Flask, desk: Desk, login: str, state: State) -> None:
    desk.report()
    number = desk.case_in(state)
    assert numbers_on(text_of(signed_in(app, login).get("/desk"))) == [number]


def test_an_appealed_case_waits_for_the_duty_lead_and_no_longer_for_the_operator(
    app: Flask, desk: Desk
) -> None:
    sent = desk.report()
    desk.take(
        sent.number, Action.DECLINE, Role.OPERATOR, reason="consumer", channel="12315", note="价格争议。"
    )
    with app.app_context():
        factories.take(sent.number, Action.APPEAL, by=factories.speaker(sent), note="不是价格问题。")
    lead = text_of(signed_in(app, "duty_lead").get("/desk"))
    assert numbers_on(lead) == [sent.number]
    assert "申诉" in lead
    assert numbers_on(text_of(signed_in(app, "operator").get("/desk"))) == []


def test_a_second_return_waits_for_the_supervisor(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.RETURN_REQUESTED)
    desk.take(number, Action.REFUSE_RETURN, Role.DUTY_LEAD)
    desk.take(number, Action.REQUEST_RETURN, "ZF", note="仍不归我们", suggested="LR")
    assert numbers_on(text_of(signed_in(app, "supervisor").get("/desk"))) == [number]
    assert numbers_on(text_of(signed_in(app, "duty_lead").get("/desk"))) == []


def test_the_third_failed_check_waits_for_the_supervisor_and_says_so(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.RESOLVED)
    for attempt in range(3):
        desk.take(number, Action.FAIL, Role.VERIFIER, note="没清干净")
        if attempt < 2:
            desk.take(number, Action.RESOLVE, "ZF", outcome="fixed", note="清了", photos=1)
    page = text_of(signed_in(app, "supervisor").get("/desk"))
    assert numbers_on(page) == [number]
    assert "待过问" in page
    assert numbers_on(text_of(signed_in(app, "handler-zf").get("/desk"))) == []


def test_the_queue_is_filtered_by_the_state_in_the_address(app: Flask, desk: Desk) -> None:
    filed = desk.case_in(State.FILED)
    desk.report()
    page = text_of(signed_in(app, "operator").get("/desk?show=filed"))
    assert numbers_on(page) == [filed]
    assert "<h1>待派遣</h1>" in page


def test_fifty_cases_a_page_newest_or_oldest_first_and_back_again(app: Flask, desk: Desk) -> None:
    with app.app_context():
        sent = [factories.a_report(desk.street.token).number for _count in range(52)]
    client = signed_in(app, "operator")
    newest = text_of(client.get("/desk?show=all"))
    assert numbers_on(newest) == sent[:1:-1]
    (older,) = re.findall(r'rel="next" href="([^"]+)"', newest)
    second = text_of(client.get(older))
    assert numbers_on(second) == [sent[1], sent[0]]
    (newer,) = re.findall(r'rel="prev" href="([^"]+)"', second)
    assert numbers_on(text_of(client.get(newer))) == sent[:1:-1]
    assert numbers_on(text_of(client.get("/desk?show=all&order=oldest"))) == sent[:50]


@pytest.mark.parametrize(
    "address",
    [
        "/desk?show=nonsense",
        "/desk?at=nonsense",
        "/desk?at=>1.2",
        "/desk?at=>9e9.1.x",
        f"/desk?at=>1.1.{2**70}",
    ],
)
def test_a_broken_address_shows_the_first_page_and_says_so(app: Flask, desk: Desk, address: str) -> None:
    number = desk.report().number
    answer = signed_in(app, "operator").get(address)
    assert answer.status_code == 200
    assert numbers_on(text_of(answer)) == [number]
    assert "链接里的查看条件认不出来" in text_of(answer)


def test_a_new_case_appears_in_the_open_queue_once(app: Flask, desk: Desk) -> None:
    client = signed_in(app, "operator")
    found = LIVE.search(text_of(client.get("/desk")))
    assert found
    url, cursor = found.groups()
    number = desk.report(text="新来的一件").number
    news = json.loads(client.get(f"{url}&since={cursor}").get_data())
    assert news["count"] == 1
    assert numbers_on(news["rows_html"]) == [number]
    assert "新来的一件" in news["rows_html"]
    nothing = json.loads(client.get(f"{url}&since={news['cursor']}").get_data())
    assert (nothing["count"], nothing["cursor"]) == (0, news["cursor"])


def test_what_moves_on_inside_a_view_is_no_news_but_what_enters_it_is(app: Flask, desk: Desk) -> None:
    number = desk.report().number
    client = signed_in(app, "operator")
    cursor = LIVE.search(text_of(client.get("/desk?show=open")))[2]  # type: ignore[index]
    desk.take(number, Action.CHECK, Role.OPERATOR)
    assert json.loads(client.get(f"/desk/new?show=open&since={cursor}").get_data())["count"] == 0
    assert json.loads(client.get(f"/desk/new?show=checking&since={cursor}").get_data())["count"] == 1


def test_a_case_appears_in_a_departments_queue_when_it_is_dispatched_there(app: Flask, desk: Desk) -> None:
    number = desk.case_in(State.FILED)
    client = signed_in(app, "handler-zf")
    cursor = LIVE.search(text_of(client.get("/desk?show=open")))[2]  # type: ignore[index]
    desk.take(number, Action.DISPATCH, Role.OPERATOR, lead="ZF")
    for view in ("open", "mine", "dispatched", "all"):
        news = json.loads(client.get(f"/desk/new?show={view}&since={cursor}").get_data())
        assert numbers_on(news["rows_html"]) == [number], view


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    "address", ["/desk/new", "/desk/new?since=x", "/desk/new?since=-1", f"/desk/new?since={2**70}"]
)
def test_news_since_nothing_known_is_refused(app: Flask, address: str) -> None:
    assert signed_in(app, "operator").get(address).status_code == 400


def test_news_stay_off_pages_where_the_newest_do_not_belong_on_top(app: Flask, desk: Desk) -> None:
    desk.report()
    assert not LIVE.search(text_of(signed_in(app, "operator").get("/desk?order=oldest")))


def test_an_admin_is_told_why_there_is_no_queue(app: Flask, desk: Desk) -> None:
    desk.report()
    page = signed_in(app, "admin").get("/desk")
    assert page.status_code == 200
    assert "不办理案件" in text_of(page)
    assert numbers_on(text_of(page)) == []


def test_a_full_queue_page_takes_at_most_nine_statements(app: Flask, desk: Desk) -> None:
    with app.app_context():
        for _count in range(51):
            factories.a_report(desk.street.token, photos=1)
        factories.a_person(Role.VERIFIER, department="LR", area="PP")
    for login in ("operator", "handler-zf", "verifier-lr"):
        client = signed_in(app, login)
        with statements(app) as ran:
            page = client.get("/desk?show=all")
        assert len(ran) <= 9, ran
        assert len(page.get_data()) < 150_000


def test_the_small_picture_of_a_case_is_shown_to_those_who_see_it(app: Flask, desk: Desk) -> None:
    number, bare = desk.report(photos=1).number, desk.report().number
    operator = signed_in(app, "operator")
    with operator.get(f"/desk/thumbs/{number}") as picture:
        assert picture.mimetype == "image/jpeg"
    assert operator.get(f"/desk/thumbs/{bare}").status_code == 404
    assert signed_in(app, "handler-zf").get(f"/desk/thumbs/{number}").status_code == 404
