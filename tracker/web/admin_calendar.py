"""The calendar's pages: a year at a glance, its editor, and a look at what a change means before it is saved."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import calendar_change, calendars
from tracker.services.calendar_facts import CalendarRefused, Facts, differences
from tracker.services.calendars import CalendarMoved, CalendarVersion
from tracker.services.parts import parts
from tracker.web.access import current_actor, requires
from tracker.web.calendar_form import DAY_WORDS, WEEKDAYS, CalendarForm, hours_in_words, in_words, months
from tracker.web.names import Names
from tracker.web.refusals import refusal

bp = Blueprint("calendar", __name__, url_prefix="/calendar")

FIRST_YEAR, LAST_YEAR = 2000, 2199
"""A year outside is a slip of the finger."""


@dataclass(frozen=True)
class Asked:
    """Which calendar, and which year of it.

    Attributes:
        department: code; empty: everybody's.
        own: the current version of exactly this calendar; None: the department has no hours of its own.
        version: what counts for it now; None: nothing was ever imported.
    """

    department: str
    year: int
    own: CalendarVersion | None
    version: CalendarVersion | None

    @property
    def facts(self) -> Facts:
        """What a form starts from."""
        return self.version.facts if self.version else calendars.shipped_facts()

    @property
    def based_on(self) -> int:
        return self.own.id if self.own else 0

    def url(self, endpoint: str, **changes: Any) -> str:
        wanted = {"year": self.year, "department": self.department or None}
        return url_for(f"admin.calendar.{endpoint}", **(wanted | changes))


def _asked() -> Asked:
    """From the address, or from the form that was sent.

    What was asked for and is not there is a 404.
    """
    department = request.values.get("department", "")
    if department and department not in Names().departments:
        abort(404)
    year = request.values.get("year", now().astimezone(parts().zone).year, type=int)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        abort(404)
    own = calendars.current_version(department)
    return Asked(department, year, own, own or calendars.current_version())


@bp.get("")
@requires(Permission.CALENDAR_KEEP)
def show() -> ResponseReturnValue:
    asked = _asked()
    calendar = asked.version.calendar if asked.version else None
    is_known = calendar is not None and asked.year in calendar.years
    today = now().astimezone(parts().zone).date()
    return _page(
        "show",
        asked,
        months=months(calendar, asked.year, today) if calendar and is_known else [],
        hours=[
            (_(name), hours_in_words(asked.facts["weekly"].get(str(day), [])))
            for day, name in enumerate(WEEKDAYS)
        ],
        years=_years(asked),
        legend=[(kind, _(words)) for kind, words in DAY_WORDS.items()],
        versions=calendars.versions(asked.department),
    )


def _years(asked: Asked) -> list[tuple[int, bool]]:
    """The years to switch between and whether they are known: those held, and the next one."""
    held = set(asked.version.calendar.years) if asked.version else set()
    return [(year, year in held) for year in sorted({*held, asked.year, max(held, default=asked.year) + 1})]


@bp.get("/edit")
@requires(Permission.CALENDAR_KEEP)
def edit() -> ResponseReturnValue:
    asked = _asked()
    return _form_page(asked, CalendarForm.of(asked.facts, asked.year))


@bp.get("/preview")
@bp.get("/save", endpoint="save_again")
@requires(Permission.CALENDAR_KEEP)
def again() -> ResponseReturnValue:
    """Where a reload or a change of language leads from an answer to a form."""
    return redirect(url_for("admin.calendar.edit"))


@bp.post("/preview")
@requires(Permission.CALENDAR_KEEP)
def preview() -> ResponseReturnValue:
    """Show what the form would change and how many open cases would move; nothing is stored."""
    asked = _asked()
    form = CalendarForm.sent(request.form, asked.year)
    if "more" in request.form:
        form.problems = {}
        return _form_page(asked, form)
    if form.problems:
        return _form_page(asked, form, status=422)
    facts = form.facts(asked.facts)
    if _based_on() != asked.based_on:
        return _stale(asked, facts)
    changes = differences(asked.facts, facts)
    if not changes and str(asked.year) in asked.facts["years"]:
        flash(_("没有改动。"), "still")
        return redirect(asked.url("show"), 303)
    try:
        moving = calendar_change.cases_that_would_move(facts, asked.department)
    except CalendarRefused as error:
        form.problems = {"holidays": refusal(error)}
        return _form_page(asked, form, status=422)
    return _page("preview", asked, changes=in_words(changes), moving=moving, facts=json.dumps(facts))


@bp.post("/save")
@requires(Permission.CALENDAR_KEEP)
def save() -> ResponseReturnValue:
    """Store what was looked at; open cases move only if that was chosen."""
    asked, facts, actor = _asked(), _sent_facts(), current_actor()
    try:
        saved = calendars.save_version(
            facts, now(), by=actor.user_id, department=asked.department, based_on=_based_on()
        )
    except CalendarMoved:
        return _stale(asked, facts)
    except CalendarRefused:
        abort(400)  # the preview has checked it: somebody made this by hand
    flash(_("日历已保存。"), "good")
    if saved and request.form.get("open") == "move":
        moved = calendar_change.move_to_version(saved, now(), by=actor.user_id)
        flash(ngettext("%(num)d 个在办案件已改期。", "%(num)d 个在办案件已改期。", moved), "good")
    return redirect(asked.url("show"), 303)


def _based_on() -> int:
    return request.form.get("based_on", -1, type=int)


def _sent_facts() -> Facts:
    try:
        facts = json.loads(request.form.get("facts", ""))
    except ValueError:
        abort(400)
    if not isinstance(facts, dict):
        abort(400)
    return facts


def _stale(asked: Asked, facts: Facts) -> ResponseReturnValue:
    """Somebody else saved meanwhile: what he changed, and what would have been changed here."""
    try:
        seen = calendars.facts_of(_based_on()) if _based_on() > 0 else calendars.shipped_facts()
    except LookupError:
        abort(400)
    body = _page(
        "stale",
        asked,
        theirs=in_words(differences(seen, asked.facts)),
        ours=in_words(differences(seen, facts)),
    )
    return body, 409


def _form_page(asked: Asked, form: CalendarForm, status: int = 200) -> ResponseReturnValue:
    body = _page(
        "edit",
        asked,
        form=form,
        weekdays=[_(name) for name in WEEKDAYS],
        errors=[(place, _in_its_place(place, words)) for place, words in form.problems.items()],
        is_known=str(asked.year) in asked.facts["years"],
    )
    return body, status


def _in_its_place(place: str, words: str) -> str:
    """A problem as the list above the form names it: with the weekday it is about."""
    kind, _dash, day = place.partition("-")
    return _("%(day)s：%(words)s", day=_(WEEKDAYS[int(day)]), words=words) if kind == "hours" else words


def _page(name: str, asked: Asked, **values: Any) -> str:
    departments = Names().departments
    whose = departments.get(asked.department) or _("全街道")
    return render_template(
        f"admin/calendar/{name}.html", asked=asked, whose=whose, departments=departments, **values
    )
