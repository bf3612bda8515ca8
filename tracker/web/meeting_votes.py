"""Votes seen from the chair: opened, closed, hands counted, results."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.meetings import MeetingAction
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import votes
from tracker.services.meeting_values import AgendaView
from tracker.services.meeting_views import meeting_view
from tracker.web.access import current_actor, requires
from tracker.web.meeting_attempts import NOTHING, Failure, attempt, meeting_page, version, whole_number
from tracker.web.meeting_words import counted_by, tallies

bp = Blueprint("votes", __name__, url_prefix="/<number>/votes")


@bp.get("")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    return _page(number)


@bp.post("/<row:item_id>/open")
@requires(Permission.MEETINGS_KEEP)
def open_vote(number: str, item_id: int) -> ResponseReturnValue:
    """Let guests vote."""
    return _done(
        number,
        attempt(
            lambda: votes.open_vote(number, item_id, version=version(), by=current_actor(), now=now()),
            said=_("表决开始了。"),
            to=_here(number, item_id),
            form=f"item-{item_id}",
        ),
    )


@bp.post("/<row:item_id>/close")
@requires(Permission.MEETINGS_KEEP)
def close_vote(number: str, item_id: int) -> ResponseReturnValue:
    """End the vote."""
    return _done(
        number,
        attempt(
            lambda: votes.close_vote(number, item_id, version=version(), by=current_actor(), now=now()),
            said=_("表决结束了。"),
            to=_here(number, item_id),
            form=f"item-{item_id}",
        ),
    )


@bp.post("/<row:item_id>/hands")
@requires(Permission.MEETINGS_KEEP)
def count_hands(number: str, item_id: int) -> ResponseReturnValue:
    """Keep how many hands were raised for each option."""
    counts = {
        int(name.removeprefix("hands-")): whole_number(name)
        for name in request.form
        if name.startswith("hands-") and name.removeprefix("hands-").isascii() and name[6:].isdigit()
    }
    return _done(
        number,
        attempt(
            lambda: votes.count_hands(
                number, item_id, counts, version=version(), by=current_actor(), now=now()
            ),
            said=_("举手人数记下了。"),
            to=_here(number, item_id),
            form=f"item-{item_id}",
        ),
    )


def _here(number: str, item_id: int) -> str:
    return url_for("meetings.votes.show", number=number, _anchor=f"item-{item_id}")


def _done(number: str, done: ResponseReturnValue | Failure) -> ResponseReturnValue:
    return _page(number, done) if isinstance(done, Failure) else done


def _page(number: str, failure: Failure = NOTHING) -> ResponseReturnValue:
    view = meeting_view(number, current_actor())
    return meeting_page(
        "votes",
        number,
        failure,
        view=view,
        results={item.id: _results(item) for item in view.agenda},
        counted={item.id: counted_by(item) for item in view.agenda},
        may_open=MeetingAction.OPEN_VOTE in view.may,
        may_count=MeetingAction.COUNT in view.may,
        given=request.form,
    )


def _results(item: AgendaView) -> list[object]:
    options = {option.id: option.words for option in item.vote.options}
    return list(tallies(item.vote.result, options, is_closed=item.vote.state == "closed"))
