"""The order of the form's buttons: from the list, from what is reported, and never in jumps."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.domain.tile_order import faded, likeliest_first, street_key, weight_at

SHOP = ["A1", "A2", "A5", "B1", "D1", "G1", "H1", "F4"]
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def first(
    count: int, of_kind: dict[str, float] | None = None, of_street: dict[str, float] | None = None
) -> list[str]:
    return list(likeliest_first(SHOP, of_kind or {}, of_street or {}).codes[:count])


def test_where_nothing_was_reported_the_list_stands_as_people_made_it() -> None:
    order = likeliest_first(SHOP, {}, {})
    assert list(order.codes) == SHOP
    assert (order.knows_kind, order.knows_street) == (False, False)


def test_one_report_moves_no_button() -> None:
    for code in (*SHOP, "C7"):
        assert first(8, {code: 1.0}, {code: 1.0}) == SHOP


def test_what_such_places_really_report_comes_forward() -> None:
    assert first(3, {"B1": 40.0, "A1": 12.0, "A2": 3.0}) == ["B1", "A1", "A2"]
    assert "C7" in first(8, {"C7": 10.0})
    assert "F4" not in first(8, {"C7": 10.0}), "there are eight, so the least likely makes room"


def test_a_button_passes_another_only_if_it_is_clearly_reported_more() -> None:
    assert first(2, {"A1": 100.0, "A2": 190.0}) == ["A1", "A2"]
    assert first(2, {"A1": 100.0, "A2": 230.0}) == ["A2", "A1"]


def test_the_street_speaks_too_but_never_louder_than_the_kind_of_place() -> None:
    assert first(1, {}, {"C7": 100.0}) == ["C7"]
    flooded = {"C7": 100_000.0}
    assert first(2, {"A1": 900.0, "C7": 100.0}, flooded)[:2] == ["A1", "C7"]
    assert first(8, {}, flooded)[1:] == SHOP[:7], "behind it the list goes on as it was"


def test_a_kind_without_a_list_learns_all_the_same() -> None:
    order = likeliest_first([], {"J1": 4.0, "A6": 9.0}, {})
    assert list(order.codes) == ["A6", "J1"]
    assert order.knows_kind


def test_it_says_that_it_has_learned_from_five_reports_on() -> None:
    assert not likeliest_first(SHOP, {}, {"A1": 4.9}).knows_street
    assert likeliest_first(SHOP, {}, {"A1": 3.0, "B1": 2.0}).knows_street


@pytest.mark.parametrize(("days", "left"), [(0, 10.0), (90, 5.0), (180, 2.5)])
def test_a_report_counts_half_as_much_after_a_season(days: int, left: float) -> None:
    assert faded(10 * weight_at(NOON), NOON + timedelta(days=days)) == pytest.approx(left)


def test_a_long_road_is_another_street_in_the_next_area() -> None:
    assert street_key("PP-1", "共和新路") != street_key("PP-2", "共和新路")
