"""What the pages of visits show: her list, one visit, and what a shop remembers of all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from tracker.domain.lifecycle import OPEN, Outcome, State
from tracker.domain.permissions import Actor
from tracker.domain.visits import EventKind, LineState
from tracker.extensions import db
from tracker.models import (
    Case,
    Category,
    Place,
    User,
    Visit,
    VisitedPlace,
    VisitEvent,
    VisitLine,
    VisitPhoto,
)
from tracker.services.parts import parts
from tracker.services.visit_places import PlaceView, VisitMissing, in_areas_of, place_for, view_of

ROWS_A_PAGE = 45
"""Three full days."""
VISITS_REMEMBERED, CASES_REMEMBERED = 12, 20


@dataclass(frozen=True)
class CaseMark:
    """A case as it is named beside a line; names in both languages.

    Attributes:
        into: number of the case it was merged into, whose state and outcome these are; empty: none.
    """

    number: str
    into: str
    state: State
    outcome: Outcome | None
    category_zh: str
    category_en: str
    summary: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Note:
    """A later remark: a correction, an answer, or that the shop was shown its link."""

    kind: EventKind
    text: str
    who: str
    at: datetime


@dataclass(frozen=True)
class LineView:
    """One line with what became of it; `photos` are row ids."""

    id: int
    position: int
    text: str
    state: LineState
    case: CaseMark | None
    photos: Sequence[int]
    notes: Sequence[Note]

    @property
    def text_now(self) -> str:
        """Its words with the latest correction."""
        corrected = [note.text for note in self.notes if note.kind == EventKind.CORRECTION]
        return corrected[-1] if corrected else self.text


@dataclass(frozen=True)
class VisitView:
    """A visit; `notes` are about the visit as a whole. `is_late`: it reached us long after it was made."""

    id: int
    place: PlaceView
    visited_at: datetime
    sent_at: datetime
    who: str
    met: str
    return_on: date | None
    lines: Sequence[LineView]
    notes: Sequence[Note]


@dataclass(frozen=True)
class VisitRow:
    """A visit in a list."""

    id: int
    place_code: str
    place_name: str
    visited_at: datetime
    met: str
    return_on: date | None
    lines: int
    cases: int
    first_words: str


@dataclass(frozen=True)
class VisitList:
    """One page of a person's visits, newest first; `older`: cursor of the next one, empty: no more."""

    rows: Sequence[VisitRow]
    older: str


@dataclass(frozen=True)
class Tally:
    """What one day brought: visits, lines, and lines that became a case or joined one."""

    visits: int
    lines: int
    cases: int


@dataclass(frozen=True)
class Memory:
    """Everything a shop was ever told and told us.

    Attributes:
        visits: the latest, newest first; `visit_count` counts all.
        cases: open ones first, then the latest that ended.
        last_at, last_id: of the last visit; None: never.
        promised_on: the day somebody promised to come back at the last visit.
    """

    place: PlaceView
    visits: Sequence[VisitView]
    visit_count: int
    cases: Sequence[CaseMark]
    last_at: datetime | None
    promised_on: date | None


class CursorWrong(ValueError):
    """The cursor in the address is not one of ours."""


def own_visits(actor: Actor, cursor: str = "") -> VisitList:
    """The person's own visits, newest first.

    Raises:
        CursorWrong: not a cursor of ours.
    """
    wanted = (
        select(Visit, Place.code, Place.name)
        .join(Visit.place)
        .where(Visit.user_id == actor.user_id, in_areas_of(actor))
        .order_by(Visit.visited_at.desc(), Visit.id.desc())
        .limit(ROWS_A_PAGE + 1)
    )
    if cursor:
        at, visit_id = _position(cursor)
        wanted = wanted.where(or_(Visit.visited_at < at, and_(Visit.visited_at == at, Visit.id < visit_id)))
    found = db.session.execute(wanted).all()
    shown = found[:ROWS_A_PAGE]
    counts = _counted([visit.id for visit, _, _ in shown])
    rows = [
        VisitRow(
            id=visit.id,
            place_code=code,
            place_name=name,
            visited_at=visit.visited_at,
            met=visit.met,
            return_on=visit.return_on,
            lines=counts.get(visit.id, (0, 0, ""))[0],
            cases=counts.get(visit.id, (0, 0, ""))[1],
            first_words=counts.get(visit.id, (0, 0, ""))[2],
        )
        for visit, code, name in shown
    ]
    return VisitList(rows, _cursor(rows[-1]) if len(found) > ROWS_A_PAGE else "")


def tally(actor: Actor, now: datetime) -> Tally:
    """What the person did today; one statement."""
    start, end = day_of(now)
    taken_up = VisitLine.case_id.is_not(None)
    row = db.session.execute(
        select(
            func.count(Visit.id.distinct()),
            func.count(VisitLine.id),
            func.count(VisitLine.id).filter(taken_up),
        )
        .select_from(Visit)
        .outerjoin(VisitLine, VisitLine.visit_id == Visit.id)
        .where(Visit.user_id == actor.user_id, Visit.visited_at >= start, Visit.visited_at < end)
    ).one()
    return Tally(*row)


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Where the day of a moment begins and ends on the street's own clock, aware UTC."""
    zone = parts().zone
    today = now.astimezone(zone).date()
    start, end = (datetime.combine(day, time(), zone) for day in (today, today + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def visit(visit_id: int, actor: Actor) -> VisitView:
    """One visit.

    Raises:
        VisitMissing: no such visit for this person.
    """
    found = _visits(_with_place(actor).where(Visit.id == visit_id))
    if not found:
        raise VisitMissing(visit_id)
    return found[0]


def memory(code: str, actor: Actor) -> Memory:
    """What a place remembers; six statements, whatever its past.

    Raises:
        VisitMissing: no such place in this person's areas.
    """
    place = place_for(code, actor)
    latest = _with_place(actor).where(Visit.place_id == place.id)
    visits = _visits(latest.order_by(Visit.visited_at.desc(), Visit.id.desc()).limit(VISITS_REMEMBERED))
    last = db.session.get(VisitedPlace, place.id)
    count = db.session.scalar(select(func.count()).where(Visit.place_id == place.id)) or 0
    return Memory(
        place=place,
        visits=visits,
        visit_count=count,
        cases=_cases_at(place.id),
        last_at=last.visited_at if last else None,
        promised_on=last.return_on if last else None,
    )


def photo(photo_id: int, actor: Actor) -> str:
    """The content hash of a photo of a visit this person may see.

    Raises:
        VisitMissing: no such photo for this person.
    """
    sha256 = db.session.scalar(
        select(VisitPhoto.sha256)
        .join(VisitLine, VisitLine.id == VisitPhoto.line_id)
        .join(VisitLine.visit)
        .join(Visit.place)
        .where(VisitPhoto.id == photo_id, in_areas_of(actor))
    )
    if sha256 is None:
        raise VisitMissing(photo_id)
    return sha256


@dataclass(frozen=True)
class Origin:
    """The visit that a report was made on."""

    visit_id: int
    who: str
    visited_at: datetime
    place_name: str


def origins(report_ids: Collection[int]) -> dict[int, Origin]:
    """Report id → the visit it was made on, of those that were; for staff, never for reporters."""
    if not report_ids:
        return {}
    rows = db.session.execute(
        select(VisitLine.report_id, Visit.id, User.name, Visit.visited_at, Place.name)
        .join(Visit, Visit.id == VisitLine.visit_id)
        .join(User, User.id == Visit.user_id)
        .join(Place, Place.id == Visit.place_id)
        .where(VisitLine.report_id.in_(report_ids))
    )
    return {
        report_id: Origin(visit_id, who, at, place)
        for report_id, visit_id, who, at, place in rows
        if report_id is not None
    }


def _with_place(actor: Actor) -> Select[Visit]:
    return (
        select(Visit)
        .join(Visit.place)
        .join(Place.area)
        .options(
            contains_eager(Visit.place).contains_eager(Place.area), joinedload(Visit.user, innerjoin=True)
        )
        .where(in_areas_of(actor))
    )


def _visits(wanted: Select[Visit]) -> list[VisitView]:
    """Visits with all that belongs to them, five statements however many there are."""
    rows = db.session.scalars(wanted).all()
    ids = [row.id for row in rows]
    lines, notes = _lines_of(ids), _notes_of(ids)
    marks = _marks([line.case_id for group in lines.values() for line in group if line.case_id])
    photos = _photos_of([line.id for group in lines.values() for line in group])
    return [
        VisitView(
            id=row.id,
            place=view_of(row.place),
            visited_at=row.visited_at,
            sent_at=row.sent_at,
            who=row.user.name,
            met=row.met,
            return_on=row.return_on,
            lines=[
                LineView(
                    id=line.id,
                    position=line.position,
                    text=line.text,
                    state=LineState(line.state),
                    case=marks.get(line.case_id) if line.case_id else None,
                    photos=photos[line.id],
                    notes=notes[row.id, line.id],
                )
                for line in lines[row.id]
            ],
            notes=notes[row.id, None],
        )
        for row in rows
    ]


def _lines_of(visit_ids: Sequence[int]) -> Mapping[int, list[VisitLine]]:
    found: defaultdict[int, list[VisitLine]] = defaultdict(list)
    wanted = select(VisitLine).where(VisitLine.visit_id.in_(visit_ids)).order_by(VisitLine.position)
    for line in db.session.scalars(wanted) if visit_ids else ():
        found[line.visit_id].append(line)
    return found


def _notes_of(visit_ids: Sequence[int]) -> Mapping[tuple[int, int | None], list[Note]]:
    found: defaultdict[tuple[int, int | None], list[Note]] = defaultdict(list)
    wanted = (
        select(VisitEvent, User.name)
        .join(User, User.id == VisitEvent.user_id)
        .where(VisitEvent.visit_id.in_(visit_ids))
        .order_by(VisitEvent.id)
    )
    for event, who in db.session.execute(wanted) if visit_ids else ():
        note = Note(EventKind(event.kind), event.text, who, event.at)
        found[event.visit_id, event.line_id].append(note)
    return found


def _photos_of(line_ids: Sequence[int]) -> Mapping[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    wanted = select(VisitPhoto.line_id, VisitPhoto.id).where(VisitPhoto.line_id.in_(line_ids))
    for line_id, photo_id in db.session.execute(wanted.order_by(VisitPhoto.id)) if line_ids else ():
        found[line_id].append(photo_id)
    return found


def _marks(case_ids: Iterable[int]) -> dict[int, CaseMark]:
    wanted = set(case_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Case, Category.name_zh, Category.name_en)
        .join(Case.category_version)
        .where(Case.id.in_(wanted))
    ).all()
    mains = _mains({case.main_case for case, _, _ in rows if case.main_case})
    return {case.id: _mark(case, zh, en, mains.get(case.main_case, case)) for case, zh, en in rows}


def _cases_at(place_id: int) -> list[CaseMark]:
    """The open cases at a place, then the latest that ended. Private matters are nobody's talk at a counter."""
    wanted = (
        select(Case, Category.name_zh, Category.name_en)
        .join(Case.category_version)
        .where(Case.place_id == place_id, Category.private.is_(False), Case.held == 0)
        .order_by(Case.closed_at.is_not(None), Case.opened_at.desc(), Case.id.desc())
        .limit(CASES_REMEMBERED)
    )
    rows = db.session.execute(wanted).all()
    mains = _mains({case.main_case for case, _, _ in rows if case.main_case})
    return [_mark(case, zh, en, mains.get(case.main_case, case)) for case, zh, en in rows]


def _mains(numbers: Collection[str]) -> dict[str, Case]:
    if not numbers:
        return {}
    return {case.number: case for case in db.session.scalars(select(Case).where(Case.number.in_(numbers)))}


def _mark(case: Case, zh: str, en: str, followed: Case) -> CaseMark:
    return CaseMark(
        number=case.number,
        into=case.main_case,
        state=State(followed.state),
        outcome=Outcome(followed.outcome) if followed.outcome and followed.state not in OPEN else None,
        category_zh=zh,
        category_en=en,
        summary=case.summary,
        opened_at=case.opened_at,
        closed_at=followed.closed_at,
    )


def _counted(visit_ids: Sequence[int]) -> dict[int, tuple[int, int, str]]:
    """Visit id → how many lines, how many of them are cases, and the words of the first."""
    found: dict[int, tuple[int, int, str]] = {}
    for group in _lines_of(visit_ids).values():
        taken_up = sum(line.case_id is not None for line in group)
        found[group[0].visit_id] = (len(group), taken_up, group[0].text)
    return found


def _cursor(row: VisitRow) -> str:
    return f"{row.visited_at.timestamp():.6f}.{row.id}"


def _position(cursor: str) -> tuple[datetime, int]:
    try:
        seconds, microseconds, row_id = cursor.split(".")
        at = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
        position = at, int(row_id)
    except (ValueError, OverflowError, OSError) as error:
        raise CursorWrong(cursor) from error
    if not 0 <= position[1] < 2**31:
        raise CursorWrong(cursor)
    return position
