"""Common issues at the desk: the list, one issue with its reasons, what may be decided."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import factories
from tests.factories import Sent
from tests.issue_samples import (
    TypedGroups,
    actions_of,
    newest_issue,
    numbers_in,
    numbers_of,
    refreshed,
    report_from,
    reports_from,
    rulings_of,
)
from tests.meetings import QUESTION, a_meeting, three_shops
from tests.web.staff import Desk, a_desk, hidden, signed_in, statements, text_of
from tracker.domain.permissions import Role
from tracker.extensions import now

NAMES = ("阿福面馆", "老王水果", "晨光文具", "美美理发", "顺丰驿站")
WORDS = ("共享单车把店门堵住了", "门口单车太多", "单车乱停，客人进不来", "单车占了人行道", "又是单车挡路")


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def candidate(app: Flask, *, category: str = "A5", extra: str = "", photos: int = 0) -> list[Sent]:
    """Five shops reported the same; one of them under another category if `extra` names one."""
    with app.app_context():
        sents = [
            report_from(name, extra or category if name == NAMES[4] else category, text=words, photos=photos)
            for name, words in zip(NAMES, WORDS, strict=True)
        ]
        refreshed(TypedGroups(a=sents), now())
    return sents


def decide(client: FlaskClient, number: str, decision: str, **fields: Any) -> TestResponse:
    """Open the page of an issue, fill in one of its forms and send it."""
    page = text_of(client.get(f"/issues/{number}"))
    return resend(client, number, decision, form_of(page) | fields)


def form_of(page: str) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("csrf_token", "version", "key")}


def resend(client: FlaskClient, number: str, decision: str, fields: dict[str, Any]) -> TestResponse:
    return client.post(f"/issues/{number}/{decision}", data=fields)


def accept(app: Flask, desk: Desk, number: str = "G26-0001", **fields: Any) -> None:
    owner = desk.crew[Role.SECRETARY].user_id
    given = {"title": "地铁口单车堵门", "cause": "划线太少", "owner": owner} | fields
    answer = decide(signed_in(app, "secretary"), number, "accept", **given)
    assert answer.status_code == 303, text_of(answer)


@pytest.mark.usefixtures("desk")
def test_the_list_ranks_and_says_how(app: Flask) -> None:
    candidate(app)
    with app.app_context():
        refreshed(TypedGroups(b=reports_from(["甲店", "乙店", "丙店"], "D1", at=now())), now())
    page = text_of(signed_in(app, "operator").get("/issues"))
    assert page.index("G26-0001") < page.index("G26-0002")
    assert "5 × 1 × 4" in page
    assert "必须研判" in page
    assert re.search(r"<span class=\"sla tone-\w+\">", page)
    assert "排序分 = 地点 × 持续 × 增长" in page
    only = text_of(signed_in(app, "operator").get("/issues?show=must"))
    assert "G26-0001" in only
    assert "G26-0002" not in only
    assert "链接里的查看条件认不出来" in text_of(signed_in(app, "operator").get("/issues?show=nothing&at=x"))


@pytest.mark.usefixtures("desk")
def test_a_candidate_says_why(app: Flask) -> None:
    candidate(app, extra="D1", photos=1)
    page = text_of(signed_in(app, "secretary").get("/issues/G26-0001"))
    for words in (
        "近 14 天 5 个不同地点上报，近 30 天 5 个。",
        "5 位不同的报事人，一共 5 份上报。",
        "1 件原来报在别的类别",
        "单车",
        "近 14 天 5 份上报，此前 8 周平均每 14 天 0 份。",
        "5 个地点，都在半径约",
        "最近 10 周共 5 件",
        "没有找到类别、位置或说法相近的。",
    ):
        assert words in page
    assert page.count('class="place-map"') == 1
    assert len(re.findall(r"/desk/photos/\d+\?size=thumb", page)) == 5


@pytest.mark.usefixtures("desk")
def test_who_only_looks_is_offered_no_decision(app: Flask) -> None:
    candidate(app)
    operator = signed_in(app, "operator")
    page = text_of(operator.get("/issues/G26-0001"))
    assert "decide-accept" not in page
    assert 'form="choose"' not in page
    token = hidden(page, "csrf_token")
    answer = operator.post("/issues/G26-0001/dismiss", data={"csrf_token": token, "version": 3, "note": "x"})
    assert answer.status_code == 404


def test_accepting_takes_title_cause_and_owner(app: Flask, desk: Desk) -> None:
    sents = candidate(app)
    secretary = signed_in(app, "secretary")
    answer = decide(secretary, "G26-0001", "accept", title="", cause="阿福面馆说的", owner="")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "请写一个标题。" in page
    assert "请选择负责人。" in page
    assert "阿福面馆说的" in page, "what was typed is still there"
    accept(app, desk)
    page = text_of(secretary.get("/issues/G26-0001"))
    assert "认定" in page
    assert "划线太少" in page
    assert "/common/G26-0001" in page
    with app.app_context():
        issue = newest_issue()
        assert (issue.state, issue.must_review, issue.title) == ("accepted", False, "地铁口单车堵门")
        assert numbers_in(issue.id) == numbers_of(sents)


@pytest.mark.usefixtures("desk")
def test_a_page_that_is_out_of_date_shows_what_changed_and_keeps_what_was_typed(app: Flask) -> None:
    sents = candidate(app)
    secretary, supervisor = signed_in(app, "secretary"), signed_in(app, "supervisor")
    old = form_of(text_of(secretary.get("/issues/G26-0001")))
    assert decide(supervisor, "G26-0001", "remove", case=[sents[0].number], why="不一样").status_code == 303
    answer = resend(secretary, "G26-0001", "dismiss", old | {"note": "各家情况不同"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "这个问题已有变化" in page
    assert "移出案件" in page
    assert "各家情况不同" in page
    again = form_of(page) | {"note": "各家情况不同"}
    assert [resend(secretary, "G26-0001", "dismiss", again).status_code for _ in range(2)] == [303, 303]
    with app.app_context():
        assert actions_of(newest_issue().id).count("dismiss") == 1


@pytest.mark.usefixtures("desk")
def test_the_same_form_filled_in_otherwise_is_another_decision(app: Flask) -> None:
    sents = candidate(app)
    secretary = signed_in(app, "secretary")
    old = form_of(text_of(secretary.get("/issues/G26-0001")))
    assert resend(secretary, "G26-0001", "remove", old | {"case": sents[0].number}).status_code == 303
    assert resend(secretary, "G26-0001", "remove", old | {"case": sents[1].number}).status_code == 409


@pytest.mark.usefixtures("desk")
def test_splitting_needs_some_and_not_all(app: Flask) -> None:
    sents = candidate(app)
    secretary = signed_in(app, "secretary")
    assert "请先在案件表里勾选" in text_of(decide(secretary, "G26-0001", "split"))
    everything = sorted(numbers_of(sents))
    assert "至少留下一件" in text_of(decide(secretary, "G26-0001", "split", case=everything))
    answer = decide(secretary, "G26-0001", "split", case=everything[:2], new_title="另一头的单车")
    assert answer.status_code == 303
    assert "已拆出 G26-0002" in text_of(secretary.get("/issues/G26-0001"))
    assert "另一头的单车" in text_of(secretary.get("/issues/G26-0002"))


def test_cases_are_added_by_number_or_from_what_is_near(app: Flask, desk: Desk) -> None:
    candidate(app)
    near = desk.report(text="又有单车")
    secretary = signed_in(app, "secretary")
    page = text_of(secretary.get("/issues/G26-0001"))
    assert f'name="case" value="{near.number}"' in page
    assert "没有这个编号的案件：999999-0001" in text_of(
        decide(secretary, "G26-0001", "add", numbers="999999-0001")
    )
    assert decide(secretary, "G26-0001", "add", case=[near.number]).status_code == 303
    with app.app_context():
        assert near.number in numbers_in(newest_issue().id)
    assert "这些案件已经在这个问题里" in text_of(decide(secretary, "G26-0001", "add", numbers=near.number))


def test_a_secretary_proposes_what_the_grouping_did_not_see(app: Flask, desk: Desk) -> None:
    numbers = [desk.report(text=words).number for words in ("单车堵门", "扫码车围着")]
    secretary = signed_in(app, "secretary")

    def propose(typed: str, key: str = "a form") -> Any:
        token = hidden(text_of(secretary.get("/issues")), "csrf_token")
        form = {"csrf_token": token, "numbers": typed, "title": "地铁口", "key": key}
        return secretary.post("/issues", data=form)

    assert "至少写两件案件的编号" in text_of(propose(numbers[0]))
    assert "没有这个编号的案件：999999-0001" in text_of(propose(f"{numbers[0]}、999999-0001"))
    first, again = (propose(" ".join(numbers), "the same form") for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"] == "/issues/G26-0001"
    page = text_of(secretary.get("/issues/G26-0001"))
    assert "地铁口" in page
    assert "线索" in page
    with app.app_context():
        assert numbers_in(newest_issue().id) == set(numbers)
        assert set(rulings_of(newest_issue().id).values()) == {"in"}


@pytest.mark.usefixtures("desk")
def test_a_case_names_its_issue_to_whom_it_concerns(app: Flask) -> None:
    number = candidate(app)[0].number
    assert "属于共性问题" in text_of(signed_in(app, "operator").get(f"/desk/cases/{number}"))
    assert "G26-0001" not in text_of(signed_in(app, "verifier-jw").get(f"/desk/cases/{number}"))


@pytest.mark.usefixtures("desk")
def test_a_longer_list_takes_no_more_statements(app: Flask) -> None:
    candidate(app)
    client, counts = signed_in(app, "operator"), []
    for more in ("甲", "乙"):
        with statements(app) as ran:
            assert client.get("/issues").status_code == 200
        counts.append(len(ran))
        with app.app_context():
            shops = [f"{more}{number}" for number in range(3)]
            refreshed(TypedGroups({more: reports_from(shops, at=now())}), now())
    assert counts[0] == counts[1] <= 14


@pytest.mark.usefixtures("desk")
def test_a_secretary_sees_issues_of_her_areas_only(app: Flask) -> None:
    candidate(app)
    with app.app_context():
        factories.a_person(Role.SECRETARY, department="DJ", area="PP-2")
        factories.a_person(Role.SUPERVISOR, department="DJ", area="PP-1")
        refreshed(TypedGroups(b=reports_from(["甲", "乙", "丙"], area="PP-2", at=now())), now())
    other, own = signed_in(app, "secretary-dj"), signed_in(app, "supervisor-dj")
    assert "G26-0001" not in text_of(other.get("/issues?show=candidate"))
    assert other.get("/issues/G26-0001").status_code == 404
    assert other.get("/issues/G26-0002").status_code == 200
    assert own.get("/issues/G26-0001").status_code == 200
    token = hidden(text_of(other.get("/issues/G26-0002")), "csrf_token")
    for decision in ("accept", "dismiss", "edit", "split", "remove", "add", "message"):
        answer = other.post(
            f"/issues/G26-0001/{decision}", data={"csrf_token": token, "note": "x", "text": "x"}
        )
        assert answer.status_code == 404, decision
    missing = other.get("/issues/G26-9999")
    assert missing.status_code == 404


@pytest.mark.usefixtures("desk")
def test_handlers_and_admins_see_no_issue(app: Flask) -> None:
    candidate(app)
    for login in ("handler-zf", "verifier-jw", "admin"):
        client = signed_in(app, login)
        assert client.get("/issues").status_code == 404
        assert client.get("/issues/G26-0001").status_code == 404


@pytest.mark.usefixtures("desk")
def test_a_case_elsewhere_is_counted_and_not_shown(app: Flask) -> None:
    with app.app_context():
        sents = [*reports_from(["店一", "店二", "店三"]), report_from("远处的店", area="PP-2")]
        refreshed(TypedGroups(a=sents), now())
        factories.a_person(Role.SECRETARY, department="DJ", area="PP-1")
    page = text_of(signed_in(app, "secretary-dj").get("/issues/G26-0001"))
    assert sents[3].number not in page
    assert "远处的店" not in page
    assert "其中 1 件在其他片区" in page


@pytest.mark.usefixtures("desk")
def test_photos_of_what_must_be_protected_stay_in_their_cases(app: Flask) -> None:
    candidate(app, category="F4", photos=1)
    page = text_of(signed_in(app, "secretary").get("/issues/G26-0001"))
    assert "size=thumb" not in page
    assert "照片只在各自案件里看" in page


def test_looking_at_an_issue_writes_nothing(app: Flask, desk: Desk) -> None:
    candidate(app)
    accept(app, desk)
    client = signed_in(app, "secretary")
    with statements(app) as ran:
        for address in ("/issues", "/issues/G26-0001", "/issues/G26-0001/accept", "/common/G26-0001"):
            assert client.get(address).status_code in (200, 303)
    assert not [each for each in ran if re.match(r"\s*(INSERT|UPDATE|DELETE)", each)]


@pytest.mark.one_database  # about words
def test_an_issue_can_be_read_in_english(app: Flask, desk: Desk) -> None:
    candidate(app)
    accept(app, desk)
    client = signed_in(app, "secretary")
    client.get("/language/en")
    for address in ("/issues", "/issues/G26-0001", "/common/G26-0001"):
        assert client.get(address).status_code == 200


def test_the_page_names_the_meetings_it_is_on(app: Flask, desk: Desk) -> None:
    with app.app_context():
        number = a_meeting(desk.crew[Role.SECRETARY], *three_shops())
        issue = newest_issue().number
    page = text_of(signed_in(app, "secretary").get(f"/issues/{issue}"))
    assert f"/meetings/{number}" in page
    assert QUESTION in page
    assert f"/meetings/{number}" not in text_of(signed_in(app, "operator").get(f"/issues/{issue}"))
