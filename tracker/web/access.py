"""Who may use a page. A page that does not say so is refused when the application starts."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from tracker.domain.permissions import Actor, Permission
from tracker.extensions import now
from tracker.services import people
from tracker.services.parts import parts
from tracker.web.language import language

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, ResponseReturnValue]

_STATED = "_access_stated"
DEVICE_YEARS = 2


class RouteOpen(RuntimeError):
    """A route says neither @public nor @requires."""


def public(view: View[P]) -> View[P]:
    """Open to everybody."""
    setattr(view, _STATED, "public")
    return view


def requires(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Open to people signed in who have `permission`; others are asked to sign in, or see nothing."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            person = current_person()
            if person is None:
                return redirect(url_for("sign_in.show", next=request.full_path.rstrip("?")))
            if not person.has(permission):
                abort(404)
            return view(*args, **kwargs)

        setattr(guarded, _STATED, permission.value)
        return guarded

    return decorate


def refuse_open_routes(app: Flask) -> None:
    """Raise RouteOpen for a route that forgot to state who may use it."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint != "static" and not hasattr(view, _STATED):
            raise RouteOpen(f"{rule.rule} ({rule.endpoint}) states neither @public nor @requires")


def stated_access(app: Flask, endpoint: str) -> str:
    """What a route states: ``public`` or a permission."""
    return "public" if endpoint == "static" else str(getattr(app.view_functions[endpoint], _STATED))


def cookie_name() -> str:
    """Of the staff session; ``__Host-`` binds it to this host where TLS makes that possible."""
    return "__Host-desk" if parts().config.is_https else "desk"


def current_person() -> Actor | None:
    """Who is signed in, or None; looked up once a request."""
    if "person" not in g:
        g.session_secret = _session_secret()
        found = people.person_behind(g.session_secret, now()) if g.session_secret else None
        g.person, g.session_id = found or (None, None)
    person: Actor | None = g.person
    return person


def current_actor() -> Actor:
    """Who is signed in, on a page that @requires it."""
    person = current_person()
    if person is None:
        raise RuntimeError("a page without @requires asked for the actor")
    return person


def session_cookie(secret: str) -> str:
    """What the cookie holds: the session's secret and, signed, when it was last used."""
    return _signer().dumps(secret)


def _session_secret() -> str:
    """The secret in the cookie, or nothing after too long without a request."""
    try:
        secret: str = _signer().loads(
            request.cookies.get(cookie_name(), ""), max_age=parts().config.idle_minutes * 60
        )
    except BadSignature:
        return ""
    return secret


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(parts().config.secret_keys)), salt="desk session")


def device() -> str:
    """The random name of this browser, kept in its signed cookie; made at the first visit.

    The language of that visit is kept with it: from then on it changes only when somebody changes it.
    """
    if "device" not in session:
        session.permanent = True
        session["device"] = secrets.token_urlsafe(18)
        session.setdefault("language", language())
    name: str = session["device"]
    return name
