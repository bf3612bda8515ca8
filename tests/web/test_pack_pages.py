"""The pack and the sign-in sheet, as pages and on paper."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.factories import a_place, a_report
from tests.held_meetings import Held, a_meeting
from tests.unit.adapters.qr_reading import opened, pdf_page, read_by_zxing
from tests.web.staff import Desk, a_desk, hidden, signed_in, statements, text_of
from tests.web.test_rights import WRITE
from tracker.domain.permissions import Role
from tracker.extensions import db, now, transaction
from tracker.models import Case, IssueCase


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def held(app: Flask, desk: Desk) -> Held:
    """A meeting that began half an hour ago, about two places; one of them sent a photo."""
    with app.app_context():
        moment = now()
        cases = (
            a_report(desk.street.token, device="a", at=moment - timedelta(days=9)).number,
            a_report(
                a_place("shop", name="彭浦小馄饨"), device="b", photos=1, at=moment - timedelta(days=4)
            ).number,
        )
        return a_meeting(
            desk.crew,
            cases,
            at=moment - timedelta(days=2),
            starts_at=moment - timedelta(minutes=30),
            with_reporters=True,
        )


@pytest.fixture
def secretary(app: Flask, held: Held) -> FlaskClient:  # noqa: ARG001 - the meeting she keeps
    return signed_in(app, "secretary")


def post(client: FlaskClient, address: str, page: str, **fields: object) -> str:
    """Send a form that stands on `page`; the page it leads to."""
    html = text_of(client.get(page))
    found = re.search(rf'<form[^>]*action="{re.escape(address)}".*?</form>', html, re.DOTALL)
    assert found, f"no form to {address}"
    sent = dict(re.findall(r'<input type="hidden" name="([\w.-]+)" value="([^"]*)">', found[0])) | fields
    return text_of(client.post(address, data=sent, follow_redirects=True))


def test_one_click_freezes_what_is_shown_and_later_facts_stand_apart(
    app: Flask, held: Held, secretary: FlaskClient
) -> None:
    base = f"/meetings/{held.number}/pack"
    draft = text_of(secretary.get(base))
    assert "未定稿" in draft
    assert "地铁口两侧是否划线停放、由谁清运？" in draft
    item = held.items[0]
    noted = post(secretary, f"{base}/notes/{item}", base, costs="清运 3 次，共 2400 元", invite="JJ")
    assert "清运 3 次，共 2400 元" in noted
    frozen = post(secretary, f"{base}/freeze", base)
    for words in ("第 1 版", "2 个地点", "彭浦小馄饨", "划线停放，早晚清运", "2400 元", "交警", "没有。"):
        assert words in frozen
    assert "更新（定稿以后）" not in frozen
    with app.app_context():
        late = a_report(a_place("shop", name="后来的奶茶店"), device="c").number
        with transaction():
            case = db.session.query(Case).filter_by(number=late).one()
            db.session.add(IssueCase(issue_id=held.issues[0], case_id=case.id, added_at=now()))
    after = text_of(secretary.get(f"{base}/1"))
    head, _, updates = after.partition("更新（定稿以后）")
    assert "后来的奶茶店" not in head
    assert "新增 1 个地点：后来的奶茶店。" in updates
    assert "新增上报 1 件。" in updates
    second = post(secretary, f"{base}/freeze", f"{base}/1")
    assert "第 2 版" in second
    assert "3 个地点" in second


def test_the_paper_holds_chinese_words_the_photo_and_the_plan_and_never_changes(
    held: Held, secretary: FlaskClient
) -> None:
    base = f"/meetings/{held.number}/pack"
    post(secretary, f"{base}/freeze", base)
    answer = secretary.get(f"{base}/1.pdf")
    assert answer.mimetype == "application/pdf"
    document = opened(answer.data)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    for each in ("会议简报", held.number, "第 1 版", "彭浦小馄饨", "要决定的问题", "现场照片", "1 / 2"):
        assert each in words, each
    kinds = [thing.type for page in document for thing in page.get_objects()]
    assert kinds.count(3) == 1, "the photo"
    assert kinds.count(2) > 20, "lines of the plan and the bars"
    assert secretary.get(f"{base}/1.pdf").data == answer.data
    assert secretary.get(f"{base}/1/photos/1?size=thumb").mimetype == "image/jpeg"
    assert secretary.get(f"{base}/1/photos/2").status_code == 404
    assert secretary.get(f"{base}/2.pdf").status_code == 404


def test_the_sheet_at_the_door_lists_who_is_expected_and_its_code_is_read(
    app: Flask, held: Held, secretary: FlaskClient
) -> None:
    page = text_of(secretary.get(f"/meetings/{held.number}/sign-in-sheet"))
    for words in ("综合行政执法队", "商户代表 1 号", "商户代表 2 号", "签到表"):
        assert words in page
    paper = secretary.get(f"/meetings/{held.number}/sign-in-sheet.pdf").data
    (link,) = read_by_zxing(pdf_page(paper, 0, 150))
    with app.app_context():
        public = app.extensions["tracker"].config.public_url
    assert link.startswith(f"{public}/m/")


def test_a_meeting_elsewhere_is_not_there_and_looking_writes_nothing(
    app: Flask, held: Held, secretary: FlaskClient
) -> None:
    base = f"/meetings/{held.number}"
    post(secretary, f"{base}/pack/freeze", f"{base}/pack")
    addresses = [
        *(f"{base}/pack", f"{base}/pack/draft", f"{base}/pack/1", f"{base}/pack/1/photos/1"),
        *(f"{base}/sign-in-sheet", f"{base}/minutes", f"{base}/minutes/state", f"{base}/minutes/review"),
    ]
    with app.app_context():
        factories.a_person(Role.SECRETARY, department="LR", area="PP-2")
    stranger, operator = signed_in(app, "secretary-lr"), signed_in(app, "operator")
    with statements(app) as ran:
        for address in addresses:
            assert secretary.get(address).status_code == 200, address
            assert stranger.get(address).status_code == 404, address
            assert operator.get(address).status_code == 404, address
    assert not [statement for statement in ran if WRITE.match(statement)]
    token = hidden(text_of(stranger.get("/login/sessions")), "csrf_token")
    for address in (f"{base}/pack/freeze", f"{base}/minutes", f"{base}/minutes/approve"):
        assert stranger.post(address, data={"csrf_token": token}).status_code == 404, address


def test_somebody_invited_reads_the_pack_behind_his_own_link_and_nobody_else_does(
    app: Flask, desk: Desk
) -> None:
    with app.app_context():
        moment = now()
        place = a_place("shop", name="彭浦小馄饨")
        sent = a_report(place, device="b", photos=1, at=moment - timedelta(days=4))
        other = a_report(desk.street.metro_token, device="c", at=moment)
        held = a_meeting(
            desk.crew,
            (sent.number,),
            at=moment - timedelta(days=2),
            starts_at=moment + timedelta(hours=3),
            with_reporters=True,
        )
    address = f"/t/{sent.link_key}/meetings/{held.number}/pack"
    guest = app.test_client()
    assert guest.get(address).status_code == 404, "nothing is frozen yet"
    base = f"/meetings/{held.number}/pack"
    post(signed_in(app, "secretary"), f"{base}/freeze", base)
    page = text_of(guest.get(address))
    for words in (
        "会前材料",
        "要决定的问题",
        "划线停放，早晚清运",
        "大致范围，不显示具体门店。",
        "data:image/jpeg;base64,",
    ):
        assert words in page
    for inside in ("彭浦小馄饨", sent.number, "建议邀请", "已经花了多少", "综合行政执法队"):
        assert inside not in page
    assert guest.get(f"/t/{other.link_key}/meetings/{held.number}/pack").status_code == 404
    assert guest.get("/m/made-up-token/pack").status_code == 404
    assert address in text_of(guest.get(f"/t/{sent.link_key}"))
