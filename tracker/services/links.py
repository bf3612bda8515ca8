"""Private links: how a reporter follows a report without an account, and when he may speak.

Looking needs the link's key; only its hash is stored. Speaking needs the device that sent the report, or the
four-digit code shown once. Key and code are derived from the sender's own key under a secret of the installation,
so the same report sent twice gets the same answer, and neither is stored. Its owner may end the link and make
another (services/link_owner.py): the round that is counted then goes into the derivation.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from tracker.domain.permissions import Actor, reporter
from tracker.domain.words import N_
from tracker.extensions import db, transaction
from tracker.models import Case, Label, Report, ReportDevice
from tracker.services.parts import parts

KEY_BYTES = 24
CODE_PAUSES = ((20, timedelta(days=1)), (5, timedelta(minutes=15)))
"""From so many wrong codes on, each further try has to wait so long. Counted until the right code comes, so that
trying all 10,000 takes 27 years; the device that reported needs no code and is never kept waiting."""


class LinkUnknown(LookupError):
    """No report has this link. A wrong and an ended link look the same."""


class CodeWrong(Exception):
    """The code is not the one of this report, or too many were tried. The message can be shown."""


@dataclass(frozen=True)
class Credentials:
    """What the sender is told once: the private link's key (32 characters) and the code (4 digits)."""

    link_key: str
    code: str


def credentials_for(report_key: str, secret: str, link_round: int = 0) -> Credentials:
    """Derive link and code of the report that was sent with `report_key`; of its first link, or a later one."""
    name = report_key if not link_round else f"{report_key}\n{link_round}"
    digest = hmac.new(secret.encode(), b"private link\n" + name.encode(), hashlib.sha512).digest()
    number = int.from_bytes(digest[KEY_BYTES : KEY_BYTES + 8], "big") % 10_000
    return Credentials(base64.urlsafe_b64encode(digest[:KEY_BYTES]).decode(), f"{number:04d}")


def credentials_of(report: Report) -> Credentials | None:
    """The link and code of now; None: there is no link, or the secret it was made under is no longer listed.

    Whoever hands them on has made sure that they are for the reporter's eyes: see ``speaks_from``.
    """
    present = report.renewed_hash if report.link_round else report.link_hash
    for secret in parts().config.secret_keys:
        credentials = credentials_for(report.key, secret, report.link_round)
        if hash_of(credentials.link_key) == present:
            return credentials
    return None


def hash_of(secret: str) -> str:
    """64 hex digits under which a high-entropy secret is looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def report_behind(link_key: str) -> Report:
    """The report whose private link this is.

    Raises:
        LinkUnknown: there is none.
    """
    name = hash_of(link_key)
    is_first = and_(Report.link_hash == name, Report.link_round == 0)
    report = db.session.scalar(select(Report).where(or_(is_first, Report.renewed_hash == name)))
    if report is None:
        raise LinkUnknown
    return report


def speaks_from(report: Report, device: str) -> bool:
    """Whether the person on `device` (its cookie's value) may speak for `report`."""
    name = hash_of(device)
    is_sender = report.device_hash == name and not report.is_sender_out
    return is_sender or db.session.get(ReportDevice, (report.id, name)) is not None


def spoken_for_by(device: str) -> ColumnElement[bool]:
    """The same for a statement: reports that `device` may speak for."""
    name = hash_of(device)
    entered = select(ReportDevice.report_id).where(ReportDevice.device_hash == name)
    return or_(and_(Report.device_hash == name, Report.is_sender_out.is_(False)), Report.id.in_(entered))


def actor_for(report: Report) -> Actor:
    """The reporter, with the cases he follows: his own, and the main case it was merged into."""
    own = db.session.get_one(Case, report.case_id)
    main = select(Case.id).where(Case.number == own.main_case)
    return reporter(report.id, {own.id, *db.session.scalars(main)})


def followed_case(report: Report) -> Case:
    """The case whose course decides for this report: the main case once it was merged."""
    own = db.session.get_one(Case, report.case_id)
    if not own.main_case:
        return own
    return db.session.scalars(select(Case).where(Case.number == own.main_case)).one()


def enter_code(link_key: str, code: str, device: str, now: datetime) -> None:
    """Let `device` speak for the report if `code` is its code.

    Raises:
        LinkUnknown: no such link.
        CodeWrong: not the code, or too many tries lately.
    """
    with transaction():
        report = report_behind(link_key)
        db.session.refresh(report, with_for_update=True)
        if report.code_failed_at is not None and now < report.code_failed_at + _pause(report.code_failures):
            raise CodeWrong(N_("试错次数太多，请过一会儿再试。"))
        is_right = is_code_of(report, code.strip())
        if is_right:
            remember_device(report.id, device)
            report.code_failures, report.code_failed_at = 0, None
        else:
            report.code_failures, report.code_failed_at = report.code_failures + 1, now
    if not is_right:
        raise CodeWrong(N_("验证码不对，请核对上报时显示的4位数字。"))


def _pause(failures: int) -> timedelta:
    return next((pause for at_least, pause in CODE_PAUSES if failures >= at_least), timedelta())


def is_code_of(report: Report, typed: str) -> bool:
    """Whether these are the digits that the reporter was told; says nothing by how long it takes."""
    credentials = credentials_of(report)
    return credentials is not None and hmac.compare_digest(credentials.code.encode(), typed.encode())


def remember_device(report_id: int, device: str) -> None:
    """Let `device` speak for a report from now on; the caller has checked that it may, and writes."""
    key = (report_id, hash_of(device))
    if db.session.get(ReportDevice, key) is None:
        db.session.add(ReportDevice(report_id=key[0], device_hash=key[1]))


def label_of(report: Report) -> str:
    """The token of the code that the report was sent from."""
    return db.session.scalars(select(Label.token).where(Label.id == report.label_id)).one()
