"""The applications that tests are lent: one goes from test to test, and nothing else goes with it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from config import Config
from tests import factories
from tests.applications import lent
from tests.databases import Databases, Engine
from tests.settings import settings_in
from tracker.extensions import db, machine_clock, now
from tracker.models import Place
from tracker.services.parts import parts

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def places(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Place)) or 0


def test_an_application_goes_on_with_settings_clock_and_database_of_the_next_test(
    databases: Databases, engine: Engine, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with databases.fresh(engine, folders[0]) as one, databases.fresh(engine, folders[1]) as other:
        with lent(
            settings_in(folders[0], database_url=one.url, mail_host="post.example"), lambda: NOON
        ) as app:
            with app.app_context():
                factories.a_street()
                assert now() == NOON
                calendars = parts().calendars
            app.config["TRUSTED_HOSTS"] = ["elsewhere.example"]
            app.extensions["left behind"] = True
            assert places(app) == 2
        with lent(settings_in(folders[1], database_url=other.url)) as again:
            assert again is app
            assert places(app) == 0
            with app.app_context():
                assert (parts().config.data_dir, parts().mail.host) == (folders[1], "")
                assert parts().calendars is not calendars
            assert app.extensions["clock"] is machine_clock
            assert "left behind" not in app.extensions
            assert "elsewhere.example" not in app.config["TRUSTED_HOSTS"]
        with lent(settings_in(folders[0], database_url=one.url)) as again:
            assert places(again) == 2


def test_who_needs_other_settings_or_two_at_once_gets_another_one(settings: Config) -> None:
    over_tls = replace(settings, public_url="https://cases.example")
    with lent(settings) as app, lent(settings) as second, lent(over_tls) as third:
        assert len({id(app), id(second), id(third)}) == 3
        assert third.config["SESSION_COOKIE_SECURE"]
        assert not app.config["SESSION_COOKIE_SECURE"]
