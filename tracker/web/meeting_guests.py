"""Who is invited: departments and guests by mail, reporters through their links; what they answered."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import invitations
from tracker.services.meeting_values import GuestView
from tracker.services.meeting_views import meeting_view
from tracker.services.meeting_voices import voices_of
from tracker.web.access import current_actor, requires
from tracker.web.language import moment
from tracker.web.meeting_attempts import NOTHING, Failure, attempt, meeting_page, version
from tracker.web.meeting_words import ANSWERS, KINDS, counts, who
from tracker.web.names import Names

bp = Blueprint("guests", __name__, url_prefix="/<number>/invitations")


@bp.get("")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    return _page(number)


@bp.post("/departments")
@requires(Permission.MEETINGS_KEEP)
def add_department(number: str) -> ResponseReturnValue:
    """Put a department on the list."""
    return _done(
        number,
        attempt(
            lambda: invitations.add_department(
                number,
                request.form.get("department", ""),
                request.form.get("mail", ""),
                version=version(),
                by=current_actor(),
                now=now(),
            ),
            said=_("加到名单里了，还没有发出。"),
            to=_here(number),
            form="department",
        ),
    )


@bp.post("/others")
@requires(Permission.MEETINGS_KEEP)
def add_guest(number: str) -> ResponseReturnValue:
    """Put somebody else on the list."""
    return _done(
        number,
        attempt(
            lambda: invitations.add_guest(
                number,
                request.form.get("name", ""),
                request.form.get("mail", ""),
                version=version(),
                by=current_actor(),
                now=now(),
            ),
            said=_("加到名单里了，还没有发出。"),
            to=_here(number),
            form="guest",
        ),
    )


@bp.post("/send")
@requires(Permission.MEETINGS_KEEP)
def send(number: str) -> ResponseReturnValue:
    """Ask everybody who was not asked yet."""
    return _done(
        number,
        attempt(
            lambda: invitations.invite(
                number,
                with_reporters=request.form.get("reporters") == "yes",
                version=version(),
                by=current_actor(),
                now=now(),
            ),
            said=_("邀请发出了。"),
            to=_here(number),
            form="send",
        ),
    )


@bp.post("/<row:invitation_id>/withdraw")
@requires(Permission.MEETINGS_KEEP)
def withdraw(number: str, invitation_id: int) -> ResponseReturnValue:
    """Take somebody off the list."""
    return _done(
        number,
        attempt(
            lambda: invitations.withdraw(
                number, invitation_id, version=version(), by=current_actor(), now=now()
            ),
            said=_("从名单里去掉了。"),
            to=_here(number),
        ),
    )


def _here(number: str) -> str:
    return url_for("meetings.guests.show", number=number)


def _done(number: str, done: ResponseReturnValue | Failure) -> ResponseReturnValue:
    return _page(number, done) if isinstance(done, Failure) else done


def _page(number: str, failure: Failure = NOTHING) -> ResponseReturnValue:
    view, names = meeting_view(number, current_actor()), Names()
    on_the_list = {guest.department_code for guest in view.guests}
    remembered = invitations.remembered_mails()
    return meeting_page(
        "guests",
        number,
        failure,
        view=view,
        names=names,
        guests=[_row(guest, names) for guest in view.guests if not _is_silent(guest)],
        silent=[_row(guest, names) for guest in view.guests if _is_silent(guest)],
        asked=[(KINDS[kind], asked.invited, counts(asked)) for kind, asked in view.asked.items()],
        voices=voices_of(view.id),
        waiting=sum(guest.invited_at is None for guest in view.guests),
        departments=[
            (
                code,
                _("%(name)s（%(mail)s）", name=name, mail=remembered[code]) if code in remembered else name,
            )
            for code, name in names.departments.items()
            if code not in on_the_list
        ],
        given=request.form,
    )


def _is_silent(guest: GuestView) -> bool:
    """A merchant who has not answered: there may be many, and nothing is to be done about them."""
    return guest.kind == "reporter" and not guest.answer


def _row(guest: GuestView, names: Names) -> dict[str, object]:
    return {
        "id": guest.id,
        "kind": guest.kind,
        "who": who(guest.kind, guest.number, guest.name, guest.department_code, names=names),
        "mail": guest.masked_mail,
        "answer": guest.answer,
        "answer_words": ANSWERS[guest.answer],
        "words": guest.words,
        "invited": moment(guest.invited_at) if guest.invited_at else "",
        "has_signed": guest.has_signed,
    }
