"""Approved minutes: every version to read and to print, what a correction changed, and correcting."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.domain.case_rules import Incomplete
from tracker.domain.minutes import TICKED, Piece, difference
from tracker.domain.permissions import NotPermitted, Permission
from tracker.extensions import now
from tracker.services import minutes_approval
from tracker.services.meeting_heads import meeting_head
from tracker.services.minutes_approval import StaleMinutes, Version
from tracker.services.papers import printed
from tracker.web.access import current_actor, requires
from tracker.web.attendee_words import kept_name
from tracker.web.kept_words import bind_kept_words
from tracker.web.minutes_form import WAS
from tracker.web.minutes_words import kept_people
from tracker.web.papers import paper_answer

bp = Blueprint("approved_minutes", __name__, url_prefix="/meetings/<number>/minutes")
bind_kept_words(bp)


@bp.get("/approved")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    """The latest version."""
    versions = minutes_approval.versions_of(number, current_actor())
    if not versions:
        return redirect(url_for("minutes.show", number=number))
    return _page(number, versions, versions[0])


@bp.get("/<row:version>")
@requires(Permission.MEETINGS_KEEP)
def version(number: str, version: int) -> ResponseReturnValue:
    """One version, with what it changed."""
    versions = minutes_approval.versions_of(number, current_actor())
    return _page(number, versions, _numbered(versions, version))


@bp.get("/<row:version>.pdf")
@requires(Permission.MEETINGS_KEEP)
def pdf(number: str, version: int) -> Response:
    """One version on paper."""
    kept = _numbered(minutes_approval.versions_of(number, current_actor()), version)
    html = render_template("minutes/paper.html", **_content(kept))
    return paper_answer(printed(html, {}), f"{number}-minutes-{version}.pdf")


@bp.get("/correct")
@requires(Permission.MEETINGS_KEEP)
def correct(number: str) -> ResponseReturnValue:
    """The form of a correction."""
    versions = minutes_approval.versions_of(number, current_actor())
    if not versions:
        return redirect(url_for("minutes.show", number=number))
    return _form(number, versions[0])


@bp.post("/correct")
@requires(Permission.MEETINGS_KEEP)
def save(number: str) -> ResponseReturnValue:
    """Approve a correction as the next version."""
    typed, based_on = _typed(), request.form.get("based_on", 0, type=int)
    try:
        made = minutes_approval.correct(
            number, based_on, request.form.get("reason", ""), typed, by=current_actor(), now=now()
        )
    except (StaleMinutes, Incomplete) as error:
        versions = minutes_approval.versions_of(number, current_actor())
        if not versions:
            abort(404)
        if isinstance(error, Incomplete):
            problems = {name: _(why) for name, why in error.problems.items()}
            return _form(number, versions[0], typed, problems), 422
        problems = {"reason": _("没有保存：已经有人更正过。下面是您写的内容，请对照最新一版再提交。")}
        return _form(number, versions[0], typed, problems), 409
    flash(_("已更正，现在是第 %(n)s 版。", n=made), "good")
    return redirect(url_for("approved_minutes.show", number=number), 303)


def _typed() -> dict[str, str]:
    """Texts of the form; a tick that is not sent was taken away, if the form showed it at all."""
    form = request.form
    ticks = {
        name.removeprefix(WAS): form.get(name.removeprefix(WAS), "") for name in form if name.startswith(WAS)
    }
    return dict(form.items()) | ticks


def _numbered(versions: Sequence[Version], wanted: int) -> Version:
    found = next((one for one in versions if one.number == wanted), None)
    if found is None:
        abort(404)
    return found


def _page(number: str, versions: Sequence[Version], shown: Version) -> ResponseReturnValue:
    before = next((one for one in versions if one.number == shown.number - 1), None)
    return render_template(
        "minutes/approved.html",
        meeting=meeting_head(number, current_actor()),
        versions=versions,
        latest=versions[0].number,
        changes=_changes(before, shown) if before else [],
        **_content(shown),
    )


def _content(shown: Version) -> dict[str, Any]:
    content = shown.content
    return {
        "version": shown,
        "content": content,
        "here": [kept_name(one) for one in kept_people(content)],
        "absent": _absent(content["people"]),
    }


def _absent(people: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who did not come; merchants were free to, so they are only counted."""
    missing = [one for one in people if not one["is_here"]]
    names = [kept_name(one) for one in missing if one["kind"] != "reporter"]
    merchants = sum(one["kind"] == "reporter" for one in missing)
    counted = ngettext("%(num)s 位商户代表", "%(num)s 位商户代表", merchants)
    return [*names, counted] if merchants else names


def _form(
    number: str,
    latest: Version,
    typed: Mapping[str, str] = MappingProxyType({}),
    problems: Mapping[str, str] = MappingProxyType({}),
) -> str:
    meeting = meeting_head(number, current_actor())
    if not meeting.may_approve:
        raise NotPermitted("correct")
    content = latest.content
    people = [
        {
            "field": f"here.{one['ref']}",
            "name": kept_name(one),
            "ticked": typed.get(f"here.{one['ref']}", TICKED if one["is_here"] else "") == TICKED,
        }
        for one in content["people"]
    ]
    page = {"meeting": meeting, "latest": latest, "content": content, "typed": typed, "people": people}
    return render_template("minutes/correct.html", problems=problems, **page)


def _changes(before: Version, after: Version) -> list[tuple[str, Sequence[Piece]]]:
    """What a correction changed: where, and the text with what went and what came."""
    positions = {str(item["agenda_item"]): item["position"] for item in after.content["items"]}
    names = {
        "notes": _("讨论记录"),
        "decision": _("决定"),
        "others": _("其他到会人员"),
        "remarks": _("其他事项"),
    }
    found: list[tuple[str, Sequence[Piece]]] = []
    for name, old, new in minutes_approval.changed_items(before.content, after.content):
        part, _dot, item = name.partition(".")
        place = _("第 %(n)s 项 · %(part)s", n=positions[item], part=names[part]) if item else names[part]
        found.append((place, difference(old, new)))
    ticks = [_("、").join(map(kept_name, kept_people(one.content))) for one in (before, after)]
    if ticks[0] != ticks[1]:
        found.append((_("到会人员"), difference(*ticks)))
    return found
