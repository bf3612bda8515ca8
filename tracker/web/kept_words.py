"""Words for values that were kept as JSON: in a frozen pack, in approved minutes."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import Blueprint
from flask_babel import format_date
from flask_babel import gettext as _

from tracker.web.language import moment, named


def kept_moment(text: str) -> str:
    """A moment with its year, on the street's clock; empty for none."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return _("%(year)s年%(moment)s", year=at.year, moment=moment(at))


def kept_day(text: str) -> str:
    """A day with its year: ``2026年12月18日``; empty for none."""
    return format_date(date.fromisoformat(text), _("yyyy年M月d日")) if text else ""


def short_day(text: str) -> str:
    """A day without its year: ``12月18日``."""
    return format_date(date.fromisoformat(text), _("M月d日")) if text else ""


def kept_name(names: Sequence[str]) -> str:
    """Of a Chinese and an English name, the one for this page."""
    return named(names[0], names[1])


def bind_kept_words(bp: Blueprint) -> None:
    """Let templates say them."""
    for each in (kept_moment, kept_day, short_day, kept_name):
        bp.add_app_template_filter(each)
