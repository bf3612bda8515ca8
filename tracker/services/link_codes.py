"""Opening a private link on another phone: by case number and answer code, or by a one-time code.

Both let the phone speak for the report from then on. Wrong number, wrong code, ended link and used-up code all look
the same.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tracker.domain.permissions import NotPermitted
from tracker.domain.qr_token import ALPHABET
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, one_at_a_time, transaction
from tracker.models import Case, LinkPairing, Report
from tracker.services import links
from tracker.services.code_tries import Guesser, count_failure, require_patience
from tracker.services.links import CodeWrong
from tracker.services.parts import parts

PAIRING_CHARACTERS = 8
"""Of Crockford's base 32: 40 random bits."""
PAIRING_LASTS = timedelta(minutes=10)
LOOKED_UP = 5
"""Reports of one case that its number opens, the earliest first: each more would make a guess likelier to fit. Who
joined later has the link that the receipt shows."""
_TRY_LOCK = 0x7C0DE
"""Tries are judged one after the other, or many at once would all be let through."""
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_WRONG = N_("编号或4位数字不对，请对照上报时显示的再输一次。")
_USED_UP = N_("这个码不对，或者已经过期、用过了。请在原来的手机上重新生成一个。")


@dataclass(frozen=True)
class Pairing:
    """A one-time code to be typed or scanned on another phone."""

    code: str
    ends_at: datetime


def link_behind_number(number: str, code: str, device: str, now: datetime, *, address: str = "") -> str:
    """Open the report with this case number by its four digits; return the private link's key.

    Args:
        number: as typed; blanks, dashes and full-width digits do no harm.
        address: the request's remote address: guessing is slowed down by network too.

    Raises:
        CodeWrong: no such number, or not its code, or too many tries. The message can be shown.
    """
    case_number = _read_number(number)
    who = Guesser(device, address, case_number or _digits(number)[:20])

    def opened() -> Report | None:
        return _report_with(case_number, _digits(code)) if case_number else None

    return _try(who, now, opened, _WRONG)


def link_behind_pairing(code: str, device: str, now: datetime, *, address: str = "") -> str:
    """Use a one-time code up; return the private link's key. From now on `device` speaks for the report.

    Raises:
        CodeWrong: no such code, or its time is over, or it was used, or too many tries.
    """
    typed = read_pairing(code)

    def opened() -> Report | None:
        pairing = db.session.scalar(
            select(LinkPairing)
            .where(LinkPairing.code_hash == _code_hash(typed), LinkPairing.ends_at > now)
            .with_for_update()
        )
        if pairing is None:
            return None
        db.session.delete(pairing)
        return db.session.get_one(Report, pairing.report_id)

    return _try(Guesser(device, address), now, opened, _USED_UP)


def make_pairing(link_key: str, device: str, now: datetime) -> Pairing:
    """Make a one-time code for another phone. An earlier one of this report ends.

    Raises:
        LinkUnknown: no such link.
        NotPermitted: this device may look but not speak.
    """
    code = "".join(secrets.choice(ALPHABET) for _ in range(PAIRING_CHARACTERS))
    ends_at = now + PAIRING_LASTS

    def use_case() -> None:
        with transaction():
            report = links.report_behind(link_key)
            if not links.speaks_from(report, device):
                raise NotPermitted("looking only")
            db.session.refresh(report, with_for_update=True)
            db.session.execute(delete(LinkPairing).where(LinkPairing.report_id == report.id))
            db.session.add(LinkPairing(report_id=report.id, code_hash=_code_hash(code), ends_at=ends_at))

    again_if_interrupted(use_case)
    return Pairing(code, ends_at)


def read_pairing(typed: str) -> str:
    """A one-time code as people type it: either case, full width, O for 0, I and L for 1, blanks and dashes."""
    wide = unicodedata.normalize("NFKC", typed[:64]).upper().translate(_ALIKE)
    return "".join(character for character in wide if character in ALPHABET)


def _try(who: Guesser, now: datetime, opened: Callable[[], Report | None], refusal: str) -> str:
    def use_case() -> str:
        with transaction():
            one_at_a_time(_TRY_LOCK)
            require_patience(who, now)
            report = opened()
            credentials = links.credentials_of(report) if report else None
            if report is None or credentials is None:
                count_failure(who, now)
                return ""
            links.remember_device(report.id, who.device)
            return credentials.link_key

    link_key = again_if_interrupted(use_case)
    if not link_key:
        raise CodeWrong(refusal)
    return link_key


def _report_with(number: str, code: str) -> Report | None:
    """The one report of a case that has this code; two with the same code open nothing."""
    of_the_case = (
        select(Report)
        .join(Case, Case.id == Report.case_id)
        .where(Case.number == number)
        .order_by(Report.id)
        .limit(LOOKED_UP)
    )
    fitting = [report for report in db.session.scalars(of_the_case) if links.is_code_of(report, code)]
    return fitting[0] if len(fitting) == 1 else None


def _read_number(typed: str) -> str:
    """``261123-0042`` for what a person typed; empty if it cannot be a number of ours."""
    digits = _digits(typed)
    return f"{digits[:6]}-{digits[6:]}" if 10 <= len(digits) <= 14 else ""


def _digits(typed: str) -> str:
    wide = unicodedata.normalize("NFKC", typed[:64])
    return "".join(character for character in wide if character in "0123456789")


def _code_hash(code: str) -> str:
    """Keyed, so that a stolen table does not give away a code that still works."""
    return hmac.digest(parts().config.secret_keys[0].encode(), b"pairing\n" + code.encode(), "sha256").hex()
