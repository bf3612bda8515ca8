"""都不是，我的不一样: what is learned when somebody sends his own report although an open case was put before him.

The answer is about cases, not about troubles: whoever says that the bikes at his door are another matter than the
bikes next door may well share their cause. So it decides what is offered at intake (services/suggestions.py), and
bars no report from a group; ``answered_pairs`` hands the answers on to whatever learns from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from tracker.extensions import db
from tracker.models import Case, Difference, Report
from tracker.services.grouped_reports import NAME_CHARS
from tracker.services.places import LabelledPlace, is_within_reach

SEVERAL = 3
"""From so many people on who said at the same place, of the same category, that theirs is a different one, the case
is offered there after all others. One may err, two may be friends. Our own proposal."""
MOST_AT_ONCE = 9
"""Cases that one report can differ from: three times what a form shows, for it asks anew as somebody writes."""


def remember_differences(report: Report, numbers: Sequence[str], place: LabelledPlace, now: datetime) -> None:
    """Keep that the sender of `report` had these open cases before him and said no. Inside a transaction.

    Numbers that cannot have been offered there are passed over, and so is what the device has answered before.
    """
    wanted = list(dict.fromkeys(numbers))[:MOST_AT_ONCE]
    offered = db.session.scalars(
        select(Case)
        .where(Case.number.in_(wanted), Case.id != report.case_id)
        .options(joinedload(Case.place), joinedload(Case.category_version))
        .order_by(Case.id)
    )
    rows = [
        {
            "case_id": case.id,
            "report_id": report.id,
            "device_hash": report.device_hash,
            "place_id": place.place_id,
            "category": report.category,
            "said_at": now,
        }
        for case in offered
        if not case.category_version.private and is_within_reach(case.place, place)
    ]
    if rows:
        dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
        once = [Difference.case_id, Difference.device_hash]
        db.session.execute(
            dialect.insert(Difference).values(rows).on_conflict_do_nothing(index_elements=once)
        )


def not_refused_by(device_hash: str) -> ColumnElement[bool]:
    """SQL that holds for cases of which this device has not said that its matter is a different one."""
    answered = exists().where(Difference.case_id == Case.id, Difference.device_hash == device_hash)
    return ~answered


def times_refused(place_id: int, category: str) -> ColumnElement[int]:
    """SQL: how many devices said so of a case at this place, about this category; empty: about any."""
    at_place = [Difference.case_id == Case.id, Difference.place_id == place_id]
    if category:
        at_place.append(Difference.category == category)
    return select(func.count()).select_from(Difference).where(*at_place).correlate(Case).scalar_subquery()


@dataclass(frozen=True)
class AnsweredPair:
    """What one person answered: his report, and the one that opened the case before him, as the grouping names them."""

    report: str
    other: str
    is_same: bool


def answered_pairs(since: datetime) -> list[AnsweredPair]:
    """What people answered at intake since a moment, oldest first: who joined (the same), who said no (different)."""
    opener = (
        select(Report.link_hash)
        .where(Report.case_id == Case.id)
        .order_by(Report.id)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    same = (
        select(Report.sent_at, Report.link_hash, opener.label("other"))
        .join(Case, Case.id == Report.case_id)
        .where(Report.sent_at >= since)
    )
    different = (
        select(Difference.said_at, Report.link_hash, opener.label("other"))
        .join(Report, Report.id == Difference.report_id)
        .join(Case, Case.id == Difference.case_id)
        .where(Difference.said_at >= since)
    )
    said = [(at, name, other, True) for at, name, other in db.session.execute(same) if name != other]
    said += [(at, name, other, False) for at, name, other in db.session.execute(different)]
    return [
        AnsweredPair(name[:NAME_CHARS], other[:NAME_CHARS], is_same)
        for _, name, other, is_same in sorted(said)
    ]
