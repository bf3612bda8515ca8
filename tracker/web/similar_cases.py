"""Open cases at intake, in words: what, how far it has come, since when, how far away, how many met it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from tracker.domain.lifecycle import State
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services.suggestions import OpenCase
from tracker.web.language import named
from tracker.web.reporter_words import public_state_words


@dataclass(frozen=True)
class SimilarCase:
    """One card of the list.

    Attributes:
        thumb_url: empty: no photo is shown.
        is_at_work: it can be said to be worse or gone.
    """

    number: str
    category: str
    icon: str
    state: str
    state_words: str
    facts: str
    thumb_url: str
    is_at_work: bool


def similar_cases(found: Iterable[OpenCase], token: str) -> list[SimilarCase]:
    """The list as templates/public/_similar.html takes it, for the form of the label `token`."""
    return [
        SimilarCase(
            number=case.number,
            category=named(case.category_zh, case.category_en),
            icon=case.icon,
            state=case.state.value,
            state_words=_state_words(case.state),
            facts=" · ".join(_facts(case)),
            thumb_url=url_for("public.open_photo", token=token, number=case.number) if case.has_photo else "",
            is_at_work=case.is_at_work,
        )
        for case in found
    ]


_WAITS_FOR_ITS_REPORTER = {State.NEEDS_INFO: N_("等补充情况"), State.VERIFIED: N_("等确认")}
"""To him the badge says 等您…; a stranger is nobody who is waited for."""


def _state_words(state: State) -> str:
    waits = _WAITS_FOR_ITS_REPORTER.get(state)
    return _(waits) if waits else public_state_words(state)


def _facts(case: OpenCase) -> Iterable[str]:
    """The age in days alone: the minute could say who reported it."""
    yield _age(case.opened_at)
    yield from _where(case)
    if case.voices > 1:
        yield ngettext("%(num)s 人遇到", "%(num)s 人遇到", case.voices)


def _age(at: datetime) -> str:
    zone = get_timezone()
    days = (now().astimezone(zone).date() - at.astimezone(zone).date()).days
    if days < 2:
        return _("昨天报的") if days == 1 else _("今天报的")
    return ngettext("%(num)s 天前报的", "%(num)s 天前报的", days)


def _where(case: OpenCase) -> Iterable[str]:
    if case.away_m == 0:
        yield _("就在这里")
        return
    if case.place_name:
        yield case.place_name
    if case.away_m is not None:
        yield _("约 %(metres)s 米外", metres=_rounded(case.away_m))


def _rounded(metres: float) -> int:
    """Nobody paces out single metres: to ten, from a hundred on to fifty."""
    step = 10 if metres < 100 else 50
    return max(step, round(metres / step) * step)
