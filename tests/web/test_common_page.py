"""The public page of an issue, "me too", and what reporters read about it."""

from datetime import date

import pytest
from flask import Flask

from tests.factories import Sent
from tests.issue_samples import newest_issue
from tests.matters import an_item
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, signed_in, text_of
from tests.web.test_issues import NAMES, accept, candidate, decide, form_of, resend
from tracker.domain.permissions import Role
from tracker.extensions import db, now
from tracker.models import IssueMessage, IssueVoice, Notice
from tracker.services import issue_voices

PAGE = "/common/G26-0001"


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def unlocked(app: Flask, sent: Sent) -> tuple[Reporter, str]:
    reporter = Reporter(app.test_client())
    return reporter, f"/t/{sent.link_key}"


@pytest.mark.usefixtures("desk")
def test_only_what_people_accepted_is_public(app: Flask) -> None:
    candidate(app)
    visitor = app.test_client()
    assert visitor.get(PAGE).status_code == 404
    decide(signed_in(app, "secretary"), "G26-0001", "dismiss", note="各有各的原因")
    assert visitor.get(PAGE).status_code == 404
    assert visitor.get("/common/G26-9999").status_code == 404


def test_the_public_page_names_no_person_and_no_shop(app: Flask, desk: Desk) -> None:
    sents = candidate(app, photos=1)
    accept(app, desk)
    page = text_of(app.test_client().get(PAGE))
    assert "地铁口单车堵门" in page
    assert "划线太少" in page
    assert "5 个地点 · 5 人遇到" in page
    assert "大致范围" in page
    for hidden in (*NAMES, *(sent.number for sent in sents), "secretary", "王敏", "photos/", "样例路"):
        assert hidden not in page, hidden


def test_too_few_or_protected_places_are_not_drawn(app: Flask, desk: Desk) -> None:
    sents = candidate(app, category="F4")
    secretary = signed_in(app, "secretary")
    owner = desk.crew[Role.SECRETARY].user_id
    answer = decide(secretary, "G26-0001", "accept", title=f"{NAMES[0]}太吵", cause="", owner=owner)
    assert answer.status_code == 422
    assert f"不写具体名称：{NAMES[0]}" in text_of(answer)
    accept(app, desk)
    assert "大致范围" not in text_of(app.test_client().get(PAGE))
    decide(secretary, "G26-0001", "remove", case=[sent.number for sent in sents[:3]])
    assert "2 人遇到" in text_of(app.test_client().get(PAGE))
    assert "个地点" not in text_of(app.test_client().get(PAGE))


def test_a_device_counts_once_and_can_take_it_back(app: Flask, desk: Desk) -> None:
    candidate(app)
    accept(app, desk)
    visitor = Reporter(app.test_client())
    visitor.get(PAGE)
    for words in ("", "晚上更多", ""):
        form = visitor.hidden() | {"text": words}
        assert visitor.client.post(f"{PAGE}/voice", data=form).status_code == 303
    visitor.get(PAGE)
    assert "6 人遇到" in visitor.text()
    assert "晚上更多" not in visitor.page, "words are for staff"
    desk_page = text_of(signed_in(app, "secretary").get("/issues/G26-0001"))
    assert "晚上更多" in desk_page
    assert "公开页上又有 1 人说也遇到了" in desk_page
    visitor.client.post(f"{PAGE}/voice/undo", data=visitor.hidden())
    visitor.get(PAGE)
    assert "5 人遇到" in visitor.text()
    with app.app_context():
        assert db.session.query(IssueVoice).count() == 0
    too_long = visitor.client.post(f"{PAGE}/voice", data=visitor.hidden() | {"text": "字" * 301})
    assert too_long.status_code == 422
    assert "文字太长" in text_of(too_long)


def test_who_reported_it_counts_no_second_time(app: Flask, desk: Desk) -> None:
    candidate(app)
    accept(app, desk)
    with app.app_context():
        assert issue_voices.add_voice("G26-0001", f"phone of {NAMES[0]}", "", now())
    assert "5 人遇到" in text_of(app.test_client().get(PAGE))


def test_one_message_reaches_every_reporter_once(app: Flask, desk: Desk) -> None:
    sents = candidate(app)
    reporter, link = unlocked(app, sents[1])
    reporter.get(link)
    assert "共性问题" not in reporter.text()
    accept(app, desk)
    secretary = signed_in(app, "secretary")
    assert "请写下要告诉大家的话" in text_of(decide(secretary, "G26-0001", "message", text=" "))
    seen = text_of(decide(secretary, "G26-0001", "message", text="周三下午开会", preview="1"))
    assert "街区书记：周三下午开会" in seen
    with app.app_context():
        assert db.session.query(IssueMessage).count() == 0
    form = form_of(text_of(secretary.get("/issues/G26-0001"))) | {"text": "周三下午三点开会，欢迎来。"}
    assert [resend(secretary, "G26-0001", "message", form).status_code for _ in range(2)] == [303, 303]
    reporter.get(link)
    assert "您报的事已列入共性问题 地铁口单车堵门" in reporter.text()
    assert reporter.text().count("周三下午三点开会，欢迎来。") == 1
    assert "王敏" not in reporter.page, "never a person of staff"
    with app.app_context():
        assert db.session.query(IssueMessage).count() == 1
        assert newest_issue().state == "accepted"


def test_who_left_a_number_is_told_and_nobody_else(app: Flask, desk: Desk) -> None:
    candidate(app)
    accept(app, desk)
    near = desk.report(phone="13812345678")
    secretary = signed_in(app, "secretary")
    decide(secretary, "G26-0001", "add", numbers=near.number)
    assert "其中 1 位留了电话" in text_of(secretary.get("/issues/G26-0001"))
    decide(secretary, "G26-0001", "message", text="周三开会")
    with app.app_context():
        notice = db.session.query(Notice).filter_by(event="issue_message").one()
        assert len(notice.recipients or ()) == 1


def test_what_was_promised_is_public_and_who_does_it_is_not(app: Flask, desk: Desk) -> None:
    candidate(app)
    accept(app, desk)
    with app.app_context():
        person = desk.crew["ZF"]
        an_item(newest_issue().id, desk.crew[Role.SECRETARY], due_on=date(2026, 12, 10), person=person)
    page = text_of(app.test_client().get(PAGE))
    assert "重新划定非机动车停放线" in page
    assert "12月10日前" in page
    assert person.name not in page
    assert "还没有开会商量" not in page
