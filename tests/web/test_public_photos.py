"""公开照片: who may, what strangers get, and that what is withdrawn is gone at once."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories
from tests.web.staff import Desk, a_desk, hidden, signed_in, text_of
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import SYSTEM, Role
from tracker.extensions import db
from tracker.models import Case, HistoryRow, Photo, PublicPhoto
from tracker.services import history

WORDS = "纸箱清走了，人行道通了。"


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def number(desk: Desk) -> str:
    """A closed case with a photo before and one after."""
    return desk.case_in(State.CLOSED, photos=1)


def photo_ids(app: Flask, number: str) -> dict[str, int]:
    with app.app_context():
        rows = db.session.execute(
            select(Photo.kind, Photo.id).join(Case, Case.id == Photo.case_id).where(Case.number == number)
        )
        return {row.kind: row.id for row in rows}


def address(number: str, step: str = "") -> str:
    return f"/desk/cases/{number}/photos{'/' if step else ''}{step}"


def send(client: FlaskClient, number: str, step: str, **fields: object) -> TestResponse:
    """One of the page's forms as its hidden fields stand there now."""
    form = {"csrf_token": hidden(text_of(client.get("/login/sessions")), "csrf_token")}
    with client.application.app_context():
        form["version"] = str(db.session.scalars(select(Case.version).where(Case.number == number)).one())
    return client.post(address(number, step), data=form | fields)


def publish(client: FlaskClient, number: str, **fields: object) -> TestResponse:
    return send(client, number, "publish", said=WORDS, **fields)


def public_names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(PublicPhoto.name).order_by(PublicPhoto.photo_id)))


def test_an_operator_looks_first_and_then_lets_strangers_see_exactly_that(
    app: Flask, desk: Desk, number: str
) -> None:
    operator, ids = signed_in(app, "operator"), photo_ids(app, number)
    assert address(number) in text_of(operator.get(f"/desk/cases/{number}"))
    page = text_of(operator.get(address(number)))
    assert page.count('type="checkbox"') == 2 * 48
    assert "纸箱已清走。" in page, "what the reporter was told is proposed"
    chosen = {
        f"choice-{ids['before']}": "masked",
        f"cell-{ids['before']}": ["1", "2"],
        f"boxes-{ids['before']}": "500,500,200,200",
        f"choice-{ids['after']}": "as_it_is",
    }
    look = text_of(send(operator, number, "look", said=WORDS, **chosen))
    assert public_names(app) == [], "looking publishes nothing"
    marks = "0,0,125,166;125,0,125,166;500,500,200,200"
    seen = operator.get(f"{address(number)}/{ids['before']}/look?areas={marks}")
    assert f"areas={marks}" in look.replace("%2C", ",").replace("%3B", ";")
    carried = dict(re.findall(r'name="((?:boxes|choice)-\d+)" value="([^"]*)"', look))
    assert publish(operator, number, **carried).status_code == 303
    small, large = (app.test_client() for _ in range(2))
    before, after = public_names(app)
    answer = large.get(f"/fixed/{before}")
    assert answer.get_data() == seen.get_data(), "what was looked at is what is public"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert len(small.get(f"/fixed/{after}?size=thumb").get_data()) <= 9_000
    front = text_of(app.test_client().get("/"))
    assert WORDS in front
    assert f"/fixed/{before}?size=thumb" in front
    with app.app_context():
        row = db.session.scalars(select(HistoryRow).where(HistoryRow.action == "publish_photos")).one()
        assert row.user_id == desk.crew[Role.OPERATOR].user_id
        assert [each["areas"] for each in row.details["cleared"]] == [marks, ""]
        assert not row.is_public
        history.verify()
    assert "2 张照片，其中打码 1 张" in text_of(operator.get(f"/desk/cases/{number}"))


def test_what_is_withdrawn_is_gone_at_once_and_its_address_stays_dead(
    app: Flask, desk: Desk, number: str
) -> None:
    secretary, ids, stranger = signed_in(app, "secretary"), photo_ids(app, number), app.test_client()
    publish(secretary, number, **{f"choice-{ids['after']}": "as_it_is"})
    (name,) = public_names(app)
    first = stranger.get(f"/fixed/{name}")
    again = {"If-None-Match": first.headers["ETag"]}
    assert stranger.get(f"/fixed/{name}", headers=again).status_code == 304
    assert send(secretary, number, "withdraw").status_code == 303
    assert stranger.get(f"/fixed/{name}", headers=again).status_code == 404
    assert name not in text_of(stranger.get("/"))
    publish(secretary, number, **{f"choice-{ids['after']}": "as_it_is"})
    assert stranger.get(f"/fixed/{name}").status_code == 404, "a new clearing has a new address"
    desk.take(number, Action.REOPEN, Role.SECRETARY, note="又堆上了")
    (name,) = public_names(app)
    assert stranger.get(f"/fixed/{name}").status_code == 404, "nothing is shown of what is not closed"
    page = text_of(secretary.get(address(number)))
    assert "案件重新打开了" in page
    assert send(secretary, number, "withdraw").status_code == 303
    assert public_names(app) == []


def test_only_cleared_pictures_are_served(app: Flask, number: str) -> None:
    operator, ids, stranger = signed_in(app, "operator"), photo_ids(app, number), app.test_client()
    with app.app_context():
        hashes = db.session.scalars(select(Photo.sha256)).all()
    for name in (*hashes, *(str(each) for each in ids.values()), "x"):
        assert stranger.get(f"/fixed/{name}").status_code == 404
    assert stranger.get(f"/desk/photos/{ids['before']}").status_code == 302
    publish(operator, number, **{f"choice-{ids['after']}": "as_it_is"})
    assert len(public_names(app)) == 1
    with app.app_context():
        shown = db.session.scalars(select(PublicPhoto.sha256)).one()
    assert shown not in hashes, "also what is shown as it is was drawn anew"


def test_what_is_marked_is_one_colour_a_square_in_what_strangers_get(app: Flask, number: str) -> None:
    operator, ids = signed_in(app, "operator"), photo_ids(app, number)
    publish(
        operator,
        number,
        **{f"choice-{ids['before']}": "masked", f"boxes-{ids['before']}": "0,0,500,500"},
    )
    (name,) = public_names(app)
    picture = Image.open(io.BytesIO(app.test_client().get(f"/fixed/{name}").get_data())).convert("RGB")
    assert picture.size == (400, 300)
    assert len(picture.crop((0, 0, 48, 48)).getcolors() or ()) == 1
    assert len(picture.crop((300, 200, 400, 300)).getcolors(20_000) or ()) > 100


@pytest.mark.parametrize("login", ["handler-zf", "verifier-jw", "duty_lead", "supervisor", "admin"])
def test_nobody_else_may(app: Flask, number: str, login: str) -> None:
    client, ids = signed_in(app, login), photo_ids(app, number)
    assert client.get(address(number)).status_code == 404
    assert client.get(f"{address(number)}/{ids['before']}/look").status_code == 404
    token = hidden(text_of(client.get("/login/sessions")), "csrf_token")
    for step in ("look", "publish", "withdraw"):
        form = {"csrf_token": token, "version": "9", "said": "x"}
        assert client.post(address(number, step), data=form).status_code == 404
    assert public_names(app) == []


def test_somebody_of_another_area_or_a_case_that_is_open_or_protected_is_refused(
    app: Flask, desk: Desk
) -> None:
    here = desk.case_in(State.CLOSED)
    with app.app_context():
        factories.a_person(Role.SECRETARY, department="DJ", area="PP-2")
    assert signed_in(app, "secretary-dj").get(address(here)).status_code == 404
    operator = signed_in(app, "operator")
    still_open = desk.case_in(State.VERIFIED, photos=1)
    assert "可以公开" not in text_of(operator.get(address(still_open)))
    assert publish(operator, still_open).status_code == 409
    noise = desk.report("F4", photos=1).number
    desk.take(noise, Action.FIX_ON_SPOT, Role.OPERATOR, photos=1)
    with app.app_context():
        factories.take(noise, Action.LAPSE, by=SYSTEM)
    assert address(noise) not in text_of(operator.get(f"/desk/cases/{noise}"))
    refused = publish(operator, noise, **{f"choice-{photo_ids(app, noise)['after']}": "as_it_is"})
    assert (refused.status_code, "要保护上报的人" in text_of(refused)) == (409, True)


def test_choices_that_make_no_sense_come_back_with_everything_kept(app: Flask, number: str) -> None:
    operator, ids = signed_in(app, "operator"), photo_ids(app, number)
    nothing = send(operator, number, "look", said="")
    assert (nothing.status_code, "还没有选要公开的照片" in text_of(nothing)) == (422, True)
    unmarked = send(operator, number, "look", said=WORDS, **{f"choice-{ids['before']}": "masked"})
    assert "还没有标出要打码的地方" in text_of(unmarked)
    assert WORDS in text_of(unmarked)
    for boxes in ("0,0,2000,10", "x"):
        wrong = {f"choice-{ids['before']}": "masked", f"boxes-{ids['before']}": boxes}
        assert send(operator, number, "publish", said="", **wrong).status_code == 422
        assert operator.get(f"{address(number)}/{ids['before']}/look?areas={boxes}").status_code == 400
    long = send(operator, number, "publish", said="长" * 121)
    assert (long.status_code, "最多 120 字" in text_of(long)) == (422, True)
    assert operator.get(f"{address(number)}/999/look").status_code == 404
    back = send(operator, number, "look", said=WORDS, back="yes", **{f"choice-{ids['after']}": "as_it_is"})
    assert (back.status_code, WORDS in text_of(back)) == (200, True)


def test_a_page_that_is_old_publishes_nothing(app: Flask, number: str) -> None:
    operator, ids = signed_in(app, "operator"), photo_ids(app, number)
    token = hidden(text_of(operator.get(address(number))), "csrf_token")
    form = {"csrf_token": token, "version": "3", "said": WORDS, f"choice-{ids['after']}": "as_it_is"}
    stale = operator.post(address(number, "publish"), data=form)
    assert (stale.status_code, "刚刚有了变化" in text_of(stale)) == (409, True)
    assert WORDS in text_of(stale)
    assert public_names(app) == []


def test_a_photo_of_another_case_or_of_staff_alone_is_not_published(
    app: Flask, desk: Desk, number: str
) -> None:
    operator, other = signed_in(app, "operator"), desk.case_in(State.CLOSED, photos=1)
    elsewhere = photo_ids(app, other)["before"]
    answer = publish(operator, number, **{f"choice-{elsewhere}": "as_it_is"})
    assert answer.status_code == 303, "only the words: what is not on the page is not looked at"
    assert public_names(app) == []
