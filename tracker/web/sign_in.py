"""Signing in and out, and the list of one's own sessions."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import people
from tracker.services.parts import parts
from tracker.web.access import cookie_name, current_actor, public, requires, session_cookie
from tracker.web.addresses import local_path

bp = Blueprint("sign_in", __name__)


@bp.get("/login")
@public
def show() -> ResponseReturnValue:
    return render_template(
        "sign_in/show.html", error="", login="", next=local_path(request.args.get("next", ""))
    )


@bp.post("/login")
@public
def enter() -> ResponseReturnValue:
    login, onward = request.form.get("login", ""), local_path(request.form.get("next", ""))
    browser = request.user_agent.string
    try:
        secret = people.sign_in(login, request.form.get("password", ""), browser, now())
    except people.SignInRefused as error:
        return render_template("sign_in/show.html", error=_(str(error)), login=login, next=onward), 422
    except people.SignInSlowed as error:
        page = render_template("sign_in/show.html", error=_(str(error)), login=login, next=onward)
        return page, 429, {"Retry-After": str(error.retry_after_s)}
    answer = redirect(onward or url_for("desk.queue"), 303)
    return _with_session(answer, secret)


@bp.post("/logout")
@requires(Permission.SESSIONS_OWN)
def leave() -> ResponseReturnValue:
    people.end_session(_user_id(), g.session_id)
    answer = redirect(url_for("sign_in.show"), 303)
    answer.delete_cookie(cookie_name(), secure=parts().config.is_https, httponly=True, samesite="Lax")
    return answer


@bp.get("/login/sessions")
@requires(Permission.SESSIONS_OWN)
def sessions() -> ResponseReturnValue:
    return render_template("sign_in/sessions.html", sessions=people.own_sessions(_user_id(), g.session_id))


@bp.post("/login/sessions/<row:session_id>/end")
@requires(Permission.SESSIONS_OWN)
def end(session_id: int) -> ResponseReturnValue:
    people.end_session(_user_id(), session_id)
    flash(_("这次登录已结束。"), "good")
    return redirect(url_for("sign_in.sessions"), 303)


@bp.after_app_request
def _refresh(response: Response) -> Response:
    """A request moves the end of the idle time on, but not one that a page left open sends by itself."""
    raw = request.cookies.get(cookie_name())
    is_attended = not g.get("is_unattended")
    if raw and is_attended and g.get("person") is not None and "Set-Cookie" not in response.headers:
        _with_session(response, g.session_secret)
    return response


def _with_session(response: Response, secret: str) -> Response:
    response.set_cookie(
        cookie_name(),
        session_cookie(secret),
        secure=parts().config.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _user_id() -> int:
    user_id = current_actor().user_id
    assert user_id is not None, "only staff sign in"  # noqa: S101 - narrows the type
    return user_id
