"""What an issue has cost: time counts while somebody has a case in hand, not while it lies there."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from config import Config
from tests import factories
from tests.applications import lent
from tests.web.moving_clock import MovingClock
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role
from tracker.extensions import db
from tracker.models import Case
from tracker.services.issue_costs import costs_of

pytestmark = pytest.mark.one_database  # plain reading


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def app(settings: Config, clock: MovingClock) -> Iterator[Flask]:
    with lent(settings, clock) as app:
        yield app


def test_hours_count_from_signing(app: Flask, clock: MovingClock) -> None:
    with app.app_context():
        street, crew = factories.a_street(), factories.a_crew()
        number = factories.a_report(street.token).number
        factories.walk_to(number, State.DISPATCHED, crew)
        case_id = db.session.query(Case.id).filter(Case.number == number).scalar()
        clock.at("11-25 09:30")
        before = costs_of([case_id], clock.now)
        factories.take(number, Action.SIGN, by=crew[Role.HANDLER])
        clock.now += timedelta(hours=2)
        after = costs_of([case_id], clock.now)
    assert (before.rounds, before.working_hours) == (0, None)
    assert (after.rounds, after.working_hours) == (1, 2.0)
