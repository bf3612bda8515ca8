import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Street, a_crew, a_report, walk_to
from tests.web.reporting import Reporter
from tests.web.staff import statements
from tracker.domain.lifecycle import State

PRIVATE_PAGE_STATEMENTS = 29
"""Each by a key or an index; the panels of meetings and common issues look up the report by its link for themselves."""


def _packed(app: Flask, path: str, **headers: str) -> TestResponse:
    """An answer as it goes over the wire: the page-checking client reads plain pages only."""
    return FlaskClient(app).get(path, headers={"Accept-Encoding": "gzip", **headers}, buffered=True)


def test_the_form_asks_the_database_four_times_at_most(app: Flask, street: Street, owner: Reporter) -> None:
    with statements(app) as seen:
        owner.get(f"/q/{street.token}")
    assert 1 <= len(seen) <= 4, seen


@pytest.mark.parametrize("category", ["A1", "A5"])
def test_a_report_without_photo_takes_twelve_statements_at_most(
    category: str, app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token, category=category, phone="13812345678", phone_consent="yes")
    with statements(app) as seen:
        assert owner.send(street.token, form).status_code == 303
    assert 1 <= len(seen) <= 12, seen


@pytest.mark.one_database
def test_the_form_and_all_it_needs_weigh_less_than_25_kb(app: Flask, street: Street, owner: Reporter) -> None:
    owner.get(f"/q/{street.token}")
    page = _packed(app, f"/q/{street.token}").get_data()
    scripts = re.findall(r' src="([^"]+)"', owner.page)
    assert [script.split("?")[0] for script in scripts] == ["/static/js/page.js", "/static/js/report.js"]
    first = [len(_packed(app, address).get_data()) for address in (*scripts, "/static/favicon.svg")]
    later = [len(_packed(app, f"/static/js/{name}.js").get_data()) for name in ("photos", "outbox", "worker")]
    assert len(page) <= 14_000, "one window of the network: shown after the first round trip"
    assert sum(first) <= 10_000
    assert len(page) + sum(first) + sum(later) <= 30_000, "with what comes once the form is in use"
    assert len(page) + sum(first) <= 25_000
    assert "://" not in owner.page


@pytest.mark.one_database
def test_open_cases_to_join_do_not_make_the_form_heavy(app: Flask, street: Street, owner: Reporter) -> None:
    with app.app_context():
        for _ in range(3):
            a_report(street.token, photos=1)
    owner.get(f"/q/{street.token}")
    assert owner.page.count("我也遇到了") == 3
    assert len(_packed(app, f"/q/{street.token}").get_data()) <= 14_000


@pytest.mark.one_database
def test_compressed_and_plain_pages_say_the_same_and_lengths_tell_nothing(app: Flask) -> None:
    packed = [_packed(app, "/find?code=abc") for _ in range(8)]
    assert {gzip.decompress(answer.get_data()).count("编码不对".encode()) for answer in packed} == {2}
    assert len({len(answer.get_data()) for answer in packed}) > 1
    assert "Accept-Encoding" in packed[0].headers["Vary"]
    assert packed[0].headers["Content-Encoding"] == "gzip"


@pytest.mark.one_database
def test_a_script_is_packed_once_and_known_again_by_its_mark(app: Flask, owner: Reporter) -> None:
    answer = _packed(app, "/static/js/report.js")
    plain = owner.client.get("/static/js/report.js", buffered=True)
    assert gzip.decompress(answer.get_data()) == plain.get_data()
    assert "/*" not in plain.text, "what only people read stays here"
    again = _packed(app, "/static/js/report.js", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_private_page_asked_weighs_little_and_asks_the_database_seldom(
    app: Flask, street: Street, owner: Reporter
) -> None:
    """With photos of both sides, the question and everything its owner may do; the list of his reports too."""
    with app.app_context():
        sent = a_report(street.token, photos=2)
        walk_to(sent.number, State.VERIFIED, a_crew())
    address = owner.unlock(sent)
    with statements(app) as seen:
        owner.get(address)
    assert "解决了" in owner.text()
    assert 1 <= len(seen) <= PRIVATE_PAGE_STATEMENTS, seen
    page = gzip.compress(owner.page.encode(), 6)
    script = b"".join(_packed(app, f"/static/js/{name}.js").get_data() for name in ("page", "photos"))
    pictures = [owner.client.get(source).get_data() for source in owner.images()]

    assert len(page) <= 14_000
    assert len(script) <= 6_000
    assert len(pictures) == 3
    assert max(map(len, pictures)) <= 20_000
    assert len(page) + len(script) + sum(map(len, pictures)) <= 80_000
    with statements(app) as seen:
        owner.get("/mine")
    assert len(seen) == 1, seen
    assert len(gzip.compress(owner.page.encode(), 6)) <= 14_000
