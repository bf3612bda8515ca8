"""Open cases that are probably the same: found by meaning and place, best first, and telling nothing of anybody."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.factories import MORNING, Sent, Street, a_report, take
from tests.web.staff import statements
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Place
from tracker.services import grouping, suggestions
from tracker.services.places import LabelledPlace, labelled_place

pytestmark = pytest.mark.usefixtures("by_category")

LATER = MORNING + timedelta(days=8)
WAYS = ("共享单车堵住店门口", "门口都是共享单车", "单车把店门堵了", "共享单车挡住店门", "一排单车停在门前")


def a_shop(metres_north: int) -> LabelledPlace:
    """A shop on the same street, so far up."""
    token = factories.a_place(name=f"{metres_north} 米外的店", address=f"共和新路 {2400 + metres_north} 号")
    with transaction():
        place = db.session.get_one(Place, labelled_place(token).place_id)
        place.lat = 31.306 + metres_north / 111_195
    db.session.rollback()
    return labelled_place(token)


@pytest.fixture
def bikes(street: Street) -> list[Sent]:
    """Five neighbours within 80 metres report the same, each at his own door; grouped."""
    tokens = [street.token, *(a_shop(20 * number).token for number in range(1, 5))]
    sent = [
        a_report(token, "A1", words, device=f"phone-{day}", at=MORNING + timedelta(days=day))
        for day, (token, words) in enumerate(zip(tokens, WAYS, strict=True))
    ]
    while grouping.group_waiting(LATER):
        pass
    return sent


def test_what_neighbours_reported_is_found_from_next_door_the_nearest_first(bikes: list[Sent]) -> None:
    here = a_shop(40)
    found = suggestions.similar(here, "A1", "单车又堵门了", LATER)
    assert len(found) == 3
    assert {case.number for case in found} <= {sent.number for sent in bikes}
    away = [case.away_m or 0 for case in found]
    assert away == sorted(away)
    assert away[-1] < 50


def test_this_very_place_comes_first(bikes: list[Sent], street: Street) -> None:
    found = suggestions.similar(labelled_place(street.token), "A1", "单车堵门", LATER)
    assert (found[0].number, found[0].away_m) == (bikes[0].number, 0)


@pytest.mark.usefixtures("bikes")
def test_something_else_and_somewhere_else_find_nothing(street: Street) -> None:
    assert suggestions.similar(labelled_place(street.token), "C4", "路灯坏了，晚上很黑", LATER) == []
    assert suggestions.similar(a_shop(1500), "A1", "单车堵门", LATER) == []


def test_a_report_of_this_minute_is_found_before_anybody_grouped_it(street: Street) -> None:
    sent = a_report(street.token, "A5", at=LATER)
    (found,) = suggestions.similar(labelled_place(street.token), "A5", "", LATER)
    assert (found.number, found.state, found.has_photo, found.voices) == (
        sent.number,
        State.REPORTED,
        False,
        1,
    )


def test_what_ended_or_became_private_is_not_offered(
    bikes: list[Sent], street: Street, crew: dict[Role | str, Actor]
) -> None:
    for sent in bikes[:4]:
        take(sent.number, Action.VOID, by=crew[Role.DUTY_LEAD], note="测试")
    here = labelled_place(street.token)
    assert [case.number for case in suggestions.similar(here, "A1", WAYS[0], LATER)] == [bikes[4].number]
    a_report(street.token, "J4", "想落户", at=LATER)
    assert suggestions.similar(here, "J4", "想落户", LATER) == []
    assert suggestions.open_here(here) == []


def test_of_a_protected_report_neither_place_nor_photo_is_shown(street: Street) -> None:
    a_report(street.token, "F3", "油烟直冲楼上", photos=1, at=MORNING)
    a_report(street.token, "A5", photos=1, at=MORNING)
    plain, protected = suggestions.open_here(labelled_place(street.token))
    assert (protected.place_name, protected.has_photo) == ("", False)
    assert (plain.place_name, plain.has_photo) == ("老盛昌汤包馆", True)
    for hidden in (protected.number, "261123-9999"):
        with pytest.raises(suggestions.NothingShown):
            suggestions.thumb_shown(hidden, labelled_place(street.token))
    assert suggestions.thumb_shown(plain.number, labelled_place(street.token))


@pytest.mark.usefixtures("bikes")
def test_asking_takes_seven_statements_at_most(app: Flask, street: Street) -> None:
    here = labelled_place(street.token)
    suggestions.similar(here, "A1", "单车堵门", LATER)
    with statements(app) as seen:
        suggestions.similar(here, "A1", "单车堵门", LATER)
    assert 1 <= len(seen) <= 7, seen


def test_a_place_that_nobody_knows_the_position_of_is_no_obstacle(street: Street) -> None:
    with transaction():
        for place in db.session.scalars(select(Place)):
            place.lat = place.lon = None
    sent = a_report(street.token, "A1", WAYS[0], at=MORNING)
    while grouping.group_waiting(LATER):
        pass
    here = labelled_place(street.token)
    assert [case.number for case in suggestions.similar(here, "A1", WAYS[1], LATER)] == [sent.number]
