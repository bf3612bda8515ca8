"""What is thrown away in time: phone numbers, ended sign-ins, unfinished files, old job rows, counted phones."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, delete, select, update

from tracker.extensions import db, transaction
from tracker.models import CodeTry, JobProcess, JobSlot, LinkPairing, SignInFailure, StaffSession
from tracker.services import code_tries
from tracker.services.contact import erase_expired
from tracker.services.invitations import erase_old
from tracker.services.label_scans import prune_scans
from tracker.services.parts import parts
from tracker.services.people import FAILURE_WINDOW

ABANDONED_AFTER = timedelta(hours=6)
"""A photo still being written after this long belongs to a process that is gone."""
FORGOTTEN_AFTER = timedelta(days=1)
"""A dead job process stays on the status page this long."""


def prune(now: datetime) -> int:
    """Throw away what has had its time; return how many things went."""
    removed = parts().photo_store.remove_abandoned(now - ABANDONED_AFTER)
    removed += prune_scans(now)
    forgotten = _end_sign_ins(now) + _forget_processes(now) + _forget_codes(now)
    return removed + forgotten + erase_expired(now) + erase_old(now)


def _end_sign_ins(now: datetime) -> int:
    oldest = now - timedelta(hours=parts().config.session_hours)
    with transaction():
        ended = _count(delete(StaffSession).where(StaffSession.created_at < oldest))
        return ended + _count(delete(SignInFailure).where(SignInFailure.at < now - FAILURE_WINDOW))


def _forget_processes(now: datetime) -> int:
    dead = select(JobProcess.id).where(JobProcess.beat_at < now - FORGOTTEN_AFTER)
    with transaction():
        db.session.execute(update(JobSlot).where(JobSlot.process_id.in_(dead)).values(process_id=None))
        return _count(delete(JobProcess).where(JobProcess.beat_at < now - FORGOTTEN_AFTER))


def _forget_codes(now: datetime) -> int:
    with transaction():
        ended = _count(delete(LinkPairing).where(LinkPairing.ends_at <= now))
        return ended + _count(delete(CodeTry).where(CodeTry.at < now - code_tries.KEPT))


def _count(statement: Delete) -> int:
    """Remove rows and return how many there were."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount
