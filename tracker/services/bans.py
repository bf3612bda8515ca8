"""Devices whose reports are kept apart for a time: by whom, why, until when. Never a network, never a person.

Whoever is banned is told nothing: what he sends gets the same answer as always (services/intake.py), and waits where
a person can still take it in (services/floods.py), so that a wrong ban loses nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, DeviceBan, Place, Report, User
from tracker.services.floods import burst_of

DAYS = (1, 7, 30, 90)
"""Longest a quarter: phones change hands, and people calm down."""
PAST_SHOWN = 100
REASON_LIMIT_CHARS = 500


class BanMissing(LookupError):
    """No ban has this id, or it is over."""


@dataclass(frozen=True)
class BanView:
    """A ban as its page shows it.

    Attributes:
        place: where the report was sent from that gave cause; without the case's number, for an admin sees none.
        caught: how many reports of this device were kept apart since.
        lifted_by: name of who ended it before its time; empty: nobody did.
    """

    id: int
    place: str
    reason: str
    by: str
    banned_at: datetime
    until_at: datetime
    lifted_at: datetime | None
    lifted_by: str
    caught: int
    is_running: bool


def ban(report_id: int, days: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Keep apart what the device of a report sends from now on. A ban that runs gets the new end and reason.

    Raises:
        NotPermitted: this person bans nobody.
        ReportMissing: no such report for this person.
        Incomplete: no reason, or another time than those offered.
    """
    if not by.has(Permission.BANS_KEEP) or by.user_id is None:
        raise NotPermitted("bans nobody")
    words = plain_text(reason).strip()
    problems = {} if words else {"reason": N_("请写明原因。")}
    if len(words) > REASON_LIMIT_CHARS:
        problems["reason"] = N_("文字太长，请缩短后再提交。")
    if days not in DAYS:
        problems["days"] = N_("请选择停用多久。")
    if problems:
        raise Incomplete(problems)
    user_id = by.user_id

    def use_case() -> None:
        with transaction():
            burst_of(report_id, by, now)
            report = db.session.get_one(Report, report_id)
            _end_running(report.device_hash, user_id, now)
            db.session.add(
                DeviceBan(
                    device_hash=report.device_hash,
                    report_id=report.id,
                    reason=words,
                    banned_by=user_id,
                    banned_at=now,
                    until_at=now + timedelta(days=days),
                )
            )

    again_if_interrupted(use_case)


def lift(ban_id: int, *, by: Actor, now: datetime) -> None:
    """End a ban before its time. What was kept apart stays where it is until somebody takes it in.

    Raises:
        NotPermitted: this person lifts none.
        BanMissing: there is none, or it is over.
    """
    if not by.has(Permission.BANS_KEEP):
        raise NotPermitted("lifts no ban")

    def use_case() -> None:
        with transaction():
            row = db.session.get(DeviceBan, ban_id, with_for_update=True)
            if row is None or row.lifted_at is not None:
                raise BanMissing(ban_id)
            row.lifted_at, row.lifted_by = now, by.user_id

    again_if_interrupted(use_case)


def all_bans(now: datetime) -> list[BanView]:
    """Bans that run first, then the latest of those that are over."""
    by, lifted_by = aliased(User), aliased(User)
    caught = (
        select(func.count(Report.id))
        .join(Case, Case.id == Report.case_id)
        .where(
            Report.device_hash == DeviceBan.device_hash,
            Report.sent_at >= DeviceBan.banned_at,
            Report.sent_at <= func.coalesce(DeviceBan.lifted_at, DeviceBan.until_at),
            Case.held == 1,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(DeviceBan, Place.name, by.name, lifted_by.name, caught)
        .join(Report, Report.id == DeviceBan.report_id)
        .join(Case, Case.id == Report.case_id)
        .join(Place, Place.id == Case.place_id)
        .join(by, by.id == DeviceBan.banned_by)
        .outerjoin(lifted_by, lifted_by.id == DeviceBan.lifted_by)
        .order_by(DeviceBan.id.desc())
        .limit(PAST_SHOWN)
    )
    views = [
        BanView(
            id=row.id,
            place=place,
            reason=row.reason,
            by=name,
            banned_at=row.banned_at,
            until_at=row.until_at,
            lifted_at=row.lifted_at,
            lifted_by=lifter or "",
            caught=count or 0,
            is_running=row.lifted_at is None and row.until_at > now,
        )
        for row, place, name, lifter, count in rows
    ]
    return sorted(views, key=lambda view: not view.is_running)


def _end_running(device_hash: str, user_id: int, now: datetime) -> None:
    """One runs at a time; one whose time is over is closed as well, so that the next has room."""
    db.session.execute(
        update(DeviceBan)
        .where(DeviceBan.device_hash == device_hash, DeviceBan.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=user_id)
    )
