import numpy as np
import pytest

from tests.unit.domain.grouping.report_samples import bikes, grouped, lamps
from tracker.domain.grouping import NOTHING_LEARNED, ModelUnreadable, learn, model_from_bytes, model_to_bytes
from tracker.domain.grouping.reading import packed


def test_nothing_is_learned_from_nothing() -> None:
    model = learn(grouped([]).store, NOTHING_LEARNED)
    assert not model.is_deep
    assert model.lesson == 1


def test_a_lesson_says_when_the_next_one_is_due() -> None:
    model = learn(grouped(bikes(40)).store, NOTHING_LEARNED)
    assert model.seen == 40
    assert model.next_at > 40


def test_the_same_reports_teach_the_same() -> None:
    one, other = (learn(grouped(bikes(40) + lamps(40)).store, NOTHING_LEARNED) for _ in range(2))
    assert model_to_bytes(one) == model_to_bytes(other)


def test_runs_used_for_one_trouble_point_the_same_way() -> None:
    store = grouped(bikes(60) + lamps(60, first=200)).store
    model = learn(store, NOTHING_LEARNED)
    assert model.is_deep
    near, far = (packed(group.samples, model) for key in ("r0000", "r0200") if (group := store.group(key)))
    within = near.vectors @ near.vectors.T
    across = near.vectors @ far.vectors.T
    assert within.mean() > across.mean() + 0.3


def test_reports_of_one_trouble_are_of_one_topic() -> None:
    store = grouped(bikes(60) + lamps(60, first=200)).store
    model = learn(store, NOTHING_LEARNED)
    near, far = (packed(group.samples, model) for key in ("r0000", "r0200") if (group := store.group(key)))
    assert near.topics @ (near.topics / model.topics) > 1
    assert near.topics @ (far.topics / model.topics) < 1


def test_a_model_comes_back_from_its_bytes_as_it_was() -> None:
    model = learn(grouped(bikes(60) + lamps(60, first=200)).store, NOTHING_LEARNED)
    again = model_from_bytes(model_to_bytes(model))
    assert np.array_equal(again.vectors, model.vectors)
    assert np.array_equal(again.says, model.says)
    assert (again.lesson, again.next_at, again.categories) == (model.lesson, model.next_at, model.categories)
    assert model_to_bytes(again) == model_to_bytes(model)


@pytest.mark.parametrize("data", [b"", b"not a model", b"PK\x05\x06" + bytes(18)])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ModelUnreadable):
        model_from_bytes(data)


def test_how_a_category_is_confused_is_learned_from_the_groups() -> None:
    reports = bikes(40)
    wrong = [report for n, report in enumerate(reports) if n % 5 == 4]
    for report in wrong:
        object.__setattr__(report, "category", "占道")
    others = lamps(40, first=200)
    model = learn(grouped(reports + others).store, NOTHING_LEARNED)
    row = model.confusion[model.column_of["非机动车"]]
    assert row[model.column_of["占道"]] > row[model.column_of["照明"]]
