"""Meetings at the desk: the list, a new one, its first page, its time and place; held or called off."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.meetings import may_be_held
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import agendas, meetings
from tracker.services.meeting_list import VIEWS, MeetingRow, meetings_of
from tracker.services.meeting_views import meeting_view
from tracker.services.parts import parts
from tracker.web import meeting_agenda, meeting_guests, meeting_sign_in, meeting_votes
from tracker.web.access import current_actor, requires
from tracker.web.meeting_attempts import NOTHING, Failure, attempt, meeting_page, version
from tracker.web.meeting_form import PlanForm
from tracker.web.meeting_tabs import sections_of
from tracker.web.meeting_words import (
    KINDS,
    STATES,
    counted_by,
    counts,
    day_and_month,
    entries,
    hours,
    tallies,
    who,
)
from tracker.web.names import Names

bp = Blueprint("meetings", __name__, url_prefix="/meetings")
for module in (meeting_agenda, meeting_guests, meeting_sign_in, meeting_votes):
    bp.register_blueprint(module.bp)

KEEPS = Permission.MEETINGS_KEEP
LAST_PAGE = 10_000
"""A number beyond is no page of ours."""


@bp.get("")
@requires(KEEPS)
def index() -> ResponseReturnValue:
    """The meetings to come, past, or one's own."""
    asked = request.args.get("show", VIEWS[0])
    shown = asked if asked in VIEWS else VIEWS[0]
    page = min(max(request.args.get("page", 0, type=int), 0), LAST_PAGE)
    found = meetings_of(current_actor(), shown, page)
    return render_template(
        "meetings/index.html",
        rows=[_row(row) for row in found.rows],
        shown=shown,
        newer=url_for("meetings.index", show=shown, page=page - 1) if page else None,
        older=url_for("meetings.index", show=shown, page=found.older) if found.older else None,
    )


def _row(row: MeetingRow) -> dict[str, object]:
    day, month = day_and_month(row.starts_at)
    return {
        "url": url_for("meetings.show", number=row.number),
        "number": row.number,
        "title": row.title,
        "state": row.state.value,
        "state_words": STATES[row.state],
        "day": day,
        "month": month,
        "at": row.starts_at.isoformat(),
        "hours": hours(row.starts_at, row.ends_at),
        "where": _("%(room)s · %(area)s", room=row.room, area=row.area_name),
        "chair": row.chair_name,
        "topics": row.topics,
        "invited": row.invited,
        "coming": row.coming,
    }


@bp.get("/new")
@requires(KEEPS)
def new() -> ResponseReturnValue:
    """The form; ``?issue=G26-0001`` has that issue chosen already."""
    return _new_page(PlanForm(issues=tuple(request.args.getlist("issue"))))


@bp.post("/new")
@requires(KEEPS)
def make() -> ResponseReturnValue:
    """Plan a meeting."""
    form = PlanForm.sent(request.form)
    made: list[str] = []

    def use_case() -> None:
        made.append(meetings.plan(form.plan(), form.issues, by=current_actor(), now=now()))

    done = attempt(use_case, said=_("会议建好了。接着写每个议题要决定什么，再发邀请。"), to="")
    if isinstance(done, Failure):
        return _new_page(replace(form, problems=done.problems), done)
    return redirect(url_for("meetings.agenda.show", number=made[0]), 303)


def _new_page(form: PlanForm, failure: Failure = NOTHING) -> ResponseReturnValue:
    actor = current_actor()
    ready, areas = agendas.ready_issues(actor), meetings.areas_of(actor)
    chosen = [issue for issue in ready if issue.number in form.issues]
    area = form.area or (chosen[0].area_code if chosen else areas[0][0] if areas else "")
    chairs = meetings.chairs_for(area, actor)
    form = replace(form, area=area, chair=form.chair or str(actor.user_id))
    body = render_template(
        "meetings/new.html",
        form=form,
        failure=failure,
        areas=areas,
        chairs=_choices(chairs),
        ready=[(issue.number, f"{issue.title} {issue.number}") for issue in ready],
    )
    return body, failure.status


def _choices(chairs: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    return [(str(user_id), name) for user_id, name in chairs]


@bp.get("/<number>")
@requires(KEEPS)
def show(number: str) -> ResponseReturnValue:
    return _show(number)


def _show(number: str, failure: Failure = NOTHING) -> ResponseReturnValue:
    view, names = meeting_view(number, current_actor()), Names()
    return meeting_page(
        "show",
        number,
        failure,
        view=view,
        names=names,
        asked=[(KINDS[kind], asked.invited, counts(asked)) for kind, asked in view.asked.items()],
        results={
            item.id: tallies(
                item.vote.result,
                {option.id: option.words for option in item.vote.options},
                is_closed=item.vote.state == "closed",
            )
            for item in view.agenda
        },
        counted={item.id: counted_by(item) for item in view.agenda},
        signed=[
            who(
                row.kind,
                row.number,
                row.name,
                row.department_code,
                names=names,
                organisation=row.organisation,
            )
            for row in view.signed
        ],
        events=entries(view.events, names),
        may_begin=may_be_held(view.starts_at, now(), parts().zone),
        **sections_of(view),
    )


@bp.get("/<number>/edit")
@requires(KEEPS)
def edit(number: str) -> ResponseReturnValue:
    view = meeting_view(number, current_actor())
    return _edit_page(number, PlanForm.of(view))


@bp.post("/<number>/edit")
@requires(KEEPS)
def change(number: str) -> ResponseReturnValue:
    """Change time, place, title, chair."""
    form = PlanForm.sent(request.form)
    done = attempt(
        lambda: meetings.edit(number, form.plan(), version=version(), by=current_actor(), now=now()),
        said=_("已保存。"),
        to=url_for("meetings.show", number=number),
    )
    if isinstance(done, Failure):
        return _edit_page(number, replace(form, problems=done.problems), done)
    return done


def _edit_page(number: str, form: PlanForm, failure: Failure = NOTHING) -> ResponseReturnValue:
    actor = current_actor()
    return meeting_page(
        "edit",
        number,
        failure,
        form=form,
        areas=meetings.areas_of(actor),
        chairs=_choices(meetings.chairs_for(form.area, actor)),
    )


@bp.post("/<number>/hold")
@requires(KEEPS)
def hold(number: str) -> ResponseReturnValue:
    """The meeting takes place."""
    done = attempt(
        lambda: meetings.hold(number, version=version(), by=current_actor(), now=now()),
        said=_("会议开始了，可以记纪要。"),
        to=url_for("meetings.show", number=number),
        form="hold",
    )
    return _show(number, done) if isinstance(done, Failure) else done


@bp.post("/<number>/cancel")
@requires(KEEPS)
def cancel(number: str) -> ResponseReturnValue:
    """Call the meeting off."""
    done = attempt(
        lambda: meetings.cancel(
            number, request.form.get("note", ""), version=version(), by=current_actor(), now=now()
        ),
        said=_("会议已取消，邀请过的人会收到通知。"),
        to=url_for("meetings.show", number=number),
        form="cancel",
    )
    return _show(number, done) if isinstance(done, Failure) else done


@bp.get("/<number>/<path:rest>")
@requires(KEEPS)
def back(number: str, rest: str) -> ResponseReturnValue:  # noqa: ARG001 - the address of a form
    """Where a form was sent to is no page: whoever comes there, after signing in again, gets the meeting's."""
    return redirect(url_for("meetings.show", number=number), 303)
