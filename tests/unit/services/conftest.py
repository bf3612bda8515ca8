"""A street with its people, inside the application."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import factories
from tests.factories import Street
from tracker.domain.permissions import Actor, Role


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The application, with a context: use cases can be called."""
    with app.app_context():
        yield app


@pytest.fixture
def street(inside: Flask) -> Street:  # noqa: ARG001 - the context it needs
    """Registers and two places."""
    return factories.a_street()


@pytest.fixture
def crew(street: Street) -> dict[Role | str, Actor]:  # noqa: ARG001 - the registers they need
    """One person of each role; handlers by department too."""
    return factories.a_crew()
