"""Where a case goes, from the rules in the database."""

import pytest
from sqlalchemy import select

from tests.factories import Street, a_place, a_report
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, now, transaction
from tracker.models import Area, Case, RoutingRule
from tracker.services import cases, history
from tracker.services.routing import as_details, route_for


def a_rule(
    area: str, lead: str, category: str = "A5", *, auto: bool = False, co: tuple[str, ...] = ()
) -> None:
    """A routing rule for an area."""
    with transaction():
        db.session.add(
            RoutingRule(
                category_code=category,
                area_code=area,
                lead_code=lead,
                co_codes=list(co),
                auto_file=auto,
                auto_dispatch=auto,
            )
        )


def lead_in(area: str, category: str = "A5") -> str:
    """Who gets a case of the category there."""
    return route_for(category, area).lead


@pytest.mark.usefixtures("street")
class TestTheNearestRuleWins:
    def test_without_rules_the_category_decides(self) -> None:
        assert lead_in("PP-1") == "ZF"

    def test_a_rule_for_the_street_holds_in_every_area_below_it(self) -> None:
        a_rule("PP", "JJ")
        assert (lead_in("PP-1"), lead_in("PP-2"), lead_in("PP")) == ("JJ", "JJ", "JJ")

    def test_a_rule_for_an_area_beats_the_streets_there_and_nowhere_else(self) -> None:
        a_rule("PP-1", "LR")
        a_rule("PP", "JJ")
        assert (lead_in("PP-1"), lead_in("PP-2")) == ("LR", "JJ")

    def test_a_rule_reaches_any_depth(self) -> None:
        with transaction():
            db.session.add(Area(code="PP-1-1", name="第一居委", parent_code="PP-1"))
        a_rule("PP-1", "LR")
        assert lead_in("PP-1-1") == "LR"

    def test_a_rule_for_another_category_does_not_matter(self) -> None:
        a_rule("PP-1", "LR", "D1")
        assert lead_in("PP-1") == "ZF"


def test_a_report_goes_where_the_rule_of_its_area_sends_it_and_the_case_says_why(street: Street) -> None:
    a_rule("PP-1", "LR", auto=True, co=("JJ",))
    sent = a_report(street.token, "A5")
    elsewhere = a_report(a_place(area="PP-2"), "A5")
    case = db.session.scalars(select(Case).where(Case.number == sent.number)).one()
    assert (case.state, case.lead, case.co) == ("dispatched", "LR", ["JJ"])
    other = db.session.scalars(select(Case).where(Case.number == elsewhere.number)).one()
    assert other.state == "reported"
    assert as_details(route_for(case.category, "PP-1")) == {
        "rule_category": "A5",
        "rule_area": "PP-1",
    }
    assert history.verify() == 4


def test_a_case_that_was_given_back_is_not_sent_out_again_by_the_rule(
    street: Street, crew: dict[Role | str, Actor]
) -> None:
    a_rule("PP-1", "LR", auto=True)
    sent = a_report(street.token, "A5")

    def act(action: Action, by: Actor, version: int, **given: str) -> str:
        record = cases.act(sent.number, action, Supplied(**given), version=version, by=by, now=now())  # type: ignore[arg-type]
        return record.state

    act(Action.REQUEST_RETURN, crew["LR"], 3, note="不归我们", suggested="ZF")
    assert act(Action.GRANT_RETURN, crew[Role.DUTY_LEAD], 4) == "filed"
