"""The street and its people that most tests begin with: their rows are the same whichever way they came."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests import factories
from tests.applications import lent
from tests.databases import Databases, Engine
from tests.settings import settings_in
from tracker.domain.permissions import Role
from tracker.extensions import db
from tracker.models import User


@contextmanager
def on_another_database(databases: Databases, engine: Engine, folder: Path) -> Iterator[None]:
    folder.mkdir()
    with (
        databases.fresh(engine, folder) as database,
        lent(settings_in(folder, database_url=database.url)) as app,
        app.app_context(),
    ):
        yield


def every_row() -> dict[str, list[Any]]:
    return {
        table.name: [tuple(row) for row in db.session.execute(select(table))]
        for table in db.metadata.sorted_tables
    }


def test_the_second_database_holds_the_rows_of_the_first_and_goes_on_from_there(
    databases: Databases, engine: Engine, tmp_path: Path
) -> None:
    seen = []
    for name in ("first", "second", "third"):
        with on_another_database(databases, engine, tmp_path / name):
            street, crew = factories.a_street(), factories.a_crew()
            seen.append((street, crew, every_row()))
            assert factories.a_report(street.token).number
            later = factories.a_person(Role.HANDLER, department="HB")
            assert later.user_id == max(actor.user_id or 0 for actor in crew.values()) + 1
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0][2]["categories"]) == 44


def test_where_somebody_is_there_already_the_people_are_signed_up_one_by_one(
    databases: Databases, engine: Engine, tmp_path: Path
) -> None:
    with on_another_database(databases, engine, tmp_path / "usual"):
        factories.a_street()
        usual = factories.a_crew()
    with on_another_database(databases, engine, tmp_path / "unusual"):
        factories.a_street()
        first = factories.a_person(Role.HANDLER, department="HB")
        crew = factories.a_crew()
        assert crew.keys() == usual.keys()
        ids = set(db.session.scalars(select(User.id)))
        assert ids == {first.user_id} | {actor.user_id for actor in crew.values()}
