"""The health of the labels on the walls: scans by day and reports, laid before the rules of domain/label_health.py."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from tracker.domain.label_health import WINDOW, Finding, LabelLife, findings, report_share
from tracker.domain.labels import Trouble
from tracker.extensions import db
from tracker.models import Label, LabelScan, LabelTrouble, Report
from tracker.services.labels import LabelView, view_of
from tracker.services.parts import parts


@dataclass(frozen=True)
class HealthRow:
    """A label worth a look, why, and its figures."""

    finding: Finding
    label: LabelView
    life: LabelLife


@dataclass(frozen=True)
class Health:
    """Of the whole street.

    Attributes:
        posted: labels on walls; `scanned`: of them, how many within the window.
        share: reports for each scan within the window; None: nothing was scanned.
    """

    rows: list[HealthRow]
    posted: int
    scanned: int
    scans: int
    reports: int
    share: float | None


def health(now: datetime) -> Health:
    """Every posted label, judged."""
    today = now.astimezone(parts().zone).date()
    posted = {
        label.id: label
        for label in db.session.scalars(
            select(Label).where(Label.state == "posted").options(joinedload(Label.place))
        )
    }
    lives = {life.token: life for life in _lives(posted, today, now)}
    by_token = {label.token: view_of(label) for label in posted.values()}
    rows = [
        HealthRow(finding, by_token[finding.token], lives[finding.token])
        for finding in findings(lives.values(), today)
    ]
    return Health(
        rows=rows,
        posted=len(posted),
        scanned=sum(life.scans > 0 for life in lives.values()),
        scans=sum(life.scans for life in lives.values()),
        reports=sum(life.reports for life in lives.values()),
        share=report_share(lives.values()),
    )


def life_of(token: str, now: datetime) -> LabelLife | None:
    """One label's figures; None: it is not posted."""
    label = db.session.scalar(select(Label).where(Label.token == token, Label.state == "posted"))
    if label is None:
        return None
    today = now.astimezone(parts().zone).date()
    return next(_lives({label.id: label}, today, now, only=label.id), None)


def scans_by_day(label_id: int, since: date) -> dict[date, int]:
    """Scans of one label on each day since then on which there was one."""
    rows = db.session.execute(
        select(LabelScan.day, LabelScan.scans).where(LabelScan.label_id == label_id, LabelScan.day >= since)
    )
    return {row.day: row.scans for row in rows}


def _lives(
    posted: Mapping[int, Label], today: date, now: datetime, only: int | None = None
) -> Iterator[LabelLife]:
    scans, reports, far = _scans(today, only), _reports(now, only), _far(only)
    for label_id, label in posted.items():
        first, last, active, recent, ever = scans.get(label_id, (None, None, 0, 0, 0))
        reported_first, reported_last, reported = reports.get(label_id, (None, None, 0))
        far_count, far_m = far.get(label_id, (0, 0))
        yield LabelLife(
            token=label.token,
            posted_on=(label.posted_at or label.printed_at).astimezone(parts().zone).date(),
            first_on=min((day for day in (first, reported_first) if day), default=None),
            last_on=max((day for day in (last, reported_last) if day), default=None),
            active_days=active,
            scans=recent,
            reports=reported,
            scans_ever=ever,
            far=far_count,
            far_m=far_m,
        )


def _scans(today: date, only: int | None) -> dict[int, tuple[date, date, int, int, int]]:
    """Label → first day, last day, active days, scans within the window, scans ever."""
    is_recent = LabelScan.day > today - WINDOW
    wanted = select(
        LabelScan.label_id,
        func.min(LabelScan.day),
        func.max(LabelScan.day),
        func.sum(case((is_recent, 1), else_=0)),
        func.sum(case((is_recent, LabelScan.scans), else_=0)),
        func.sum(LabelScan.scans),
    ).group_by(LabelScan.label_id)
    if only is not None:
        wanted = wanted.where(LabelScan.label_id == only)
    return {
        label_id: (first, last, int(active), int(recent), int(ever))
        for label_id, first, last, active, recent, ever in db.session.execute(wanted)
    }


def _reports(now: datetime, only: int | None) -> dict[int, tuple[date, date, int]]:
    """Label → day of the first report, of the last, reports within the window."""
    wanted = select(
        Report.label_id,
        func.min(Report.sent_at),
        func.max(Report.sent_at),
        func.sum(case((Report.sent_at > now - WINDOW, 1), else_=0)),
    ).group_by(Report.label_id)
    if only is not None:
        wanted = wanted.where(Report.label_id == only)
    zone = parts().zone
    return {
        label_id: (first.astimezone(zone).date(), last.astimezone(zone).date(), int(count))
        for label_id, first, last, count in db.session.execute(wanted)
    }


def _far(only: int | None) -> dict[int, tuple[int, int]]:
    """Label → how many say it hangs elsewhere, the farthest distance told."""
    wanted: Any = (
        select(LabelTrouble.label_id, func.count(), func.coalesce(func.max(LabelTrouble.far_m), 0))
        .where(LabelTrouble.kind == Trouble.MISPLACED.value, LabelTrouble.settled_at.is_(None))
        .group_by(LabelTrouble.label_id)
    )
    if only is not None:
        wanted = wanted.where(LabelTrouble.label_id == only)
    return {label_id: (count, far_m) for label_id, count, far_m in db.session.execute(wanted)}
