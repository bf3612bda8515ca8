"""Failed tries to open a report by a code: counted against device, network, case and all together.

A case number can be guessed and four digits are few, so it is the number of tries that protects. Nobody who holds a
private link or a phone that reported is ever kept waiting by what others try.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from tracker.domain.network import network_of
from tracker.domain.words import N_
from tracker.extensions import db
from tracker.models import CodeTry, Report
from tracker.services.links import CodeWrong, spoken_for_by
from tracker.services.parts import parts

_QUARTER, _DAY, KEPT = timedelta(minutes=15), timedelta(days=1), timedelta(days=30)
LIMITS = {
    "device": ((5, _QUARTER), (10, _DAY)),
    "network": ((20, _QUARTER), (60, _DAY)),
    "case": ((5, _QUARTER), (10, _DAY), (20, KEPT)),
    "all": ((500, _DAY),),
}
"""What is counted → so many failures within so long, and there is a pause. Our own proposal, and why:

case: 20 tries in 30 days leave a guesser of one case 243 tries a year among 10,000 codes. network, all: who tries one
code on each of many numbers needs 10,000 tries for one report that he did not choose; from one network that takes
half a year, and from any number of them together 20 days. Networks are shared by whole streets, so theirs is wide, and
neither it nor the limit of all counts for a phone that has reported something.
"""


@dataclass(frozen=True)
class Guesser:
    """Who tries: device (its cookie's value), the address it comes from, and the case number if there is one."""

    device: str
    address: str = ""
    number: str = ""

    def subjects(self) -> Iterator[tuple[str, str]]:
        """What is counted, each under its mark."""
        yield "device", _mark("device", self.device)
        if self.number:
            yield "case", _mark("case", self.number)
        yield "network", _mark("network", network_of(self.address))
        yield "all", _mark("all", "")


def require_patience(who: Guesser, now: datetime) -> None:
    """Raise CodeWrong if too many tries failed lately."""
    may_share = _is_known(who.device)
    for kind, mark in who.subjects():
        if may_share and kind in ("network", "all"):
            continue
        for most, within in LIMITS[kind]:
            if _failures(mark, now - within) >= most:
                raise CodeWrong(N_("试错次数太多，请过一会儿再试，或者用您保存的进度链接打开。"))


def count_failure(who: Guesser, now: datetime) -> None:
    """Remember a failed try, inside the caller's transaction.

    The right code makes none of them forgotten: who has a report of his own could wipe out his guesses with it.
    """
    db.session.add_all(CodeTry(subject=mark, at=now) for _kind, mark in who.subjects())


def _failures(mark: str, since: datetime) -> int:
    counted = select(func.count()).select_from(CodeTry).where(CodeTry.subject == mark, CodeTry.at > since)
    return db.session.scalars(counted).one()


def _is_known(device: str) -> bool:
    return db.session.scalar(select(Report.id).where(spoken_for_by(device)).limit(1)) is not None


def _mark(kind: str, name: str) -> str:
    """Addresses and numbers are few enough to be tried through, so the hash is keyed."""
    secret = parts().config.secret_keys[-1].encode()
    return hmac.digest(secret, f"code tries\n{kind}\n{name}".encode(), "sha256").hex()
