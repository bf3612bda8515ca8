"""Reports are grouped while job processes die: every report once, and in the same groups as on a calm day."""

import dataclasses
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Config
from tests.crash.job_processes import JobProcesses, job_processes
from tests.crowd import Told, a_crowd, a_street_of_shops, arrive, groups
from tests.databases import Databases, Engine
from tests.factories import a_street
from tests.settings import settings_in
from tests.waiting import wait_until
from tracker import create_app
from tracker.extensions import db
from tracker.models import Cluster, ClusterReport, GroupingState, Report
from tracker.services import grouping

pytestmark = pytest.mark.crash

REPORTS, AT_ONCE = 180, 20


def test_two_job_processes_that_are_killed_group_every_report_once_and_as_on_a_calm_day(
    app: Flask, settings: Config, databases: Databases, engine: Engine, tmp_path: Path
) -> None:
    chance = random.Random(20261123)
    with app.app_context():
        _prepare()
        with job_processes(settings, tmp_path / "jobs.log", count=2) as processes:
            crowd = _come_in_while_they_die(processes, chance)
            wait_until(_all_looked_at, what="all reports grouped", deadline_s=120, pause_s=0.2)
            assert processes.stop_all() == [0, 0], (tmp_path / "jobs.log").read_text(encoding="utf-8")
        assert processes.kills >= 4
        assert db.session.scalar(select(func.count()).select_from(ClusterReport)) == REPORTS
        assert db.session.scalars(select(GroupingState.placed)).one() == REPORTS
        assert db.session.scalar(select(func.sum(Cluster.size))) == REPORTS
        harassed = groups()
    with _another_house(databases, engine, tmp_path / "calm") as calm, calm.app_context():
        _prepare()
        arrive(crowd)
        while grouping.group_waiting(datetime.now(UTC) + grouping.SETTLED):
            pass
        assert groups() == harassed
    assert 4 <= len(harassed) < REPORTS / 2, "groups that are worth comparing"


def _prepare() -> None:
    a_street_of_shops(a_street().token)


def _come_in_while_they_die(processes: JobProcesses, chance: random.Random) -> list[Told]:
    """Neighbours are stored in another order than they were sent in, as several web processes do."""
    crowd = a_crowd(REPORTS, datetime.now(UTC), every=timedelta())
    for first in range(0, REPORTS, AT_ONCE):
        some = range(first, first + AT_ONCE)
        for number in some:
            sent_at = datetime.now(UTC) + timedelta(milliseconds=number)
            crowd[number] = dataclasses.replace(crowd[number], sent_at=sent_at)
        shuffled = chance.sample(some, AT_ONCE)
        for half in (shuffled[::2], shuffled[1::2]):
            arrive([crowd[number] for number in half])
            time.sleep(chance.uniform(0.1, 0.5))  # what comes between is up to the processes
        if first % (2 * AT_ONCE) == 0:
            processes.kill_one_and_start_another(chance)
    return crowd


def _all_looked_at() -> bool:
    db.session.rollback()
    waiting = db.session.scalar(select(func.count()).select_from(Report).where(~Report.is_grouped))
    db.session.rollback()
    return waiting == 0


@contextmanager
def _another_house(databases: Databases, engine: Engine, folder: Path) -> Iterator[Flask]:
    folder.mkdir()
    with databases.fresh(engine, folder) as database:
        app = create_app(settings_in(folder, database_url=database.url))
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
