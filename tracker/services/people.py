"""The people who sign in: sign-in and out, their sessions, and what they are when they act."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from tracker.domain import permissions
from tracker.domain.permissions import Actor, Role
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import db, let_go, once_a_transaction, transaction
from tracker.models import Area, Department, Grant, SignInFailure, StaffSession, User
from tracker.services.links import hash_of
from tracker.services.parts import parts

FAILURES = 10
FAILURE_WINDOW = timedelta(minutes=15)
"""Ten failures on one name slow it down for a quarter of an hour; never for good. Source: threats, part C."""
PASSWORD_LENGTH = 10


class SignInRefused(Exception):
    """Name and password do not belong together, or may not be used here. The same words for every cause."""

    def __init__(self) -> None:
        super().__init__(N_("用户名或密码不对。"))


class SignInSlowed(Exception):
    """Too many failures on this name lately.

    Attributes:
        retry_after_s: seconds until another try counts.
    """

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(N_("失败次数太多，请过一会儿再试。"))
        self.retry_after_s = retry_after_s


class PersonRefused(ValueError):
    """An account cannot be made as asked. The message says what to change."""


@dataclass(frozen=True)
class OpenSession:
    """One of a person's own sign-ins, for the list where they can be ended."""

    id: int
    created_at: datetime
    device: str
    is_this: bool


def sign_in(login: str, password: str, device: str, now: datetime) -> str:
    """Check a password and open a session; return its secret for the cookie.

    The slow part runs before the transaction, and as long for a name that does not exist.

    Raises:
        SignInRefused: wrong, inactive, or a demo account outside a demo.
        SignInSlowed: too many failures lately; the password was not looked at.
    """
    name = plain_text(login).lower()
    _refuse_if_slowed(name, now)
    user = db.session.scalar(select(User).where(User.login == name))
    may_enter = bool(user and user.is_active and (parts().config.demo or not user.is_demo))
    user_id, stored = (user.id, user.password_hash) if user else (0, None)
    let_go()
    is_right = parts().passwords.verify_password(stored, password)
    if not (is_right and may_enter):
        with transaction():
            db.session.add(SignInFailure(login_hash=hash_of(name), at=now))
        raise SignInRefused
    return _open_session(user_id, name, device, now)


def _open_session(user_id: int, name: str, device: str, now: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    with transaction():
        old = now - timedelta(hours=parts().config.session_hours)
        db.session.execute(delete(StaffSession).where(StaffSession.created_at < old))
        db.session.execute(
            delete(SignInFailure).where(
                (SignInFailure.login_hash == hash_of(name)) | (SignInFailure.at < now - FAILURE_WINDOW)
            )
        )
        db.session.add(
            StaffSession(secret_hash=hash_of(secret), user_id=user_id, created_at=now, device=device[:120])
        )
    return secret


def _refuse_if_slowed(name: str, now: datetime) -> None:
    failures = db.session.scalars(
        select(SignInFailure.at)
        .where(SignInFailure.login_hash == hash_of(name), SignInFailure.at > now - FAILURE_WINDOW)
        .order_by(SignInFailure.at.desc())
        .limit(FAILURES)
    ).all()
    if len(failures) == FAILURES:
        raise SignInSlowed(max(1, int((failures[-1] + FAILURE_WINDOW - now).total_seconds())))


def person_behind(secret: str, now: datetime) -> tuple[Actor, int] | None:
    """Who is signed in with the cookie's secret, and the session's id; None: nobody (ended, removed, inactive)."""
    found = db.session.execute(
        select(User, StaffSession.id)
        .options(joinedload(User.grants))
        .join(StaffSession, StaffSession.user_id == User.id)
        .where(
            StaffSession.secret_hash == hash_of(secret),
            StaffSession.created_at > now - timedelta(hours=parts().config.session_hours),
            User.is_active,
        )
    )
    row = found.unique().one_or_none()
    if row is None or (row[0].is_demo and not parts().config.demo):
        return None
    return actor_of(row[0]), row[1]


def actor_of(user: User) -> Actor:
    """The person as the rules see him: areas widened to everything below them."""
    below = _areas_below({grant.area_code for grant in user.grants if grant.area_code})
    grants = tuple(
        permissions.Grant(
            Role(grant.role), below[grant.area_code] if grant.area_code else None, grant.department_code
        )
        for grant in user.grants
    )
    departments = {user.department_code, *(grant.department_code for grant in user.grants)}
    return Actor(
        user.name, grants, user_id=user.id, departments=frozenset(code for code in departments if code)
    )


def _areas_below(codes: Iterable[str]) -> dict[str, frozenset[str]]:
    wanted = set(codes)
    if not wanted:
        return {}
    children = once_a_transaction("areas below", _children_of_areas)
    return {code: frozenset(_with_descendants(code, children)) for code in wanted}


def _children_of_areas() -> dict[str | None, list[str]]:
    children: dict[str | None, list[str]] = {}
    for code, parent in db.session.execute(select(Area.code, Area.parent_code)):
        children.setdefault(parent, []).append(code)
    return children


def _with_descendants(code: str, children: dict[str | None, list[str]]) -> Iterable[str]:
    yield code
    for child in children.get(code, ()):
        yield from _with_descendants(child, children)


def own_sessions(user_id: int, this_id: int) -> list[OpenSession]:
    """A person's open sessions, newest first."""
    rows = db.session.scalars(
        select(StaffSession).where(StaffSession.user_id == user_id).order_by(StaffSession.created_at.desc())
    )
    return [OpenSession(row.id, row.created_at, row.device, row.id == this_id) for row in rows]


def end_session(user_id: int, session_id: int) -> None:
    """End one of the person's own sessions at once."""
    with transaction():
        db.session.execute(
            delete(StaffSession).where(StaffSession.id == session_id, StaffSession.user_id == user_id)
        )


def add_person(
    login: str,
    name: str,
    password: str,
    *,
    role: str,
    area: str | None = None,
    department: str | None = None,
    is_demo: bool = False,
) -> int:
    """Make an account with one role, or give an existing one a further role; return its id.

    Raises:
        PersonRefused: unknown role, area or department, a handler without department, a short password.
    """
    _check_person(role, department, password)
    password_hash = parts().passwords.hash_password(password)
    with transaction():
        _require_known(area, department)
        user = db.session.scalar(select(User).where(User.login == login.strip().lower()))
        if user is None:
            user = User(
                login=login.strip().lower(),
                name=name,
                password_hash=password_hash,
                department_code=department,
                is_demo=is_demo,
            )
            db.session.add(user)
        handler_of = department if role == Role.HANDLER else None
        held = {(grant.role, grant.area_code, grant.department_code) for grant in user.grants}
        if (role, area, handler_of) in held:
            raise PersonRefused(f"{login} has this role already")
        user.grants.append(Grant(role=role, area_code=area, department_code=handler_of))
        db.session.flush()
        return user.id


def make_lead(department: str, login: str | None) -> None:
    """Let somebody hear when a promise of `department` is broken; None: nobody, so that the duty lead does.

    Raises:
        PersonRefused: no such department or login, or one who does not handle its cases and may not see them.
    """
    with transaction():
        _require_known(None, department)
        user = db.session.scalar(select(User).where(User.login == login.strip().lower())) if login else None
        if login and user is None:
            raise PersonRefused(f"nobody signs in as {login!r}")
        if user and department not in {grant.department_code for grant in user.grants}:
            raise PersonRefused(f"{login} is no handler of {department}")
        db.session.get_one(Department, department).lead_user_id = user.id if user else None


def change_password(login: str, password: str) -> None:
    """Give somebody a new password and end all his sessions: whoever knew the old one is out.

    Raises:
        PersonRefused: nobody has this login, or the password is short.
    """
    _check_password(password)
    password_hash = parts().passwords.hash_password(password)
    with transaction():
        user = db.session.scalar(select(User).where(User.login == login.strip().lower()))
        if user is None:
            raise PersonRefused(f"nobody signs in as {login!r}")
        user.password_hash = password_hash
        db.session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))


def _check_person(role: str, department: str | None, password: str) -> None:
    if role not in permissions.STAFF_ROLES:
        raise PersonRefused(f"role {role!r} is not one of {', '.join(sorted(permissions.STAFF_ROLES))}")
    if role == Role.HANDLER and not department:
        raise PersonRefused("a handler needs a department")
    _check_password(password)


def _check_password(password: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise PersonRefused(f"the password needs at least {PASSWORD_LENGTH} characters")


def _require_known(area: str | None, department: str | None) -> None:
    if area and db.session.get(Area, area) is None:
        raise PersonRefused(f"area {area!r} is not known")
    if department and db.session.get(Department, department) is None:
        raise PersonRefused(f"department {department!r} is not known")
