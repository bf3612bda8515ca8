"""Labels at the desk: batches and their files, the list of all, those to be printed again, and their health."""

import re
import uuid
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.label_layout import LabelIncomplete
from tracker.adapters.label_papers import papers
from tracker.adapters.label_sheet import PLAIN
from tracker.adapters.qr_images import LinkTooLong, symbol
from tracker.domain.case_rules import Incomplete
from tracker.domain.label_health import Verdict
from tracker.domain.permissions import Permission
from tracker.domain.qr_token import PublicUrlUnusable, display, label_url
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services import label_batches, label_files, label_health, label_troubles, labels
from tracker.services.label_batches import A_TOKEN, BatchView, Choice
from tracker.services.label_files import FilesGone
from tracker.services.labels import PlaceUnknown
from tracker.services.parts import parts
from tracker.web import label_words, words
from tracker.web.access import current_actor, requires
from tracker.web.papers import paper_answer
from tracker.web.refusals import refusal
from tracker.web.uploads import photo_answer, take_photos

bp = Blueprint("labels", __name__, url_prefix="/labels")

AT_ONCE = 12
"""Labels of a batch that is drawn while its maker waits: about four seconds. More is the job's."""
LISTED = 100
_A_CODE = re.compile(r"[\w.-]+")
FAULTS = {"paper": "f-paper", "places": "f-area", "logo": "f-logo"}


@bp.get("")
@requires(Permission.LABELS_KEEP)
def index() -> ResponseReturnValue:
    """The batches, and the form for another."""
    return _index({})


@bp.post("")
@requires(Permission.LABELS_KEEP)
def make() -> ResponseReturnValue:
    """Make a batch; a small one is drawn at once."""
    try:
        number = label_batches.make(
            _choice(),
            request.form.get("paper", ""),
            key=request.form.get("key", ""),
            with_logo=request.form.get("logo") == "yes",
            by=current_actor(),
            now=now(),
        )
    except Incomplete as error:
        return _index({name: _(told) for name, told in error.problems.items()}), 422
    except PlaceUnknown:
        return _index({"places": _("有的场所编号不在名录里，请对照后再填。")}), 422
    except (LabelIncomplete, PublicUrlUnusable, LinkTooLong) as error:
        return _index({"paper": str(error)}), 422
    if label_batches.batch(number).labels <= AT_ONCE:
        label_files.draw_now(number)
    return redirect(url_for("admin.labels.batch", batch_id=number), 303)


@bp.get("/batches/<row:batch_id>")
@requires(Permission.LABELS_KEEP)
def batch(batch_id: int) -> ResponseReturnValue:
    """One batch: its files, and how much of it hangs."""
    made = label_batches.batch(batch_id)
    done, wanted = label_files.progress(batch_id) if made.state == "waiting" else (0, 0)
    return render_template(
        "admin/labels/batch.html",
        batch=made,
        words=_batch_words(made),
        fault=_fault(made),
        sheets=label_files.sheets(batch_id),
        done=done,
        wanted=wanted,
        items=label_batches.items(batch_id),
        states=label_words.STATES,
        tones=label_words.TONES,
        display=display,
    )


@bp.post("/batches/<row:batch_id>/draw")
@requires(Permission.LABELS_KEEP)
def draw(batch_id: int) -> ResponseReturnValue:
    """Make the files anew: the same labels, looked over once more."""
    label_files.want_files(batch_id, now())
    if label_batches.batch(batch_id).labels <= AT_ONCE:
        label_files.draw_now(batch_id)
    return redirect(url_for("admin.labels.batch", batch_id=batch_id), 303)


@bp.get("/batches/<row:batch_id>/draw")
@requires(Permission.LABELS_KEEP)
def drawn(batch_id: int) -> ResponseReturnValue:
    """Where a form was sent to is no page."""
    return redirect(url_for("admin.labels.batch", batch_id=batch_id), 303)


@bp.get("/batches/<row:batch_id>/<name>.pdf")
@requires(Permission.LABELS_KEEP)
def sheet(batch_id: int, name: str) -> ResponseReturnValue:
    """One sheet, as it was looked over."""
    try:
        content = label_files.content_of(batch_id, f"{name}.pdf")
    except FilesGone:
        return _gone(batch_id)
    return paper_answer(content, f"batch-{batch_id}-{name}.pdf".encode("ascii", "ignore").decode())


@bp.get("/batches/<row:batch_id>/all.zip")
@requires(Permission.LABELS_KEEP)
def everything(batch_id: int) -> ResponseReturnValue:
    """Every file of a batch: sheets, and each label as PNG and SVG."""
    label_batches.batch(batch_id)
    try:
        packed = label_files.all_of(batch_id)
    except FilesGone:
        return _gone(batch_id)
    return send_file(
        packed, mimetype="application/zip", as_attachment=True, download_name=f"batch-{batch_id}.zip"
    )


@bp.get("/logo")
@requires(Permission.LABELS_KEEP)
def logo() -> ResponseReturnValue:
    """The logo offered for the next batch."""
    found = label_batches.logo()
    if not found:
        abort(404)
    return photo_answer(found, "logo", thumb=request.args.get("size") == "thumb")


@bp.post("/logo")
@requires(Permission.LABELS_KEEP)
def keep_logo() -> ResponseReturnValue:
    """Take a picture for the labels' room for one, through the same checks as any photo."""
    taken = take_photos(request.files.getlist("picture")[:1], (), "logo")
    if taken.problems or not taken.photos:
        return _index({"picture": " ".join(taken.problems) or _("请选择一张图片。")}), 422
    label_batches.keep_logo(taken.photos[0], by=current_actor(), now=now())
    flash(_("标志已保存，下一批起可以印上。"), "good")
    return redirect(url_for("admin.labels.index"), 303)


@bp.get("/troubles")
@requires(Permission.LABELS_KEEP)
def troubles() -> ResponseReturnValue:
    """What people say is wrong, and what is to be printed again."""
    found = label_troubles.troubled()
    return render_template(
        "admin/labels/troubles.html",
        rows=[{"row": row, "said": label_words.trouble(row)} for row in found],
        to_print=sum(row.needs_print for row in found),
        key=str(uuid.uuid4()),
        papers=_papers(),
        display=display,
    )


@bp.get("/health")
@requires(Permission.LABELS_KEEP)
def health() -> ResponseReturnValue:
    """Labels worth a look, and why."""
    found = label_health.health(now())
    groups: dict[Verdict, list[dict[str, Any]]] = {}
    for row in found.rows:
        entry = {"label": row.label, "why": label_words.why(row.finding, row.life)}
        groups.setdefault(row.finding.verdict, []).append(entry)
    return render_template(
        "admin/labels/health.html",
        found=found,
        groups=[(label_words.VERDICTS[one], label_words.ADVICE[one], one, groups[one]) for one in groups],
        display=display,
    )


@bp.get("/list")
@requires(Permission.LABELS_KEEP)
def list_() -> ResponseReturnValue:
    """Every label, narrowed by state and by what was typed."""
    state, typed = request.args.get("state", ""), request.args.get("q", "").strip()
    state = state if state in label_words.STATES else ""
    found, more = label_batches.find_labels(typed, state, LISTED)
    return render_template(
        "admin/labels/list.html",
        rows=found,
        more=more,
        state=state,
        typed=typed,
        states=label_words.STATES,
        tones=label_words.TONES,
        display=display,
    )


def _index(problems: dict[str, str]) -> str:
    areas = label_batches.area_names()
    form = request.form
    return render_template(
        "admin/labels/index.html",
        batches=[{"batch": each, "words": _batch_words(each, areas)} for each in label_batches.batches()],
        areas=[(code, "\u2013 " * depth + name) for code, name, depth in label_batches.area_tree()],
        kinds=list(words.PLACE_KINDS.items()),
        papers=_papers(),
        chosen={
            "area": form.get("area", ""),
            "kind": form.get("kind", ""),
            "codes": form.get("codes", ""),
            "which": form.get("which", "new"),
            "paper": form.get("paper", PLAIN),
            "logo": form.get("logo") == "yes",
        },
        which=[(code, _(told)) for code, told in WHICH],
        has_logo=bool(label_batches.logo()),
        problems=problems,
        errors=[(FAULTS.get(name, f"f-{name}"), told) for name, told in problems.items()],
        key=str(uuid.uuid4()),
        unlabelled=len(labels.without_label(labels.places_within())),
        to_print=sum(row.needs_print for row in label_troubles.troubled()),
    )


WHICH = (
    ("new", N_("只印还没有标牌的")),
    ("again", N_("只印需要补印的（同一个码）")),
    ("all", N_("全部（已有的印同一个码）")),
)


def _choice() -> Choice:
    form = request.form
    codes = _A_CODE.findall(form.get("codes", ""))
    which = form.get("which", "")
    return Choice(
        area=form.get("area", ""),
        kind=form.get("kind", ""),
        codes=tuple(dict.fromkeys(codes)),
        is_for_new=which == "new",
        is_again=which == "again",
    )


def _papers() -> list[dict[str, Any]]:
    try:
        modules = symbol(label_url(parts().config.public_url, A_TOKEN)).size
    except (PublicUrlUnusable, LinkTooLong):
        modules = 29  # what is wrong with the address is said when a batch is asked for
    return [label_words.paper_choice(paper, modules) for paper in papers().values()]


def _batch_words(made: BatchView, areas: dict[str, str] | None = None) -> dict[str, Any]:
    names = label_batches.area_names() if areas is None else areas
    return {
        "paper": label_words.paper_name(made.paper),
        "choice": label_words.choice(made.chosen, names),
        "state": label_words.BATCH_STATES[made.state],
        "tone": label_words.BATCH_TONES[made.state],
        "who": made.who or _("命令行"),
    }


def _fault(made: BatchView) -> str:
    """Which label and why, in one sentence; empty: nothing is wrong."""
    fault = made.fault
    if not fault:
        return ""
    why = refusal(fault["why"])
    if "number" not in fault:
        return why
    if fault["page"]:
        return _(
            "第 %(page)s 页第 %(n)s 枚（%(number)s %(place)s）：%(why)s。这一批没有交出任何文件。",
            page=fault["page"],
            n=fault["position"],
            number=fault["number"],
            place=fault["place"],
            why=why,
        )
    return _(
        "%(number)s %(place)s：%(why)s。这一批没有交出任何文件。",
        number=fault["number"],
        place=fault["place"],
        why=why,
    )


def _gone(batch_id: int) -> Response:
    flash(_("文件已经不在了，或被改动过。请点“重新制作”。"), "wait")
    answer: Any = redirect(url_for("admin.labels.batch", batch_id=batch_id), 303)
    return answer  # type: ignore[no-any-return]
