"""What the page of a common issue shows of its action items, of whether they helped, and how it can end.

The page includes ``actions/_items.html``, ``look_back/_panel.html`` and ``actions/_ending.html`` with this context.
"""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction, IssueStepRefused
from tracker.domain.permissions import Actor, Permission
from tracker.extensions import now
from tracker.services import action_pages, issue_endings, look_backs
from tracker.services.issue_endings import Ending
from tracker.services.issue_moves import StaleIssue
from tracker.services.issue_views import IssueFacts
from tracker.web import words
from tracker.web.access import current_actor, requires
from tracker.web.action_words import item_lines
from tracker.web.look_back_words import look_back_panel
from tracker.web.names import Names

bp = Blueprint("issue_endings", __name__)

_TITLES: dict[IssueAction, tuple[words.Words, words.Words]] = {
    IssueAction.FINISH: (_lazy("办结这个问题"), _lazy("措施都做完了，看过效果")),
    IssueAction.LENGTHEN: (_lazy("转为长期工作"), _lazy("短期解决不了，列入长期安排")),
    IssueAction.RAISE_UP: (_lazy("提级，报上级"), _lazy("本级解决不了，报上级")),
}


@dataclass(frozen=True)
class Way:
    """One way to end; error: of its form, if it came back."""

    action: str
    title: str
    about: str
    hindrance: str
    note: str = ""
    error: str | None = None


def issue_panel(facts: IssueFacts, actor: Actor) -> dict[str, Any]:
    """Names for the three partials: ``issue_items``, ``look_back``, ``issue_endings``."""
    issue = action_pages.issue_for_items(facts.number, actor)
    may_add = issue.takes and actor.has(Permission.ISSUES_DECIDE)
    return {
        "issue_items": {
            "lines": item_lines(action_pages.items_of_issue(issue.id, actor, now()), Names()),
            "new_url": url_for("actions.new", issue=facts.number) if may_add else None,
        },
        "look_back": look_back_panel(look_backs.review_of(issue.id)),
        "issue_endings": _endings(facts.number, facts.version, actor),
    }


@bp.post("/issues/<number>/ending")
@requires(Permission.ISSUES_DECIDE)
def end(number: str) -> ResponseReturnValue:
    """End an issue with a reason, or say what stands in the way."""
    asked, note = request.form.get("action", ""), request.form.get("note", "")
    action = next((each for each in issue_endings.ENDINGS if each.value == asked), IssueAction.EDIT)
    version = request.form.get("version", 0, type=int)
    try:
        issue_endings.end(number, action, note=note, version=version, by=current_actor(), now=now())
    except Incomplete as lacking:
        return _again(number, " ".join(_(text) for text in lacking.problems.values())), 422
    except IssueStepRefused as refusal:
        return _again(number, _(str(refusal))), 409
    except StaleIssue:
        return _again(number, _("没有保存：这个问题刚刚有了变化，请看过再决定。"), with_form=False), 409
    flash(_("%(number)s 已结束。", number=number), "good")
    return redirect(f"/issues/{number}", 303)


def _endings(number: str, version: int, actor: Actor) -> dict[str, Any]:
    ways = [_way(ending) for ending in issue_endings.endings_of(number, actor)]
    return {"url": url_for("issue_endings.end", number=number), "version": version, "ways": ways}


def _way(ending: Ending) -> Way:
    title, about = _TITLES[ending.action]
    hindrance = _(ending.hindrance) if ending.hindrance else ""
    if ending.items:
        hindrance = _("%(term)s：%(change)s", term=hindrance, change=_("、").join(ending.items))
    return Way(ending.action.value, str(title), str(about), hindrance)


def _again(number: str, error: str, *, with_form: bool = True) -> str:
    """What was sent, with what is wrong; after somebody else's change the words alone, for the page comes first."""
    asked, note = request.form.get("action", ""), request.form.get("note", "")
    issue = action_pages.issue_for_items(number, current_actor())
    endings = _endings(number, request.form.get("version", 0, type=int), current_actor())
    ways = [replace(way, note=note, error=error) for way in endings["ways"] if way.action == asked]
    return render_template(
        "actions/ending.html",
        issue=issue,
        error=error,
        issue_endings=endings | {"ways": ways if with_form else []},
        note=note,
    )
