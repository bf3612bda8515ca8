from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.databases import Database
from tests.mail_server import receiving
from tests.settings import settings_in
from tests.web.staff import a_desk, hidden, signed_in, text_of
from tracker import create_app
from tracker.extensions import db
from tracker.models import Channel
from tracker.services.channels import own_channels


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    a_desk(app)
    return signed_in(app, "operator")


def choose(client: FlaskClient, channel: str, **fields: str) -> TestResponse:
    token = hidden(text_of(client.get("/login/channels")), "csrf_token")
    return client.post(f"/login/channels/{channel}", data={"csrf_token": token, "language": "zh"} | fields)


def press(client: FlaskClient, channel: str, button: str) -> str:
    token = hidden(text_of(client.get("/login/channels")), "csrf_token")
    answer = client.post(f"/login/channels/{channel}/{button}", data={"csrf_token": token})
    assert answer.status_code == 303
    return text_of(client.get(answer.location))


def test_an_address_is_kept_under_lock_and_shown_masked(app: Flask, client: FlaskClient) -> None:
    assert choose(client, "mail", address="wangmin@example.org", digest="yes").status_code == 303
    page = text_of(client.get("/login/channels"))
    assert "现在发到 <b>w…@example.org</b>" in page
    assert "wangmin@" not in page
    with app.app_context():
        row = db.session.scalars(select(Channel)).one()
        assert "wangmin" not in row.address_sealed
        assert row.is_digest
        assert own_channels(row.user_id)[0].address == "wangmin@example.org"


def test_what_belongs_to_a_channel_changes_without_typing_the_address_again(
    app: Flask, client: FlaskClient
) -> None:
    choose(client, "mail", address="wangmin@example.org")
    answer = choose(client, "mail", address="", language="en", quiet_from="22:00", quiet_to="07:00")
    assert answer.status_code == 303
    with app.app_context():
        row = db.session.scalars(select(Channel)).one()
        kept = own_channels(row.user_id)[0]
    assert (kept.address, kept.language) == ("wangmin@example.org", "en")
    assert (kept.quiet_from, kept.quiet_to, kept.is_digest) == ("22:00", "07:00", False)


@pytest.mark.parametrize(
    ("channel", "fields", "words"),
    [
        ("mail", {"address": ""}, "请填写地址。"),
        ("mail", {"address": "wangmin"}, "这不是一个邮箱地址。"),
        ("webhook", {"address": "https://inside.example.org/hook"}, "管理员没有允许这个主机"),
        ("webhook", {"address": "http://example.org"}, "网址要以 https:// 开头。"),
        ("chat", {"address": "json://example.org"}, "可以使用的地址以这些开头"),
        ("mail", {"address": "w@example.org", "quiet_from": "22:00"}, "请填开始和结束两个时刻"),
        ("mail", {"address": "w@example.org", "quiet_from": "22:00", "quiet_to": "x"}, "时刻写成 22:00 这样"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_words_beside_it(
    app: Flask, client: FlaskClient, channel: str, fields: dict[str, str], words: str
) -> None:
    answer = choose(client, channel, **fields)
    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page
    assert "data-error-summary" in page
    assert not fields["address"] or f'value="{fields["address"]}"' in page
    with app.app_context():
        assert not db.session.scalars(select(Channel)).all()


def test_an_address_is_given_up_and_gone(app: Flask, client: FlaskClient) -> None:
    choose(client, "mail", address="wangmin@example.org")
    assert "地址已删除，不再发送。" in press(client, "mail", "off")
    with app.app_context():
        assert not db.session.scalars(select(Channel)).all()


def test_a_trial_without_an_address_or_without_a_server_says_so(client: FlaskClient) -> None:
    assert "先保存地址，再发测试消息。" in press(client, "mail", "trial")
    choose(client, "mail", address="wangmin@example.org")
    assert "测试消息没有送出：邮件服务器没有设置" in press(client, "mail", "trial")


def test_a_channel_that_does_not_exist_is_not_there(client: FlaskClient) -> None:
    assert choose(client, "pigeon", address="x").status_code == 404
    assert choose(client, "bell", address="x").status_code == 404


def test_everybody_chooses_for_himself(app: Flask, client: FlaskClient) -> None:
    choose(client, "mail", address="wangmin@example.org")
    assert "example.org" not in text_of(signed_in(app, "duty_lead").get("/login/channels"))


def test_a_trial_arrives_where_the_person_reads(database: Database, tmp_path: Path) -> None:
    with receiving(tmp_path / "mail") as server:
        settings = settings_in(tmp_path, database_url=database.url, **server.settings)
        app = create_app(settings)
        a_desk(app)
        client = signed_in(app, "operator")
        choose(client, "mail", address="wangmin@example.org")
        assert "测试消息已送出" in press(client, "mail", "trial")
        letters = server.letters()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    assert [(each.to, each.subject.partition("：")[0]) for each in letters] == [
        ("wangmin@example.org", "测试消息")
    ]
