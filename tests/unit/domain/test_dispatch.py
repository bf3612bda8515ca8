from tracker.domain.dispatch import Route, choose_route

OWN = Route("A5", "", "ZF", (), auto_file=False, auto_dispatch=False)
STREET = Route("A5", "PP", "JJ", (), auto_file=True, auto_dispatch=False)
BLOCK = Route("A5", "PP-1", "LR", ("ZF",), auto_file=True, auto_dispatch=True)


def test_without_a_rule_the_categorys_own_departments_get_it() -> None:
    assert choose_route(OWN, [], ["PP-1", "PP"]) == OWN


def test_the_rule_of_the_nearest_area_wins_in_whatever_order_the_rules_come() -> None:
    assert choose_route(OWN, [STREET, BLOCK], ["PP-1", "PP"]) == BLOCK
    assert choose_route(OWN, [BLOCK, STREET], ["PP-1", "PP"]) == BLOCK


def test_a_rule_of_the_street_holds_where_the_area_has_none() -> None:
    assert choose_route(OWN, [STREET, BLOCK], ["PP-2", "PP"]) == STREET


def test_a_rule_for_elsewhere_does_not_matter() -> None:
    assert choose_route(OWN, [BLOCK], ["PP-2", "PP"]) == OWN
