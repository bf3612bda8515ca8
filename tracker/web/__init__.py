"""Pages. Thin: read the form, call a use case, place what it returns."""

from datetime import timedelta

from flask import Flask, abort, request

from tracker.services.parts import parts
from tracker.web import (
    actions,
    admin,
    approved_minutes,
    bell,
    channels,
    common,
    desk,
    escalations,
    floods,
    following,
    front,
    health,
    issue_endings,
    issues,
    label_posting,
    label_trouble,
    look_back,
    meetings,
    mine,
    minutes,
    offline,
    own_phones,
    pack_guests,
    packs,
    private_meeting,
    public,
    public_photos,
    reporter_meetings,
    sign_in,
    sign_in_sheet,
    visits,
    watch,
)
from tracker.web.access import DEVICE_YEARS, refuse_open_routes
from tracker.web.addresses import RowConverter
from tracker.web.compression import bind_compression
from tracker.web.errors import bind_errors
from tracker.web.language import bind_language
from tracker.web.responses import bind_responses
from tracker.web.scripts import bind_scripts

PAGES = (
    health,
    offline,
    public,
    front,
    label_trouble,
    following,
    own_phones,
    mine,
    look_back,
    reporter_meetings,
    private_meeting,
    common,
    sign_in,
    channels,
    desk,
    public_photos,
    issues,
    issue_endings,
    meetings,
    packs,
    pack_guests,
    sign_in_sheet,
    minutes,
    approved_minutes,
    actions,
    visits,
    label_posting,
    bell,
    escalations,
    floods,
    admin,
    watch,
)
"""Everything that has addresses."""


def register(app: Flask) -> None:
    """Give the application its pages, and refuse to start if one is open by oversight."""
    _keep_cookies_safe(app)
    app.url_map.converters["row"] = RowConverter
    app.before_request(_refuse_nul)
    bind_compression(app)
    bind_language(app)
    bind_responses(app)
    bind_scripts(app)
    bind_errors(app)
    for module in PAGES:
        app.register_blueprint(module.bp)
    refuse_open_routes(app)


def _keep_cookies_safe(app: Flask) -> None:
    with app.app_context():
        is_https = parts().config.is_https
    app.config.update(
        SESSION_COOKIE_NAME="__Host-device" if is_https else "device",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=365 * DEVICE_YEARS),
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def _refuse_nul() -> None:
    """A NUL is in no code, number or name; PostgreSQL stores none. From people's own words it is taken out."""
    form = (value for name, value in request.form.items(multi=True) if name not in _WORDS)
    if any("\0" in text for text in (request.path, *request.args.values(), *form)):
        abort(400)


_WORDS = frozenset({"text", "note", "words", "question", "options"})
