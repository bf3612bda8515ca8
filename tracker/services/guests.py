"""The people behind private links: which invitation a link speaks for, and whether it may.

A reporter comes by the link of his report and speaks from the device or with the code, as on the rest of that page;
a guest by mail comes by a link of his own.
"""

from sqlalchemy import ColumnElement, func, select

from tracker.domain.permissions import NotPermitted
from tracker.extensions import db
from tracker.models import Case, Invitation, Meeting, Report
from tracker.services import links
from tracker.services.meeting_moves import MeetingMissing


def is_of_person(report: Report) -> ColumnElement[bool]:
    """SQL that holds for an invitation of whoever sent `report`: from the same phone, at the same place.

    To be asked among the invitations of few meetings: no index leads from a phone to its reports.
    """
    place = select(Case.place_id).where(Case.id == report.case_id).scalar_subquery()
    same = (
        select(Report.id)
        .join(Case, Case.id == Report.case_id)
        .where(
            Report.id == Invitation.report_id,
            Report.device_hash == report.device_hash,
            Case.place_id == place,
        )
    )
    return same.exists()


def guest_behind(token: str) -> Invitation:
    """The invitation whose mail carried this link.

    Raises:
        MeetingMissing: no such link, or the invitation was taken back.
    """
    guest = db.session.scalar(select(Invitation).where(Invitation.token_hash == links.hash_of(token)))
    if guest is None or guest.withdrawn_at is not None:
        raise MeetingMissing
    return guest


def invitation_of_reporter(link_key: str, device: str, number: str) -> Invitation:
    """The invitation of the person who speaks, locked. Inside a transaction.

    Raises:
        LinkUnknown, MeetingMissing: no such link, or not asked to this meeting.
        NotPermitted: this device may look but not speak.
    """
    report = links.report_behind(link_key)
    guest = db.session.scalar(
        select(Invitation)
        .join(Meeting, Meeting.id == Invitation.meeting_id)
        .where(
            Meeting.number == number,
            is_of_person(report),
            Invitation.invited_at.is_not(None),
            Invitation.withdrawn_at.is_(None),
        )
        .with_for_update(of=Invitation)
    )
    if guest is None:
        raise MeetingMissing(number)
    if not links.speaks_from(report, device):
        raise NotPermitted("looking only")
    return guest


def asked_links(meeting_id: int) -> int:
    """How many private links could vote."""
    return (
        db.session.scalar(
            select(func.count(Invitation.id)).where(
                Invitation.meeting_id == meeting_id,
                Invitation.invited_at.is_not(None),
                Invitation.withdrawn_at.is_(None),
            )
        )
        or 0
    )
