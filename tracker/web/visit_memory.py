"""What a shop remembers, and the lines of visits, as templates place them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.lifecycle import OPEN, State
from tracker.domain.visits import LineState
from tracker.services.visit_pages import LineView, Memory, Note, VisitView
from tracker.services.visit_places import PlaceView
from tracker.web import words
from tracker.web.language import ago
from tracker.web.presenters import PhotoLink
from tracker.web.reporter_words import day
from tracker.web.visit_words import (
    EVENTS,
    LINE_STATES,
    LINE_TONES,
    CaseLine,
    case_line,
    case_lines,
    clock,
    day_of,
)


@dataclass(frozen=True)
class NoteLine:
    """A later remark in words."""

    what: str
    text: str
    who: str
    when: str
    at: str


@dataclass(frozen=True)
class SaidLine:
    """One line of a visit; `is_settled`: nothing more can be made of it."""

    id: int
    position: int
    text: str
    first_text: str
    state: str
    state_words: str
    tone: str
    case: CaseLine | None
    photos: Sequence[PhotoLink]
    notes: Sequence[NoteLine]
    is_settled: bool


@dataclass(frozen=True)
class PastVisit:
    """A visit among others."""

    id: int
    url: str
    when: str
    at: str
    who: str
    met: str
    promise: str
    lines: Sequence[SaidLine]


@dataclass(frozen=True)
class MemoryView:
    """Everything said at a place before."""

    place: PlaceView
    kind: str
    last: str
    promise: str
    open_cases: Sequence[CaseLine]
    ended_cases: Sequence[CaseLine]
    visits: Sequence[PastVisit]
    visit_count: int


def memory_of(memory: Memory) -> MemoryView:
    """The memory in words."""
    is_open = {mark.number: State(mark.state) in OPEN for mark in memory.cases}
    return MemoryView(
        place=memory.place,
        kind=str(words.PLACE_KINDS.get(memory.place.kind, memory.place.kind)),
        last=f"{day_of(memory.last_at)} · {ago(memory.last_at)}" if memory.last_at else _("还没走访过"),
        promise=day(memory.promised_on) if memory.promised_on else "",
        open_cases=list(case_lines([mark for mark in memory.cases if is_open[mark.number]])),
        ended_cases=list(case_lines([mark for mark in memory.cases if not is_open[mark.number]])),
        visits=[past_visit(visit) for visit in memory.visits],
        visit_count=memory.visit_count,
    )


def past_visit(visit: VisitView) -> PastVisit:
    """A visit in words."""
    return PastVisit(
        id=visit.id,
        url=url_for("visits.visit.show", visit_id=visit.id),
        when=f"{day_of(visit.visited_at)} {clock(visit.visited_at)}",
        at=visit.visited_at.isoformat(),
        who=visit.who,
        met=visit.met,
        promise=day(visit.return_on) if visit.return_on else "",
        lines=[said(line) for line in visit.lines],
    )


def said(line: LineView) -> SaidLine:
    """A line in words."""
    return SaidLine(
        id=line.id,
        position=line.position,
        text=line.text_now,
        first_text=line.text,
        state=line.state.value,
        state_words=str(LINE_STATES[line.state]),
        tone=LINE_TONES[line.state],
        case=case_line(line.case) if line.case else None,
        photos=[_photo(photo_id) for photo_id in line.photos],
        notes=note_lines(line.notes),
        is_settled=line.state in (LineState.CASE, LineState.JOINED),
    )


def note_lines(notes: Sequence[Note]) -> list[NoteLine]:
    """Later remarks in words, oldest first."""
    return [
        NoteLine(
            what=str(EVENTS[note.kind]),
            text=note.text,
            who=note.who,
            when=f"{day_of(note.at)} {clock(note.at)}",
            at=note.at.isoformat(),
        )
        for note in notes
    ]


def _photo(photo_id: int) -> PhotoLink:
    return PhotoLink(
        url_for("visits.photo", photo_id=photo_id),
        url_for("visits.photo", photo_id=photo_id, size="thumb"),
        _("走访时拍的照片"),
    )
