"""Common issues at the desk: the list, one issue with its reasons, and what may be decided about it."""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueStepRefused
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import issue_decisions, issue_lists, issue_messages, issue_pages, issue_proposals
from tracker.services.issue_decisions import Seen
from tracker.services.issue_moves import StaleIssue
from tracker.services.issue_views import IssueEventView
from tracker.services.issue_wording import Wording
from tracker.services.worklists import CursorWrong
from tracker.web.access import current_actor, requires
from tracker.web.issue_panels import panels_of
from tracker.web.issue_rows import issue_row
from tracker.web.issue_show import shown, timeline_of
from tracker.web.issue_views import asked_issues, views_of
from tracker.web.refusals import refusal

bp = Blueprint("issues", __name__, url_prefix="/issues")


@dataclass(frozen=True)
class Given:
    """What somebody filled in, and why it came back.

    Attributes:
        action: the form; empty: none was sent.
        problems: field → words.
        missed: what happened since the page was shown.
        preview: only the preview was asked for.
    """

    action: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    problems: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    missed: Sequence[IssueEventView] = ()
    preview: bool = False
    status: int = 200


@bp.get("")
@requires(Permission.ISSUES_SEE)
def queue() -> ResponseReturnValue:
    """The issues of the view in the address."""
    return _queue(Given())


@bp.post("")
@requires(Permission.ISSUES_DECIDE)
def propose() -> ResponseReturnValue:
    """Make a candidate of cases that somebody knows to be one matter, or show what is missing."""
    given = Given("propose", request.form.to_dict())
    typed = _NUMBER.findall(given.typed.get("numbers", ""))
    try:
        number = issue_proposals.propose(
            typed, given.typed.get("title", ""), key=_decision_key(given), by=current_actor(), now=now()
        )
    except Incomplete as lacking:
        problems = {name: refusal(words) for name, words in lacking.problems.items()}
        return _queue(replace(given, problems=problems, status=422))
    flash(_("已列为线索，接下来由您判断。"), "good")
    return redirect(url_for("issues.show", number=number), 303)


def _queue(given: Given) -> ResponseReturnValue:
    actor, moment = current_actor(), now()
    asked = asked_issues(actor, request.args)
    try:
        found = issue_lists.list_issues(actor, asked.wanted, moment, asked.cursor)
    except CursorWrong:
        asked = asked.from_the_start()
        found = issue_lists.list_issues(actor, asked.wanted, moment)
    body = render_template(
        "issues/queue.html",
        rows=[issue_row(row) for row in found.rows],
        is_cut=found.is_cut,
        older=asked.url(cursor=found.older) if found.older else None,
        views=views_of(actor, asked),
        asked=asked,
        given=given,
        may_propose=actor.has(Permission.ISSUES_DECIDE),
        form_key=str(uuid.uuid4()),
    )
    return body, given.status


@bp.get("/<number>")
@requires(Permission.ISSUES_SEE)
def show(number: str) -> ResponseReturnValue:
    return _page(number, Given())


_NUMBER = re.compile(r"[0-9A-Za-z-]+")
"""Case numbers as people type them: between them stands whatever their keyboard has."""
_DECISIONS = "<any(accept, dismiss, edit, split, remove, add, message):decision>"


@bp.get(f"/<number>/{_DECISIONS}")
@requires(Permission.ISSUES_SEE)
def back(number: str, decision: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the issue's."""
    return redirect(url_for("issues.show", number=number), 303)


@bp.post(f"/<number>/{_DECISIONS}")
@requires(Permission.ISSUES_DECIDE)
def decide(number: str, decision: str) -> ResponseReturnValue:
    """Decide something, or show the page again with what stands in the way and everything that was typed."""
    form = request.form
    given = Given(
        decision,
        {name: value.replace("\r\n", "\n") for name, value in form.items()},
        form.getlist("case"),
    )
    if "preview" in form:
        return _page(number, replace(given, preview=True))
    seen = Seen(number, form.get("version", 0, type=int), _decision_key(given))
    try:
        said = _DECIDE[decision](seen, given)
    except StaleIssue as stale:
        missed = issue_pages.missed_events(number, stale.seen, current_actor())
        return _page(number, replace(given, missed=missed, status=409))
    except IssueStepRefused as refused:
        return _page(number, replace(given, refused=_(str(refused)), status=409))
    except Incomplete as lacking:
        problems = {name: refusal(words) for name, words in lacking.problems.items()}
        return _page(number, replace(given, problems=problems, status=422))
    flash(said, "good")
    return redirect(url_for("issues.show", number=number), 303)


# ---------------------------------------------------------------- one function a form


def _accept(seen: Seen, given: Given) -> str:
    issue_decisions.accept(seen, _wording(given), by=current_actor(), now=now())
    return _("已认定。报事人在进度页上会看到。")


def _edit(seen: Seen, given: Given) -> str:
    issue_decisions.edit(seen, _wording(given), by=current_actor(), now=now())
    return _("已保存。")


def _dismiss(seen: Seen, given: Given) -> str:
    issue_decisions.dismiss(seen, given.typed.get("note", ""), by=current_actor(), now=now())
    return _("已判为不成立。报事人再增加一半，系统才会再次提出。")


def _split(seen: Seen, given: Given) -> str:
    title = given.typed.get("new_title", "")
    other = issue_decisions.split(seen, given.chosen, title, by=current_actor(), now=now())
    return _("已拆出 %(number)s。这些案件不会自动回到这里。", number=other)


def _remove(seen: Seen, given: Given) -> str:
    reason = given.typed.get("why", "")
    issue_decisions.remove(seen, given.chosen, reason, by=current_actor(), now=now())
    return _("已移出。这些案件不会自动回到这里。")


def _add(seen: Seen, given: Given) -> str:
    typed = _NUMBER.findall(given.typed.get("numbers", ""))
    issue_decisions.add(seen, [*given.chosen, *typed], by=current_actor(), now=now())
    return _("已加入。")


def _message(seen: Seen, given: Given) -> str:
    issue_messages.send_message(seen, given.typed.get("text", ""), by=current_actor(), now=now())
    return _("已发出。每位报事人的进度页上都会显示。")


_DECIDE: dict[str, Callable[[Seen, Given], str]] = {
    "accept": _accept,
    "edit": _edit,
    "dismiss": _dismiss,
    "split": _split,
    "remove": _remove,
    "add": _add,
    "message": _message,
}


def _wording(given: Given) -> Wording:
    owner = given.typed.get("owner", "")
    return Wording(
        given.typed.get("title", ""),
        given.typed.get("cause", ""),
        int(owner) if owner.isdecimal() and len(owner) < 10 else None,
    )


def _decision_key(given: Given) -> str:
    """The form's own key with what was filled in: the same form filled in otherwise is another decision."""
    typed = sorted(
        (name, value) for name, value in given.typed.items() if name not in ("csrf_token", "version")
    )
    content = json.dumps([typed, list(given.chosen)], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "ignore")).hexdigest()


def _page(number: str, given: Given) -> ResponseReturnValue:
    actor, moment = current_actor(), now()
    issue = issue_pages.staff_issue(number, actor, moment)
    body = render_template(
        "issues/show.html",
        **shown(issue, moment),
        given=given,
        missed=timeline_of(given.missed),
        form_key=str(uuid.uuid4()),
        current_user_id=actor.user_id,
        **panels_of(issue.facts, actor),
    )
    return body, given.status
