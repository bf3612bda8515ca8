"""公开照片: what strangers may see of a closed case, chosen photo by photo, with faces and plates destroyed by hand.

Three steps, none of which needs a script or a pointer: choose and mark, look at exactly what would be public, agree.
The marks travel through them as text; only the last step stores anything.
"""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.photo_store import PhotoMissing, StorageFailed
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.clearing import WORDS_LIMIT_CHARS, AreasUnreadable, ClearedPhoto, Clearing
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import case_pages, cases, clearings
from tracker.services.case_pages import StaffCase
from tracker.services.clearings import Shown
from tracker.web.access import current_actor, requires
from tracker.web.language import named
from tracker.web.photo_choices import Choice, as_shown, chosen_in, may_show, may_withdraw, photos_of
from tracker.web.presenters import when
from tracker.web.uploads import jpeg_answer

bp = Blueprint("public_photos", __name__, url_prefix="/desk/cases/<number>/photos")


@bp.get("")
@requires(Permission.PHOTOS_PUBLISH)
def show(number: str) -> ResponseReturnValue:
    """The photos of the case, with what is public of them now."""
    case = _case(number)
    shown = clearings.shown_of(number)
    return _choosing(case, shown, as_shown(case, shown), shown.words if shown else _suggested_words(case))


@bp.get("/<any(look, publish, withdraw):step>")
@requires(Permission.PHOTOS_PUBLISH)
def back(number: str, step: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of the form
    """Where a form was sent to is no page."""
    return redirect(url_for("public_photos.show", number=number), 303)


@bp.post("/look")
@requires(Permission.PHOTOS_PUBLISH)
def look(number: str) -> ResponseReturnValue:
    """Exactly what strangers would see; nothing is stored."""
    case = _case(number)
    chosen, said = chosen_in(case, request.form), _words()
    if "back" in request.form or any(each.problem for each in chosen):
        return _choosing(case, clearings.shown_of(number), chosen, said)
    problem = _problem_of(chosen, said)
    if problem:
        return _choosing(case, clearings.shown_of(number), chosen, said, problem=problem)
    return render_template(
        "public_photos/look.html",
        case=case,
        public=[each for each in chosen if each.is_public],
        chosen=chosen,
        said=said,
        version=_version(),
        category=named(case.page.category_zh, case.page.category_en),
    )


@bp.post("/publish")
@requires(Permission.PHOTOS_PUBLISH)
def publish(number: str) -> ResponseReturnValue:
    """Draw the public pictures and let strangers see them."""
    case = _case(number)
    chosen, said = chosen_in(case, request.form), _words()
    problem = _problem_of(chosen, said)
    if problem or any(each.problem for each in chosen):
        return _choosing(case, clearings.shown_of(number), chosen, said, problem=problem)
    try:
        clearing = Clearing(said, tuple(_drawn(each) for each in chosen if each.is_public))
    except (StorageFailed, PhotoMissing) as error:
        return _choosing(case, clearings.shown_of(number), chosen, said, problem=_(str(error)), status=503)
    answer = _moved(case, Action.PUBLISH_PHOTOS, Supplied(clearing=clearing))
    if answer:
        return answer
    flash(_("已公开。首页“最近办好的事”里现在能看到。"), "good")
    return redirect(url_for("public_photos.show", number=number), 303)


@bp.post("/withdraw")
@requires(Permission.PHOTOS_PUBLISH)
def withdraw(number: str) -> ResponseReturnValue:
    """Show strangers nothing of it any more, from this moment on."""
    case = _case(number)
    answer = _moved(case, Action.WITHDRAW_PHOTOS, Supplied())
    if answer:
        return answer
    flash(_("已撤下。照片和文字都不再公开。"), "good")
    return redirect(url_for("public_photos.show", number=number), 303)


@bp.get("/<row:photo_id>/look")
@requires(Permission.PHOTOS_PUBLISH)
def picture(number: str, photo_id: int) -> ResponseReturnValue:
    """A photo as strangers would see it with the marks in the address; drawn for this answer alone."""
    photo = next((each for each in photos_of(_case(number)) if each.id == photo_id), None)
    if photo is None:
        abort(404)
    sha256 = case_pages.staff_photo(photo.id, current_actor(), now())
    try:
        drawn = clearings.drawn_for_strangers(sha256, request.args.get("areas", ""))
    except AreasUnreadable:
        abort(400)
    return jpeg_answer(drawn.jpeg, f"look-{photo_id}")


# ---------------------------------------------------------------- what stands in the form


def _case(number: str) -> StaffCase:
    """The case for this person; one he has nothing to publish of is not there."""
    case = case_pages.staff_case(number, current_actor(), now())
    if not may_show(case) and not may_withdraw(case):
        raise cases.CaseMissing(number)
    return case


def _version() -> int:
    """Of the case, as the person saw it when he began to choose."""
    return request.form.get("version", 0, type=int)


def _words() -> str:
    return " ".join(request.form.get("said", "").split())


def _problem_of(chosen: Sequence[Choice], said: str) -> str:
    if len(said) > WORDS_LIMIT_CHARS:
        return _("“做了什么”最多 %(n)s 字，请缩短。", n=WORDS_LIMIT_CHARS)
    if not said and not any(each.is_public for each in chosen):
        return _("还没有选要公开的照片。要全部不公开，请用“全部撤下”。")
    return ""


def _suggested_words(case: StaffCase) -> str:
    """What the reporter was told when it was done; a person has to look at it before strangers do."""
    said = [
        event.note for event in case.page.events if event.action in ("resolve", "fix_on_spot") and event.note
    ]
    return " ".join(said[-1].split())[:WORDS_LIMIT_CHARS] if said else ""


def _drawn(chosen: Choice) -> ClearedPhoto:
    sha256 = case_pages.staff_photo(chosen.photo.id, current_actor(), now())
    return clearings.make_public_picture(chosen.photo.id, sha256, chosen.marks)


# ---------------------------------------------------------------- what comes of it


def _moved(case: StaffCase, action: Action, supplied: Supplied) -> ResponseReturnValue | None:
    """Take the arrow; the page again where the rules or somebody faster stood in the way."""
    number = case.page.number
    try:
        cases.act(number, action, supplied, version=_version(), by=current_actor(), now=now())
    except cases.StaleVersion:
        return _again(number, _("这个案件刚刚有了变化，请再看一遍，再点一次。"), 409)
    except StepRefused as refusal:
        return _again(number, _(str(refusal)), 409)
    except Incomplete as lacking:
        return _again(number, " ".join(_(problem) for problem in lacking.problems.values()), 422)
    return None


def _again(number: str, problem: str, status: int) -> ResponseReturnValue:
    """What was chosen, over the case as it stands now."""
    case = _case(number)
    return _choosing(
        case,
        clearings.shown_of(number),
        chosen_in(case, request.form),
        _words(),
        problem=problem,
        status=status,
    )


def _choosing(
    case: StaffCase,
    shown: Shown | None,
    chosen: Sequence[Choice],
    said: str,
    *,
    problem: str = "",
    status: int = 422,
) -> ResponseReturnValue:
    errors = [("said", problem)] if problem else []
    errors += [(each.id, f"{each.title} — {each.problem}") for each in chosen if each.problem]
    page = render_template(
        "public_photos/choose.html",
        case=case,
        category=named(case.page.category_zh, case.page.category_en),
        chosen=chosen,
        said=said,
        limit_chars=WORDS_LIMIT_CHARS,
        shown=shown,
        shown_since=when(shown.cleared_at) if shown else None,
        may_show=may_show(case),
        errors=errors,
    )
    return page, status if errors else 200
