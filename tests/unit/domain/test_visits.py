"""Which shops are due, and in what order to walk."""

from datetime import date

import pytest

from tracker.domain.visits import Due, Spot, Stop, by_need, route, shared_words

METRO = Spot(31.3060, 121.4550)


def north(metres: float) -> Spot:
    """So far north of the metro: a degree of latitude is 111.2 km."""
    return Spot(METRO.lat + metres / 111_195, METRO.lon)


def a_stop(place_id: int, *dues: Due, metres: float | None = None, last_on: date | None = None) -> Stop:
    return Stop(place_id, dues, last_on=last_on, spot=None if metres is None else north(metres))


def walked(*stops: Stop, many: int = 15, start: Spot | None = None) -> list[int]:
    return [leg.stop.place_id for leg in route(stops, many=many, start=start)]


def test_a_dispute_comes_before_a_promise_an_overdue_an_open_case_and_a_shop_never_seen() -> None:
    stops = [
        a_stop(6, Due.LONG_AGO),
        a_stop(5, Due.NEVER),
        a_stop(4, Due.OPEN),
        a_stop(3, Due.OVERDUE),
        a_stop(2, Due.PROMISED),
        a_stop(1, Due.DISPUTED),
    ]
    assert [stop.place_id for stop in by_need(stops)] == [1, 2, 3, 4, 5, 6]


def test_of_shops_due_for_the_same_reason_the_one_with_more_reasons_then_the_longest_not_visited_is_first() -> (
    None
):
    stops = [
        a_stop(1, Due.LONG_AGO, last_on=date(2026, 11, 1)),
        a_stop(2, Due.LONG_AGO, last_on=date(2026, 9, 1)),
        a_stop(3, Due.OPEN),
        a_stop(4, Due.OPEN, Due.NEVER),
    ]
    assert [stop.place_id for stop in by_need(stops)] == [4, 3, 2, 1]


def test_only_the_most_needed_shops_are_on_the_route() -> None:
    near = a_stop(1, Due.LONG_AGO, metres=10)
    far = a_stop(2, Due.DISPUTED, metres=900)
    assert walked(near, far, many=1, start=METRO) == [2]
    assert walked(near, far, many=0, start=METRO) == []


def test_pressing_shops_come_first_and_of_each_kind_the_nearest_next() -> None:
    stops = [
        a_stop(1, Due.NEVER, metres=50),
        a_stop(2, Due.NEVER, metres=820),
        a_stop(3, Due.OVERDUE, metres=800),
        a_stop(4, Due.DISPUTED, metres=400),
        a_stop(5, Due.NEVER, metres=700),
    ]
    assert walked(*stops, start=METRO) == [4, 3, 2, 5, 1]


def test_without_a_start_the_walk_begins_at_the_most_needed_shop() -> None:
    stops = [
        a_stop(1, Due.NEVER, metres=0),
        a_stop(2, Due.OPEN, metres=500),
        a_stop(3, Due.NEVER, metres=450),
    ]
    assert walked(*stops) == [2, 3, 1]


def test_a_shop_of_unknown_position_comes_last_of_its_kind_and_says_no_way() -> None:
    stops = [a_stop(1, Due.OPEN), a_stop(2, Due.OPEN, metres=120), a_stop(3, Due.PROMISED)]
    legs = route(stops, many=15, start=METRO)
    assert [(leg.stop.place_id, leg.way_m and round(leg.way_m)) for leg in legs] == [
        (3, None),
        (2, 120),
        (1, None),
    ]


def test_a_way_is_measured_in_metres_on_the_ground() -> None:
    assert METRO.distance_m(METRO) == 0
    assert METRO.distance_m(north(250)) == pytest.approx(250, abs=0.5)
    east = Spot(METRO.lat, METRO.lon + 0.01)  # 0.01° × 111.32 km × cos 31.306° = 951 m
    assert METRO.distance_m(east) == pytest.approx(951, abs=2)


def test_texts_share_pairs_of_neighbouring_characters() -> None:
    assert shared_words("共享单车堵住店门", "共享单车乱停放") == 3
    assert shared_words("单 车,堵", "单车") == 1
    assert shared_words("", "单车") == 0
