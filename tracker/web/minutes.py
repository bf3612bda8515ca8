"""The minutes of a meeting: written beside the agenda, approved, corrected. The words are in web/minutes_words.py."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.domain.minutes import FieldUnknown
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import minutes, minutes_approval, minutes_draft
from tracker.services.minutes import KeyReused, MinutesLocked, NotYet, StaleField
from tracker.services.minutes_approval import StaleMinutes
from tracker.web.access import current_actor, requires
from tracker.web.minutes_form import changes_in_form, changes_in_json
from tracker.web.minutes_words import copy_boxes, draft_page, review_page, state_of

bp = Blueprint("minutes", __name__, url_prefix="/meetings/<number>/minutes")


@bp.get("")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    """The minutes in writing; once they are approved, their latest version."""
    if minutes_approval.versions_of(number, current_actor()):
        return redirect(url_for("approved_minutes.show", number=number))
    return _draft(number)


@bp.get("/state")
@requires(Permission.MEETINGS_KEEP)
def state(number: str) -> ResponseReturnValue:
    """What others wrote since a cursor, for an open page."""
    draft = minutes_draft.draft_of(number, current_actor(), now())
    return jsonify(state_of(draft, request.args.get("since", 0, type=int)))


@bp.post("")
@requires(Permission.MEETINGS_KEEP)
def save(number: str) -> ResponseReturnValue:
    """Save what was written: fields by fields from a script, or the whole form."""
    if request.is_json:
        return _save_json(number)
    changes = changes_in_form(request.form)
    key = request.form.get("key", "")[: minutes.KEY_LIMIT_CHARS]
    try:
        saved = minutes.save(number, key, changes, by=current_actor(), now=now())
    except FieldUnknown:
        return _bad(number)
    except (MinutesLocked, NotYet, KeyReused, Incomplete) as error:
        return _unsent(number, error)
    copies = sum(one.copy_id is not None for one in saved)
    if copies:
        flash(_("已保存；有 %(n)s 处别人也改过，两份都留着，请选择或合并。", n=copies), "wait")
    else:
        flash(_("已保存"), "good")
    return redirect(url_for("minutes.show", number=number), 303)


@bp.post("/copies/<row:copy_id>")
@requires(Permission.MEETINGS_KEEP)
def settle(number: str, copy_id: int) -> ResponseReturnValue:
    """Decide which of two texts stays, or that both do."""
    form = request.form
    try:
        minutes.settle(
            number,
            copy_id,
            form.get("choice", ""),
            form.get("version", -1, type=int),
            key=form.get("key", "")[: minutes.KEY_LIMIT_CHARS] or secrets.token_urlsafe(18),
            by=current_actor(),
            now=now(),
        )
    except FieldUnknown:
        return _bad(number)
    except (MinutesLocked, NotYet) as error:
        flash(_(str(error)), "bad")
    except StaleField:
        flash(_("没有保存：刚才又有人改了这一处，请看看最新的文字再选择。"), "bad")
    else:
        flash(_("已按您的选择保存。"), "good")
    return redirect(url_for("minutes.show", number=number), 303)


@bp.get("/review")
@requires(Permission.MEETINGS_KEEP)
def review(number: str) -> ResponseReturnValue:
    """What will be locked, and what follows from it, before somebody approves."""
    if minutes_approval.versions_of(number, current_actor()):
        return redirect(url_for("approved_minutes.show", number=number))
    return _review(number)


@bp.post("/approve")
@requires(Permission.MEETINGS_KEEP)
def approve(number: str) -> ResponseReturnValue:
    """Approve the minutes that the page before showed."""
    cursor = request.form.get("cursor", -1, type=int)
    try:
        version = minutes_approval.approve(number, cursor, by=current_actor(), now=now())
    except StaleMinutes:
        return _review(number, _("没有批准：您打开页面之后，纪要又有改动。请看看最新的内容。"), 409)
    except (MinutesLocked, NotYet) as error:
        return _review(number, _(str(error)), 409)
    except Incomplete as error:
        return _review(number, "", 422, error.problems)
    flash(_("纪要已批准，第 %(n)s 版已锁定。", n=version), "good")
    return redirect(url_for("approved_minutes.show", number=number), 303)


def _draft(number: str, status: int = 200) -> ResponseReturnValue:
    moment = now()
    draft = minutes_draft.draft_of(number, current_actor(), moment)
    page = draft_page(draft, key=secrets.token_urlsafe(18), user=current_actor().user_id or 0)
    return render_template("minutes/draft.html", **page), status


def _review(
    number: str, refused: str = "", status: int = 200, problems: Mapping[str, str] = MappingProxyType({})
) -> ResponseReturnValue:
    moment = now()
    draft = minutes_draft.draft_of(number, current_actor(), moment)
    page = review_page(draft, {**minutes_approval.problems_of(draft, moment), **problems})
    return render_template("minutes/review.html", refused=refused, **page), status


def _save_json(number: str) -> ResponseReturnValue:
    try:
        key, since, changes = changes_in_json(request.get_json(silent=True))
        saved = minutes.save(number, key, changes, by=current_actor(), now=now())
    except FieldUnknown:
        return jsonify(error="unknown"), 400
    except KeyReused:
        return jsonify(error="key"), 422
    except Incomplete as error:
        return jsonify(error="long", problems={name: _(why) for name, why in error.problems.items()}), 422
    except (MinutesLocked, NotYet) as error:
        return jsonify(error="locked", words=_(str(error))), 409
    draft = minutes_draft.draft_of(number, current_actor(), now())
    results: list[dict[str, Any]] = [
        {"name": one.name, "outcome": one.outcome.value, "version": one.version, "copy": one.copy_id}
        for one in saved
    ]
    return jsonify(state_of(draft, since) | {"results": results})


def _bad(number: str) -> ResponseReturnValue:
    """A form that is none of ours, or about a meeting whose agenda has changed: the page as it is now."""
    flash(_("没有保存：议程已经变化，请在最新的页面上再写一次。"), "bad")
    return _draft(number, 400)


def _unsent(number: str, error: Exception) -> ResponseReturnValue:
    """What was typed and cannot be taken, to be copied; nothing of it is lost."""
    status = 422 if isinstance(error, (Incomplete, KeyReused)) else 409
    why = next(iter(error.problems.values())) if isinstance(error, Incomplete) else str(error)
    meeting = minutes_draft.draft_of(number, current_actor(), now()).meeting
    typed = [change.text for change in changes_in_form(request.form) if len(change.text) > 1]
    why = why or _("这一页已经用过了，请重新打开。")
    page = {"meeting": meeting, "why": _(why), "typed": typed, "boxes": copy_boxes}
    return render_template("minutes/unsent.html", **page), status
