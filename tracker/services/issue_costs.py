"""What an issue has cost so far, as far as histories and clocks of its cases tell."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import func, select

from tracker.domain.calendar import CalendarTooShort
from tracker.domain.clocks import ClockKind
from tracker.domain.lifecycle import Action
from tracker.extensions import db
from tracker.models import Case, Clock, HistoryRow
from tracker.services.clocks import calendar_of
from tracker.services.issue_views import IssueCosts

_WORK = (ClockKind.DONE, ClockKind.REDO)


def costs_of(case_ids: Sequence[int], now: datetime) -> IssueCosts:
    """Rounds, repetitions and working time of these cases."""
    rounds = db.session.scalar(
        select(func.count())
        .select_from(HistoryRow)
        .where(HistoryRow.case_id.in_(case_ids), HistoryRow.action == Action.SIGN)
    )
    reworks, reopens, returns = db.session.execute(
        select(
            func.coalesce(func.sum(Case.reworks), 0),
            func.coalesce(func.sum(Case.reopens), 0),
            func.coalesce(func.sum(Case.returns), 0),
        ).where(Case.id.in_(case_ids))
    ).one()
    return IssueCosts(rounds or 0, reworks, reopens, returns, _working_hours(case_ids, now))


def _working_hours(case_ids: Sequence[int], now: datetime) -> float | None:
    """A case that nobody has signed for costs its department nothing, however long it lies there."""
    signed_at = _signed_at(case_ids)
    clocks = db.session.scalars(
        select(Clock).where(Clock.case_id.in_(sorted(signed_at)), Clock.kind.in_(_WORK))
    )
    total, is_known = timedelta(), False
    for clock in clocks:
        calendar = calendar_of(clock)
        for segment in clock.segments:
            if segment["state"] == "running":
                since = max(datetime.fromisoformat(segment["from"]), signed_at[clock.case_id or 0])
                until = datetime.fromisoformat(segment["to"]) if segment["to"] else now
                if until <= since:
                    continue
                with suppress(CalendarTooShort):
                    total += calendar.working_time_between(since, until)
                    is_known = True
    return round(total / timedelta(hours=1), 1) if is_known else None


def _signed_at(case_ids: Sequence[int]) -> dict[int, datetime]:
    """Case id → when somebody first took it in hand."""
    rows = db.session.execute(
        select(HistoryRow.case_id, func.min(HistoryRow.at))
        .where(HistoryRow.case_id.in_(case_ids), HistoryRow.action == Action.SIGN)
        .group_by(HistoryRow.case_id)
    )
    return dict(rows.all())
