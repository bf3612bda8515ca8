"""Who is taken to have been at a meeting: the chair, departments whoever signed for them, merchants who signed."""

import pytest
from flask import Flask

from tests import factories
from tests.held_meetings import STARTS_AT, Held, a_meeting
from tracker.domain.permissions import Role
from tracker.services import door
from tracker.services.attendance import Attendee, expected_at
from tracker.services.meeting_views import door_of, meeting_view

pytestmark = (
    pytest.mark.one_database
)  # plain reading; signing itself is tried on both in test_votes_and_door.py


def at_the_door(app: Flask, *signs: tuple[str, str]) -> tuple[Held, list[Attendee], list[str]]:
    """The meeting; who is on its list; departments that are still missed, after these signed: code, name."""
    with app.app_context():
        street, crew = factories.a_street(), factories.a_crew()
        held = a_meeting(crew, (factories.a_report(street.token).number,))
        token = door_of(held.number, crew[Role.SECRETARY])
        for n, (code, name) in enumerate(signs):
            door.sign_for_department(token, f"phone-{n}", code, name, now=STARTS_AT)
        view = meeting_view(held.number, crew[Role.SECRETARY])
        missed = [each.department_code for each in view.guests if not each.has_signed]
        return held, expected_at(held.id), missed


def test_the_chair_is_there_without_signing(app: Flask) -> None:
    _, people, missed = at_the_door(app)
    assert [(one.kind, one.is_here) for one in people] == [
        ("chair", True),
        ("department", False),
        ("department", False),
    ]
    assert missed == ["ZF", "LR"]


def test_whoever_signs_first_for_an_invited_department_stands_for_it(app: Flask) -> None:
    _, people, missed = at_the_door(app, ("ZF", "陈建国"), ("ZF", "赵敏"), ("JJ", "李强"))
    there = [(one.kind, one.department, one.name) for one in people if one.is_here][1:]
    assert there == [("department", "ZF", "陈建国"), ("walk_in", "ZF", "赵敏"), ("walk_in", "JJ", "李强")]
    assert missed == ["LR"]
