"""The phone number a reporter left: left later, or erased at once, from the private link."""

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import NotPermitted
from tracker.domain.phone import PhoneUnreadable, normalise_phone
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Report
from tracker.services import links
from tracker.services.intake import CONSENT_VERSION, phone_context
from tracker.services.parts import parts


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
            report.phone_sealed = report.phone_fingerprint = report.consent_version = ""

    again_if_interrupted(use_case)


def _own_report(link_key: str, device: str) -> Report:
    report = links.report_behind(link_key)
    if not links.speaks_from(report, device):
        raise NotPermitted("looking only")
    db.session.refresh(report, with_for_update=True)
    return report
