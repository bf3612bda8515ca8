"""Who is expected at a meeting and who signed in, as the sign-in sheet and the minutes list them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from tracker.domain.minutes import TICKED
from tracker.extensions import db
from tracker.models import Meeting, User


@dataclass(frozen=True)
class Attendee:
    """Somebody who is expected.

    Attributes:
        ref: names him in a field of the minutes, such as ``user-3``.
        kind: chair, department, guest, reporter.
        number: of a reporter: he is called 商户代表 and this number, never by name.
        is_here: signed in.
    """

    ref: str
    kind: str
    name: str = ""
    department: str = ""
    number: int = 0
    is_here: bool = False


def expected_at(meeting_id: int) -> Sequence[Attendee]:
    """Everybody who is expected, the chair first."""
    meeting = db.session.get_one(Meeting, meeting_id)
    chair = db.session.scalars(select(User).where(User.id == meeting.chair_id)).one()
    return [Attendee(f"user-{chair.id}", "chair", chair.name, chair.department_code or "")]


def default_text(meeting_id: int, ref: str) -> str:
    """What the tick beside somebody says while nobody has changed it: whether he signed in."""
    found = next((one for one in expected_at(meeting_id) if one.ref == ref), None)
    return TICKED if found and found.is_here else ""
