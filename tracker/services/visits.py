"""Writing down a visit: photos first, then one transaction, then the answer; sent twice it is one visit."""

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.visits import LineState
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, insert_rows, transaction
from tracker.models import Visit, VisitedPlace, VisitLine, VisitPhoto
from tracker.services.parts import parts
from tracker.services.visit_places import place_by_id

MET_CHARS = 60
LINES_AT_MOST = 20
CLOCKS_DIFFER = timedelta(minutes=10)
"""A phone's clock may run ahead of ours by this much."""
_KEY = re.compile(r"[!-~]{16,64}")


class VisitKeyReused(Exception):
    """The phone's key came again with other content; nothing was stored. The message can be shown.

    Attributes:
        visit_id: of the visit stored under the key; None if somebody else wrote it.
    """

    def __init__(self, visit_id: int | None) -> None:
        super().__init__(N_("这次走访已经记过一次，内容和这次发来的不一样。"))
        self.visit_id = visit_id


@dataclass(frozen=True)
class NewLine:
    """One thing that was said; photos are already on disk."""

    text: str
    photos: Sequence[StoredPhoto] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", plain_text(self.text).strip())  # as dataclasses set frozen fields


@dataclass(frozen=True)
class NewVisit:
    """What a visitor sends.

    Attributes:
        key: made by the phone, 16 to 64 ASCII characters without blanks; the same key is the same visit.
        place_id: None: not found yet, which ``check`` says.
        visited_at: aware; None: unreadable.
        lines: as written; empty ones are left out. None at all is a visit where nothing was said.
        return_on: the day somebody promised to come back.
    """

    key: str
    place_id: int | None
    visited_at: datetime | None
    met: str = ""
    return_on: date | None = None
    lines: Sequence[NewLine] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "met", plain_text(self.met).strip())
        said = [line for line in self.lines if line.text or line.photos]
        object.__setattr__(self, "lines", said)


def check(new: NewVisit, now: datetime) -> None:
    """Raise Incomplete, naming everything that is missing or unreadable at once; looks nothing up."""
    problems = {}
    if not _KEY.fullmatch(new.key):
        problems["key"] = N_("页面已过期，请刷新后重新填写。")
    if new.place_id is None:
        problems["place"] = N_("请写明是哪家店。")
    if new.visited_at is None:
        problems["at"] = N_("请填写走访的日期和时间。")
    elif new.visited_at > now + CLOCKS_DIFFER:
        problems["at"] = N_("走访时间还没有到，请核对。")
    if len(new.met) > MET_CHARS:
        problems["met"] = N_("名字太长，请缩短。")
    if any(len(line.text) > parts().config.text_limit_chars for line in new.lines):
        problems["lines"] = N_("有一条太长，请缩短或拆成两条。")
    if len(new.lines) > LINES_AT_MOST:
        problems["lines"] = N_("一次走访最多记 20 条。")
    if new.return_on and new.visited_at and new.return_on < _day(new.visited_at):
        problems["return_on"] = N_("答应再来的日子在走访之前，请核对。")
    if problems:
        raise Incomplete(problems)


def record(new: NewVisit, *, by: Actor, now: datetime) -> int:
    """Store a visit and return its id. Sending it again changes nothing and returns the same id.

    Raises:
        Incomplete: something is missing; see ``check``.
        VisitMissing: the place is not in this person's areas.
        VisitKeyReused: the key was used for something else.
    """
    check(new, now)
    if new.place_id is None or new.visited_at is None or by.user_id is None:
        raise RuntimeError("check() lets no visit without place, moment or visitor through")
    place_by_id(new.place_id, by)
    content, visited_at, user_id = _content_hash(new), new.visited_at, by.user_id

    def use_case() -> int:
        try:
            with transaction():
                visit = Visit(
                    key=new.key,
                    content_hash=content,
                    user_id=user_id,
                    place_id=new.place_id,
                    visited_at=visited_at,
                    sent_at=now,
                    met=new.met,
                    return_on=new.return_on,
                )
                db.session.add(visit)
                db.session.flush()
                _add_lines(visit.id, new.lines)
                _remember_place(visit)
                return visit.id
        except IntegrityError:  # the key is there already: a repetition, which leaves no trace
            earlier = db.session.scalar(select(Visit).where(Visit.key == new.key))
            if earlier is None:
                raise
            return _same_answer(earlier, user_id, content)

    return again_if_interrupted(use_case)


def visit_behind(key: str, by: Actor) -> int | None:
    """The visit this person sent with a key, if it has arrived."""
    return db.session.scalar(select(Visit.id).where(Visit.key == key, Visit.user_id == by.user_id))


def _same_answer(earlier: Visit, user_id: int, content: str) -> int:
    is_mine = earlier.user_id == user_id
    if not is_mine or earlier.content_hash != content:
        raise VisitKeyReused(earlier.id if is_mine else None)
    return earlier.id


def _content_hash(new: NewVisit) -> str:
    """What a repetition must agree with."""
    lines = [[line.text, [photo.sha256 for photo in line.photos]] for line in new.lines]
    moment = new.visited_at.timestamp() if new.visited_at else 0
    return_on = new.return_on.isoformat() if new.return_on else ""
    content = [new.place_id, moment, new.met, return_on, lines]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _add_lines(visit_id: int, lines: Sequence[NewLine]) -> None:
    photos: list[dict[str, Any]] = []
    for position, said in enumerate(lines, start=1):
        line = VisitLine(
            visit_id=visit_id,
            position=position,
            text=said.text,
            key=str(uuid.uuid4()),
            state=LineState.NOTED.value,
        )
        db.session.add(line)
        db.session.flush()
        photos += [
            {
                "line_id": line.id,
                "sha256": photo.sha256,
                "width": photo.width,
                "height": photo.height,
                "size_bytes": photo.size_bytes,
            }
            for photo in said.photos
        ]
    insert_rows(VisitPhoto, photos)


def _remember_place(visit: Visit) -> None:
    """Let the latest visit speak for the place: a visit sent late, from before, does not push it aside."""
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    values = {
        "visit_id": visit.id,
        "visited_at": visit.visited_at,
        "return_on": visit.return_on,
    }
    statement = dialect.insert(VisitedPlace).values(place_id=visit.place_id, **values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[VisitedPlace.place_id],
            set_=values,
            where=VisitedPlace.visited_at <= statement.excluded.visited_at,
        )
    )


def _day(at: datetime) -> date:
    return at.astimezone(parts().zone).date()
