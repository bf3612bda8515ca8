import pytest

from tracker.domain.permissions import RULE, SYSTEM, Actor, Grant, Permission, Role, reporter

CASE_PAGES = {Permission.QUEUE_SEE, Permission.CASE_SEE, Permission.CASE_ACT}


@pytest.mark.parametrize("role", ["operator", "handler", "verifier", "duty_lead", "supervisor", "secretary"])
def test_whoever_works_on_cases_opens_the_pages_of_cases(role: str) -> None:
    actor = Actor("王敏", (Grant(Role(role)),), user_id=1)
    assert {each for each in CASE_PAGES if actor.has(each)} == CASE_PAGES


@pytest.mark.parametrize(
    "actor", [Actor("管理员", (Grant(Role.ADMIN),), user_id=1), reporter(1, {1}), RULE, SYSTEM]
)
def test_admins_reporters_rules_and_jobs_open_no_desk_page_of_a_case(actor: Actor) -> None:
    assert not any(actor.has(each) for each in CASE_PAGES)


def test_whoever_signs_in_may_end_his_own_sessions() -> None:
    assert Actor("管理员", (Grant(Role.ADMIN),), user_id=1).has(Permission.SESSIONS_OWN)
    assert not reporter(1, {1}).has(Permission.SESSIONS_OWN)


def test_a_grant_counts_in_its_areas_and_for_its_department_only() -> None:
    grant = Grant(Role.HANDLER, frozenset({"PP-1"}), "ZF")
    assert grant.covers("PP-1", {"ZF", "LR"})
    assert not grant.covers("PP-2", {"ZF"})
    assert not grant.covers("PP-1", {"LR"})
    assert Grant(Role.OPERATOR).covers("anywhere", ())


def test_a_person_with_two_roles_has_each_within_its_own_limits() -> None:
    actor = Actor(
        "王敏",
        (Grant(Role.OPERATOR, frozenset({"PP-1"})), Grant(Role.HANDLER, None, "ZF")),
        user_id=1,
    )
    assert actor.roles_for("PP-1", {"ZF"}) == {Role.OPERATOR, Role.HANDLER}
    assert actor.roles_for("PP-2", {"ZF"}) == {Role.HANDLER}
    assert actor.roles_for("PP-2", {"LR"}) == frozenset()


@pytest.mark.parametrize(
    ("actor", "kind"),
    [
        (Actor("王敏", (), user_id=1), "staff"),
        (reporter(1, {1}), "reporter"),
        (RULE, "rule"),
        (SYSTEM, "system"),
    ],
)
def test_the_history_says_what_kind_of_actor_it_was(actor: Actor, kind: str) -> None:
    assert actor.kind == kind
