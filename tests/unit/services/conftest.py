"""A street with its people, inside the application."""

from collections.abc import Iterator

import numpy as np
import pytest
from flask import Flask

from tests import factories
from tests.factories import Street
from tracker.domain.grouping import nights, placing
from tracker.domain.grouping.evidence import FEATURES
from tracker.domain.grouping.weights import Score
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
    simple = {"category": 2.0, "apart": -0.3, "size": 0.5}
    sums, nothing = np.array([simple.get(name, 0.0) for name in FEATURES]), np.zeros(1)
    score = Score(sums, np.zeros((len(FEATURES), 1)), nothing, nothing, -0.5)
    for module, name in ((placing, "DAY"), (nights, "DAY"), (nights, "NIGHT")):
        monkeypatch.setattr(module, name, score)
