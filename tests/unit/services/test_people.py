"""The people who sign in: passwords, sessions, and what they are when they act."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Config
from tests.factories import MORNING, PASSWORD, Street
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Department, SignInFailure, StaffSession, User
from tracker.services import people
from tracker.services.people import PersonRefused, SignInRefused, SignInSlowed


@pytest.fixture
def wang(street: Street) -> int:
    """An operator of one area."""
    assert street.token
    return people.add_person("Wang", "王敏", PASSWORD, role="operator", area="PP-1")


def sign_in(login: str = "wang", password: str = PASSWORD, at: timedelta = timedelta()) -> str:
    """Open a session."""
    return people.sign_in(login, password, "a browser", MORNING + at)


def fail(times: int, login: str = "wang", at: timedelta = timedelta()) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in(login, "not the password", at)


@pytest.mark.usefixtures("wang")
class TestSigningIn:
    def test_name_and_password_open_a_session_whatever_the_case_of_the_name(self) -> None:
        found = people.person_behind(sign_in(" WANG "), MORNING)
        assert found is not None
        assert found[0].name == "王敏"

    def test_the_secret_of_a_session_is_not_stored(self) -> None:
        secret = sign_in()
        assert db.session.scalars(select(StaffSession.secret_hash)).one() != secret

    @pytest.mark.parametrize(
        ("login", "password"),
        [
            ("wang", "wrong"),
            ("wang", ""),
            ("nobody", PASSWORD),
            ("", ""),
            ("no\x00body", PASSWORD),
            ("wang", PASSWORD + " "),
        ],
    )
    def test_what_is_wrong_is_not_said(self, login: str, password: str) -> None:
        with pytest.raises(SignInRefused) as refused:
            sign_in(login, password)
        assert str(refused.value) == "用户名或密码不对。"

    def test_whoever_left_does_not_get_in_and_is_out_at_once(self) -> None:
        secret = sign_in()
        with transaction():
            db.session.scalars(select(User)).one().is_active = False
        assert people.person_behind(secret, MORNING) is None
        with pytest.raises(SignInRefused):
            sign_in()

    def test_a_session_ends_after_its_hours(self, settings: Config) -> None:
        secret, hours = sign_in(), timedelta(hours=settings.session_hours)
        assert people.person_behind(secret, MORNING + hours - timedelta(seconds=1))
        assert people.person_behind(secret, MORNING + hours) is None

    def test_a_new_password_ends_what_was_opened_with_the_old_one(self) -> None:
        secret = sign_in()
        people.change_password("WANG", "another long word")
        assert people.person_behind(secret, MORNING) is None
        with pytest.raises(SignInRefused):
            sign_in()
        assert people.person_behind(sign_in(password="another long word"), MORNING)

    def test_a_made_up_secret_is_nobody(self) -> None:
        assert people.person_behind("made up", MORNING) is None
        assert people.person_behind("", MORNING) is None

    def test_ten_failures_slow_a_name_down_and_even_the_right_password_waits(self) -> None:
        fail(10)
        with pytest.raises(SignInSlowed) as slowed:
            sign_in(at=timedelta(minutes=5))
        assert slowed.value.retry_after_s == 600
        assert sign_in(at=timedelta(minutes=15))

    def test_nine_failures_do_not(self) -> None:
        fail(9)
        assert sign_in()

    def test_signing_in_forgets_the_failures_before(self) -> None:
        fail(9)
        sign_in()
        fail(9)
        assert sign_in()

    def test_a_name_that_does_not_exist_is_slowed_down_just_the_same(self) -> None:
        fail(10, "nobody")
        with pytest.raises(SignInSlowed):
            sign_in("nobody")
        assert sign_in()

    def test_old_failures_are_not_kept(self) -> None:
        fail(3)
        sign_in(at=timedelta(minutes=16))
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0

    def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(self, wang: int) -> None:
        first, second = sign_in(), sign_in(at=timedelta(minutes=1))
        ids = {secret: (people.person_behind(secret, MORNING) or (None, 0))[1] for secret in (first, second)}
        listed = people.own_sessions(wang, ids[second])
        assert [(each.id, each.is_this) for each in listed] == [(ids[second], True), (ids[first], False)]
        people.end_session(wang + 1, ids[first])
        assert people.person_behind(first, MORNING)
        people.end_session(wang, ids[first])
        assert people.person_behind(first, MORNING) is None
        assert people.person_behind(second, MORNING)


def test_the_demo_streets_people_get_in_only_in_a_demo(inside: Flask, street: Street) -> None:
    assert street.token
    people.add_person("demo", "示例", PASSWORD, role="operator", is_demo=True)
    with pytest.raises(SignInRefused):
        sign_in("demo")
    held = inside.extensions["tracker"]
    inside.extensions["tracker"] = replace(held, config=replace(held.config, demo=True))
    secret = sign_in("demo")
    assert people.person_behind(secret, MORNING)
    inside.extensions["tracker"] = held
    assert people.person_behind(secret, MORNING) is None


@pytest.mark.usefixtures("street")
class TestWhoSomebodyIs:
    def test_a_right_in_an_area_counts_in_everything_below_it(self) -> None:
        people.add_person("li", "李", PASSWORD, role="operator", area="PP")
        actor = people.actor_of(db.session.scalars(select(User)).one())
        assert actor.roles_for("PP-1", ()) == actor.roles_for("PP", ()) == {Role.OPERATOR}

    def test_and_not_beside_or_above_it(self) -> None:
        people.add_person("li", "李", PASSWORD, role="operator", area="PP-1")
        actor = people.actor_of(db.session.scalars(select(User)).one())
        assert actor.roles_for("PP-2", ()) == actor.roles_for("PP", ()) == frozenset()

    def test_a_second_role_is_given_to_the_same_account(self) -> None:
        first = people.add_person("li", "李", PASSWORD, role="operator")
        second = people.add_person("LI", "李", PASSWORD, role="handler", department="ZF")
        assert first == second
        actor = people.actor_of(db.session.scalars(select(User)).one())
        assert actor.roles_for("PP-1", {"ZF"}) == {Role.OPERATOR, Role.HANDLER}
        assert actor.departments == {"ZF"}

    def test_a_verifier_may_belong_to_a_department_without_handling_for_it(self) -> None:
        people.add_person("li", "李", PASSWORD, role="verifier", department="JW")
        actor = people.actor_of(db.session.scalars(select(User)).one())
        assert actor.departments == {"JW"}
        assert actor.roles_for("PP-1", {"JW"}) == {Role.VERIFIER}

    @pytest.mark.parametrize(
        ("role", "area", "department", "password"),
        [
            ("king", None, None, PASSWORD),
            ("reporter", None, None, PASSWORD),
            ("handler", None, None, PASSWORD),
            ("operator", "XX", None, PASSWORD),
            ("handler", None, "XX", PASSWORD),
            ("operator", None, None, "short"),
        ],
    )
    def test_an_account_that_makes_no_sense_is_refused(
        self, role: str, area: str | None, department: str | None, password: str
    ) -> None:
        with pytest.raises(PersonRefused):
            people.add_person("li", "李", password, role=role, area=area, department=department)
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.usefixtures("street")
def test_a_department_is_led_by_one_of_its_handlers_or_by_nobody(
    inside: Flask, crew: dict[Role | str, Actor]
) -> None:
    run = inside.test_cli_runner().invoke
    assert run(args=["departments", "lead", "ZF", "handler-zf"]).output == "ZF is led by handler-zf.\n"
    assert db.session.get_one(Department, "ZF").lead_user_id == crew["ZF"].user_id
    refused = run(args=["departments", "lead", "ZF", "handler-lr"])
    assert (refused.exit_code, "is no handler of ZF" in refused.output) == (1, True)
    assert run(args=["departments", "lead", "ZF"]).output == "ZF has no lead.\n"
    db.session.rollback()
    assert db.session.get_one(Department, "ZF").lead_user_id is None


@pytest.mark.usefixtures("street", "crew")
@pytest.mark.parametrize(("code", "login"), [("XX", "handler-zf"), ("ZF", "nobody")])
def test_a_lead_must_be_known_and_so_must_the_department(code: str, login: str) -> None:
    with pytest.raises(PersonRefused):
        people.make_lead(code, login)
