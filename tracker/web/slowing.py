"""How the public pages slow down what comes too fast: who sends, the puzzle beside the form, when to try again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_time, ngettext
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from tracker.domain.limits import Step
from tracker.domain.network import network_of
from tracker.extensions import now
from tracker.services import limits
from tracker.services.intake import is_known
from tracker.services.limits import Sender, SlowedDown
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace
from tracker.services.puzzles import Puzzle, new_puzzle
from tracker.web.access import device
from tracker.web.uploads import Taken, take_photos

TRAP = "homepage"
"""A field that no person sees; programs fill in whatever there is."""


@dataclass(frozen=True)
class Slow:
    """What the page says when something was not taken at once.

    Attributes:
        is_later: nothing helps but time, or the phone.
        words: when to try again.
        puzzle: what the browser works out meanwhile; None: nothing.
        opens: clock time from which it passes without script.
        button: what was pressed of an open case, its name and the case's number; both empty: it is a report.
    """

    is_later: bool
    words: str
    retry_after_s: int
    puzzle: Puzzle | None = None
    opens: str = ""
    button: tuple[str, str] = ("", "")


def sender(*, is_asked: bool = False, is_form: bool = False) -> Sender:
    """Who sends this request.

    Args:
        is_asked: whether a person is there who can answer a question.
        is_form: whether it took some filling in: then it is looked at whether a person did that.
    """
    return Sender(
        device=device(),
        network=network(),
        is_odd=bool(request.form.get(TRAP)) or (is_form and _is_hasty()),
        puzzle=request.form.get("puzzle", ""),
        answer=request.form.get("answer", ""),
        is_asked=is_asked,
    )


def network() -> str:
    """The network this request comes from."""
    return network_of(request.remote_addr or "")


def known_device() -> str:
    """The device, if its browser keeps cookies; else nothing, and none is named."""
    return device() if request.cookies else ""


def stamp() -> str:
    """When a form was shown, signed; the form sends it back. One that came back keeps its first."""
    return request.form.get("shown") or _signer().dumps(int(now().timestamp()))


def slow_of(slowed: SlowedDown, place: LabelledPlace, button: tuple[str, str] = ("", "")) -> Slow:
    """What the page says to it."""
    if slowed.verdict.step == Step.LATER:
        return Slow(True, _when(slowed.verdict.retry_after_s), slowed.verdict.retry_after_s, button=button)
    moment = now()
    puzzle = slowed.puzzle or new_puzzle(place.place_id, moment)
    opens_at = max(puzzle.opens_at, moment + timedelta(seconds=slowed.verdict.retry_after_s))
    wait_s = max(1, round((opens_at - moment).total_seconds()))
    return Slow(False, _when(wait_s), wait_s, puzzle, format_time(opens_at, "HH:mm:ss"), button)


def as_json(slow: Slow) -> dict[str, Any]:
    """The same for programs: the outbox of the phone works the puzzle out, or waits."""
    puzzle = slow.puzzle
    challenge = puzzle and {
        "token": puzzle.token,
        "nonce": puzzle.nonce,
        "bits": puzzle.bits,
        "expires": puzzle.ends_at.isoformat(),
    }
    return {"problems": {}, "challenge": challenge, "retry_after": slow.retry_after_s}


def try_again(slowed: SlowedDown) -> str:
    """A sentence for pages that have no puzzle."""
    return _("发得太快了，%(when)s再试。写的都还在。", when=_when(slowed.verdict.retry_after_s))


def photos_in_time(at: object, key: str, sent_by: Sender) -> Taken:
    """The photos of a form; new ones are not even looked at where too many came, unless it is a repetition.

    Args:
        at: the label's id, or the key of a private link.
        key: the form's own.
    """
    files = [file for file in request.files.getlist("photos") if file.filename]
    kept = request.form.getlist("kept_photo")
    try:
        if files:
            limits.count_photos(sent_by, at, len(files), now())
    except SlowedDown as slowed:
        if not is_known(key):
            taken = take_photos([], kept, key)
            taken.problems.append(_("照片发得太多，新选的没有收下。") + try_again(slowed))
            taken.slowed_s = slowed.verdict.retry_after_s
            return taken
    return take_photos(files, kept, key)


def too_many_guesses(slowed: SlowedDown) -> ResponseReturnValue:
    """The page for somebody who tried very many codes that lead nowhere."""
    wait_s = slowed.verdict.retry_after_s
    headers = {"Retry-After": str(wait_s)}
    if request.accept_mimetypes.best == "application/json":
        return jsonify(problems={}, challenge=None, retry_after=wait_s), 429, headers
    return render_template("public/guessed.html", words=_when(wait_s)), 429, headers


def _when(seconds: int) -> str:
    if seconds < 60:
        return ngettext("过 %(num)s 秒", "过 %(num)s 秒", seconds)
    return ngettext("过 %(num)s 分钟", "过 %(num)s 分钟", -(-seconds // 60))


def _is_hasty() -> bool:
    """Whether the form was sent sooner after it was shown than hands can fill it in."""
    least = parts().config.form_seconds
    if not least:
        return False
    try:
        shown = int(_signer().loads(request.form.get("shown", "")))
    except BadSignature:
        return request.accept_mimetypes.best != "application/json"  # a form kept on the phone may have none
    return now().timestamp() - shown < least


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(parts().config.secret_keys)), salt="form shown")
