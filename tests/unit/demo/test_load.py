from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.databases import Databases, Engine
from tests.settings import settings_in
from tracker import create_app
from tracker.demo.load import DemoRefused, DemoStreet, is_half_loaded
from tracker.demo.people import PASSWORD
from tracker.domain.label_health import Verdict
from tracker.domain.lifecycle import Outcome, State
from tracker.extensions import db
from tracker.models import Case, Department, HistoryRow, Label, Notice, Photo, Place, Report, User
from tracker.services import history, label_batches, label_health, label_troubles, people
from tracker.services.figures import counted
from tracker.services.front_page import fixed_lately
from tracker.services.people import SignInRefused

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
CASES = 60  # one deck of the plan: every state and every outcome


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def load(cases: int = CASES, seed: int = 7, now: datetime = NOW) -> None:
    for _ in DemoStreet(cases=cases, seed=seed, now=now).run():
        pass


@pytest.mark.usefixtures("context")
def test_the_street_is_alive_and_its_history_whole() -> None:
    load()
    cases = db.session.scalars(select(Case)).all()
    assert len(cases) == CASES
    assert {case.state for case in cases} == {state.value for state in State}
    assert {case.outcome for case in cases} >= {outcome.value for outcome in Outcome}
    assert history.verify() > 2 * CASES
    assert_moments_are_in_order_and_in_the_past()
    kinds = Counter(db.session.scalars(select(Photo.kind)))
    assert kinds["before"] > 30
    assert kinds["after"] > 10
    sent = db.session.scalars(select(HistoryRow.details).where(HistoryRow.action == "dispatch"))
    assert any(each.get("rule_area", "").startswith("PP-") for each in sent)
    assert_only_the_news_is_still_to_be_told()
    assert_the_front_page_has_something_to_tell()
    assert not db.session.scalars(select(Department.code).where(Department.lead_user_id.is_(None))).all()
    assert_labels_live()


def assert_labels_live() -> None:
    """A batch that hangs, one half posted, a broken label, and one of each kind that asks for a look."""
    first, second = sorted(label_batches.batches(), key=lambda batch: batch.number)
    assert first.to_post == 0
    assert (second.posted, second.to_post) == (2, 4)
    assert [row.damaged for row in label_troubles.troubled() if row.needs_print] == [2]
    found = {row.finding.verdict for row in label_health.health(NOW).rows}
    assert found == set(Verdict)


def assert_the_front_page_has_something_to_tell() -> None:
    told = counted(365)
    assert told is not None
    assert told.figures.reported == CASES
    pairs = [case for case in fixed_lately() if case.before and case.after]
    assert len(pairs) >= 2


def assert_only_the_news_is_still_to_be_told() -> None:
    untold = db.session.scalars(select(Notice.made_at).where(Notice.told_at.is_(None))).all()
    assert untold
    assert min(untold) >= NOW - timedelta(days=1)


def assert_moments_are_in_order_and_in_the_past() -> None:
    moments = db.session.scalars(select(HistoryRow.at).order_by(HistoryRow.position)).all()
    assert moments == sorted(moments)
    assert NOW - timedelta(days=61) < moments[0]
    assert moments[-1] <= NOW


@pytest.mark.usefixtures("context")
@pytest.mark.one_database  # the test above shows that both take the street
def test_nobody_of_the_demo_signs_in_where_it_is_none() -> None:
    load(cases=0)
    with pytest.raises(SignInRefused):
        people.sign_in("operator", PASSWORD, "a browser", NOW)


@pytest.mark.usefixtures("context")
@pytest.mark.one_database  # as above
def test_a_street_that_is_there_is_not_loaded_again() -> None:
    load(cases=0)
    with pytest.raises(DemoRefused, match="already holds places"):
        load(cases=0)


@pytest.mark.usefixtures("context")
@pytest.mark.one_database  # as above
def test_a_loading_that_was_interrupted_is_told_and_not_built_upon() -> None:
    moves = DemoStreet(cases=5, seed=7, now=NOW).run()
    next(moves)
    assert is_half_loaded()
    with pytest.raises(DemoRefused, match="interrupted"):
        load()


@pytest.mark.one_database  # it needs two databases, of whatever kind
def test_the_same_seed_gives_the_same_street_at_another_time(
    databases: Databases, engine: Engine, tmp_path: Path
) -> None:
    streets = []
    for name, now in (("one", NOW), ("two", NOW + timedelta(days=7))):
        folder = tmp_path / name
        folder.mkdir()
        with databases.fresh(engine, folder) as database:
            app = create_app(settings_in(folder, database_url=database.url))
            with app.app_context():
                load(cases=20, now=now)
                streets.append(rows())
                db.session.remove()
                db.engine.dispose()
    assert streets[0] == streets[1]


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that does not tell the time. Case numbers hold the day, so cases are compared by their order."""
    columns = {
        "places": (Place.code, Place.kind, Place.name, Place.address, Place.area_code, Place.lat, Place.lon),
        "labels": (Label.token, Label.place_id, Label.state),
        "users": (User.login, User.name, User.department_code),
        "reports": (Report.key, Report.text, Report.case_id, Report.label_id, Report.link_hash),
        "cases": (
            Case.place_id,
            Case.category,
            Case.state,
            Case.outcome,
            Case.lead,
            Case.co,
            Case.summary,
            Case.thumb,
        ),
        "history": (HistoryRow.case_id, HistoryRow.action, HistoryRow.user_id, HistoryRow.note),
        "photos": (Photo.case_id, Photo.kind, Photo.sha256),
    }
    ordered_by = {"history": HistoryRow.position}
    return {
        name: [
            tuple(row)
            for row in db.session.execute(
                select(*wanted).order_by(ordered_by.get(name, wanted[0].class_.__table__.c[0]))
            )
        ]
        for name, wanted in columns.items()
    }
