"""What the case pages show: one case with its photos and history, for staff and for the reporter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Situation, permitted_steps, roles_of
from tracker.domain.dispatch import Route
from tracker.domain.lifecycle import Action, Step
from tracker.domain.permissions import ON_THE_STREET, Actor
from tracker.domain.phone import mask
from tracker.extensions import db
from tracker.models import Area, Case, Category, Department, HistoryRow, Photo, Place, Report, User
from tracker.services import links
from tracker.services.cases import CaseMissing, situation_of
from tracker.services.intake import phone_context
from tracker.services.moves import record_of
from tracker.services.parts import parts
from tracker.services.routing import route_for


@dataclass(frozen=True)
class PhotoView:
    """A photo as a page shows it; kind: before, after, staff."""

    id: int
    case_id: int
    kind: str
    version: int
    width: int
    height: int


@dataclass(frozen=True)
class Event:
    """One history row.

    Attributes:
        who: name of the staff member; empty for others. Never shown to reporters.
        is_mine: done by the person who reads: the reporter on his page, the member of staff at the desk.
        changes, details: as the history keeps them.
        day_only: of what another reporter did, and a rule at once, this reader learns the day alone.
    """

    version: int
    at: datetime
    action: str
    from_state: str
    to_state: str
    actor_kind: str
    who: str
    note: str
    is_public: bool
    is_mine: bool
    changes: Mapping[str, Sequence[Any]]
    details: Mapping[str, Any]
    photos: Sequence[PhotoView]
    day_only: bool


@dataclass(frozen=True)
class CasePage:
    """What every page of a case shows.

    Attributes:
        day_only: the minute of the report could say who sent it, so this reader learns the day alone.
        voices: how many people it concerns by now.
    """

    number: str
    record: CaseRecord
    opened_at: datetime
    moved_at: datetime
    place_name: str
    place_kind: str
    address: str
    area_name: str
    category_zh: str
    category_en: str
    icon: str
    urgent: bool
    evidence: bool
    private: bool
    day_only: bool
    events: Sequence[Event]
    photos: Sequence[PhotoView]
    steps: Sequence[Step]
    """What the person may do now, in the order of the table."""
    today: date
    voices: int


@dataclass(frozen=True)
class ReportView:
    """A report of the case, for staff. The phone is masked; revealing it is an action of its own."""

    id: int
    sent_at: datetime
    text: str
    masked_phone: str


@dataclass(frozen=True)
class StaffCase:
    """The desk's page: the case, its reports, and the cases merged into it.

    Attributes:
        stages: names of the category's stages that are still to be finished.
        suggested: where the routing rule would send it; None unless the person may dispatch it now.
        area_names: code → name of the areas that routing rules in its history were made for.
    """

    page: CasePage
    reports: Sequence[ReportView]
    merged: Sequence[str]
    stages: Sequence[str]
    suggested: Route | None
    area_names: Mapping[str, str]


@dataclass(frozen=True)
class CategoryChoice:
    """A category as it is filed under now; names in both languages."""

    code: str
    zh: str
    en: str
    group_zh: str
    group_en: str


@dataclass(frozen=True)
class ReporterCase:
    """The private page: the followed case, and whether this person may speak.

    Attributes:
        own_number: of the case that the report opened; differs from the page's when it was merged.
        has_joined: the report joined a case that somebody else had opened.
        label_token: of the code that was scanned, to report something else there.
    """

    page: CasePage
    report_id: int
    own_number: str
    own_text: str
    has_joined: bool
    speaks: bool
    label_token: str
    has_phone: bool


def staff_case(number: str, actor: Actor, now: datetime) -> StaffCase:
    """The case for somebody at the desk.

    Raises:
        CaseMissing: no such case for this person.
    """
    with_registers = (
        joinedload(Case.place, innerjoin=True).joinedload(Place.area, innerjoin=True),
        joinedload(Case.category_version, innerjoin=True),
    )
    case = db.session.scalar(select(Case).where(Case.number == number).options(*with_registers))
    if case is None:
        raise CaseMissing(number)
    situation = situation_of(case, now)
    if not roles_of(actor, situation):
        raise CaseMissing(number)
    page = _page(case, situation, actor)
    may_dispatch = any(step.action == Action.DISPATCH for step in page.steps)
    return StaffCase(
        page=page,
        reports=[_report_view(report) for report in _reports(case)],
        merged=db.session.scalars(select(Case.number).where(Case.main_case == number)).all(),
        stages=situation.stages,
        suggested=route_for(case.category, case.area_code) if may_dispatch else None,
        area_names=_area_names(page.events),
    )


def reporter_case(link_key: str, device: str, now: datetime) -> ReporterCase:
    """The private page behind a link.

    Raises:
        LinkUnknown: no such link.
    """
    report = links.report_behind(link_key)
    case = links.followed_case(report)
    actor = links.actor_for(report)
    situation = situation_of(case, now)
    own = db.session.get_one(Case, report.case_id)
    return ReporterCase(
        page=_page(case, situation, actor),
        report_id=report.id,
        own_number=own.number,
        own_text=report.text,
        has_joined=own.id == case.id and report.id != situation.opened_by,
        speaks=links.speaks_from(report, device),
        label_token=links.label_of(report),
        has_phone=bool(report.phone_sealed),
    )


def changed_since(number: str, version: int, actor: Actor) -> Sequence[Event]:
    """The rows a stale page has not seen, oldest first."""
    case = db.session.scalars(select(Case).where(Case.number == number)).one()
    return [event for event in _events(case, actor, []) if event.version > version]


def staff_photo(photo_id: int, actor: Actor, now: datetime) -> str:
    """The content hash of a photo on a case this person may see.

    Raises:
        CaseMissing: no such photo for this person.
    """
    photo = db.session.get(Photo, photo_id)
    if photo is None or not roles_of(actor, situation_of(db.session.get_one(Case, photo.case_id), now)):
        raise CaseMissing(photo_id)
    return photo.sha256


def reporter_photo(link_key: str, photo_id: int) -> str:
    """The content hash of a photo that the reporter's page shows.

    Raises:
        LinkUnknown, CaseMissing: no such link or photo for this person.
    """
    report = links.report_behind(link_key)
    case = links.followed_case(report)
    actor = links.actor_for(report)
    photo = next((each for each in _photos(case, actor) if each.id == photo_id), None)
    if photo is None:
        raise CaseMissing(photo_id)
    return db.session.get_one(Photo, photo_id).sha256


def phone_of(number: str, report_id: int) -> str:
    """The phone number left with a report; the caller has taken the action that allows it (``reveal_phone``).

    Raises:
        CaseMissing: the report is not one of this case, or left no number.
    """
    report = db.session.get(Report, report_id)
    case = db.session.scalar(select(Case).where(Case.number == number))
    if report is None or case is None or report.case_id != case.id or not report.phone_sealed:
        raise CaseMissing(number)
    return parts().phones.open(report.phone_sealed, phone_context(report.key))


def department_names() -> dict[str, tuple[str, str]]:
    """Code → (Chinese, English) name of every department."""
    rows = db.session.execute(select(Department.code, Department.name_zh, Department.name_en))
    return {code: (zh, en) for code, zh, en in rows}


def category_choices() -> list[CategoryChoice]:
    """The catalogue in its present version, in its own order."""
    rows = db.session.execute(
        select(Category.code, Category.name_zh, Category.name_en, Category.group_zh, Category.group_en)
        .where(Category.is_current)
        .order_by(Category.position)
    )
    return [CategoryChoice(*row) for row in rows]


def _area_names(events: Sequence[Event]) -> dict[str, str]:
    codes = {event.details.get("rule_area") for event in events} - {None, ""}
    if not codes:
        return {}
    return {area.code: area.name for area in db.session.scalars(select(Area).where(Area.code.in_(codes)))}


def _page(case: Case, situation: Situation, actor: Actor) -> CasePage:
    photos = _photos(case, actor)
    category = case.category_version
    return CasePage(
        number=case.number,
        record=record_of(case),
        opened_at=case.opened_at,
        moved_at=case.moved_at,
        place_name=case.place.name,
        place_kind=case.place.kind,
        address=case.place.address,
        area_name=case.place.area.name,
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        urgent=category.urgent,
        evidence=category.evidence,
        private=category.private,
        day_only=_is_day_only(case, actor),
        events=_events(case, actor, photos),
        photos=photos,
        steps=list(permitted_steps(situation, actor)),
        today=situation.today,
        voices=case.voices,
    )


def _events(case: Case, actor: Actor, photos: Sequence[PhotoView]) -> list[Event]:
    """The history as `actor` may read it, oldest first.

    A reporter sees that something happened, public words, and his own; never names, never another's words.
    """
    rows = db.session.execute(
        select(HistoryRow, User.name)
        .outerjoin(User, User.id == HistoryRow.user_id)
        .where(HistoryRow.case_id == case.id)
        .order_by(HistoryRow.version)
    )
    hides_moments = _is_day_only(case, actor)
    return [_event(row, name or "", actor, photos, hides_moments=hides_moments) for row, name in rows]


def _is_day_only(case: Case, actor: Actor) -> bool:
    """Source: threats, part C: a department never learns the minute of a report if only one could have sent it.

    Nor does somebody who joined: it may be the owner of the very shop.
    """
    fears = actor.only_handles or actor.report_id is not None
    return case.category_version.protect_reporter and fears


def _event(
    row: HistoryRow, name: str, actor: Actor, photos: Sequence[PhotoView], *, hides_moments: bool
) -> Event:
    for_staff = actor.report_id is None
    is_mine = (row.user_id, row.report_id) == (actor.user_id, actor.report_id)
    may_read = for_staff or is_mine or (row.is_public and row.actor_kind not in ON_THE_STREET)
    return Event(
        version=row.version,
        at=row.at,
        action=row.action,
        from_state=row.from_state,
        to_state=row.to_state,
        actor_kind=row.actor_kind,
        who=name if for_staff else "",
        note=row.note if may_read else "",
        is_public=row.is_public,
        is_mine=is_mine,
        changes=row.changes,
        details=row.details if for_staff else {},
        photos=[photo for photo in photos if (photo.case_id, photo.version) == (row.case_id, row.version)],
        day_only=hides_moments and row.actor_kind in (*ON_THE_STREET, "rule") and not is_mine,
    )


def _photos(case: Case, actor: Actor) -> list[PhotoView]:
    """The photos `actor` may see, oldest first.

    A reporter: those of the work, and his own, also from a case that was merged; never another's, never staff's.
    """
    if actor.report_id is None:
        rows = db.session.scalars(select(Photo).where(Photo.case_id == case.id).order_by(Photo.id)).all()
    else:
        sender = (
            select(HistoryRow.report_id)
            .where(HistoryRow.case_id == Photo.case_id, HistoryRow.version == Photo.version)
            .scalar_subquery()
        )
        of_the_work = and_(Photo.case_id == case.id, Photo.kind != "staff", sender.is_(None))
        rows = db.session.scalars(
            select(Photo)
            .where(Photo.case_id.in_(actor.cases), or_(of_the_work, sender == actor.report_id))
            .order_by(Photo.id)
        ).all()
    return [PhotoView(row.id, row.case_id, row.kind, row.version, row.width, row.height) for row in rows]


def _reports(case: Case) -> Sequence[Report]:
    return db.session.scalars(select(Report).where(Report.case_id == case.id).order_by(Report.id)).all()


def _report_view(report: Report) -> ReportView:
    sealed = report.phone_sealed
    masked = mask(parts().phones.open(sealed, phone_context(report.key))) if sealed else ""
    return ReportView(report.id, report.sent_at, report.text, masked)
