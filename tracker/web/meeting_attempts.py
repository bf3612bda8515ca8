"""What becomes of a form on a meeting's pages: done, or shown again with what stands in the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueStepRefused
from tracker.domain.meetings import MeetingStepRefused
from tracker.domain.votes import VoteRefused
from tracker.services.meeting_moves import StaleMeeting
from tracker.services.meeting_views import events_since, meeting_view
from tracker.web.access import current_actor
from tracker.web.meeting_tabs import tabs_of
from tracker.web.meeting_words import STATES, entries, hours
from tracker.web.names import Names

WRITTEN = ("title", "room", "question", "options", "note", "name", "mail", "shop")
"""Fields in which people write: given back when a page turned out to be out of date."""


@dataclass(frozen=True)
class Failure:
    """Why a form is shown again.

    Attributes:
        problems: field → words.
        refused: why the rules said no.
        form: which one it was, for pages with several.
    """

    problems: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    form: str = ""
    status: int = 422


NOTHING = Failure(status=200)


def attempt(
    use_case: Callable[[], object], *, said: str, to: str, form: str = ""
) -> ResponseReturnValue | Failure:
    """Do what a form asks for and go on to `to`; or say why not."""
    try:
        use_case()
    except StaleMeeting as stale:
        return _stale_page(stale, to)
    except (MeetingStepRefused, VoteRefused, IssueStepRefused) as error:
        return Failure(refused=_(str(error)), form=form, status=409)
    except Incomplete as error:
        return Failure({name: _(words) for name, words in error.problems.items()}, form=form)
    flash(said, "good")
    return redirect(to, 303)


def version() -> int:
    """Of the meeting that the page showed."""
    return request.form.get("version", 0, type=int)


def whole_number(name: str) -> int | None:
    """What was typed as a number; None: it is none."""
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None


def meeting_page(
    template: str, number: str, failure: Failure = NOTHING, **values: Any
) -> ResponseReturnValue:
    """One page of a meeting, with its head and tabs."""
    view = values.pop("view", None) or meeting_view(number, current_actor())
    names = values.pop("names", None) or Names()
    body = render_template(
        f"meetings/{template}.html",
        view=view,
        state_words=STATES[view.state],
        hours=hours(view.starts_at, view.ends_at),
        tabs=tabs_of(view),
        failure=failure,
        names=names,
        **values,
    )
    return body, failure.status


def _stale_page(stale: StaleMeeting, to: str) -> ResponseReturnValue:
    actor = current_actor()
    missed = events_since(stale.number, stale.seen, actor)
    return meeting_page(
        "stale",
        stale.number,
        Failure(status=409),
        missed=entries(list(reversed(missed)), Names()),
        written=[request.form[name] for name in WRITTEN if request.form.get(name, "").strip()],
        onward=to,
    )
