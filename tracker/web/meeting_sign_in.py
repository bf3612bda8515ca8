"""Who is there: the code for the door, names ticked by hand, people counted."""

import re
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from tracker.adapters.qr_images import svg, symbol
from tracker.domain.meetings import MeetingAction, door_hours
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import sign_ins
from tracker.services.meeting_values import GuestView, MeetingView, SignedView
from tracker.services.meeting_views import door_of, meeting_view
from tracker.services.parts import parts
from tracker.web.access import current_actor, requires
from tracker.web.language import moment
from tracker.web.meeting_attempts import NOTHING, Failure, attempt, meeting_page, version, whole_number
from tracker.web.meeting_words import ANSWERS, KINDS, who
from tracker.web.names import Names

bp = Blueprint("sign_in", __name__, url_prefix="/<number>/sign-in")


@bp.get("")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    return _page(number)


@bp.get("/door")
@requires(Permission.MEETINGS_KEEP)
def door(number: str) -> ResponseReturnValue:
    """The code on a sheet of its own, to print or to show on a screen at the door."""
    view = meeting_view(number, current_actor())
    return meeting_page("door", number, view=view, **_code(view))


@bp.post("/<row:invitation_id>/tick")
@requires(Permission.MEETINGS_KEEP)
def tick(number: str, invitation_id: int) -> ResponseReturnValue:
    """Somebody on the list came."""
    return _done(
        number,
        attempt(
            lambda: sign_ins.tick(number, invitation_id, by=current_actor(), now=now()),
            said=_("记下了。"),
            to=_here(number),
        ),
    )


@bp.post("/write-down")
@requires(Permission.MEETINGS_KEEP)
def write_down(number: str) -> ResponseReturnValue:
    """Somebody came who is on no list and has no phone."""
    return _done(
        number,
        attempt(
            lambda: sign_ins.write_down(
                number,
                request.form.get("shop", ""),
                request.form.get("name", ""),
                by=current_actor(),
                now=now(),
            ),
            said=_("记下了。"),
            to=_here(number),
            form="write-down",
        ),
    )


@bp.post("/<row:sign_in_id>/strike")
@requires(Permission.MEETINGS_KEEP)
def strike(number: str, sign_in_id: int) -> ResponseReturnValue:
    """A name was ticked by mistake."""
    return _done(
        number,
        attempt(
            lambda: sign_ins.strike(number, sign_in_id, version=version(), by=current_actor(), now=now()),
            said=_("去掉了。"),
            to=_here(number),
        ),
    )


@bp.post("/count")
@requires(Permission.MEETINGS_KEEP)
def count(number: str) -> ResponseReturnValue:
    """How many are in the room who did not sign."""
    people = whole_number("people")
    return _done(
        number,
        attempt(
            lambda: sign_ins.count_by_hand(number, people, version=version(), by=current_actor(), now=now()),
            said=_("人数记下了。"),
            to=_here(number),
            form="count",
        ),
    )


def _here(number: str) -> str:
    return url_for("meetings.sign_in.show", number=number)


def _done(number: str, done: ResponseReturnValue | Failure) -> ResponseReturnValue:
    return _page(number, done) if isinstance(done, Failure) else done


def _page(number: str, failure: Failure = NOTHING) -> ResponseReturnValue:
    view, names = meeting_view(number, current_actor()), Names()
    opens_at, shuts_at = door_hours(view.starts_at, view.ends_at)
    absent = [guest for guest in view.guests if not guest.has_signed and guest.invited_at is not None]
    return meeting_page(
        "sign_in",
        number,
        failure,
        view=view,
        names=names,
        signed=[_row(row, names) for row in view.signed],
        missing=[_missing(guest, names) for guest in absent if guest.is_likely],
        unlikely=[_missing(guest, names) for guest in absent if not guest.is_likely],
        by_kind=[(KINDS[kind], number) for kind, number in view.present_by_kind.items() if number],
        door_hours=(moment(opens_at), moment(shuts_at)),
        may_tick=MeetingAction.SIGN_IN in view.may and now() >= opens_at,
        given=request.form,
        **_code(view),
    )


def _missing(guest: GuestView, names: Names) -> tuple[int, str, str]:
    """Id of the invitation, who it is, and what he answered."""
    name = who(guest.kind, guest.number, guest.name, guest.department_code, names=names)
    return guest.id, name, str(ANSWERS[guest.answer]) if guest.answer else ""


def _row(row: SignedView, names: Names) -> dict[str, object]:
    return {
        "id": row.id,
        "who": who(
            row.kind, row.number, row.name, row.department_code, names=names, organisation=row.organisation
        ),
        "kind": KINDS[row.kind],
        "at": row.at.isoformat(),
        "when": moment(row.at),
        "how": _("由%(name)s登记", name=row.ticked_by) if row.ticked_by else _("扫码"),
    }


def _code(view: MeetingView) -> dict[str, Any]:
    """The link behind the code, and the code as a picture of our own making."""
    link = f"{parts().config.public_url.rstrip('/')}/m/{door_of(view.number, current_actor())}"
    bare = re.sub(r"<title>.*?</title>", "", svg(symbol(link)))
    drawn = bare.replace('role="img"', 'aria-hidden="true"')  # the page names it, in its own language
    return {"door_link": link, "door_code": Markup(drawn)}  # noqa: S704 - drawn by us
