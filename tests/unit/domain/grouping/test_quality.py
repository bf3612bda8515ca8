"""Is the grouping as good as it was? On a town of our own, with both ways of writing."""

import pytest

from bench.grouping.run import Task, measured


@pytest.mark.parametrize("grammar", ["chat", "voice"])
def test_a_thousand_reports_from_an_empty_start_are_grouped_well(grammar: str) -> None:
    scores = measured(Task("quality", grammar=grammar, count=1000, seed=5)).scores
    assert scores["B³ at arrival"] > 0.78
    assert scores["B³ after nights"] > 0.85
    assert scores["meeting after nights"] > 0.75
    assert scores["recall@3 at 10 %"] > 0.78
