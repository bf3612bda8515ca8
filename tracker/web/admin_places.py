"""The register of places at the desk: a file taken in, good lines kept and bad ones named; the register taken out."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.csv_table import TableUnreadable
from tracker.adapters.xlsx_table import LARGEST_FILE_BYTES, is_workbook
from tracker.domain.permissions import Permission
from tracker.extensions import let_go, now
from tracker.services import labels, register_export
from tracker.services.imports import Imported
from tracker.services.place_import import import_places, read_places
from tracker.services.register_events import EventView, register_events
from tracker.web.access import current_actor, requires
from tracker.web.import_words import problem_words, table_words

bp = Blueprint("places", __name__, url_prefix="/places")

SHOWN = 200
"""Bad lines shown at once: whoever has more has one mistake many times."""


@bp.get("")
@requires(Permission.PLACES_KEEP)
def index() -> ResponseReturnValue:
    """Import, export, and who did which when."""
    return _page()


@bp.post("/import")
@requires(Permission.PLACES_KEEP)
def take() -> ResponseReturnValue:
    """Take a file in; the page that answers lists the lines that were left out."""
    file = request.files.get("file")
    data = file.stream.read(LARGEST_FILE_BYTES + 1) if file else b""
    if not data:
        return _page(problem=_("请选择一个文件。")), 422
    let_go()  # reading a workbook takes a while
    try:
        lines = read_places(data) if len(data) <= LARGEST_FILE_BYTES else _too_large()
    except TableUnreadable as error:
        return _page(problem=table_words(error)), 422
    kind = "xlsx" if is_workbook(data) else "csv"
    result = import_places(lines, by=current_actor(), now=now(), file_format=kind)
    if not result.problems:
        flash(_told(result), "good")
        return redirect(url_for("admin.places.index"), 303)
    return _page(result=result)


@bp.get("/import")
@bp.get("/export", endpoint="export_again")
@requires(Permission.PLACES_KEEP)
def back() -> ResponseReturnValue:
    """Where a form was sent to is no page."""
    return redirect(url_for("admin.places.index"), 303)


@bp.post("/export")
@requires(Permission.REGISTER_EXPORT)
def export() -> ResponseReturnValue:
    """Hand the register out; that it was is noted, which is why this is no link."""
    file_format = request.form.get("format", "")
    if file_format not in register_export.FORMATS:
        abort(404)
    made = register_export.export(file_format, by=current_actor(), now=now())
    answer = Response(made.content, mimetype=made.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer


def _too_large() -> Any:
    raise TableUnreadable("The file is too large.", "too_large")


def _page(problem: str = "", result: Imported | None = None) -> str:
    return render_template(
        "admin/places/index.html",
        problem=problem,
        told=_told(result) if result else "",
        refused=[(each.line, problem_words(each)) for each in result.problems[:SHOWN]] if result else [],
        more=max(0, len(result.problems) - SHOWN) if result else 0,
        count=len(labels.places_within()),
        events=[(event, _counts(event)) for event in register_events()],
        may_export=current_actor().has(Permission.REGISTER_EXPORT),
    )


def _told(result: Imported) -> str:
    return _(
        "新增 %(added)s 处，更新 %(changed)s 处，%(unchanged)s 处没有变化。",
        added=result.added,
        changed=result.changed,
        unchanged=result.unchanged,
    )


def _counts(event: EventView) -> str:
    counts: Mapping[str, int] = event.counts
    if event.kind == "export":
        return _("%(places)s 处，%(labels)s 张标牌", places=counts["places"], labels=counts["labels"])
    return _(
        "新增 %(added)s，更新 %(changed)s，没收 %(refused)s",
        added=counts["added"],
        changed=counts["changed"],
        refused=counts["refused"],
    )
