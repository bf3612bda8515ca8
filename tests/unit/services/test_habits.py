"""Learning what is reported where, and the form that follows from it."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import MORNING, Street, a_place, a_report, a_voice, take
from tests.web.staff import statements
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.domain.tile_order import faded
from tracker.extensions import db
from tracker.models import CategoryHabit
from tracker.services.habits import BATCH, learn_habits
from tracker.services.report_form import FormCategories, Standing, form_categories

DAY_AFTER = MORNING + timedelta(days=1, minutes=1)
SHOP = Standing("shop", "PP-1", "共和新路 2395 号")
ELSEWHERE = Standing("shop", "PP-2", "临汾路 1 号")
LISTED = ["A1", "A2", "A5", "B1", "D1", "G1", "H1", "F4"]


def learned() -> dict[tuple[str, str, str], float]:
    """What is counted, as reports of that morning."""
    return {
        (row.scope, row.name, row.category): round(faded(row.weight, MORNING), 3)
        for row in db.session.scalars(select(CategoryHabit))
    }


def codes(form: FormCategories) -> list[str]:
    return [choice.code for choice in form.likely]


def report(token: str, category: str, count: int = 1, at: datetime = MORNING) -> list[str]:
    """Reports from phones of their own; their numbers."""
    return [
        a_report(token, category, f"第 {n} 次", device=f"{category} {n} {at}", at=at).number
        for n in range(count)
    ]


def test_a_form_learns_from_its_kind_of_place_and_its_street_and_elsewhere_only_from_the_kind(
    street: Street,
) -> None:
    assert codes(form_categories(SHOP, DAY_AFTER)) == LISTED
    before = form_categories(SHOP, DAY_AFTER)
    assert (before.street, before.knows_kind) == ("", False)
    report(street.token, "C7", 20)
    door = a_place("building_door", address="共和新路 2397 号")
    report(door, "B5", 12)
    assert learn_habits(DAY_AFTER) == 32
    here, there = form_categories(SHOP, DAY_AFTER), form_categories(ELSEWHERE, DAY_AFTER)
    assert codes(here)[0] == "C7"
    assert "B5" in codes(here), "reported next door"
    assert here.street == "共和新路"
    assert "C7" in codes(there)
    assert "B5" not in codes(there)
    assert (there.street, there.knows_kind) == ("", True)
    park = Standing("park", "PP-2", "临汾路 1 号")
    assert codes(form_categories(park, DAY_AFTER)) == ["E2", "E1", "B1", "E3", "C4", "A4", "F4", "E4"]
    years_later = form_categories(SHOP, DAY_AFTER + timedelta(days=3 * 365))
    assert codes(years_later) == LISTED, "what was long ago is forgotten"


def test_every_category_is_on_the_form_once_whatever_was_learned(street: Street) -> None:
    report(street.token, "C7", 12)
    learn_habits(DAY_AFTER)
    form = form_categories(SHOP, DAY_AFTER)
    everything = codes(form) + [choice.code for group in form.groups for choice in group]
    assert len(everything) == len(set(everything)) == 44


def test_each_report_is_counted_once_and_not_before_it_is_a_day_old(street: Street) -> None:
    report(street.token, "C4", 2)
    report(street.token, "C4", 1, at=MORNING + timedelta(hours=5))
    assert learn_habits(MORNING + timedelta(hours=23)) == 0
    assert learn_habits(DAY_AFTER) == 2
    assert learn_habits(DAY_AFTER) == 0
    assert learned() == {("kind", "shop", "C4"): 2.0, ("street", "PP-1/共和新路", "C4"): 2.0}
    assert learn_habits(DAY_AFTER + timedelta(hours=5)) == 1


def test_one_phone_says_one_thing_once_a_day_and_joining_counts_as_a_voice(street: Street) -> None:
    numbers = [
        a_report(street.token, "A5", f"第 {n} 次", at=MORNING + timedelta(minutes=n)).number for n in range(5)
    ]
    a_voice(street.token, numbers[-1], at=MORNING + timedelta(hours=1))
    assert learn_habits(DAY_AFTER + timedelta(hours=1)) == 6
    assert learned()["street", "PP-1/共和新路", "A5"] == pytest.approx(2.0, abs=0.01)


def test_what_was_turned_away_and_what_is_private_teaches_nothing_and_protected_matters_no_street(
    street: Street, crew: dict[Role | str, Actor]
) -> None:
    (joke,) = report(street.token, "A5")
    take(joke, Action.VOID, by=crew[Role.DUTY_LEAD], note="乱报的。")
    report(street.token, "J3")
    report(street.token, "F3")
    assert learn_habits(DAY_AFTER) == 3
    assert set(learned()) == {("kind", "shop", "F3")}


def test_learning_and_reading_take_a_few_statements_however_much_there_is(
    inside: Flask, street: Street
) -> None:
    report(street.token, "C4", 12)
    report(street.token, "B1", 12)
    with statements(inside) as seen:
        assert learn_habits(DAY_AFTER) == 24 < BATCH
    assert len(seen) <= 5, seen
    with statements(inside) as seen:
        form_categories(SHOP, DAY_AFTER)
    assert len(seen) == 1, seen
