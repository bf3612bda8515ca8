"""One case at the desk: everything about it, and a form for everything the person may do now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete, StepRefused
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Permission
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services import case_pages, cases, issue_pages, visit_pages
from tracker.services.action_pages import items_of_issue
from tracker.services.case_pages import Event, StaffCase
from tracker.services.clock_pages import CaseClocks
from tracker.services.parts import parts
from tracker.web import uploads, words
from tracker.web.access import current_actor, requires
from tracker.web.action_forms import Given, action_forms, new_given
from tracker.web.action_words import item_lines
from tracker.web.ahead import ahead_of
from tracker.web.clock_panel import clock_panel
from tracker.web.history_words import timeline
from tracker.web.language import named
from tracker.web.names import Names
from tracker.web.photo_choices import opens_photos
from tracker.web.presenters import banners, facts, photo_links, when

bp = Blueprint("case", __name__, url_prefix="/cases")


@dataclass(frozen=True)
class Answer:
    """Why the page of a case is shown again after a form was sent.

    Attributes:
        given: what was filled in.
        refused: words of the rule that said no.
        missed: history rows that the sender had not seen.
        phone: report id and the number asked for; on this one page only.
    """

    given: Given | None = None
    refused: str = ""
    missed: Sequence[Event] = ()
    phone: tuple[int, str] | None = None
    status: int = field(default=200)


@dataclass(frozen=True)
class Origin:
    """The visit that a report was made on; `url` empty: not for this person."""

    who: str
    visited_at: datetime
    url: str


@bp.get("/<number>")
@requires(Permission.CASE_SEE)
def show(number: str) -> ResponseReturnValue:
    return _page(number, Answer())


@bp.get("/<number>/<action>")
@requires(Permission.CASE_SEE)
def back(number: str, action: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the case's."""
    return redirect(url_for("desk.case.show", number=number), 303)


@bp.post("/<number>/<action>")
@requires(Permission.CASE_ACT)
def act(number: str, action: str) -> ResponseReturnValue:
    """Take one arrow of the case table, or show the page again with what stands in the way."""
    asked = _action_named(action)
    given, taken = _given(asked)
    came_back = _looked_over(number, given, taken) or _tried(number, given, taken)
    if came_back is not None:
        return came_back
    if asked == Action.REVEAL_PHONE:
        return _with_phone(number)
    flash(_("%(number)s：%(action)s，已保存。", number=number, action=words.ACTIONS[asked]), "good")
    return redirect(url_for("desk.case.show", number=number), 303)


def _looked_over(number: str, given: Given, taken: uploads.Taken) -> ResponseReturnValue | None:
    """The page again where only a preview is asked for, or what came cannot be used at all."""
    if "preview" in request.form:
        return _page(number, Answer(given))
    if given.problems:
        return _page(number, Answer(given, status=503 if taken.storage_failed else 422))
    return None


def _tried(number: str, given: Given, taken: uploads.Taken) -> ResponseReturnValue | None:
    """Take the arrow; the page again where the rules or somebody faster stood in the way."""
    version = request.form.get("version", 0, type=int)
    actor = current_actor()
    try:
        cases.act(
            number, given.action, given.supplied(), version=version, by=actor, now=now(), photos=taken.photos
        )
    except cases.StaleVersion as stale:
        return _after_others(number, stale.seen, given)
    except StepRefused as refusal:
        return _page(number, Answer(given, refused=_(str(refusal)), status=409))
    except Incomplete as lacking:
        return _page(number, Answer(replace(given, problems=lacking.problems), status=422))
    return None


def _action_named(name: str) -> Action:
    try:
        return Action(name)
    except ValueError:
        abort(404)


def _given(action: Action) -> tuple[Given, uploads.Taken]:
    """What the form holds; its photos are on disk from here on, so that an error loses none of them."""
    given = new_given(action, request.form)
    taken = uploads.take_photos(
        request.files.getlist("photos"), request.form.getlist("kept_photo"), given.key
    )
    problems = {}
    if taken.problems:
        problems["photos"] = " ".join(taken.problems)
    if len(given.values.get("note", "")) > parts().config.text_limit_chars:
        problems["note"] = N_("文字太长，请缩短后再提交。")
    return replace(given, kept=taken.kept, problems=problems), taken


def _after_others(number: str, seen: int, given: Given) -> ResponseReturnValue:
    """The page saw an older version. If what it missed is this very form, sent twice, all is well already."""
    missed = case_pages.changed_since(number, seen, current_actor())
    same = [event for event in missed if event.is_mine and event.action == given.action]
    if same and same[0].version == seen + 1 and same[0].note == given.supplied().note:
        return redirect(url_for("desk.case.show", number=number), 303)
    return _page(number, Answer(given, missed=missed, status=409))


def _with_phone(number: str) -> ResponseReturnValue:
    """The number stands on this answer alone: not in a redirect, a cookie or an address."""
    report_id = request.form.get("report", 0, type=int)
    return _page(number, Answer(phone=(report_id, case_pages.phone_of(number, report_id))))


def _origins(case: StaffCase) -> dict[int, Origin]:
    """The visits that reports were made on: who wrote them down is known to staff, and is not their reporter."""
    found = visit_pages.origins([report.id for report in case.reports])
    may_open = current_actor().has(Permission.VISITS_KEEP)
    return {
        report_id: Origin(
            visit.who,
            visit.visited_at,
            url_for("visits.visit.show", visit_id=visit.visit_id) if may_open else "",
        )
        for report_id, visit in found.items()
    }


def _page(number: str, answer: Answer) -> ResponseReturnValue:
    case = case_pages.staff_case(number, current_actor(), now())
    names = Names()
    forms = action_forms(case, names, answer.given)
    clocks = CaseClocks(number, now())
    page = case.page
    unsent = answer.given if answer.given and all(form.key != answer.given.key for form in forms) else None
    issue = issue_pages.issue_of(number, current_actor())
    body = render_template(
        "desk/case.html",
        case=case,
        page=page,
        category=named(page.category_zh, page.category_en),
        state_words=words.STATES[page.record.state],
        facts=facts(case, names),
        issue=issue if issue and issue.may_see else None,
        banners=list(banners(page.record, names)),
        photos={kind: photo_links(page, kind) for kind in ("before", "after", "staff")},
        events=timeline(page.events[::-1], names),
        forms=forms,
        clocks=clock_panel(clocks.views, now(), day_only=page.day_only),
        case_items=item_lines(items_of_issue(issue.id, current_actor(), now()) if issue else (), names),
        ahead=ahead_of(case, forms, clocks, names),
        answer=answer,
        missed=timeline(answer.missed, names),
        unsent=unsent.values.get("note", "") if unsent else "",
        errors=[(each.id, each.error) for form in forms for each in form.fields if each.error],
        origins={} if page.day_only else _origins(case),
        sees_floods=current_actor().has(Permission.FLOODS_SEE),
        sees_phones=any(form.id == f"action-{Action.REVEAL_PHONE}" for form in forms),
        photo_limits=uploads.limits(),
        opens_photos=opens_photos(case),
        when=when,
    )
    return body, answer.status
