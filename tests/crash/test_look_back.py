"""Two processes that remind and look back at the same moment do each thing once."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from config import Config
from tests import factories
from tests.crash.job_processes import child_environment
from tests.matters import an_issue, an_item
from tests.server import ROOT
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import LookBack, Notice
from tracker.services import clocks
from tracker.services.parts import parts

pytestmark = pytest.mark.crash

AT_ONCE = """
from wsgi import app
from tracker.services import jobs
with app.app_context():
    for name in ("remind_items", "look_back", "reopen_issues") * 3:
        jobs.run(jobs.job_named(name))
    print(sorted((state.name, state.error) for state in jobs.job_states() if state.error))
"""


def test_reminders_looks_back_and_reopenings_happen_once(app: Flask, settings: Config) -> None:
    present = datetime.now(UTC)
    with app.app_context():
        street, crew = factories.a_street(), factories.a_crew()
        secretary = crew[Role.SECRETARY]
        today = present.astimezone(parts().zone).date()
        for number in range(12):
            before = factories.a_report(street.token, at=present - timedelta(days=60), device=f"b{number}")
            after = factories.a_report(street.token, at=present - timedelta(days=2), device=f"a{number}")
            issue_id = an_issue(
                before.number, after.number, state="reviewing", at=present - timedelta(days=30)
            )
            item = an_item(issue_id, secretary, due_on=today, at=present - timedelta(days=20))
            with transaction():
                clocks.start_for_item(item, present - timedelta(days=20))
                for days in (7, 30):
                    since = present - timedelta(days=8)
                    db.session.add(
                        LookBack(
                            issue_id=issue_id,
                            days=days,
                            decided_at=since - timedelta(days=9),
                            since_at=since,
                            due_at=since + timedelta(days=days),
                        )
                    )
        with transaction():
            db.session.execute(text("UPDATE notices SET told_at = made_at"))
        db.session.remove()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE], cwd=ROOT, env=child_environment(settings), stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0].decode().strip() for process in running]
    assert said == ["[]", "[]"]
    with app.app_context():
        counts = dict(
            db.session.execute(
                select(Notice.event, func.count())
                .where(Notice.recipients.is_not(None))
                .group_by(Notice.event)
            ).all()
        )
        assert counts == {"item_due": 12, "look_back_made": 12, "issue_reported_again": 12}
        made = db.session.execute(select(LookBack.days, LookBack.made_at.is_not(None))).all()
        assert sorted({tuple(row) for row in made}) == [(7, True), (30, False)]
