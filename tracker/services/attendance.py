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
        """Signed in, or in the chair: there is no meeting without that person."""
        return self.signed_at is not None or self.kind == "chair"

    @property
    def is_likely(self) -> bool:
        """All but merchants who neither came nor said they would: their names are rarely looked for."""
        return self.kind != "reporter" or self.is_here or self.answer in ("yes", "maybe")


def expected_at(meeting_id: int) -> list[Attendee]:
    """Everybody who is expected and whoever else signed in: the chair, departments, guests, merchants, others."""
    chair = db.session.scalars(
        select(User).join(Meeting, Meeting.chair_id == User.id).where(Meeting.id == meeting_id)
    ).one()
    signed = list(db.session.scalars(select(SignIn).where(SignIn.meeting_id == meeting_id)))
    invited = db.session.scalars(
        select(Invitation).where(Invitation.meeting_id == meeting_id, Invitation.withdrawn_at.is_(None))
    ).all()
    by_invitation = _by_invitation(invited, signed)
    standing_in = {row.id for row in by_invitation.values()}
    people = [Attendee(f"user-{chair.id}", "chair", chair.name, department=chair.department_code or "")]
    people += [_invited(row, by_invitation.get(row.id)) for row in invited]
    walk_ins = sorted((row for row in signed if row.id not in standing_in), key=lambda row: row.id)
    people += [_walk_in(row, number) for number, row in enumerate(walk_ins, start=1)]
    return sorted(people, key=lambda one: (KINDS.index(one.kind), one.number, one.ref))


def _by_invitation(invited: Sequence[Invitation], signed: Sequence[SignIn]) -> dict[int, SignIn]:
    """Invitation id → the signature for it; where none is, that of the first who signed for that department."""
    found = {row.invitation_id: row for row in signed if row.invitation_id is not None}
    first: dict[str, SignIn] = {}
    for row in sorted(signed, key=lambda row: row.id):
        if row.invitation_id is None and row.department_code is not None:
            first.setdefault(row.department_code, row)
    for each in invited:
        if each.kind == "department" and each.id not in found and each.department_code in first:
            found[each.id] = first[each.department_code]
    return found


def departments_here(meeting_id: int) -> frozenset[str]:
    """Codes of the departments for which somebody signed, by invitation or not."""
    rows = db.session.scalars(
        select(SignIn.department_code).where(
            SignIn.meeting_id == meeting_id, SignIn.department_code.is_not(None)
        )
    )
    return frozenset(code for code in rows if code)


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
