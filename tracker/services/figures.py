"""Counting for the front page: case after case from the history, then the sums of each period. Done by a job.

The history has no gap and ends in the order of its positions, so one number says how far it has been counted. What a
batch costs depends on how much happened, not on how many cases there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.domain.allowance import Allowance, read_allowance
from tracker.domain.calendar import CalendarTooShort
from tracker.domain.clocks import ClockKind
from tracker.domain.honest_figures import (
    PERIODS_DAYS,
    Ending,
    Figures,
    Line,
    Median,
    Medians,
    Span,
    ending_of,
    moments_of,
)
from tracker.domain.sla import time_between
from tracker.extensions import db, insert_rows, transaction
from tracker.models import Case, CaseFigure, Category, FiguresProgress, HistoryRow, PublicFigures
from tracker.services.calendars import calendar_by_id, current_calendar_id
from tracker.services.clock_pages import usual_day
from tracker.services.clocks import allowances_of, calendar_for
from tracker.services.parts import parts

ROWS_AT_ONCE = 500
COUNTED_EVERY = timedelta(minutes=5)
JUST_COUNTED = COUNTED_EVERY / 2
"""Two processes may come to the sums one after the other."""

_PROMISE = {Span.FILED: ClockKind.ACCEPT, Span.ANSWERED: ClockKind.CONTACT, Span.FIXED: ClockKind.DONE}
"""Whose kind of time each span is told in."""
_COLUMNS: Mapping[Span, tuple[InstrumentedAttribute[int | None], InstrumentedAttribute[bool]]] = {
    Span.FILED: (CaseFigure.filed_s, CaseFigure.filed_by_clock),
    Span.ANSWERED: (CaseFigure.answered_s, CaseFigure.answered_by_clock),
    Span.FIXED: (CaseFigure.fixed_s, CaseFigure.fixed_by_clock),
}


@dataclass(frozen=True)
class Counted:
    """Figures with the time they are about.

    Attributes:
        since_at: cases opened from here on; `counted_at`: until here.
    """

    days: int
    since_at: datetime
    counted_at: datetime
    figures: Figures


def count_on(now: datetime) -> int:
    """Read one batch of the history; once nothing is left, sum up. Return how many rows were read."""
    with transaction():
        progress = db.session.scalars(select(FiguresProgress).with_for_update()).one()
        rows = db.session.execute(
            select(HistoryRow.position, HistoryRow.case_id)
            .where(HistoryRow.position > progress.position)
            .order_by(HistoryRow.position)
            .limit(ROWS_AT_ONCE)
        ).all()
        if rows:
            _count_cases({case_id for _, case_id in rows})
            progress.position = rows[-1].position
        else:
            _sum_up(now)
        return len(rows)


def counted(days: int) -> Counted | None:
    """The figures of a period as they were counted last; None: not yet. One statement."""
    row = db.session.get(PublicFigures, days)
    return Counted(row.days, row.since_at, row.counted_at, _read(row.numbers)) if row else None


# ---------------------------------------------------------------- one case


def _count_cases(case_ids: set[int]) -> None:
    cases = db.session.execute(
        select(
            Case.id,
            Case.opened_at,
            Case.state,
            Case.outcome,
            Case.closing,
            Case.disputes,
            Case.lead,
            Category,
        )
        .join(Category, Category.id == Case.category_id)
        .where(Case.id.in_(case_ids))
        .order_by(Case.id)
    ).all()
    lines = _lines(case_ids)
    db.session.execute(delete(CaseFigure).where(CaseFigure.case_id.in_(case_ids)))
    insert_rows(CaseFigure, [_figure(case, lines[case.id]) for case in cases])


def _lines(case_ids: set[int]) -> dict[int, list[Line]]:
    rows = db.session.execute(
        select(HistoryRow.case_id, HistoryRow.action, HistoryRow.actor_kind, HistoryRow.at)
        .where(HistoryRow.case_id.in_(case_ids))
        .order_by(HistoryRow.case_id, HistoryRow.version)
    )
    return {
        case_id: [Line(row.action, row.actor_kind, row.at) for row in group]
        for case_id, group in groupby(rows, lambda row: row.case_id)
    }


def _figure(case: Any, lines: Sequence[Line]) -> dict[str, Any]:
    ending = ending_of(case.state, case.outcome, case.closing)
    reached = moments_of(lines, ending, case.outcome)
    figure = {
        "case_id": case.id,
        "opened_at": case.opened_at,
        "ending": ending.value,
        "disputed": case.disputes > 0,
    }
    for span in Span:
        allowance = _allowance(span, case.Category)
        figure[f"{span}_s"] = _length_s(span, case, allowance, reached.get(span))
        figure[f"{span}_by_clock"] = allowance.runs_day_and_night
    return figure


def _allowance(span: Span, category: Category) -> Allowance:
    for _, allowance in allowances_of(_PROMISE[span], category):
        return allowance
    return read_allowance(category.allowances["done"])


def _length_s(span: Span, case: Any, allowance: Allowance, until: datetime | None) -> int | None:
    """Seconds from the report on, in the hours of whoever made the promise; None: not reached or not known."""
    calendar_id = calendar_for(_PROMISE[span], case.lead)
    if until is None or (calendar_id is None and not allowance.runs_day_and_night):
        return None
    if allowance.runs_day_and_night or calendar_id is None:
        return int((until - case.opened_at).total_seconds())
    with suppress(CalendarTooShort):
        length = time_between(case.opened_at, until, allowance, calendar_by_id(calendar_id))
        return int(length.total_seconds())
    return None


# ---------------------------------------------------------------- all of them


def _sum_up(now: datetime) -> None:
    last = db.session.scalar(select(func.min(PublicFigures.counted_at)))
    if last is not None and timedelta() <= now - last < JUST_COUNTED:
        return  # another process has just done it
    for days in PERIODS_DAYS:
        since_at = _since(days, now)
        row = db.session.get(PublicFigures, days) or PublicFigures(days=days)
        row.since_at, row.counted_at, row.numbers = since_at, now, _written(_figures(since_at, now))
        db.session.add(row)


def _since(days: int, now: datetime) -> datetime:
    """Midnight on the street, so many days before today."""
    zone = parts().zone
    day = now.astimezone(zone).date() - timedelta(days=days)
    return datetime.combine(day, time(), zone).astimezone(now.tzinfo)


def _figures(since_at: datetime, now: datetime) -> Figures:
    here = (CaseFigure.opened_at >= since_at, CaseFigure.opened_at <= now)
    rows = db.session.execute(
        select(CaseFigure.ending, CaseFigure.disputed, func.count())
        .where(*here)
        .group_by(CaseFigure.ending, CaseFigure.disputed)
    ).all()
    figures = Figures(times={span: _medians(span, here) for span in Span})
    for ending, disputed, count in rows:
        figures = _with(figures, Ending(ending), disputed=disputed, count=count)
    return replace(figures, overdue=_overdue(since_at, now), service_day_s=_service_day_s())


def _service_day_s() -> int:
    calendar_id = current_calendar_id()
    if calendar_id is None:
        return Figures.service_day_s
    return int(usual_day(calendar_by_id(calendar_id)).total_seconds())


def _with(figures: Figures, ending: Ending, *, disputed: bool, count: int) -> Figures:
    endings = {**figures.endings, ending: figures.count(ending) + count}
    said_no = count if disputed else 0
    return replace(
        figures,
        endings=endings,
        disputed=figures.disputed + said_no,
        disputed_fixed=figures.disputed_fixed + (said_no if ending == Ending.FIXED else 0),
    )


def _overdue(since_at: datetime, now: datetime) -> int:
    """Open cases of the period that have a promise of the office behind them; of all open ones, by their index."""
    late = select(func.count()).where(
        Case.closed_at.is_(None), Case.opened_at >= since_at, Case.opened_at <= now, Case.due_at < now
    )
    return db.session.scalars(late).one()


def _medians(span: Span, here: tuple[ColumnElement[bool], ...]) -> Medians:
    service, clock = (_median(span, here, by_clock=by_clock) for by_clock in (False, True))
    return Medians(service, clock)


def _median(span: Span, here: tuple[ColumnElement[bool], ...], *, by_clock: bool) -> Median:
    length, is_by_clock = _COLUMNS[span]
    among = (*here, length.is_not(None), is_by_clock.is_(by_clock))
    count = db.session.scalars(select(func.count()).select_from(CaseFigure).where(*among)).one()
    if not count:
        return Median()
    middle = db.session.scalars(
        select(length).where(*among).order_by(length).offset((count - 1) // 2).limit(2 - count % 2)
    ).all()
    return Median(count, sum(each or 0 for each in middle) // len(middle))


# ---------------------------------------------------------------- as JSON


def _written(figures: Figures) -> dict[str, Any]:
    return {
        "endings": {ending.value: count for ending, count in figures.endings.items()},
        "disputed": figures.disputed,
        "disputed_fixed": figures.disputed_fixed,
        "overdue": figures.overdue,
        "service_day_s": figures.service_day_s,
        "times": {span.value: list(_pairs(medians)) for span, medians in figures.times.items()},
    }


def _pairs(medians: Medians) -> Iterator[list[int]]:
    for median in (medians.service, medians.clock):
        yield [median.count, median.seconds]


def _read(numbers: Mapping[str, Any]) -> Figures:
    return Figures(
        endings={Ending(name): count for name, count in numbers["endings"].items()},
        disputed=numbers["disputed"],
        disputed_fixed=numbers["disputed_fixed"],
        overdue=numbers["overdue"],
        service_day_s=numbers["service_day_s"],
        times={
            Span(name): Medians(*(Median(*pair) for pair in pairs))
            for name, pairs in numbers["times"].items()
        },
    )
