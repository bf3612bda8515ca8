import pytest

from tracker.domain.distance import distance_m


def test_a_degree_of_latitude_is_111_kilometres_everywhere() -> None:
    assert distance_m(31, 121, 32, 121) == pytest.approx(111_195, abs=1)
    assert distance_m(-90, 0, -89, 77) == pytest.approx(111_195, abs=1)


def test_a_degree_of_longitude_shrinks_towards_the_poles() -> None:
    assert distance_m(60, 10, 60, 11) == pytest.approx(111_195 / 2, rel=1e-4)


def test_from_one_shop_to_the_next_and_back() -> None:
    there = distance_m(31.3060, 121.4550, 31.3063, 121.4552)
    assert 35 < there < 42
    assert distance_m(31.3063, 121.4552, 31.3060, 121.4550) == pytest.approx(there)
    assert distance_m(31.3, 121.4, 31.3, 121.4) == 0


def test_across_the_date_line_is_not_around_the_globe() -> None:
    assert distance_m(0, 179.999, 0, -179.999) == pytest.approx(222.4, abs=1)
