from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from tests import factories
from tracker.extensions import db
from tracker.models import Area, Category, Department
from tracker.services.area_import import import_areas, read_areas
from tracker.services.cases import current_category
from tracker.services.catalogue import import_categories, import_departments, shipped
from tracker.services.imports import Imported, ImportRefused
from tracker.services.routing import route_for
from tracker.services.routing_import import import_routing, read_routing


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def catalogue() -> Imported:
    import_departments(shipped("departments"))
    return import_categories(shipped("categories"))


def changed(**changes: Any) -> str:
    """The catalogue with its first category, A1, changed."""
    document = yaml.safe_load(shipped("categories"))
    document["categories"][0] |= changes
    return yaml.safe_dump(document, allow_unicode=True)


def test_a_new_street_starts_with_44_categories_and_21_departments(catalogue: Imported) -> None:
    assert catalogue.added == 44
    assert len(db.session.scalars(select(Department)).all()) == 21


@pytest.mark.usefixtures("catalogue")
def test_importing_the_same_catalogue_again_changes_nothing() -> None:
    again = import_categories(shipped("categories"))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 44)
    assert import_departments(shipped("departments")).unchanged == 21


@pytest.mark.usefixtures("catalogue")
def test_a_changed_category_gets_a_new_version_and_the_old_one_stays() -> None:
    result = import_categories(changed(done="8wh"))
    assert (result.added, result.changed, result.unchanged) == (0, 1, 43)
    versions = db.session.scalars(
        select(Category).where(Category.code == "A1").order_by(Category.version)
    ).all()
    assert [(each.version, each.is_current, each.allowances["done"]) for each in versions] == [
        (1, False, "4wh"),
        (2, True, "8wh"),
    ]


@pytest.mark.usefixtures("catalogue")
def test_a_category_that_is_no_longer_in_the_file_stays() -> None:
    document = yaml.safe_load(shipped("categories"))
    del document["categories"][1:]
    import_categories(yaml.safe_dump(document, allow_unicode=True))
    assert current_category("J4").is_current


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lead": "??"}, "department '??' is not known"),
        ({"co": ["ZF"]}, "named twice"),
        ({"icon": "rocket"}, "icon 'rocket'"),
        ({"group": "Z"}, "group 'Z'"),
        ({"done": "soon"}, "done is a number with"),
        ({"stages": ["at once"]}, "stages is a list"),
        ({"auto_file": "yes"}, "auto_file is true or false"),
        ({"auto_file": False}, "auto_dispatch needs auto_file"),
        ({"colour": "red"}, "colour is no field"),
        ({"zh": ""}, "zh needs 1 to 60"),
        ({"code": "A2"}, "there twice"),
    ],
)
@pytest.mark.usefixtures("catalogue")
@pytest.mark.one_database  # about the checks, which the database does not make
def test_a_catalogue_with_a_fault_is_not_taken_at_all(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ImportRefused, match="category") as refusal:
        import_categories(changed(**changes))
    assert any(reason in problem.reason for problem in refusal.value.problems)
    assert not db.session.scalars(select(Category).where(Category.version > 1)).all()


@pytest.mark.usefixtures("catalogue")
def test_a_missing_field_is_an_error_and_no_quiet_default() -> None:
    document = yaml.safe_load(shipped("categories"))
    del document["categories"][0]["evidence"]
    with pytest.raises(ImportRefused, match="evidence is true or false"):
        import_categories(yaml.safe_dump(document))


@pytest.mark.parametrize("text", ["- just\n- a list", "a: [", "categories: []"])
@pytest.mark.one_database  # nothing is stored
def test_a_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ImportRefused, match="file"):
        import_categories(text)


@pytest.mark.usefixtures("catalogue")
def test_a_department_is_renamed_by_its_code() -> None:
    result = import_departments("departments: [{code: ZF, zh: 城管中队, en: Enforcement}]")
    assert (result.added, result.changed) == (0, 1)
    assert db.session.get_one(Department, "ZF").name_zh == "城管中队"


# ---------------------------------------------------------------- areas and routes

TREE = "code,name,parent\nPP-1-1,第一居委会,PP-1\nPP-1,南薰片区,PP\nPP,彭浦街道,\n"


def areas(text: str) -> Imported:
    return import_areas(read_areas(text.encode()))


def test_a_parent_may_stand_below_its_children() -> None:
    assert areas(TREE).added == 3
    assert db.session.get_one(Area, "PP-1-1").parent_code == "PP-1"
    assert areas(TREE).unchanged == 3


def test_an_area_without_its_parent_or_within_itself_is_named() -> None:
    result = areas(TREE + "X,游离,Q\nY,自己,Y\nPP,重号,\n")
    assert [(problem.where, problem.reason) for problem in result.problems] == [
        ("line 5", "parent 'Q' is not known"),
        ("line 6", "area Y would lie within itself"),
        ("line 7", "code PP is already used by a line above"),
    ]
    assert result.added == 3


def test_an_area_cannot_be_moved_below_its_own_child() -> None:
    areas(TREE)
    [problem] = areas("code,name,parent\nPP,彭浦街道,PP-1-1\n").problems
    assert problem.reason == "area PP would lie within itself"


def routes(text: str) -> Imported:
    return import_routing(read_routing(text.encode()))


RULES = "category,area,lead,co,auto_file,auto_dispatch\nA5,PP-2,LR,ZF WY,是,是\n"


def test_a_rule_sends_a_category_elsewhere_in_one_area() -> None:
    factories.a_street()
    assert routes(RULES).added == 1
    route = route_for("A5", "PP-2")
    assert (route.lead, route.co, route.auto_dispatch, route.area) == ("LR", ("ZF", "WY"), True, "PP-2")
    assert route_for("A5", "PP-1").lead == "ZF"


def test_rules_are_changed_in_place_and_a_second_run_changes_nothing() -> None:
    factories.a_street()
    routes(RULES)
    assert routes(RULES).unchanged == 1
    assert routes(RULES.replace("LR", "JW")).changed == 1
    assert route_for("A5", "PP-2").lead == "JW"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Q9,PP-2,LR,,1,1", "category 'Q9' is not known"),
        ("A5,XX,LR,,1,1", "area 'XX' is not known"),
        ("A5,PP-2,QQ,,1,1", "lead 'QQ' is not known"),
        ("A5,PP-2,LR,QQ,1,1", "co 'QQ' is not known"),
        ("A5,PP-2,LR,LR,1,1", "named twice"),
        ("A5,PP-2,LR,,maybe,1", "auto_file is yes or no"),
        ("A5,PP-2,LR,,0,1", "auto_dispatch needs auto_file"),
    ],
)
@pytest.mark.one_database  # about the checks, which the database does not make
def test_a_rule_that_cannot_be_followed_is_named(line: str, reason: str) -> None:
    factories.a_street()
    [problem] = routes(f"category,area,lead,co,auto_file,auto_dispatch\n{line}\n").problems
    assert reason in problem.reason
