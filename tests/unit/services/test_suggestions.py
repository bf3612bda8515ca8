"""Open cases that are probably the same: found by meaning and place, best first, and telling nothing of anybody."""

from datetime import timedelta
from uuid import uuid4

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
from tracker.services import differences, grouping, intake, suggestions
from tracker.services.intake import NewReport
from tracker.services.places import LabelledPlace, labelled_place
from tracker.services.suggestions import Asker

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


# ---- what was answered before


def says_different(street: Street, device: str, *cases: Sent, category: str = "A1") -> str:
    """Somebody at the shop sends his own report although these were put before him; its number."""
    numbers = [case.number for case in cases]
    new = NewReport(f"form-{uuid4()}", category, "我的不一样", device, differs_from=numbers)
    return intake.receive(new, labelled_place(street.token), LATER).number


def test_of_what_a_device_said_no_to_it_is_not_asked_again_wherever_it_stands(
    bikes: list[Sent], street: Street
) -> None:
    here, next_door = labelled_place(street.token), a_shop(40)
    own = says_different(street, "his-phone", bikes[0], bikes[1])
    him = Asker("his-phone")
    for place in (here, next_door):
        found = {case.number for case in suggestions.similar(place, "A1", "单车堵门", LATER, asker=him)}
        assert found
        assert not found & {bikes[0].number, bikes[1].number}
    assert [case.number for case in suggestions.open_here(here, him)] == [own]
    assert bikes[0].number in {case.number for case in suggestions.open_here(here, Asker("another"))}
    just_now = Asker("another", refused=[bikes[0].number])
    assert bikes[0].number not in {case.number for case in suggestions.open_here(here, just_now)}


def test_what_three_people_here_said_no_to_comes_last_here_and_nowhere_else(
    bikes: list[Sent], street: Street
) -> None:
    here, next_door = labelled_place(street.token), a_shop(10)
    for count, device in enumerate(("one", "two", "two", "three")):
        best = suggestions.similar(here, "A1", "单车堵门", LATER)
        assert best[0].number == bikes[0].number, f"{count} said no"
        says_different(street, device, bikes[0])
    found = [case.number for case in suggestions.similar(here, "A1", "单车堵门", LATER)]
    assert found[0] != bikes[0].number
    assert bikes[0].number not in found[:2]
    elsewhere = suggestions.similar(next_door, "A1", "单车堵门", LATER)
    assert bikes[0].number in {case.number for case in elsewhere}


def test_answers_are_handed_on_as_pairs_of_reports_the_same_and_different(street: Street) -> None:
    sent = a_report(street.token, "A1", at=MORNING)
    factories.a_voice(street.token, sent.number, at=MORNING + timedelta(minutes=1))
    says_different(street, "his-phone", sent)
    pairs = differences.answered_pairs(MORNING)
    assert [pair.is_same for pair in pairs] == [True, False]
    assert len({pair.other for pair in pairs}) == 1
    assert len({pair.report for pair in pairs}) == 2
    assert differences.answered_pairs(LATER + timedelta(days=1)) == []
