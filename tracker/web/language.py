"""Chinese first, English by a switch: the cookie wins, the browser's wish counts at the first visit only."""

from datetime import datetime

from babel.dates import format_datetime, format_timedelta
from flask import Flask, request, session
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _

from tracker.extensions import babel, now
from tracker.services.parts import parts

LANGUAGES = ("zh", "en")
_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def bind_language(app: Flask) -> None:
    """Choose the language of each request, and give templates the words for moments."""
    app.config["BABEL_DEFAULT_LOCALE"] = _LOCALES["zh"]
    babel.init_app(app, locale_selector=_locale, timezone_selector=lambda: parts().config.time_zone)
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.filters.update(moment=moment, ago=ago)


def choose_language(code: str) -> None:
    """Remember the language a person chose on this device."""
    if code in LANGUAGES:
        session.permanent = True
        session["language"] = code


def language() -> str:
    """``zh`` or ``en``, of the page being made."""
    locale = get_locale()
    return "en" if locale and locale.language == "en" else "zh"


def named(zh: str, en: str) -> str:
    """The name of something that has one in each language."""
    return en if language() == "en" else zh


def moment(at: datetime) -> str:
    """A moment as people write it here, on the street's own clock: ``11月23日 周一 14:05``."""
    return format_datetime(at.astimezone(get_timezone()), _("M月d日 EEE HH:mm"), locale=get_locale())


def ago(at: datetime) -> str:
    """How long ago a moment was, in words."""
    return format_timedelta(at - now(), granularity="minute", add_direction=True, locale=get_locale())


def _locale() -> str:
    chosen = session.get("language")
    if chosen in _LOCALES:
        return _LOCALES[chosen]
    wished = request.accept_languages.best_match(LANGUAGES, default="zh")
    return _LOCALES[wished or "zh"]
