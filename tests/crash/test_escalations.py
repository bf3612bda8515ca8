"""The ladder with processes that die: every rung once, none missed, every message at a real server."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import Config
from tests.crash.job_processes import a_busy_street, harass, job_processes
from tests.databases import Database
from tests.mail_server import Letter, MailServer, receiving
from tests.settings import settings_in
from tests.waiting import wait_until
from tracker.extensions import db, transaction
from tracker.models import Clock, Delivery, Escalation, Notice
from tracker.services.jobs import is_anybody_alive

pytestmark = pytest.mark.crash

CLOCKS = 20_000
LENGTH_S = 60 if os.environ.get("LONG") else 20
"""Within so long the clocks run out, and so long processes are killed; `make test-crash` takes the whole minute."""


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailServer]:
    with receiving(tmp_path / "post") as server:
        yield server


@pytest.fixture
def settings(database: Database, tmp_path: Path, post: MailServer) -> Config:
    return settings_in(tmp_path, database_url=database.url, **post.settings)


def test_twenty_thousand_promises_run_out_while_job_processes_are_killed(
    app: Flask, settings: Config, post: MailServer, tmp_path: Path
) -> None:
    seed = 20261123
    a_busy_street(app, CLOCKS, datetime.now(UTC), spread=timedelta(seconds=LENGTH_S))
    with job_processes(settings, tmp_path / "jobs.log") as processes:
        harass(processes, LENGTH_S, random.Random(seed))
        with app.app_context():
            _let_leases_run_out()
            wait_until(_all_is_sent, what="all messages sent", deadline_s=400, pause_s=1)
            assert processes.stop_all() == [0, 0, 0], (tmp_path / "jobs.log").read_text(encoding="utf-8")
        assert processes.kills >= 3
    with app.app_context():
        rungs = db.session.execute(
            select(Escalation.clock_id, Escalation.rung, func.count()).group_by(
                Escalation.clock_id, Escalation.rung
            )
        ).all()
        assert len(rungs) == CLOCKS
        assert {(rung, count) for _clock, rung, count in rungs} == {(1, 1)}
        assert set(db.session.scalars(select(Delivery.state))) == {"sent"}
        batches = set(db.session.scalars(select(Delivery.batch).where(Delivery.channel == "mail")))
    letters = post.letters()
    assert {letter.key for letter in letters} == {f"<{batch}@127.0.0.1>" for batch in batches}
    told = Counter(
        word.rstrip("，,")
        for letter in {each.key: each for each in letters}.values()
        for word in _numbers(letter.body)
    )
    assert len(told) == CLOCKS
    assert max(told.values()) <= 2  # in its own subject line and in its link
    same: dict[str, Letter] = {}
    for letter in letters:  # a repeat is the same message again
        assert same.setdefault(letter.key, letter) == letter


def _let_leases_run_out() -> None:
    """What the next two minutes would do; a message that somebody has in hand goes out twice, under one key."""
    with transaction():
        db.session.execute(update(Delivery).where(Delivery.state == "waiting").values(leased_until_at=None))


def _numbers(body: str) -> list[str]:
    return [line.rpartition("/")[2] for line in body.split() if "/desk/cases/" in line]


def _all_is_sent() -> bool:
    db.session.rollback()
    due = db.session.scalar(
        select(func.count()).select_from(Clock).where(Clock.state == "running", Clock.next_rung == 1)
    )
    untold = db.session.scalar(select(func.count()).select_from(Notice).where(Notice.told_at.is_(None)))
    waiting = db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state != "sent"))
    db.session.rollback()
    return not (due or untold or waiting)


def test_job_processes_told_to_end_as_soon_as_they_are_up_end_in_order_and_readyz_notices_when_none_is_left(
    app: Flask, settings: Config, tmp_path: Path
) -> None:
    client = app.test_client()
    assert client.get("/readyz").status_code == 503
    with job_processes(settings, tmp_path / "jobs.log", count=4) as processes:
        wait_until(lambda: client.get("/readyz").status_code == 200, what="a job process", deadline_s=60)
        with app.app_context():
            assert processes.stop_all() == [0] * 4, (tmp_path / "jobs.log").read_text(encoding="utf-8")
        assert client.get("/readyz").status_code == 503


def _alive() -> bool:
    db.session.rollback()
    return is_anybody_alive()


def test_a_process_that_was_killed_counts_as_dead_a_minute_later(
    app: Flask, settings: Config, tmp_path: Path
) -> None:
    with job_processes(settings, tmp_path / "jobs.log", count=1) as processes, app.app_context():
        wait_until(_alive, what="a job process", deadline_s=60)
        processes.kill_all()
        assert is_anybody_alive()
        app.extensions["clock"] = lambda: datetime.now(UTC) + timedelta(seconds=61)
        db.session.rollback()
        assert not is_anybody_alive()
