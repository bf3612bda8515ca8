"""The databases that tests are given: real, migrated, and nobody else's."""

from pathlib import Path

from sqlalchemy import create_engine, inspect

from config import Config
from tests.databases import Databases, Engine
from tests.settings import as_environment, settings_in


def test_a_fresh_database_is_migrated(settings: Config) -> None:
    engine = create_engine(settings.database)
    try:
        assert {"alembic_version", "cases"} <= set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_what_one_test_writes_another_does_not_see(
    databases: Databases, engine: Engine, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        with databases.fresh(engine, folder) as fresh:
            connection = create_engine(settings_in(folder, database_url=fresh.url).database)
            with connection.begin() as writing:
                writing.exec_driver_sql("CREATE TABLE only_mine (id INTEGER)")
            connection.dispose()


def test_another_process_reads_the_settings_that_a_test_made(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, port=8123, demo=True)
    assert Config.from_environment(as_environment(settings)) == settings
