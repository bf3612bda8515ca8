"""What makes a message to a meeting's guest his own: the link of his page, and himself in the calendar file.

Both are put in as the message leaves; what waits in the database holds neither.
"""

from sqlalchemy import select

from tracker.adapters.calendar_file import addressed
from tracker.adapters.sealing import PhoneKeyUnknown, PhoneSealBroken
from tracker.extensions import db
from tracker.models import Invitation
from tracker.services.parts import parts

GUEST = "guest:"


def private_link(invitation_id: int) -> str:
    """The address of a guest's own page; empty where the key that sealed it is gone."""
    sealed = db.session.scalar(select(Invitation.token_sealed).where(Invitation.id == invitation_id))
    if not sealed:
        return ""
    try:
        token = parts().phones.open(sealed, link_context(invitation_id))
    except (PhoneKeyUnknown, PhoneSealBroken):
        return ""
    return f"{parts().config.public_url.rstrip('/')}/m/{token}"


def link_context(invitation_id: int) -> bytes:
    """What ties the sealed key of a guest's page to its row."""
    return f"invitation-link:{invitation_id}".encode()


def own_calendar(recipient: str, mail: str, calendar: str) -> str:
    """A calendar file as this recipient gets it; guests stand in theirs, with the link of their page."""
    if not (calendar and recipient.startswith(GUEST)):
        return calendar
    return addressed(calendar, mail, private_link(int(recipient.removeprefix(GUEST))))
