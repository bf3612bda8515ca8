"""What every answer carries: security headers, a nonce for the inlined style, who runs this."""

import re
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from markupsafe import Markup

from tracker.services.parts import parts

_STYLES = Path(__file__).parents[1] / "static" / "css"
_YEAR_S = 365 * 24 * 3600


def bind_responses(app: Flask) -> None:
    """Give pages their common words and answers their headers."""
    app.jinja_env.globals.update(csp_nonce=csp_nonce, inline_css=inline_css)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_common_words)
    app.after_request(_protect)
    app.session_interface = PrivateSessions()


class PrivateSessions(SecureCookieSessionInterface):
    """Flask's own, without ``Vary: Cookie``: our answers say ``private``, so no shared cache keeps them.

    Told to vary, a browser would fetch the form anew when somebody comes back to it from the receipt (the cookie
    has changed), and what he sends a second time would come under another key, as another case.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)
        response.vary.discard("cookie")  # small letters: the library compares with them


def csp_nonce() -> str:
    """The random word that lets this page's own style through."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(12)
    nonce: str = g.csp_nonce
    return nonce


@cache
def inline_css(*names: str) -> Markup:
    """Our own style sheets, squeezed, to stand inside a page."""
    text = "".join((_STYLES / name).read_text(encoding="utf-8") for name in names)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return Markup(re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text)).strip())  # noqa: S704 - our own files


def _common_words() -> dict[str, Any]:
    config = parts().config
    return {"office": {"name": config.office_name, "phone": config.office_phone}}


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if parts().config.is_https:
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}; includeSubDomains")
    if request.endpoint == "static":  # a part of pages: what is said of pages would only weigh on the network
        headers.setdefault("Content-Security-Policy", "default-src 'self'")
        if "immutable" not in headers.get("Cache-Control", ""):
            headers["Cache-Control"] = "public, max-age=3600"
        return response
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data: blob:; "
        f"style-src 'self' 'nonce-{csp_nonce()}'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "private, no-store")
    headers.setdefault("X-Robots-Tag", "noindex")
    return response
