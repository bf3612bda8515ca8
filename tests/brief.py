"""The brief's table of the case's life, typed by hand: what tests compare the program with."""

from dataclasses import dataclass

OPEN = "reported needs_info checking filed dispatched return_requested in_progress on_hold resolved verified"
ENDED = "closed declined merged withdrawn voided"
AT_WORK = "reported needs_info checking filed dispatched return_requested in_progress on_hold"
LOOKED_AT = AT_WORK.replace("checking ", "")
SEE_CASES = "operator handler verifier duty_lead supervisor secretary"


@dataclass(frozen=True)
class Row:
    """One line of the brief's table; `to` is "stays" where the case stays."""

    action: str
    sources: str
    to: str
    who: str
    needs: str = ""


BRIEF = (
    Row("file", "reported checking", "filed", "operator rule", "category"),
    Row("ask_info", "reported", "needs_info", "operator", "note"),
    Row("add_info", "needs_info", "reported", "reporter", "note_or_photo"),
    Row("check", "reported", "checking", "operator"),
    Row("found", "checking", "filed", "verifier", "note"),
    Row("not_found", "checking", "declined", "verifier", "note photo"),
    Row("fix_on_spot", "reported checking", "verified", "operator verifier secretary", "photo"),
    Row("decline", "reported checking needs_info", "declined", "operator", "reason channel"),
    Row("decline", "needs_info", "declined", "system", "reason channel"),
    Row("appeal", "declined", "reported", "reporter", "note"),
    Row("merge", "reported checking filed dispatched in_progress", "merged", "operator", "main_case"),
    Row("split", "merged", "reported", "duty_lead"),
    Row("withdraw", "reported needs_info checking filed", "withdrawn", "reporter"),
    Row("void", OPEN, "voided", "duty_lead", "note"),
    Row("dispatch", "filed", "dispatched", "operator rule", "lead"),
    Row("sign", "dispatched", "in_progress", "handler"),
    Row("request_return", "dispatched", "return_requested", "handler", "note suggested"),
    Row("grant_return", "return_requested", "filed", "duty_lead"),
    Row("refuse_return", "return_requested", "dispatched", "duty_lead"),
    Row("contact", "in_progress", "stays", "handler", "note"),
    Row("request_extension", "in_progress", "stays", "handler", "note on"),
    Row("grant_extension", "in_progress", "stays", "duty_lead"),
    Row("refuse_extension", "in_progress", "stays", "duty_lead"),
    Row("hold", "in_progress", "on_hold", "supervisor", "reason on note"),
    Row("resume", "on_hold", "in_progress", "supervisor"),
    Row("resume", "on_hold", "in_progress", "system"),
    Row("resolve", "in_progress", "resolved", "handler", "outcome note evidence"),
    Row("pass", "resolved", "verified", "verifier"),
    Row("fail", "resolved", "in_progress", "verifier", "note"),
    Row("confirm", "verified", "closed", "reporter"),
    Row("lapse", "verified", "closed", "system"),
    Row("dispute", "verified", "in_progress", "reporter", "note_or_photo"),
    Row("reopen", "closed", "in_progress", "reporter", "note"),
    Row("reopen", "closed", "in_progress", "secretary verifier duty_lead", "note"),
    Row("rate", "closed", "stays", "reporter", "rating"),
    # What moves nothing and still belongs in the history.
    Row("finish_stage", "in_progress", "stays", "handler", "stage note"),
    Row(
        "note",
        OPEN.replace("needs_info ", ""),
        "stays",
        "reporter",
        "note_or_photo",
    ),
    Row("note", OPEN, "stays", SEE_CASES, "note"),
    Row("join", OPEN, "stays", "reporter"),
    Row("worse", AT_WORK, "stays", "reporter"),
    Row("gone", AT_WORK, "stays", "reporter passer_by"),
    Row("still_there", LOOKED_AT, "stays", "verifier", "note"),
    Row("seen_gone", LOOKED_AT, "stays", "verifier", "note photo"),
    Row("look", "in_progress", "stays", "duty_lead supervisor", "note"),
    Row("release", "reported", "stays", "duty_lead"),
    Row("reveal_phone", f"{OPEN} {ENDED}", "stays", "operator", "note"),
    # What strangers may see on the front page.
    Row("publish_photos", "closed", "stays", "operator secretary", "clearing"),
    Row("withdraw_photos", f"{OPEN} {ENDED}", "stays", "operator secretary"),
)
