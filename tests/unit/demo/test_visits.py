"""The secretary of the demo street has walked it, and has somewhere to go today."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from tracker.demo.load import DemoStreet
from tracker.demo.registers import actors
from tracker.domain.visits import Due, LineState
from tracker.services import visit_pages, visit_routes


@pytest.mark.one_database(reason="both databases take the street in test_load.py")
def test_the_secretary_has_walked_the_street_and_has_a_route_today(app: Flask) -> None:
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    with app.app_context():
        for _ in DemoStreet(cases=0, seed=7, now=now).run():
            pass
        secretary = actors()["secretary"]
        rows = visit_pages.own_visits(secretary).rows
        assert len(rows) == 40
        assert max(row.visited_at for row in rows) < now
        assert visit_pages.tally(secretary, now).visits == 0
        states = {line.state for row in rows for line in visit_pages.visit(row.id, secretary).lines}
        assert states == {LineState.NOTED, LineState.ANSWERED}
        stops = visit_routes.todays_route(secretary, now).stops
        assert len(stops) == 15
        assert stops[0].dues[0] == Due.PROMISED
