"""Floods at the desk: where too much comes from, undoing what one device sent, bans, and what is kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import ngettext

from tracker.domain.case_rules import Incomplete, StepRefused
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import bans, cases, floods
from tracker.services.floods import FloodedReport
from tracker.services.parts import parts
from tracker.web import words
from tracker.web.access import current_actor, requires
from tracker.web.language import named
from tracker.web.presenters import PhotoLink

bp = Blueprint("floods", __name__, url_prefix="/desk/floods")


@dataclass(frozen=True)
class ReportLine:
    """One report in a list: what its template needs beside the report itself."""

    report: FloodedReport
    category: str
    state_words: str
    url: str
    device_url: str
    photos: Sequence[PhotoLink]


@bp.app_context_processor
def _around() -> dict[str, Any]:
    """Asks nothing by itself."""
    return {"flood_tabs": _tabs}


TABS: tuple[tuple[str, words.Words, Permission], ...] = (
    ("floods.show", _lazy("异常上报"), Permission.FLOODS_SEE),
    ("floods.held", _lazy("单独存放"), Permission.FLOODS_UNDO),
    ("floods.all_bans", _lazy("停用的设备"), Permission.BANS_KEEP),
)


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": str(label), "url": url_for(endpoint), "current": request.endpoint == endpoint}
        for endpoint, label, needed in TABS
        if current_actor().has(needed)
    ]


@bp.get("")
@requires(Permission.FLOODS_SEE)
def show() -> ResponseReturnValue:
    found = floods.floods(current_actor(), now())
    return render_template(
        "floods/show.html",
        floods=[(flood, [_line(report) for report in flood.reports]) for flood in found],
        least=parts().config.flood_an_hour,
    )


@bp.get("/device/<row:report_id>")
@requires(Permission.FLOODS_SEE)
def device(report_id: int) -> ResponseReturnValue:
    """What the device of a report sent within a day."""
    return _device_page(report_id, {})


@bp.post("/device/<row:report_id>/undo")
@requires(Permission.FLOODS_UNDO)
def undo(report_id: int) -> ResponseReturnValue:
    """Void what was ticked, in one step."""
    numbers, note = request.form.getlist("numbers"), request.form.get("note", "")
    try:
        done = floods.undo(report_id, numbers, note, by=current_actor(), now=now())
    except floods.ReportMissing:
        abort(404)
    except Incomplete as error:
        return _device_page(report_id, error.problems, note=note), 422
    flash(
        ngettext("已作废 %(num)s 件，照片已遮住。", "已作废 %(num)s 件，照片已遮住。", len(done.voided)),
        "good",
    )
    if done.left:
        numbers_left = _("、").join(done.left)
        flash(_("这些没有作废，别人刚刚办过：%(numbers)s", numbers=numbers_left), "bad")
    return redirect(url_for("floods.device", report_id=report_id), 303)


@bp.post("/device/<row:report_id>/ban")
@requires(Permission.BANS_KEEP)
def ban(report_id: int) -> ResponseReturnValue:
    """Keep apart what this device sends from now on."""
    days, reason = request.form.get("days", 0, type=int), request.form.get("reason", "")
    try:
        bans.ban(report_id, days, reason, by=current_actor(), now=now())
    except floods.ReportMissing:
        abort(404)
    except Incomplete as error:
        return _device_page(report_id, error.problems, days=days, reason=reason), 422
    flash(_("已停用。这台设备再发来的会单独存放，它看不出来。"), "good")
    return redirect(url_for("floods.device", report_id=report_id), 303)


@bp.get("/held")
@requires(Permission.FLOODS_UNDO)
def held() -> ResponseReturnValue:
    found = floods.held_reports(current_actor())
    return render_template("floods/held.html", held=[(each, _line(each.report)) for each in found])


@bp.post("/held/<number>/release")
@requires(Permission.FLOODS_UNDO)
def release(number: str) -> ResponseReturnValue:
    """Take in what was kept apart."""
    version = request.form.get("version", 0, type=int)
    try:
        floods.release(number, version=version, by=current_actor(), now=now())
    except (cases.StaleVersion, StepRefused):
        flash(_("%(number)s 已经有人处理过了。", number=number), "bad")
    else:
        flash(_("%(number)s 已转为正式案件。", number=number), "good")
    return redirect(url_for("floods.held"), 303)


@bp.get("/bans")
@requires(Permission.BANS_KEEP)
def all_bans() -> ResponseReturnValue:
    return render_template("floods/bans.html", bans=bans.all_bans(now()))


@bp.post("/bans/<row:ban_id>/lift")
@requires(Permission.BANS_KEEP)
def lift(ban_id: int) -> ResponseReturnValue:
    """End a ban before its time."""
    try:
        bans.lift(ban_id, by=current_actor(), now=now())
    except bans.BanMissing:
        flash(_("这次停用已经结束了。"), "bad")
    else:
        flash(_("已恢复。这台设备再上报，和别人一样处理。"), "good")
    return redirect(url_for("floods.all_bans"), 303)


def _device_page(
    report_id: int, problems: dict[str, str], *, note: str = "", reason: str = "", days: int = 0
) -> str:
    try:
        burst = floods.burst_of(report_id, current_actor(), now())
    except floods.ReportMissing:
        abort(404)
    actor = current_actor()
    return render_template(
        "floods/device.html",
        burst=burst,
        lines=[_line(report) for report in burst.reports],
        errors=[(f"f-{name}", _(said)) for name, said in problems.items()],
        problems={name: _(said) for name, said in problems.items()},
        note=note,
        reason=reason,
        days=days or bans.DAYS[1],
        day_choices=[(str(count), ngettext("%(num)s 天", "%(num)s 天", count)) for count in bans.DAYS],
        may_undo=actor.has(Permission.FLOODS_UNDO),
        may_ban=actor.has(Permission.BANS_KEEP),
    )


def _line(report: FloodedReport) -> ReportLine:
    return ReportLine(
        report=report,
        category=named(report.category_zh, report.category_en),
        state_words=_("单独存放") if report.is_held else str(words.STATES[report.state]),
        url=url_for("desk.case.show", number=report.number),
        device_url=url_for("floods.device", report_id=report.id),
        photos=[_photo(photo_id) for photo_id in report.photos],
    )


def _photo(photo_id: int) -> PhotoLink:
    address = url_for("desk.photo", photo_id=photo_id)
    small = url_for("desk.photo", photo_id=photo_id, size="thumb")
    return PhotoLink(address, small, str(words.PHOTO_KINDS["before"]))
