"""What the owner of a private link does about it: a new one, none at all, and who else has it.

Not a move of the case: its history says nothing of it, and its number stays. The owner is whoever may speak for the
report. Ending a link shuts every other phone out, because who had the old link may have had the code as well.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import LinkPairing, Report, ReportDevice
from tracker.services import links
from tracker.services.links import Credentials, LinkUnknown
from tracker.services.parts import parts

_ROUNDS_REMEMBERED = 20
"""Of so many links that a device ended it is told where the next one is."""


def renew(report_id: int, device: str, now: datetime) -> Credentials:
    """Make a new link and code for a report; what there was before opens nothing any more.

    Args:
        report_id: of a report that `device` may speak for.

    Raises:
        LinkUnknown: this device speaks for no such report.
    """

    def use_case() -> Credentials:
        with transaction():
            report = _own(report_id, device)
            _end(report, device, now)
            credentials = links.credentials_for(report.key, parts().config.secret_keys[0], report.link_round)
            report.renewed_hash = links.hash_of(credentials.link_key)
            return credentials

    return again_if_interrupted(use_case)


def revoke(report_id: int, device: str, now: datetime) -> None:
    """End the link; there is none until the owner makes one, on this device alone. The case goes on.

    Raises:
        LinkUnknown: this device speaks for no such report.
    """

    def use_case() -> None:
        with transaction():
            _end(_own(report_id, device), device, now)

    again_if_interrupted(use_case)


def later_link(link_key: str, device: str) -> str:
    """The link that took the place of an ended one, for the device that may speak; empty for everybody else."""
    ended = links.hash_of(link_key)
    own = select(Report).where(links.spoken_for_by(device), Report.link_round > 0).order_by(Report.id.desc())
    for report in db.session.scalars(own.limit(_ROUNDS_REMEMBERED)):
        if report.link_hash == ended or ended in _ended_hashes(report):
            credentials = links.credentials_of(report)
            return credentials.link_key if credentials else ""
    return ""


@dataclass(frozen=True)
class Holders:
    """Who has a link.

    Attributes:
        phones: how many devices may speak for the report.
        changed_at: when its owner last ended or renewed it; None: it is the first one.
    """

    phones: int
    changed_at: datetime | None


def holders_of(report_id: int) -> Holders:
    """Who may speak for a report, and since when."""
    further = select(func.count()).select_from(ReportDevice).where(ReportDevice.report_id == report_id)
    is_sender_out, changed_at, count = db.session.execute(
        select(Report.is_sender_out, Report.link_changed_at, further.scalar_subquery()).where(
            Report.id == report_id
        )
    ).one()
    return Holders(count + (0 if is_sender_out else 1), changed_at)


def _own(report_id: int, device: str) -> Report:
    report = db.session.scalar(select(Report).where(Report.id == report_id).with_for_update())
    if report is None or not links.speaks_from(report, device):
        raise LinkUnknown
    return report


def _end(report: Report, device: str, now: datetime) -> None:
    name = links.hash_of(device)
    report.link_round += 1
    report.renewed_hash, report.link_changed_at = None, now
    report.code_failures, report.code_failed_at = 0, None
    report.is_sender_out = report.is_sender_out or report.device_hash != name
    others = delete(ReportDevice).where(ReportDevice.report_id == report.id, ReportDevice.device_hash != name)
    db.session.execute(others)
    db.session.execute(delete(LinkPairing).where(LinkPairing.report_id == report.id))


def _ended_hashes(report: Report) -> set[str]:
    """Of the links between the first and the present one that are still known."""
    earlier = range(max(1, report.link_round - _ROUNDS_REMEMBERED), report.link_round)
    return {
        links.hash_of(links.credentials_for(report.key, secret, link_round).link_key)
        for secret in parts().config.secret_keys
        for link_round in earlier
    }
