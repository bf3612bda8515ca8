"""What one device has sent, or may speak for: the list behind 我的上报. Never what others sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from tracker.domain.lifecycle import State
from tracker.extensions import db
from tracker.models import Case, Category, Place, Report
from tracker.services import links

PAGE = 20
"""Rows at once: a courier has hundreds, and nobody scrolls further on a phone."""


@dataclass(frozen=True)
class OwnReport:
    """A report of this device.

    Attributes:
        link_key: of its private link; empty: its owner ended the link, or the secret it was made under is gone.
        number: of the case that it opened or joined.
        text: what was written with it.
        state, moved_at: of the case that decides for it now: the main case once it was merged.
        awaits: ``info`` or ``answer`` when the next word is the reporter's; else empty.
    """

    id: int
    link_key: str
    number: str
    category_zh: str
    category_en: str
    icon: str
    place_name: str
    text: str
    state: str
    sent_at: datetime
    moved_at: datetime
    awaits: str


@dataclass(frozen=True)
class OwnReports:
    """One page of them; after: where the next one begins, empty at the end."""

    reports: Sequence[OwnReport]
    after: str


_main = aliased(Case)
_first = aliased(Report)
_state = func.coalesce(_main.state, Case.state)
_opened_it = and_(
    Case.main_case == "",
    Report.id
    == select(func.min(_first.id))
    .where(_first.case_id == Report.case_id)
    .correlate(Report)
    .scalar_subquery(),
)
"""Of the reports of a case the first one's sender is asked whether it is solved."""
_turn = case((_state == State.NEEDS_INFO, 1), (and_(_state == State.VERIFIED, _opened_it), 1), else_=0)
"""1 where the next word is the reporter's."""
_AWAITS = {State.NEEDS_INFO: "info", State.VERIFIED: "answer"}
_AFTER = re.compile(r"([01])-(\d{1,10})")


def own_reports(device: str, after: str = "") -> OwnReports:
    """What `device` may speak for: what waits for its owner first, then the newest. One statement.

    Args:
        after: as an earlier page gave it; anything else begins at the beginning.
    """
    statement = (
        select(
            Report,
            Case.number,
            _state.label("state"),
            func.coalesce(_main.moved_at, Case.moved_at).label("moved_at"),
            _turn.label("turn"),
            Category.name_zh,
            Category.name_en,
            Category.icon,
            Place.name.label("place_name"),
        )
        .join(Case, Case.id == Report.case_id)
        .outerjoin(_main, and_(Case.main_case != "", _main.number == Case.main_case))
        .join(Category, Category.id == Case.category_id)
        .join(Place, Place.id == Case.place_id)
        .where(links.spoken_for_by(device))
        .order_by(_turn.desc(), Report.id.desc())
        .limit(PAGE + 1)
    )
    if begin := _AFTER.fullmatch(after):
        turn, last = int(begin[1]), int(begin[2])
        statement = statement.where(or_(_turn < turn, and_(_turn == turn, Report.id < last)))
    rows = db.session.execute(statement).all()
    shown = rows[:PAGE]
    return OwnReports(
        reports=[_own(row) for row in shown],
        after=f"{shown[-1].turn}-{shown[-1].Report.id}" if len(rows) > PAGE else "",
    )


def awaited_elsewhere(device: str, report_id: int) -> int:
    """How many other reports of this device wait for its owner's word."""
    waiting = (
        select(Report.id)
        .join(Case, Case.id == Report.case_id)
        .outerjoin(_main, and_(Case.main_case != "", _main.number == Case.main_case))
        .where(links.spoken_for_by(device), Report.id != report_id, _turn == 1)
        .limit(PAGE)
    )
    return len(db.session.scalars(waiting).all())


def _own(row: Row[Any]) -> OwnReport:
    report: Report = row.Report
    credentials = links.credentials_of(report)
    return OwnReport(
        id=report.id,
        link_key=credentials.link_key if credentials else "",
        number=row.number,
        category_zh=row.name_zh,
        category_en=row.name_en,
        icon=row.icon,
        place_name=row.place_name,
        text=report.text,
        state=row.state,
        sent_at=report.sent_at,
        moved_at=row.moved_at,
        awaits=_AWAITS.get(State(row.state), "") if row.turn else "",
    )
