"""Two processes that remind and look back at the same moment do each thing once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from config import Config
from tests import factories
from tests.matters import an_issue, an_item
from tests.processes import Forked, environment_of
from tracker import create_app
from tracker.domain.permissions import Role
from tracker.extensions import db, transaction
from tracker.models import LookBack, Notice
from tracker.services import clocks, jobs
from tracker.services.parts import parts

pytestmark = pytest.mark.crash


def work() -> None:
    """What each of the processes does."""
    with create_app(Config.from_environment()).app_context():
        for name in ("remind_items", "look_back", "reopen_issues") * 3:
            jobs.run(jobs.job_named(name))
        print([(state.name, state.error) for state in jobs.job_states() if state.error])  # noqa: T201 - read below


def test_reminders_looks_back_and_reopenings_happen_once(
    app: Flask, settings: Config, tmp_path: Path
) -> None:
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
    outputs = [tmp_path / name for name in ("one", "other")]
    running = [Forked(work, output=output, environment=environment_of(settings)) for output in outputs]
    assert [process.wait(120) for process in running] == [0, 0]
    assert [output.read_text().strip() for output in outputs] == ["[]", "[]"]
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
