"""The private page: look with the link, speak from the device that reported or with the four-digit code."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.allowance import Unit
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.lifecycle import Action
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services import case_pages, cases, contact, link_owner, links, own_reports
from tracker.services.case_pages import Event, ReporterCase
from tracker.services.clock_pages import ClockView, promises_of
from tracker.services.limits import SlowedDown, count_guess, count_words, refuse_guessing
from tracker.services.parts import parts
from tracker.web.access import device, public
from tracker.web.errors import RETRY_AFTER_S
from tracker.web.following_panels import panels_of
from tracker.web.language import LANGUAGES, choose_language, named
from tracker.web.progress import entries_of, progress_of
from tracker.web.slowing import network, photos_in_time, sender, try_again
from tracker.web.uploads import KeptPhoto, Taken, limits, photo_answer

bp = Blueprint("following", __name__)

SPOKEN = (
    Action.ADD_INFO,
    Action.NOTE,
    Action.WITHDRAW,
    Action.CONFIRM,
    Action.DISPUTE,
    Action.REOPEN,
    Action.RATE,
    Action.APPEAL,
)
"""What a reporter may do from here, as far as the case table lets him now."""


STILL_WRONG = {
    "same": N_("还是老样子"),
    "part": N_("只处理了一部分"),
    "back": N_("处理过，又出现了"),
}
"""没解决, in one tap more: what stands before the reporter's own words, in the language of the desk."""


@dataclass(frozen=True)
class Said:
    """What somebody wrote on the page, given back when it could not be taken.

    Attributes:
        action: the form it stands in; empty: none.
        answer: ``no``, when the reporter is saying what is still wrong.
        still_wrong: code of ``STILL_WRONG``; empty: none was touched.
        problems: ``note``, ``photos``, ``rating``, ``code``, ``phone`` → words.
        refused: why the case table said no.
        missed: what happened since the page was shown, oldest first.
    """

    action: str = ""
    answer: str = ""
    still_wrong: str = ""
    note: str = ""
    rating: int = 0
    phone: str = ""
    kept: Sequence[KeptPhoto] = ()
    problems: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    missed: Sequence[Event] = ()


@bp.get("/t/<key>")
@public
def show(key: str) -> ResponseReturnValue:
    try:
        view = case_pages.reporter_case(key, device(), now())
    except links.LinkUnknown:
        return _go_on_to_later_link(key)
    if request.args.get("language") in LANGUAGES:  # chosen here: the key must not travel in a `next=`
        choose_language(request.args["language"])
        return redirect(url_for("following.show", key=key), 303)
    told = session.get("told")
    if told and told["link"] == links.hash_of(key):
        if "progress" not in request.args and now().timestamp() < told["until"]:
            return _receipt(key, view, told)
        del session["told"]  # gone on, or long past: from here on the page shows the progress
        return redirect(url_for("following.show", key=key), 303)
    return _page(key, view, Said(answer="no" if request.args.get("answer") == "no" else ""))


def _go_on_to_later_link(key: str) -> ResponseReturnValue:
    """Whose link this was is led to the one that took its place; to everybody else it is as unknown as any."""
    later = link_owner.later_link(key, device())
    if not later:
        raise links.LinkUnknown
    return redirect(url_for("following.show", key=later), 303)


@bp.post("/t/<key>/code")
@public
def enter_code(key: str) -> ResponseReturnValue:
    """Let this device speak."""
    try:
        refuse_guessing(device(), network(), now())
        links.enter_code(key, request.form.get("code", ""), device(), now())
    except SlowedDown as slowed:
        return _later(key, Said(problems={"code": try_again(slowed)}), slowed.verdict.retry_after_s)
    except links.CodeWrong as error:
        with suppress(SlowedDown):
            count_guess(device(), network(), now())
        view = case_pages.reporter_case(key, device(), now())
        return _page(key, view, Said(problems={"code": _(str(error))})), 422
    flash(_("好了，现在可以在这里补充、回答。"), "good")
    return redirect(url_for("following.show", key=key), 303)


@bp.post("/t/<key>/phone")
@public
def leave_phone(key: str) -> ResponseReturnValue:
    """Leave a number later; as on the form, not without consent."""
    typed = request.form.get("phone", "")
    try:
        _require_consent()
        contact.leave_phone(key, device(), typed)
    except Incomplete as error:
        view = case_pages.reporter_case(key, device(), now())
        return _page(key, view, Said(phone=typed, problems=_in_words(error))), 422
    flash(_("电话已保存。"), "good")
    return redirect(url_for("following.show", key=key), 303)


@bp.post("/t/<key>/phone/erase")
@public
def erase_phone(key: str) -> ResponseReturnValue:
    contact.erase_phone(key, device())
    flash(_("您的电话已删除。"), "good")
    return redirect(url_for("following.show", key=key), 303)


@bp.get("/t/<key>/photos/<row:photo_id>")
@public
def photo(key: str, photo_id: int) -> ResponseReturnValue:
    sha256 = case_pages.reporter_photo(key, photo_id)
    return photo_answer(sha256, f"photo-{photo_id}", thumb=request.args.get("size") == "thumb")


@bp.post("/t/<key>/<action>")
@public
def speak(key: str, action: str) -> ResponseReturnValue:
    """Take one of the reporter's own moves, or give the page back with everything that was written."""
    if action not in SPOKEN:
        abort(404)
    view = case_pages.reporter_case(key, device(), now())
    said = _read(action)
    if not view.speaks:
        said = replace(said, problems={"code": _("先输入4位数字，再提交一次。")})
        return _page(key, view, said), 403
    taken = photos_in_time(key, request.form.get("key", ""), sender())
    said = replace(said, kept=taken.kept)
    if taken.problems:
        return _with_photo_problems(key, view, said, taken)
    try:
        count_words(device(), key, now())
    except SlowedDown as slowed:
        return _later(key, replace(said, refused=try_again(slowed)), slowed.verdict.retry_after_s)
    return _take(key, view, said, taken.photos)


def _read(action: str) -> Said:
    form = request.form
    rating = form.get("rating", "")
    return Said(
        action=action,
        answer="no" if action == Action.DISPUTE else "",
        still_wrong=form.get("still_wrong", "") if form.get("still_wrong") in STILL_WRONG else "",
        note=form.get("note", "").replace("\r\n", "\n").strip(),
        rating=int(rating) if rating in tuple("12345") else 0,
    )


def _take(key: str, view: ReporterCase, said: Said, photos: Sequence[StoredPhoto]) -> ResponseReturnValue:
    actor = links.actor_for(links.report_behind(key))
    version = request.form.get("version", 0, int)
    try:
        _require_readable(said)
        cases.act(
            view.page.number,
            Action(said.action),
            Supplied(note=_note(said), rating=said.rating),
            version=version,
            by=actor,
            now=now(),
            photos=photos,
        )
    except Incomplete as error:
        said = replace(said, problems=_in_words(error))
        return _page(key, _again(key), said), 422
    except StepRefused as error:
        return _page(key, _again(key), replace(said, refused=_(str(error)))), 409
    except cases.StaleVersion:
        missed = case_pages.changed_since(view.page.number, version, actor)
        if not _is_repetition(missed, said):
            return _page(key, _again(key), replace(said, missed=missed)), 409
    flash(_("收到了，谢谢。"), "good")
    return redirect(url_for("following.show", key=key), 303)


def _note(said: Said) -> str:
    """What goes into the history: the words that were touched, then the reporter's own."""
    touched = STILL_WRONG.get(said.still_wrong, "")
    return "\n".join(each for each in (touched, said.note) if each)


def _require_consent() -> None:
    if request.form.get("phone_consent") != "yes":
        raise Incomplete({"phone": N_("请先勾选同意，号码才能保存。")})


def _require_readable(said: Said) -> None:
    if len(said.note) > parts().config.text_limit_chars:
        raise Incomplete({"note": N_("文字太长，请缩短后再提交。")})


def _with_photo_problems(key: str, view: ReporterCase, said: Said, taken: Taken) -> ResponseReturnValue:
    said = replace(said, problems={"photos": " ".join(taken.problems)})
    if taken.slowed_s:
        return _page(key, view, said), 429, {"Retry-After": str(taken.slowed_s)}
    if taken.storage_failed:
        return _page(key, view, said), 503, {"Retry-After": str(RETRY_AFTER_S)}
    return _page(key, view, said), 422


def _is_repetition(missed: Sequence[Event], said: Said) -> bool:
    """Whether what was "missed" begins with this very move: a second tap, or an answer lost on the way back."""
    first = missed[0] if missed else None
    return first is not None and first.is_mine and (first.action, first.note) == (said.action, _note(said))


def _later(key: str, said: Said, wait_s: int) -> ResponseReturnValue:
    """The page with everything that was written; it is taken once some time has passed."""
    return _page(key, _again(key), said), 429, {"Retry-After": str(wait_s)}


def page_again(key: str) -> str:
    """The private page after something in one of its panels was refused."""
    return _page(key, _again(key), Said())


def _again(key: str) -> ReporterCase:
    """The case as it is now, after something was refused."""
    return case_pages.reporter_case(key, device(), now())


def _in_words(error: Incomplete) -> dict[str, str]:
    return {
        "note" if name in ("note_or_photo", "text") else name: _(words)
        for name, words in error.problems.items()
    }


def _receipt(key: str, view: ReporterCase, told: dict[str, object]) -> str:
    """The page after sending, with the code that is shown on it alone."""
    names = case_pages.department_names()
    return render_template(
        "following/receipt.html",
        **_common(key, view),
        progress=progress_of(view.page, key, names, _promised(view)),
        code=told["code"],
        phone_left_out=told["phone_left_out"],
    )


def _page(key: str, view: ReporterCase, said: Said) -> str:
    names = case_pages.department_names()
    may = {str(step.action) for step in view.page.steps} & set(SPOKEN)
    return render_template(
        "following/show.html",
        **_common(key, view),
        progress=progress_of(view.page, key, names, _promised(view)),
        said=said,
        missed=list(reversed(list(entries_of(said.missed, key, names)))),
        may=may,
        turn=_turn(may, view.speaks),
        is_asked=bool({Action.CONFIRM, Action.ADD_INFO} & may),
        still_wrong=[(code, _(words)) for code, words in STILL_WRONG.items()],
        waiting=own_reports.awaited_elsewhere(device(), view.report_id) if view.speaks else 0,
        form_key=request.form.get("key") or str(uuid.uuid4()),
        photo_limits=limits(),
        **panels_of(key, view),
    )


def _turn(may: set[str], speaks: bool) -> str:  # noqa: FBT001 - part of what the page shows
    """Whose question stands first on the page: ``info``, ``answer``, ``rate``; empty: nobody asks the reporter."""
    asked = {Action.ADD_INFO: "info", Action.CONFIRM: "answer", Action.RATE: "rate"}
    return next((turn for action, turn in asked.items() if speaks and action in may), "")


def _promised(view: ReporterCase) -> Sequence[ClockView]:
    """What was promised; to whom the minute of the report could say too much, only what ends with a day."""
    clocks = promises_of(view.page.number, now())
    if not view.page.day_only or not view.has_joined:
        return clocks
    return [clock for clock in clocks if clock.allowance.unit == Unit.WORKING_DAY]


def _common(key: str, view: ReporterCase) -> dict[str, object]:
    page = view.page
    return {
        "key": key,
        "view": view,
        "page": page,
        "category": named(page.category_zh, page.category_en),
        "link": parts().config.public_url.rstrip("/") + url_for("following.show", key=key),
    }
