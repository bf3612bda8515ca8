"""Who is expected at a meeting and who signed in, as the sign-in sheet and the minutes list them.

Merchants are called by a number, those who sent reports by that among the invited, also where they gave a name: sheet
and minutes are passed round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.domain.minutes import TICKED
from tracker.extensions import db
from tracker.models import Invitation, Meeting, SignIn, User

KINDS = ("chair", "department", "guest", "reporter", "walk_in")
"""In the order they are listed."""


@dataclass(frozen=True)
class Attendee:
    """Somebody who is expected, or came by himself.

    Attributes:
        ref: names him in a field of the minutes, such as ``invitation-3``.
        kind: one of KINDS.
        department: code; of the chair, a department, or somebody who signed in for one.
        number: among those of his kind.
        answer: to the invitation: yes, maybe, no or empty.
        signed_at: when he signed in; None: he has not.
    """

    ref: str
    kind: str
    name: str = ""
    department: str = ""
    number: int = 0
    answer: str = ""
    signed_at: datetime | None = None

    @property
    def is_here(self) -> bool:
        """Signed in."""
        return self.signed_at is not None


def expected_at(meeting_id: int) -> list[Attendee]:
    """Everybody who is expected and whoever else signed in: the chair, departments, guests, merchants, others."""
    chair = db.session.scalars(
        select(User).join(Meeting, Meeting.chair_id == User.id).where(Meeting.id == meeting_id)
    ).one()
    signed = list(
        db.session.scalars(select(SignIn).where(SignIn.meeting_id == meeting_id).order_by(SignIn.id))
    )
    by_invitation = {row.invitation_id: row for row in signed if row.invitation_id is not None}
    by_department = {row.department_code: row for row in reversed(signed) if row.invitation_id is None}
    invited = db.session.scalars(
        select(Invitation).where(Invitation.meeting_id == meeting_id, Invitation.withdrawn_at.is_(None))
    ).all()
    for row in invited:  # a colleague who signed for his department came for its invitation
        if row.kind == "department" and row.id not in by_invitation and row.department_code in by_department:
            by_invitation[row.id] = by_department[row.department_code]
    people = [Attendee(f"user-{chair.id}", "chair", chair.name, department=chair.department_code or "")]
    people += [_invited(row, by_invitation.get(row.id)) for row in invited]
    listed = {row.id for row in by_invitation.values()}
    walk_ins = [row for row in signed if row.id not in listed]
    people += [_walk_in(row, number) for number, row in enumerate(walk_ins, start=1)]
    return sorted(people, key=lambda one: (KINDS.index(one.kind), one.number, one.ref))


def default_text(meeting_id: int, ref: str) -> str:
    """What the tick beside somebody says while nobody has changed it: whether he signed in."""
    return first_text(expected_at(meeting_id), ref)


def first_text(people: Sequence[Attendee], ref: str) -> str:
    """The same, of people who were looked up before."""
    return TICKED if any(one.ref == ref and one.is_here for one in people) else ""


def _invited(row: Invitation, signed: SignIn | None) -> Attendee:
    return Attendee(
        ref=f"invitation-{row.id}",
        kind=row.kind,
        name="" if row.kind == "reporter" else row.name or (signed.name if signed else ""),
        department=row.department_code or "",
        number=row.number,
        answer=row.answer,
        signed_at=signed.at if signed else None,
    )


def _walk_in(row: SignIn, number: int) -> Attendee:
    """A colleague of a department by his name, anybody else by a number."""
    is_staff = row.department_code is not None
    return Attendee(
        ref=f"signin-{row.id}",
        kind="walk_in",
        name=row.name if is_staff else "",
        department=row.department_code or "",
        number=number,
        signed_at=row.at,
    )
