"""What looks like a flood: labels with unusually many reports now, from how many devices and networks, and by whom.

Reads, and the one step that undoes what one device sent. A device is a letter here, never a name that could be kept.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, func, or_, select

from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.lifecycle import ABUSE, OPEN, Action, State
from tracker.domain.permissions import CASE_ROLES, Actor, NotPermitted, Role
from tracker.domain.words import N_
from tracker.extensions import db
from tracker.models import Case, Category, DeviceBan, HistoryRow, Label, Photo, Place, Report
from tracker.services import cases
from tracker.services.parts import parts
from tracker.services.worklists import covered_by

WINDOW = timedelta(hours=1)
"""What "now" means for a flood."""
BURST = timedelta(days=1)
"""What one device sent within this long is looked at, and undone, together."""
LABELS_SHOWN = 20
REPORTS_SHOWN = 200
HELD_SHOWN = 100


class ReportMissing(LookupError):
    """No report has this number, or its case is none of the actor's business."""


@dataclass(frozen=True)
class FloodedReport:
    """One report of a flood or burst. Names are in both languages.

    Attributes:
        device: a letter that stands for its device on this page alone.
        opened: whether it opened its case; else it joined one.
        is_open: whether the case is still open.
        others: whether other devices are in the case, too: then it is not undone with the rest.
        photos: ids of the photos that came with the case.
    """

    id: int
    number: str
    sent_at: datetime
    place: str
    category_zh: str
    category_en: str
    text: str
    state: State
    device: str
    opened: bool
    is_open: bool
    others: bool
    is_held: bool
    photos: Sequence[int]


@dataclass(frozen=True)
class Flood:
    """A label with unusually many reports within the last hour, newest report first."""

    label_id: int
    place: str
    address: str
    count: int
    devices: int
    networks: int
    reports: Sequence[FloodedReport]


@dataclass(frozen=True)
class Burst:
    """What the device of one report sent within a day.

    Attributes:
        places: at how many places.
        undoable: numbers of the cases that are undone in one step.
        ban_until_at: its reports are kept apart until then; None: they are not.
    """

    report_id: int
    reports: Sequence[FloodedReport]
    places: int
    undoable: Sequence[str]
    ban_until_at: datetime | None


@dataclass(frozen=True)
class HeldReport:
    """A report that is kept apart, because its device was banned when it came.

    Attributes:
        joins: number of the case that it was meant to join; empty: none.
    """

    report: FloodedReport
    joins: str
    version: int


@dataclass(frozen=True)
class Undone:
    """What became of a burst: numbers that were voided, and those that somebody else was faster with."""

    voided: Sequence[str]
    left: Sequence[str]


def count_floods(actor: Actor, now: datetime) -> int:
    """How many labels are flooded now, as far as `actor` sees them; one statement, by index."""
    found = _flooded(actor, now).with_only_columns(Report.label_id).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def floods(actor: Actor, now: datetime) -> list[Flood]:
    """Labels with unusually many reports within the last hour, the most first."""
    rows = db.session.execute(_flooded(actor, now).limit(LABELS_SHOWN)).all()
    labels = {row.label_id: row for row in rows}
    if not labels:
        return []
    wanted = _reports(actor).where(Report.label_id.in_(labels), Report.sent_at > now - WINDOW)
    reports: dict[int, list[Any]] = {label_id: [] for label_id in labels}
    for row in db.session.execute(wanted.limit(REPORTS_SHOWN)):
        reports[row.label_id].append(row)
    places = _places(labels)
    return [
        Flood(
            label_id=label_id,
            place=places[label_id].name,
            address=places[label_id].address,
            count=row.reports,
            devices=row.devices,
            networks=row.networks,
            reports=_seen(reports[label_id]),
        )
        for label_id, row in labels.items()
    ]


def burst_of(report_id: int, actor: Actor, now: datetime) -> Burst:
    """What the device of a report sent within a day before it was looked at, and at the time of that report.

    Raises:
        ReportMissing: no such report for this person.
    """
    report = db.session.get(Report, report_id)
    if report is None:
        raise ReportMissing(report_id)
    near = Report.sent_at.between(report.sent_at - BURST, report.sent_at + BURST)
    wanted = _reports(actor).where(
        Report.device_hash == report.device_hash, or_(near, Report.sent_at > now - BURST)
    )
    rows = db.session.execute(wanted.limit(REPORTS_SHOWN)).all()
    seen = _seen(rows)
    if report_id not in {each.id for each in seen}:
        raise ReportMissing(report_id)
    return Burst(
        report_id=report_id,
        reports=seen,
        places=len({row.place_id for row in rows}),
        undoable=[each.number for each in seen if each.opened and each.is_open and not each.others],
        ban_until_at=running_ban(report.device_hash, now),
    )


def running_ban(device_hash: str, now: datetime) -> datetime | None:
    """Until when the reports of this device are kept apart; None: they are not."""
    return db.session.scalar(
        select(DeviceBan.until_at).where(
            DeviceBan.device_hash == device_hash, DeviceBan.lifted_at.is_(None), DeviceBan.until_at > now
        )
    )


def undo(report_id: int, numbers: Collection[str], reason: str, *, by: Actor, now: datetime) -> Undone:
    """Void what one device sent, case by case through ``cases.act``; their photos are shown to nobody unasked.

    A case that moved on since it was looked at, or that other people joined, is left as it is and named.

    Args:
        numbers: of the cases to void; only those of this device are.

    Raises:
        ReportMissing: no such report for this person.
        Incomplete: no reason, or no case was chosen.
    """
    burst = burst_of(report_id, by, now)
    chosen = [number for number in burst.undoable if number in numbers]
    problems = {} if reason.strip() else {"note": N_("请写明原因。")}
    if not chosen:
        problems["numbers"] = N_("请选择要作废的上报。")
    if problems:
        raise Incomplete(problems)
    voided: list[str] = []
    for number in chosen:
        version = db.session.scalars(select(Case.version).where(Case.number == number)).one()
        try:
            given = Supplied(note=reason, reason=ABUSE)
            cases.act(number, Action.VOID, given, version=version, by=by, now=now)
        except (cases.CaseMissing, cases.StaleVersion, NotPermitted, StepRefused):
            continue
        voided.append(number)
    return Undone(voided, [number for number in chosen if number not in voided])


def held_reports(actor: Actor) -> list[HeldReport]:
    """What is kept apart and waits for somebody to look at it, the newest first; for the duty lead alone."""
    wanted = _reports(actor).where(Case.held == 1, Case.state == State.REPORTED)
    rows = db.session.execute(wanted.limit(HELD_SHOWN)).all()
    ids = [row.case_id for row in rows]
    first = select(HistoryRow.case_id, HistoryRow.details).where(
        HistoryRow.case_id.in_(ids), HistoryRow.version == 1
    )
    joins = {case_id: details.get("joins", "") for case_id, details in db.session.execute(first)}
    return [
        HeldReport(report, joins.get(row.case_id, ""), row.version)
        for row, report in zip(rows, _seen(rows), strict=True)
    ]


def release(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """Take a report in that was kept apart: from now on it is a case like any other.

    Raises:
        CaseMissing, StaleVersion, NotPermitted, StepRefused.
    """
    cases.act(number, Action.RELEASE, Supplied(), version=version, by=by, now=now)


# ---------------------------------------------------------------- rows


def _flooded(actor: Actor, now: datetime) -> Select[Any]:
    """One row for each label above the limit; its case says who may see it."""
    count = func.count(Report.id)
    found: Any = (
        select(
            Report.label_id,
            count.label("reports"),
            func.count(Report.device_hash.distinct()).label("devices"),
            func.count(func.nullif(Report.network_mark, "").distinct()).label("networks"),
        )
        .join(Case, Case.id == Report.case_id)
        .where(Report.sent_at > now - WINDOW, _seen_by(actor))
        .group_by(Report.label_id)
        .having(count >= parts().config.flood_an_hour)
        .order_by(count.desc(), Report.label_id)
    )
    return cast(Select[Any], found)


def _seen_by(actor: Actor) -> Any:
    """What lists show him, and to the duty lead also what is kept apart."""
    usual = covered_by(actor, CASE_ROLES) & (Case.held == 0)
    return or_(usual, covered_by(actor, {Role.DUTY_LEAD}))


def _reports(actor: Actor) -> Select[Any]:
    found: Any = (
        select(
            Report.id,
            Report.label_id,
            Report.device_hash,
            Report.sent_at,
            Report.text,
            Report.case_id,
            Case.number,
            Case.state,
            Case.version,
            Case.held,
            Case.place_id,
            Place.name.label("place"),
            Category.name_zh,
            Category.name_en,
        )
        .join(Case, Case.id == Report.case_id)
        .join(Place, Place.id == Case.place_id)
        .join(Category, Category.id == Case.category_id)
        .where(_seen_by(actor))
        .order_by(Report.sent_at.desc(), Report.id.desc())
    )
    return cast(Select[Any], found)


def _seen(rows: Sequence[Any]) -> list[FloodedReport]:
    letters = _letters([row.device_hash for row in reversed(rows)])
    ids = {row.case_id for row in rows}
    devices: dict[int, set[str]] = {}
    first: dict[int, int] = {}
    beside = select(Report.case_id, Report.id, Report.device_hash).where(Report.case_id.in_(ids))
    for case_id, report_id, device_hash in db.session.execute(beside.order_by(Report.id)):
        devices.setdefault(case_id, set()).add(device_hash)
        first.setdefault(case_id, report_id)
    photos: dict[int, list[int]] = {}
    pictures = select(Photo.case_id, Photo.id).where(Photo.case_id.in_(ids)).order_by(Photo.id)
    for case_id, photo_id in db.session.execute(pictures):
        photos.setdefault(case_id, []).append(photo_id)
    return [
        FloodedReport(
            id=row.id,
            number=row.number,
            sent_at=row.sent_at,
            place=row.place,
            category_zh=row.name_zh,
            category_en=row.name_en,
            text=row.text,
            state=State(row.state),
            device=letters[row.device_hash],
            opened=first[row.case_id] == row.id,
            is_open=State(row.state) in OPEN,
            others=len(devices[row.case_id]) > 1,
            is_held=bool(row.held),
            photos=photos.get(row.case_id, []),
        )
        for row in rows
    ]


def _letters(devices: Sequence[str]) -> dict[str, str]:
    """甲 is easier to talk about than a hash; past the alphabet they are counted."""
    known = dict.fromkeys(devices)
    return {
        device: chr(ord("A") + place) if place < 26 else str(place + 1) for place, device in enumerate(known)
    }


def _places(label_ids: Collection[int]) -> dict[int, Place]:
    rows = db.session.execute(
        select(Label.id, Place).join(Place, Place.id == Label.place_id).where(Label.id.in_(label_ids))
    )
    return {row.id: row.Place for row in rows}
