"""Too much at once: the puzzle, the wait, what is refused, and that nothing typed is lost by it."""

import html
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Config
from tests import factories
from tests.databases import Database
from tests.factories import Street, upload
from tests.settings import settings_in
from tests.web.moving_clock import MovingClock, app_with
from tests.web.reporting import Reporter
from tests.web.staff import statements
from tracker.domain.puzzles import solve
from tracker.domain.qr_token import new_token
from tracker.extensions import db, now, transaction
from tracker.models import Bucket, Case, Report, SolvedPuzzle
from tracker.services import limits

JSON = {"Accept": "application/json"}
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def settings(database: Database, tmp_path: Any) -> Config:
    """Limits so small that a test meets them, and puzzles that are solved in a moment."""
    few = {
        "device_an_hour": 5,
        "device_most": 8,
        "device_label_an_hour": 2,
        "device_label_most": 4,
        "network_label_an_hour": 3,
        "photos_an_hour": 4,
        "words_an_hour": 2,
        "guesses_an_hour": 3,
        "waits_an_hour": 2,
        "puzzle_bits": 6,
    }
    return settings_in(tmp_path, database_url=database.url, **few)


@pytest.fixture
def app(settings: Config, clock: MovingClock) -> Iterator[Flask]:
    with app_with(settings, clock) as app:
        yield app


def cases(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Case)) or 0


def puzzle_in(page: str) -> tuple[str, int]:
    found = re.search(r'data-puzzle="([^"]+)" data-bits="(\d+)"', page)
    assert found, "no puzzle on the page"
    return found[1], int(found[2])


def solved(who: Reporter, **fields: Any) -> dict[str, Any]:
    """The form as it came back, with the puzzle's answer in it."""
    nonce, bits = puzzle_in(who.page)
    return filled_in(who) | {"answer": solve(nonce, bits)} | fields


def filled_in(who: Reporter) -> dict[str, Any]:
    """What the form would send again as it stands there: nothing is remembered but by the page."""
    checked = re.search(r'name="category" value="(\w+)"[^>]* checked', who.page)
    words = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', who.page, re.DOTALL)
    assert checked
    assert words
    form = who.hidden() | {"category": checked[1], "text": html.unescape(words[1])}
    return form | ({"kept_photo": who.kept()} if who.kept() else {})


_counted = itertools.count(1)


def hammer(who: Reporter, token: str, times: int) -> None:
    """So many reports that pass, each in other words."""
    for _ in range(times):
        answer = who.send(token, who.fill(token, text=f"第 {next(_counted)} 个纸箱"))
        if answer.status_code == 429:
            answer = who.send(token, solved(who))
        assert answer.status_code == 303


# ---- the puzzle


def test_what_is_usual_passes_and_the_next_gets_a_puzzle_with_everything_in_the_form(
    app: Flask, street: Street, owner: Reporter
) -> None:
    hammer(owner, street.token, 2)
    form = owner.fill(street.token, text="第三件，门口的灯", phone="13812345678", phone_consent="yes")
    answer = owner.send(street.token, form | {"photos": upload()})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    assert "确认不是机器在发" in owner.text()
    assert "09:30:30" in owner.text()
    assert "第三件，门口的灯" in owner.page
    assert "13812345678" in owner.page
    assert len(owner.kept()) == 1
    assert cases(app) == 2
    assert owner.send(street.token, solved(owner)).status_code == 303
    assert cases(app) == 3
    with app.app_context():
        last = db.session.scalars(select(Report).order_by(Report.id.desc())).first()
        assert last is not None
        assert last.text == "第三件，门口的灯"


def test_a_solved_puzzle_is_good_once_and_at_its_own_place(street: Street, owner: Reporter) -> None:
    hammer(owner, street.token, 2)
    owner.send(street.token, owner.fill(street.token, text="第三件"))
    first = solved(owner)
    assert owner.send(street.token, first).status_code == 303
    spent = {name: first[name] for name in ("puzzle", "answer")}
    assert owner.send(street.token, owner.fill(street.token, text="第四件") | spent).status_code == 429
    fresh = puzzle_in(owner.page)
    assert owner.hidden()["puzzle"] != spent["puzzle"], "a new one, for this one is used up"
    elsewhere = {"puzzle": owner.hidden()["puzzle"], "answer": solve(*fresh)}
    hammer(owner, street.metro_token, 2)
    form = owner.fill(street.metro_token, text="第五件") | elsewhere
    assert owner.send(street.metro_token, form).status_code == 429


def test_a_puzzle_is_too_old_after_ten_minutes(
    app: Flask, street: Street, owner: Reporter, clock: MovingClock
) -> None:
    hammer(owner, street.token, 2)
    owner.send(street.token, owner.fill(street.token, text="第三件", category="A5"))
    form = solved(owner)
    clock.at("11-23 09:40")
    with app.app_context(), transaction():
        db.session.query(Bucket).update({"at": now().timestamp()})  # nothing has drained
    assert owner.send(street.token, form).status_code == 429
    assert owner.hidden()["puzzle"] != form["puzzle"]
    wrong = solved(owner) | {"answer": "no number"}
    assert owner.send(street.token, wrong).status_code == 429


def test_without_script_one_waits_and_presses_again(
    app: Flask, street: Street, owner: Reporter, clock: MovingClock
) -> None:
    hammer(owner, street.token, 2)
    owner.send(street.token, owner.fill(street.token, text="第三件"))
    form = filled_in(owner)
    clock.at("11-23 09:30:20")
    assert owner.send(street.token, form).status_code == 429
    assert owner.hidden()["puzzle"] == form["puzzle"], "the time that has passed counts"
    assert "09:30:30" in owner.text()
    clock.at("11-23 09:30:30")
    assert owner.send(street.token, filled_in(owner)).status_code == 303
    assert cases(app) == 3


def test_waiting_in_place_of_puzzles_is_limited_and_says_until_when(
    app: Flask, street: Street, clock: MovingClock
) -> None:
    people = [Reporter(app.test_client()) for _ in range(6)]
    for number, person in enumerate(people[:3]):
        assert person.send(street.token, person.fill(street.token, text=f"{number}")).status_code == 303
    for number, person in enumerate(people[3:]):
        person.send(street.token, person.fill(street.token, text=f"等 {number}"))
        assert "确认不是机器在发" in person.text()
    clock.at("11-23 09:30:30")
    answers = [person.send(street.token, filled_in(person)).status_code for person in people[3:]]
    assert answers == [303, 303, 429]
    assert "10:" in people[5].text() or "09:5" in people[5].text()
    clock.at("11-23 10:00:35")
    assert people[5].send(street.token, filled_in(people[5])).status_code in (303, 429)


# ---- later


def test_one_device_that_hammers_is_told_when_and_loses_nothing(
    street: Street, owner: Reporter, stranger: Reporter, clock: MovingClock
) -> None:
    hammer(owner, street.token, 4)
    form = owner.fill(street.token, text="第五件")
    answer = owner.send(street.token, form)
    assert answer.status_code == 429
    wait_s = int(answer.headers["Retry-After"])
    assert 1700 <= wait_s <= 1900
    assert "现在还不能收下" in owner.text()
    assert "过 31 分钟" in owner.text()
    assert "021-0000-0000" in owner.text()
    assert "第五件" in owner.page
    assert owner.send(street.token, form).status_code == 429
    clock.at("11-23 10:00:05")
    assert owner.send(street.token, form).status_code == 429, "still busy: a puzzle"
    assert owner.send(street.token, solved(owner)).status_code == 303
    assert stranger.send(street.metro_token, stranger.fill(street.metro_token)).status_code == 303


def test_a_repetition_is_never_slowed_down(app: Flask, street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token, text="第一件") | {"photos": upload()}
    first = owner.send(street.token, form).location
    hammer(owner, street.token, 3)
    for _ in range(5):
        again = form | {"photos": upload()}
        assert owner.send(street.token, again).location == first
    assert cases(app) == 4


def test_joining_is_counted_and_comes_back_as_joining(app: Flask, street: Street, owner: Reporter) -> None:
    with app.app_context():
        number = factories.a_report(street.token, text="油烟从早到晚", at=now()).number
    hammer(owner, street.token, 2)
    form = owner.fill(street.token, text="我们店也是") | {"case": number}
    assert owner.send(street.token, form).status_code == 429
    assert f'name="case" value="{number}" data-busy' in owner.page
    nonce, bits = puzzle_in(owner.page)
    again = owner.hidden() | {"text": "我们店也是", "case": number, "answer": solve(nonce, bits)}
    assert owner.send(street.token, again).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Case.voices).where(Case.number == number)).one() == 2


def test_the_outbox_of_a_phone_gets_a_challenge_it_can_solve(street: Street, owner: Reporter) -> None:
    hammer(owner, street.token, 2)
    form = owner.fill(street.token, text="第三件")
    answer = owner.send(street.token, form, headers=JSON)
    assert answer.status_code == 429
    told = answer.get_json()
    assert set(told) == {"problems", "challenge", "retry_after"}
    assert told["retry_after"] == 30
    challenge = told["challenge"]
    proof = {"puzzle": challenge["token"], "answer": solve(challenge["nonce"], challenge["bits"])}
    assert owner.send(street.token, form | proof, headers=JSON).status_code == 201
    hammer(owner, street.token, 1)
    later = owner.send(street.token, owner.fill(street.token, text="第五件"), headers=JSON)
    assert later.status_code == 429
    assert later.get_json()["challenge"] is None
    assert later.get_json()["retry_after"] > 60


def test_nothing_of_the_sender_is_kept_but_marks_that_end(
    app: Flask, street: Street, owner: Reporter, clock: MovingClock
) -> None:
    owner.report(street.token)
    with app.app_context():
        mark = db.session.scalars(select(Report.network_mark)).one()
        assert re.fullmatch(r"[0-9a-f]{32}", mark)
        assert "127.0.0" not in repr([vars(row) for row in db.session.scalars(select(Bucket))])
        clock.at("11-24 09:30")
        assert limits.network_mark("127.0.0.0/24", now()) != mark, "another name every day"
        clock.at("11-25 09:31")
        assert limits.forget_old(now()) == 6
        assert db.session.scalars(select(Report.network_mark)).one() == ""
        assert db.session.scalar(select(func.count()).select_from(Bucket)) == 0
        assert db.session.scalar(select(func.count()).select_from(SolvedPuzzle)) == 0


# ---- not filled in by a person


def test_a_field_that_nobody_sees_leads_to_a_puzzle_and_no_further(street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token)
    assert owner.send(street.token, form | {"homepage": "http://pills.example"}).status_code == 429
    assert owner.send(street.token, solved(owner)).status_code == 303


@pytest.mark.one_database  # no statement of its own
def test_a_form_sent_faster_than_hands_can_leads_to_a_puzzle(
    database: Database, tmp_path: Any, clock: MovingClock
) -> None:
    settings = settings_in(tmp_path, database_url=database.url, form_seconds=2, puzzle_bits=6)
    with app_with(settings, clock) as app:
        with app.app_context():
            street = factories.a_street()
        hasty, without, calm = (Reporter(app.test_client()) for _ in range(3))
        form = hasty.fill(street.token)
        assert hasty.send(street.token, form).status_code == 429
        assert hasty.send(street.token, solved(hasty)).status_code == 303
        assert (
            without.send(street.token, without.fill(street.token, text="没有") | {"shown": "x"}).status_code
            == 429
        )
        form = calm.fill(street.token, text="另一件")
        clock.at("11-23 09:30:02")
        assert calm.send(street.token, form | {"category": ""}).status_code == 422
        back = calm.hidden() | {"category": "A5", "text": "另一件"}
        assert calm.send(street.token, back).status_code == 303, "what came back is no new form"


def test_the_same_words_at_the_same_place_are_offered_to_be_added(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter, clock: MovingClock
) -> None:
    owner.report(street.token, text="窨井盖没了")
    form = stranger.fill(street.token, text="窨井盖没了")
    answer = stranger.send(street.token, form | {"photos": upload()})
    assert answer.status_code == 409
    assert "这件事刚刚报过" in stranger.text()
    assert len(stranger.kept()) == 1
    (number,) = re.findall(r'name="case" value="([\d-]+)" data-busy="[^"]*"><span>加到那一件', stranger.page)
    assert stranger.send(street.token, filled_in(stranger) | {"case": number}).status_code == 303
    assert cases(app) == 1
    other = Reporter(app.test_client())
    other.send(street.token, other.fill(street.token, text="窨井盖没了"))
    assert other.send(street.token, filled_in(other)).status_code == 303, "pressed again: one of its own"
    assert cases(app) == 2
    program = Reporter(app.test_client())
    form = program.fill(street.token, text="窨井盖没了") | {"puzzle": "", "answer": ""}
    with app.app_context(), transaction():
        db.session.query(Bucket).delete()
    assert program.send(street.token, form, headers=JSON).status_code == 201, "nobody is there to be asked"
    clock.at("11-23 09:41")
    late = Reporter(app.test_client())
    assert late.send(street.token, late.fill(street.token, text="窨井盖没了")).status_code in (303, 429)
    assert "这件事刚刚报过" not in late.text()


# ---- codes, photos, words


def test_guessing_codes_is_slowed_down_and_real_codes_still_open(
    app: Flask, street: Street, owner: Reporter
) -> None:
    tokens = [new_token() for _ in range(5)]
    assert [owner.get(f"/q/{token}").status_code for token in tokens[:3]] == [404] * 3
    answer = owner.get(f"/q/{tokens[3]}")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 60
    assert "试得太多了" in owner.text()
    with statements(app) as ran:
        assert owner.get(f"/q/{tokens[4]}").status_code == 429
    assert not [statement for statement in ran if WRITE.match(statement)], "nothing more is written"
    assert owner.get(f"/q/{street.token}").status_code == 200
    phone = Reporter(app.test_client())
    phone.get(f"/q/{street.token}")
    assert phone.get(f"/q/{tokens[4]}").status_code == 404, "another phone in the same network"


def test_wrong_digits_on_many_links_are_counted_together(
    app: Flask, street: Street, stranger: Reporter
) -> None:
    with app.app_context():
        sent = [factories.a_report(street.token, text=f"{number}", at=now()) for number in range(4)]
    codes = ["0000" if each.code != "0000" else "1111" for each in sent]
    answers = [
        stranger.say(f"/t/{each.link_key}", "code", code=code).status_code
        for each, code in zip(sent, codes, strict=True)
    ]
    assert answers == [422, 422, 422, 429]
    assert "发得太快了" in stranger.text()


def test_words_on_a_private_page_are_kept_while_one_has_to_wait(street: Street, owner: Reporter) -> None:
    address = owner.report(street.token)
    owner.go_on(address)
    for number in range(2):
        assert owner.say(address, "note", note=f"又一句 {number}").status_code == 303
    answer = owner.say(address, "note", note="第三句")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 60
    assert "发得太快了" in owner.text()
    assert "第三句" in owner.page


def test_photos_beyond_the_limit_are_not_read_and_cost_nothing_else(street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token, text="四张") | {"photos": [upload(name=f"{n}.jpg") for n in range(4)]}
    assert owner.send(street.token, form).status_code == 303
    form = owner.fill(street.token, text="再一张") | {"photos": [upload()]}
    answer = owner.send(street.token, form)
    assert answer.status_code == 429
    assert "照片发得太多" in owner.text()
    assert "再一张" in owner.page
    assert owner.send(street.token, filled_in(owner)).status_code == 303, "the words alone are welcome"


@pytest.mark.one_database  # the same statement on both, and both are counted in test_weight_and_queries.py
def test_a_report_that_is_let_through_costs_one_statement_more(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token, category="A1")
    with statements(app) as ran:
        assert owner.send(street.token, form).status_code == 303
    assert len([statement for statement in ran if "buckets" in statement]) == 1
    assert len(ran) <= 12
