"""A street with its people, inside the application."""

from collections.abc import Iterator

import numpy as np
import pytest
from flask import Flask

from tests import factories
from tests.factories import Street
from tracker.domain.grouping import nights, placing
from tracker.domain.grouping.evidence import FEATURES
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


@pytest.fixture
def by_category(monkeypatch: pytest.MonkeyPatch) -> None:
    """The score goes by category, distance and size alone, so that a test says itself what belongs together.

    How well the real score judges is measured elsewhere; here it is about what becomes of its judgement.
    """
    simple = {"category": 2.0, "near": 0.2, "size": 0.5}
    weights = np.array([simple.get(name, 0.0) for name in FEATURES])
    for module in (placing, nights):
        monkeypatch.setattr(module, "VECTOR", weights)
        monkeypatch.setattr(module, "BIAS", -0.5)
