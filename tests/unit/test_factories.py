import pytest
from flask import Flask

from tests import factories
from tracker.domain.lifecycle import State

ON_THE_WAY = sorted(frozenset(State) - {State.REPORTED, State.MERGED, State.WITHDRAWN})


@pytest.mark.one_database
@pytest.mark.parametrize("state", ON_THE_WAY)
def test_the_factory_walks_a_case_to_each_state(app: Flask, state: State) -> None:
    with app.app_context():
        street, crew = factories.a_street(), factories.a_crew()
        sent = factories.a_report(street.token, photos=1)
        assert factories.walk_to(sent.number, state, crew).state == state
