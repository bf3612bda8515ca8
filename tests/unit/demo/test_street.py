import re

import pytest

from tracker.demo.catalogue import place_kinds
from tracker.demo.people import people, verifier_login
from tracker.demo.street import build_street
from tracker.domain.permissions import STAFF_ROLES


def test_the_street_has_nine_districts_five_shopping_streets_and_200_places() -> None:
    street = build_street(1)
    assert sum(area.parent == "PP" for area in street.areas) == 9
    assert len(street.shopping_streets) == 5
    assert len(street.places) == 200
    assert {place.kind for place in street.places} == set(place_kinds())


def test_every_district_has_two_or_three_sections_and_every_place_lies_in_one() -> None:
    street = build_street(1)
    sections = [area for area in street.areas if area.parent not in {None, "PP"}]
    for number in range(1, 10):
        assert sum(area.parent == f"PP-{number}" for area in sections) in {2, 3}
    assert {place.area for place in street.places} <= {area.code for area in sections}


def test_names_codes_and_addresses_are_all_different() -> None:
    for places in (200, 2_000):
        street = build_street(4, places)
        for values in zip(*((p.code, p.name, p.address) for p in street.places), strict=True):
            assert len(set(values)) == places


def test_the_places_of_a_shopping_street_stand_along_its_line_in_the_north_of_shanghai() -> None:
    street = build_street(2)
    roads = {road.code: road for road in street.shopping_streets}
    for place in street.places:
        road = roads[place.shopping_street]
        nearest = min(road.at(step / 300).distance_m(place.spot) for step in range(301))
        assert nearest < 20
        assert 31.28 < place.lat < 31.32
        assert 121.43 < place.lon < 121.47


def test_the_metro_has_three_entrances_where_two_shopping_streets_cross() -> None:
    entrances = [place for place in build_street(3).places if place.kind == "metro"]
    assert len(entrances) == 3
    assert all(place.spot.distance_m(entrances[0].spot) < 150 for place in entrances)


def test_no_phone_number_can_be_anyones() -> None:
    # In Shanghai no number begins with 0 after the area code.
    assert all(re.fullmatch(r"1540000\d{4}", place.keeper_phone) for place in build_street(5).places)


def test_places_that_serve_people_say_when_and_with_what() -> None:
    for place in build_street(6).places:
        serves = place_kinds()[place.kind].serves_people
        assert bool(place.opening_hours) is serves
        assert bool(place.facilities) is serves


def test_too_few_places_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="至少要有 20 个点位"):
        build_street(1, 5)


def test_every_role_and_every_department_has_somebody() -> None:
    everyone = people()
    assert {person.role for person in everyone} == STAFF_ROLES
    assert len({person.department for person in everyone if person.role == "handler"}) == 21
    assert len({person.login for person in everyone}) == len({person.name for person in everyone}) == 28


def test_the_two_verifiers_share_the_street_between_them() -> None:
    first, second = (person for person in people() if person.role == "verifier")
    assert set(first.areas or ()).isdisjoint(second.areas or ())
    assert {*(first.areas or ()), *(second.areas or ())} == {f"PP-{number}" for number in range(1, 10)}
    assert verifier_login(build_street(1).areas, "PP-7-2") == "verifier2"
