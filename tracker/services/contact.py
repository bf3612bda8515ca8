"""The phone number a reporter left: left later or erased, from the private link or when its time is over."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, case, select, update
from sqlalchemy.orm import aliased

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import NotPermitted
from tracker.domain.phone import PhoneUnreadable, normalise_phone
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Report
from tracker.services import links
from tracker.services.intake import CONSENT_VERSION, phone_context
from tracker.services.parts import parts

KEPT = timedelta(days=30)
"""How long after the end of its case a number is kept. Promised beside the field (templates/public/phone_words.html):
another time needs other words there and a new CONSENT_VERSION."""
_NO_PHONE = {"phone_sealed": "", "phone_fingerprint": "", "consent_version": ""}


def leave_phone(link_key: str, device: str, typed: str) -> None:
    """Keep a phone number with a report, in place of an earlier one; the caller has asked for consent.

    Raises:
        LinkUnknown: no such link.
        NotPermitted: this device may look but not speak.
        Incomplete: not a phone number; ``phone`` says why.
    """
    try:
        phone = normalise_phone(typed)
    except PhoneUnreadable as error:
        raise Incomplete({"phone": str(error)}) from error

    def use_case() -> None:
        with transaction():
            report = _own_report(link_key, device)
            report.phone_sealed = parts().phones.seal(phone, phone_context(report.key))
            report.phone_fingerprint = parts().phones.fingerprint(phone)
            report.consent_version = CONSENT_VERSION

    again_if_interrupted(use_case)


def erase_phone(link_key: str, device: str) -> None:
    """Remove the number for good; case and history stay as they are. Doing it twice changes nothing.

    Raises:
        LinkUnknown: no such link.
        NotPermitted: this device may look but not speak.
    """

    def use_case() -> None:
        with transaction():
            report = _own_report(link_key, device)
            for name, nothing in _NO_PHONE.items():
                setattr(report, name, nothing)

    again_if_interrupted(use_case)


def erase_expired(now: datetime) -> int:
    """Remove the numbers left with cases that ended longer ago than KEPT; return how many. A daily task.

    A case that was merged ends with its main case: until then its reporter may still have to be asked.
    """
    main = aliased(Case)
    ended_at = case((Case.main_case != "", main.closed_at), else_=Case.closed_at)
    over = (
        select(Report.id)
        .join(Case, Case.id == Report.case_id)
        .outerjoin(main, main.number == Case.main_case)
        .where(Report.phone_sealed != "", ended_at < now - KEPT)
    )

    def use_case() -> int:
        with transaction():
            erased = db.session.execute(update(Report).where(Report.id.in_(over)).values(_NO_PHONE))
            return cast(CursorResult[tuple[()]], erased).rowcount

    return again_if_interrupted(use_case)


def _own_report(link_key: str, device: str) -> Report:
    report = links.report_behind(link_key)
    if not links.speaks_from(report, device):
        raise NotPermitted("looking only")
    db.session.refresh(report, with_for_update=True)
    return report
