"""The agenda's page: topics in their order, the question to decide on each, the options."""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import agendas
from tracker.web.access import current_actor, requires
from tracker.web.meeting_attempts import NOTHING, Failure, attempt, meeting_page, version

bp = Blueprint("agenda", __name__, url_prefix="/<number>/agenda")


@bp.get("")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    return _page(number)


@bp.post("/add")
@requires(Permission.MEETINGS_KEEP)
def add(number: str) -> ResponseReturnValue:
    """Put an issue at the end."""
    return _done(
        number,
        attempt(
            lambda: agendas.add_item(
                number, request.form.get("issue", ""), version=version(), by=current_actor(), now=now()
            ),
            said=_("加上了。"),
            to=_here(number),
            form="add",
        ),
    )


@bp.post("/<row:item_id>")
@requires(Permission.MEETINGS_KEEP)
def write(number: str, item_id: int) -> ResponseReturnValue:
    """Keep question and options of a topic."""
    return _done(
        number,
        attempt(
            lambda: agendas.set_item(
                number,
                item_id,
                request.form.get("question", ""),
                request.form.get("options", ""),
                version=version(),
                by=current_actor(),
                now=now(),
            ),
            said=_("已保存。"),
            to=_here(number, item_id),
            form=f"item-{item_id}",
        ),
    )


@bp.post("/<row:item_id>/move")
@requires(Permission.MEETINGS_KEEP)
def move(number: str, item_id: int) -> ResponseReturnValue:
    """One place up or down."""
    way = request.form.get("way", "")
    if way not in (agendas.UP, agendas.DOWN):
        abort(400)
    return _done(
        number,
        attempt(
            lambda: agendas.move_item(number, item_id, way, version=version(), by=current_actor(), now=now()),
            said=_("顺序改了。"),
            to=_here(number, item_id),
        ),
    )


@bp.post("/<row:item_id>/remove")
@requires(Permission.MEETINGS_KEEP)
def remove(number: str, item_id: int) -> ResponseReturnValue:
    """Take a topic off."""
    return _done(
        number,
        attempt(
            lambda: agendas.remove_item(number, item_id, version=version(), by=current_actor(), now=now()),
            said=_("移出议程了，问题回到“认定”。"),
            to=_here(number),
        ),
    )


def _here(number: str, item_id: int = 0) -> str:
    return url_for("meetings.agenda.show", number=number, _anchor=f"item-{item_id}" if item_id else None)


def _done(number: str, done: ResponseReturnValue | Failure) -> ResponseReturnValue:
    return _page(number, done) if isinstance(done, Failure) else done


def _page(number: str, failure: Failure = NOTHING) -> ResponseReturnValue:
    return meeting_page(
        "agenda",
        number,
        failure,
        ready=[
            (issue.number, f"{issue.number} {issue.title}") for issue in agendas.ready_issues(current_actor())
        ],
        given=request.form,
    )
