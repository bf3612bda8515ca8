"""What is thrown away in time: phone numbers, sign-ins that ended, files nobody finished, old job rows."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, and_, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from tracker.domain.lifecycle import ENDED
from tracker.extensions import db, transaction
from tracker.models import Case, JobProcess, JobSlot, Report, SignInFailure, StaffSession
from tracker.services.parts import parts
from tracker.services.people import FAILURE_WINDOW

ABANDONED_AFTER = timedelta(hours=6)
"""A photo still being written after this long belongs to a process that is gone."""
FORGOTTEN_AFTER = timedelta(days=1)
"""A dead job process stays on the status page this long."""
BATCH = 500


def prune(now: datetime) -> int:
    """Throw away what has had its time; return how many things went."""
    removed = parts().photo_store.remove_abandoned(now - ABANDONED_AFTER)
    removed += _end_sign_ins(now) + _forget_processes(now)
    while erased := erase_phones(now):
        removed += erased
    return removed


def erase_phones(now: datetime) -> int:
    """Erase the numbers of reporters whose matter ended PHONE_DAYS ago, at most one batch; case and history stay.

    A report that was merged follows its main case, so its number goes with that. Source: threats, part C.
    """
    before = now - timedelta(days=parts().config.phone_days)
    main = aliased(Case)
    main_is_over = exists().where(main.number == Case.main_case, main.closed_at < before)
    is_over = and_(
        Case.state.in_(sorted(ENDED)), Case.closed_at < before, or_(Case.main_case == "", main_is_over)
    )
    with transaction():
        ids = db.session.scalars(
            select(Report.id)
            .join(Case, Case.id == Report.case_id)
            .where(Report.phone_fingerprint != "", is_over)
            .order_by(Report.id)
            .limit(BATCH)
        ).all()
        db.session.execute(
            update(Report)
            .where(Report.id.in_(ids))
            .values(phone_sealed="", phone_fingerprint="", consent_version="")
        )
    return len(ids)


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


def _count(statement: Delete) -> int:
    """Remove rows and return how many there were."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount
