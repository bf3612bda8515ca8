"""The migrations: up from nothing, down to nothing, up again, over data; and they end at the models."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, select

from tests import factories
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Role
from tracker.extensions import Base, db
from tracker.models import Case, HistoryHead
from tracker.services import history

VERSIONS = Path(__file__).parents[2] / "tracker" / "migrations" / "versions"


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    """The application, with a context; migrated to the newest version."""
    with app.app_context():
        yield


def tables() -> set[str]:
    """The tables there are."""
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


@pytest.mark.usefixtures("inside")
def test_models_and_migrations_agree() -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert tables() == set(Base.metadata.tables)


@pytest.mark.usefixtures("inside")
def test_down_to_nothing_and_up_again() -> None:
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)
    assert db.session.scalars(select(HistoryHead.count)).one() == 0


@pytest.mark.usefixtures("inside")
def test_down_and_up_over_data() -> None:
    street, crew = factories.a_street(), factories.a_crew()
    sent = factories.a_report(street.token, photos=1)
    factories.take(sent.number, Action.FILE, by=crew[Role.OPERATOR], category="A1")
    voice = factories.a_report(street.token)
    factories.take(voice.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=sent.number)
    factories.replace_label(street.token)
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    flask_migrate.upgrade()
    assert db.session.scalars(select(Case)).all() == []
    factories.a_report(factories.a_street().token)
    assert history.verify() == 1


@pytest.mark.usefixtures("inside")
def test_migrating_what_is_new_already_changes_nothing() -> None:
    street = factories.a_street()
    factories.a_report(street.token)
    flask_migrate.upgrade()
    assert history.verify() == 1


def test_migrations_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert [name[:5] for name in names] == [f"{number:04d}_" for number in range(1, len(names) + 1)]
