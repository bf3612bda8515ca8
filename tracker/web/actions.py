"""Action items at the desk: the queue, one item with its forms, a new one for an issue."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.actions import ItemAction, ItemStepRefused
from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueStepRefused
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import action_pages, actions
from tracker.services.action_pages import DEPARTMENT, MINE, OPEN, VIEWS, ItemEvent
from tracker.services.actions import NewItem, StaleItem
from tracker.services.worklists import CursorWrong
from tracker.web import uploads, words
from tracker.web.access import current_actor, requires
from tracker.web.action_sheets import Given, new_given, read_day, sheets
from tracker.web.action_words import ACTIONS, STATES, day_words, entries, item_lines
from tracker.web.clock_words import rung_words, sentence
from tracker.web.language import moment
from tracker.web.names import Names

bp = Blueprint("actions", __name__, url_prefix="/actions")

_TITLES: dict[str, words.Words] = {
    "mine": _lazy("待我办理"),
    "department": _lazy("本单位"),
    "overdue": _lazy("已超期"),
    "claimed": _lazy("待验收"),
    "open": _lazy("全部未完成"),
    "all": _lazy("全部行动项"),
}


@dataclass(frozen=True)
class View:
    """A link above the queue."""

    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class Answer:
    """Why the page of an item is shown again after a form was sent."""

    given: Given | None = None
    refused: str = ""
    missed: Sequence[ItemEvent] = ()
    status: int = field(default=200)


@bp.get("")
@requires(Permission.ACTIONS_SEE)
def queue() -> ResponseReturnValue:
    """The items of the view in the address; a view that is none of ours is the person's own."""
    actor, moment_now = current_actor(), now()
    counts = action_pages.view_counts(actor, moment_now)
    asked = request.args.get("show", "")
    show = asked if asked in VIEWS else MINE if counts[MINE] else OPEN
    try:
        page, is_wrong = action_pages.items_page(actor, show, moment_now, request.args.get("at", "")), False
    except CursorWrong:
        page, is_wrong = action_pages.items_page(actor, show, moment_now), True
    return render_template(
        "actions/queue.html",
        title=str(_TITLES[show]),
        rows=item_lines(page.rows, Names()),
        views=[
            View(str(_TITLES[view]), url_for("actions.queue", show=view), counts[view], view == show)
            for view in VIEWS
            if view != DEPARTMENT or actor.departments
        ],
        is_wrong=is_wrong,
        first=url_for("actions.queue", show=show) if request.args.get("at") and not is_wrong else None,
        older=url_for("actions.queue", show=show, at=page.older) if page.older else None,
    )


@bp.get("/new")
@requires(Permission.ISSUES_DECIDE)
def new() -> ResponseReturnValue:
    return _new_page(request.args.get("issue", ""), {}, {})


@bp.post("/new")
@requires(Permission.ISSUES_DECIDE)
def make() -> ResponseReturnValue:
    """Decide something on an issue, outside a meeting."""
    form = request.form
    issue = action_pages.issue_for_items(form.get("issue", ""), current_actor())
    decided = NewItem(
        issue_id=issue.id,
        action=form.get("action", ""),
        measure=form.get("measure", ""),
        department=form.get("department", ""),
        due_on=read_day(form.get("due_on", "")),
        user_id=form.get("person", type=int),
        person_name=form.get("person_name", ""),
    )
    try:
        number = actions.create(decided, by=current_actor(), now=now())
    except Incomplete as lacking:
        return _new_page(issue.number, form, lacking.problems), 422
    except (ItemStepRefused, IssueStepRefused) as refusal:
        return _new_page(issue.number, form, {}, refused=_(str(refusal))), 409
    flash(_("%(number)s 已定下，并通知了承办的同事。", number=number), "good")
    return redirect(url_for("actions.show", number=number), 303)


@bp.get("/photos/<row:photo_id>")
@requires(Permission.ACTIONS_SEE)
def photo(photo_id: int) -> ResponseReturnValue:
    sha256 = action_pages.item_photo(photo_id, current_actor())
    return uploads.photo_answer(sha256, f"action-{photo_id}", thumb=request.args.get("size") == "thumb")


@bp.get("/<number>")
@requires(Permission.ACTIONS_SEE)
def show(number: str) -> ResponseReturnValue:
    return _page(number, Answer())


@bp.get("/<number>/<action>")
@requires(Permission.ACTIONS_SEE)
def back(number: str, action: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the item's."""
    return redirect(url_for("actions.show", number=number), 303)


@bp.post("/<number>/<action>")
@requires(Permission.ACTIONS_WORK)
def act(number: str, action: str) -> ResponseReturnValue:
    """Take one arrow of the item's table, or show the page again with what stands in the way."""
    asked = _action_named(action)
    given, taken = _given(asked)
    if given.problems:
        return _page(number, Answer(given, status=503 if taken.storage_failed else 422))
    came_back = _tried(number, given, taken)
    if came_back is not None:
        return came_back
    flash(_("%(number)s：%(action)s，已保存。", number=number, action=ACTIONS[asked]), "good")
    return redirect(url_for("actions.show", number=number), 303)


def _tried(number: str, given: Given, taken: uploads.Taken) -> ResponseReturnValue | None:
    """Take the arrow; the page again where the rules or somebody faster stood in the way."""
    try:
        actions.take(
            number,
            given.action,
            version=request.form.get("version", 0, type=int),
            by=current_actor(),
            now=now(),
            note=given.note,
            on=given.on,
            photos=taken.photos,
        )
    except StaleItem as stale:
        return _after_others(number, stale.seen, given)
    except ItemStepRefused as refusal:
        return _page(number, Answer(given, refused=_(str(refusal)), status=409))
    except Incomplete as lacking:
        return _page(number, Answer(replace(given, problems=lacking.problems), status=422))
    return None


def _action_named(name: str) -> ItemAction:
    try:
        return ItemAction(name)
    except ValueError:
        abort(404)


def _given(action: ItemAction) -> tuple[Given, uploads.Taken]:
    """What the form holds; its photos are on disk from here on, so that an error loses none of them."""
    given = new_given(action, request.form)
    taken = uploads.take_photos(
        request.files.getlist("photos"), request.form.getlist("kept_photo"), given.key
    )
    problems = {"photos": " ".join(taken.problems)} if taken.problems else {}
    return replace(given, kept=taken.kept, problems=problems), taken


def _after_others(number: str, seen: int, given: Given) -> ResponseReturnValue:
    """The page saw an older version. If what it missed is this very form, sent twice, all is well already."""
    missed = action_pages.changed_since(number, seen, current_actor())
    first = missed[0] if missed else None
    if (
        first is not None
        and first.is_mine
        and (first.action, first.note) == (given.action, given.note.strip())
    ):
        return redirect(url_for("actions.show", number=number), 303)
    return _page(number, Answer(given, missed=missed, status=409))


def _page(number: str, answer: Answer) -> ResponseReturnValue:
    item = action_pages.item_page(number, current_actor(), now())
    forms = sheets(item, answer.given)
    unsent = answer.given if answer.given and all(form.key != answer.given.key for form in forms) else None
    [line] = item_lines([item.row], Names())
    body = render_template(
        "actions/item.html",
        item=item,
        line=line,
        state_words=STATES[item.row.state],
        sla=line.sla,
        facts=_facts(item, line.doer),
        rungs=[rung_words(rung) for promise in item.promises for rung in promise.rungs],
        events=entries(item.events[::-1]),
        asked=day_words(item.asked_on) if item.asked_on else "",
        forms=forms,
        answer=answer,
        missed=entries(answer.missed),
        unsent=unsent.note if unsent else "",
        errors=[(each.id, each.error) for form in forms for each in form.fields if each.error],
        photo_limits=uploads.limits(),
    )
    return body, answer.status


def _facts(item: action_pages.ItemPage, department: str) -> list[tuple[str, str | None]]:
    return [
        (_("怎样算做到"), item.measure),
        (_("负责单位"), department),
        (_("谁来办"), item.row.person or None),
        (_("完成日期"), day_words(item.row.due_on)),
        (_("时限"), sentence(item.promises[-1]) if item.promises else None),
        (_("定下的人"), _("%(name)s，%(when)s", name=item.made_by, when=moment(item.made_at))),
    ]


def _new_page(number: str, values: object, problems: dict[str, str], refused: str = "") -> str:
    issue = action_pages.issue_for_items(number, current_actor())
    names = Names()
    ids = {"action": "f-action", "measure": "f-measure", "department": "f-department"}
    ids |= {"person": "f-person", "person_name": "f-person_name", "due_on": "f-due_on"}
    return render_template(
        "actions/new.html",
        issue=issue,
        values=values,
        problems={name: _(text) for name, text in problems.items()},
        errors=[(ids[name], _(text)) for name, text in problems.items()],
        refused=refused or ("" if issue.takes else _("这个问题现在不能增加行动项，请先认定或重新打开。")),
        departments=list(names.departments.items()),
        people=[
            (str(doer.user_id), _doer(doer.name, names.department(doer.department)))
            for doer in action_pages.doers()
        ],
    )


def _doer(name: str, department: str) -> str:
    return _("%(name)s（%(department)s）", name=name, department=department) if department else name
