"""A street and people on it, for the tests of pages."""

import pytest
from flask import Flask

from tests.factories import Street, a_street
from tests.web.reporting import Reporter


@pytest.fixture
def street(app: Flask) -> Street:
    """Registers and two places with codes."""
    with app.app_context():
        return a_street()


@pytest.fixture
def owner(app: Flask) -> Reporter:
    """The shop's owner with his own phone."""
    return Reporter(app.test_client())


@pytest.fixture
def stranger(app: Flask) -> Reporter:
    """Somebody else with another phone."""
    return Reporter(app.test_client())
