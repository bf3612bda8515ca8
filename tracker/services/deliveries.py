"""Telling: notices become deliveries, one a person and channel, each with the moment it may go out.

Sending them is services/sending.py; the words are services/message_texts.py.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from tracker.extensions import again_if_interrupted, db, insert_rows, transaction
from tracker.models import Case, Channel, Delivery, Notice
from tracker.services.quiet_hours import SendingHours
from tracker.services.recipients import Staff, named_in, reporters_of

BATCH = 200
"""Notices dealt with in one transaction."""


def make_deliveries(now: datetime) -> int:
    """Make deliveries of what has not been told, at most one batch; return how many notices were dealt with.

    Notices that another process has in hand are passed over. A notice that concerns nobody is told, too.
    """

    def use_case() -> int:
        with transaction():
            untold = db.session.execute(
                select(Notice, Case)
                .outerjoin(Case, Case.id == Notice.case_id)
                .where(Notice.told_at.is_(None))
                .order_by(Notice.id)
                .limit(BATCH)
                .with_for_update(of=Notice, skip_locked=True)
            ).all()
            if untold:
                _tell([(notice, case) for notice, case in untold], now)
            return len(untold)

    return again_if_interrupted(use_case)


def _tell(untold: list[tuple[Notice, Case | None]], now: datetime) -> None:
    staff, hours = Staff(), SendingHours(now)
    rows: list[dict[str, Any]] = []
    for notice, case in untold:
        for user_id in sorted(staff.hearers_of(notice, case)):
            rows += _to_person(notice, user_id, staff.channels.get(user_id, []), hours)
        for reporter in reporters_of(notice, case):
            at = now if notice.is_urgent else hours.waiting()
            recipient = f"report:{reporter.report_id}"
            rows.append(_row(notice, recipient, "chat", language=reporter.language, not_before_at=at))
        for invitation_id in sorted(named_in(notice, "guest")):
            at = now if notice.is_urgent else hours.waiting()
            rows.append(_row(notice, f"guest:{invitation_id}", "mail", language="zh", not_before_at=at))
    insert_rows(Delivery, rows)
    ids = [notice.id for notice, _ in untold]
    db.session.execute(update(Notice).where(Notice.id.in_(ids)).values(told_at=now))


def _to_person(
    notice: Notice, user_id: int, channels: list[Channel], hours: SendingHours
) -> Iterator[dict[str, Any]]:
    """The bell at once, for it makes no noise; the channels he chose when they may."""
    recipient = f"user:{user_id}"
    bell = _row(notice, recipient, "bell", language="zh", not_before_at=hours.now)
    yield bell | {"state": "sent", "sent_at": hours.now, "gathered": "late" if notice.is_late else ""}
    for channel in channels:
        at = _moment(notice, channel, hours)
        row = _row(notice, recipient, channel.channel, language=channel.language, not_before_at=at)
        yield row | {"gathered": _gathered(notice, channel)}


def _gathered(notice: Notice, channel: Channel) -> str:
    if notice.is_late:
        return "late"
    is_letter = notice.is_urgent or "ics" in notice.facts  # a calendar file belongs to one message
    return "digest" if channel.is_digest and not is_letter else ""


def _moment(notice: Notice, channel: Channel, hours: SendingHours) -> datetime:
    if notice.is_urgent:
        return hours.now
    quiet = (channel.quiet_from, channel.quiet_to)
    if _gathered(notice, channel) == "digest":
        return hours.digest(*quiet)
    if channel.channel == "webhook":  # a machine keeps no service hours
        return hours.awake(hours.now, *quiet)
    return hours.waiting(*quiet)


def _row(
    notice: Notice, recipient: str, channel: str, *, language: str, not_before_at: datetime
) -> dict[str, Any]:
    return {
        "notice_id": notice.id,
        "recipient": recipient,
        "channel": channel,
        "language": language,
        "gathered": "",
        "batch": "",
        "state": "waiting",
        "not_before_at": not_before_at,
        "leased_until_at": None,
        "tries": 0,
        "last_error": "",
        "sent_at": None,
        "seen_at": None,
    }
