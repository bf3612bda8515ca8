"""What becomes of a line that was written down on a visit: a case, a voice in an open one, an answer, a correction.

A case made of a line is the shop's own: reported from the shop, followed by the shop through its private link. The
visitor is named to staff by the visit the line stands in, and to nobody else.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete
from tracker.domain.labels import CURRENT
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.visits import EventKind, LineState
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Label, Place, Report, Visit, VisitEvent, VisitLine, VisitPhoto
from tracker.services import intake, labels, links
from tracker.services.links import Credentials, report_behind
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace, labelled_place
from tracker.services.visit_places import VisitMissing, may_visit


class LineTakenUp(Exception):
    """The line is a case or has joined one already; it is not answered besides. The message can be shown."""

    def __init__(self) -> None:
        super().__init__(N_("这一条已经立案或并入案件，不用再答复。"))


@dataclass(frozen=True)
class _Line:
    """A line as it is reported: plain values, read before anything is written."""

    id: int
    key: str
    text: str
    photos: Sequence[StoredPhoto]
    place: LabelledPlace
    is_taken_up: bool


def make_case(line_id: int, category: str, *, by: Actor, now: datetime) -> None:
    """Report a line as a case of its own; one that is taken up already stays as it is.

    Raises:
        VisitMissing: no such line for this person.
        Incomplete: no such category.
    """
    line = _line(line_id, by, now)
    if line.is_taken_up:
        return
    with suppress(
        intake.KeyReused
    ):  # it came before as something else, and the answer was lost: that is its case
        intake.receive(_report_of(line, category), line.place, now)
    _take_up(line.id, line.key, by, now)


def join_case(line_id: int, number: str, *, by: Actor, now: datetime) -> None:
    """Let a line count as the shop's voice in an open case; one that is taken up already stays as it is.

    Raises:
        VisitMissing: no such line for this person.
        Incomplete: no such case around the place, or it has ended.
    """
    line = _line(line_id, by, now)
    if line.is_taken_up:
        return
    report_key = line.key
    with suppress(intake.KeyReused):  # as above
        report_key = _join(line, number, now)
    _take_up(line.id, report_key, by, now)


def answer(line_id: int, text: str, *, key: str, by: Actor, now: datetime) -> None:
    """Note what was answered on the spot; nothing more is to come of the line.

    Raises:
        VisitMissing: no such line for this person.
        Incomplete: no words, or too many.
        LineTakenUp: it is a case already.
    """
    words = _words(text)

    def use_case() -> None:
        with transaction():
            line = _locked(line_id, by)
            if line.case_id is not None:
                raise LineTakenUp
            line.state = LineState.ANSWERED.value
            _note(line.visit_id, EventKind.ANSWERED, by, now, line_id=line.id, text=words, key=key)

    _once(use_case, key)


def correct(visit_id: int, text: str, *, line_id: int | None, key: str, by: Actor, now: datetime) -> None:
    """Add a correction to a visit or one of its lines; what was written stays and is shown beside it.

    Raises:
        VisitMissing: no such visit or line for this person.
        Incomplete: no words, or too many.
    """
    words = _words(text)

    def use_case() -> None:
        with transaction():
            visit = _visit(visit_id, by) if line_id is None else _locked(line_id, by).visit
            if visit.id != visit_id:
                raise VisitMissing(line_id)
            _note(visit_id, EventKind.CORRECTION, by, now, line_id=line_id, text=words, key=key)

    _once(use_case, key)


def show_link(line_id: int, *, by: Actor, now: datetime) -> None:
    """Note that the shop's private link is put on the screen: whoever sees it could speak for the shop.

    Raises:
        VisitMissing: no such line for this person, or it is no case.
    """

    def use_case() -> None:
        with transaction():
            line = _locked(line_id, by)
            if line.report_id is None:
                raise VisitMissing(line_id)
            _note(line.visit_id, EventKind.SHOWN, by, now, line_id=line.id)

    again_if_interrupted(use_case)


def credentials_of(line_id: int, by: Actor) -> Credentials:
    """Link and code of the report that a line became: for the shop's eyes.

    Raises:
        VisitMissing: no such line for this person, or it is no case.
    """
    line = _seen(line_id, by)
    report = db.session.get(Report, line.report_id) if line.report_id else None
    if report is None or report.link_round or (credentials := links.credentials_of(report)) is None:
        raise VisitMissing(line_id)  # a link that the shop made anew is the shop's alone
    return credentials


def voice_of(place_code: str) -> str:
    """The name of the device that a place's keeper speaks from when somebody else holds the phone.

    One a place, so that a shop counts as one voice and two shops as two, whoever visits them. Nobody can take it on:
    devices are known by a signed cookie, and this name needs a secret of the installation.
    """
    secret = parts().config.secret_keys[
        -1
    ]  # the oldest, as with phone numbers: a new one must not make new voices
    return hmac.new(secret.encode(), b"voice of a place\n" + place_code.encode(), hashlib.sha256).hexdigest()


def _join(line: _Line, number: str, now: datetime) -> str:
    """The shop says *me too*, as the public form lets whoever stands there with his own phone; its report's key.

    A shop that is in the case already adds its words to the report it made then.
    """
    receipt = intake.join(_report_of(line, ""), number, line.place, now)
    return report_behind(receipt.credentials.link_key).key


def _report_of(line: _Line, category: str) -> intake.NewReport:
    return intake.NewReport(
        key=line.key,
        category=category,
        text=line.text,
        device=voice_of(line.place.place_code),
        photos=line.photos,
    )


def _line(line_id: int, by: Actor, now: datetime) -> _Line:
    line = _seen(line_id, by)
    photos = db.session.scalars(
        select(VisitPhoto).where(VisitPhoto.line_id == line_id).order_by(VisitPhoto.id)
    )
    place_id = line.visit.place_id
    found = _Line(
        id=line.id,
        key=line.key,
        text=text_now(line.id) or line.text,
        photos=[StoredPhoto(row.sha256, row.width, row.height, row.size_bytes) for row in photos],
        place=labelled_place(_token_of(place_id, now)),
        is_taken_up=line.case_id is not None,
    )
    if len(found.text) > parts().config.text_limit_chars:
        raise Incomplete({"text": N_("文字太长，请缩短后再提交。")})
    return found


def text_now(line_id: int) -> str:
    """The words of a line's latest correction; empty: none was made."""
    latest = (
        select(VisitEvent.text)
        .where(VisitEvent.line_id == line_id, VisitEvent.kind == EventKind.CORRECTION.value)
        .order_by(VisitEvent.id.desc())
        .limit(1)
    )
    return db.session.scalar(latest) or ""


def _token_of(place_id: int, now: datetime) -> str:
    """The place's label: one that hangs there, else any it ever had, else a new one, for a report belongs to one."""
    wanted = (
        select(Label.token)
        .where(Label.place_id == place_id)
        .order_by(sql_case((Label.state.in_(CURRENT), 0), else_=1), Label.id.desc())
        .limit(1)
    )
    token = db.session.scalar(wanted)
    if token is None:
        labels.issue([place_id], now)
        token = db.session.scalars(wanted).one()
    return token


def _take_up(line_id: int, report_key: str, by: Actor, now: datetime) -> None:
    """Let the line show the report it became: a case if it opened one, else a voice in another's."""

    def use_case() -> None:
        with transaction():
            line = _locked(line_id, by)
            if line.case_id is not None:
                return
            report = db.session.scalars(select(Report).where(Report.key == report_key)).one()
            first = select(func.min(Report.id)).where(Report.case_id == report.case_id)
            opened = report.key == line.key and db.session.scalar(first) == report.id
            state = LineState.CASE if opened else LineState.JOINED
            line.state, line.case_id, line.report_id = state.value, report.case_id, report.id
            kind = EventKind(state.value)
            _note(line.visit_id, kind, by, now, line_id=line.id, case_id=report.case_id)

    again_if_interrupted(use_case)


def _note(
    visit_id: int,
    kind: EventKind,
    by: Actor,
    now: datetime,
    *,
    line_id: int | None,
    text: str = "",
    key: str | None = None,
    case_id: int | None = None,
) -> None:
    db.session.add(
        VisitEvent(
            visit_id=visit_id,
            line_id=line_id,
            key=key,
            kind=kind.value,
            text=text,
            case_id=case_id,
            user_id=by.user_id,
            at=now,
        )
    )
    db.session.flush()


def _once(use_case: Callable[[], None], key: str) -> None:
    """Run a use case that writes an event under `key`; the same form sent again changes nothing."""
    try:
        again_if_interrupted(use_case)
    except IntegrityError:
        if db.session.scalar(select(VisitEvent.id).where(VisitEvent.key == key)) is None:
            raise


def _words(text: str) -> str:
    words = plain_text(text)
    if not words:
        raise Incomplete({"text": N_("请写几个字。")})
    if len(words) > parts().config.text_limit_chars:
        raise Incomplete({"text": N_("文字太长，请缩短后再提交。")})
    return words


def _seen(line_id: int, by: Actor) -> VisitLine:
    return _mine(db.session.get(VisitLine, line_id), by)


def _locked(line_id: int, by: Actor) -> VisitLine:
    line = db.session.scalar(select(VisitLine).where(VisitLine.id == line_id).with_for_update())
    return _mine(line, by)


def _mine(line: VisitLine | None, by: Actor) -> VisitLine:
    if line is None:
        raise VisitMissing
    _visit(line.visit_id, by)
    return line


def _visit(visit_id: int, by: Actor) -> Visit:
    visit = db.session.get(Visit, visit_id)
    area = select(Place.area_code).where(Place.id == visit.place_id) if visit else None
    if visit is None or area is None or not may_visit(by, db.session.scalars(area).one()):
        raise VisitMissing(visit_id)
    return visit
