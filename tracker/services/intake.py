"""Taking in a report: photos first, then one transaction, then the answer."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete, Supplied
from tracker.domain.dispatch import Route
from tracker.domain.lifecycle import Action, step_of
from tracker.domain.permissions import RULE, Role, reporter
from tracker.domain.phone import PhoneUnreadable, normalise_phone
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Category, Report
from tracker.services.cases import dispatch_by_rule
from tracker.services.links import Credentials, credentials_for, hash_of
from tracker.services.moves import Move, clocks_of_opening, columns_of, opened, write_opening
from tracker.services.numbers import next_count
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace
from tracker.services.routing import as_details, category_and_route

CONSENT_VERSION = "2026-11"
"""Of the words beside the phone field (templates/public/report.html); stored with every number left."""
SUMMARY_CHARS = 80
_KEY = re.compile(r"[!-~]{16,64}")


class KeyReused(Exception):
    """The sender's key came again with other content; nothing was stored. The message can be shown."""


@dataclass(frozen=True)
class NewReport:
    """What a person sends.

    Attributes:
        key: made by the sender, 16 to 64 ASCII characters without blanks; the same key is the same report.
        category: code.
        text: as typed; held without what nobody can read.
        phone: as typed; empty if none or without consent.
        device: the value of the sender's device cookie.
        language: of the page, such as ``zh``.
        photos: already on disk, in the order chosen.
    """

    key: str
    category: str
    text: str
    device: str
    phone: str = ""
    language: str = "zh"
    photos: Sequence[StoredPhoto] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", plain_text(self.text))  # the way dataclasses set frozen fields


@dataclass(frozen=True)
class Receipt:
    """The answer to a report; the same for every repetition."""

    number: str
    credentials: Credentials


def receive(new: NewReport, place: LabelledPlace, now: datetime) -> Receipt:
    """Store a report and open its case; by rule it may be filed and dispatched at once.

    When this returns the report is on disk. Sending it again changes nothing and returns the same receipt.

    Raises:
        Incomplete: category, or text and photos, or a readable phone number are missing.
        KeyReused: the key was used for something else.
    """
    check(new)
    content = _content_hash(new, place)

    def use_case() -> Receipt:
        try:
            with transaction():
                number = _next_number(now)
                _open_case(new, place, now, number=number, content=content)
            return Receipt(number, credentials_for(new.key, parts().config.secret_keys[0]))
        except (
            IntegrityError
        ):  # the key is there already: a repetition, which leaves no trace and uses up no number
            earlier = _earlier(new.key)
            if earlier is None:
                raise
            return _same_answer(earlier, content)

    return again_if_interrupted(use_case)


def check(new: NewReport) -> None:
    """Raise Incomplete, naming everything that is missing or unreadable at once; looks nothing up."""
    problems = {}
    if not _KEY.fullmatch(new.key):
        problems["key"] = N_("页面已过期，请刷新后重新填写。")
    if not new.category:
        problems["category"] = N_("请选择类别。")
    if not (new.text or new.photos):
        problems["note_or_photo"] = N_("请写几个字，或者附一张照片。")
    if len(new.text) > parts().config.text_limit_chars:
        problems["text"] = N_("文字太长，请缩短后再提交。")
    if new.phone.strip():
        try:
            normalise_phone(new.phone)
        except PhoneUnreadable as error:
            problems["phone"] = str(error)
    if problems:
        raise Incomplete(problems)


def _content_hash(new: NewReport, place: LabelledPlace) -> str:
    """What a repetition must agree with. The phone goes in keyed: a plain hash of it could be guessed back."""
    phone = parts().phones.fingerprint(normalise_phone(new.phone)) if new.phone.strip() else ""
    photos = [photo.sha256 for photo in new.photos]
    content = [place.place_id, new.category, new.text, phone, photos]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _earlier(key: str) -> Report | None:
    return db.session.scalar(select(Report).where(Report.key == key))


def _same_answer(report: Report, content: str) -> Receipt:
    if report.content_hash != content:
        raise KeyReused(N_("这份上报已经提交过了。要补充内容，请打开它的进度页面。"))
    number = db.session.scalars(select(Case.number).where(Case.id == report.case_id)).one()
    for secret in parts().config.secret_keys:
        credentials = credentials_for(report.key, secret)
        if hash_of(credentials.link_key) == report.link_hash:
            return Receipt(number, credentials)
    raise KeyReused(N_("这份上报已经提交过了。要补充内容，请打开它的进度页面。"))


def _next_number(now: datetime) -> str:
    """The next case number of the day, such as ``261123-0042``; days change where the street is.

    Taken first: the lock on the day's counter lets repetitions of one report queue up behind each other.
    """
    day = now.astimezone(parts().zone).strftime("%y%m%d")
    return f"{day}-{next_count(day):04d}"


def _open_case(new: NewReport, place: LabelledPlace, now: datetime, *, number: str, content: str) -> None:
    category, route = _category_and_route(new.category, place.area_code)
    moves = _first_moves(new, route, now)
    case = Case(
        number=number,
        place_id=place.place_id,
        area_code=place.area_code,
        category_version=category,
        opened_at=now,
        moved_at=now,
        summary=" ".join(new.text.split())[:SUMMARY_CHARS],
        thumb=new.photos[0].sha256 if new.photos else "",
        **columns_of(opened(moves, now)),
    )
    clocks = clocks_of_opening(case, moves, now)
    db.session.add(case)
    db.session.flush()
    report = _report(new, place, now, case_id=case.id, content=content)
    moves[0] = Move(moves[0].step, moves[0].supplied, reporter(report.id, {case.id}), {}, new.photos)
    write_opening(case, moves, clocks, now)


def _category_and_route(code: str, area_code: str) -> tuple[Category, Route]:
    try:
        return category_and_route(code, area_code)
    except LookupError as error:
        raise Incomplete({"category": N_("请选择类别。")}) from error


def _first_moves(new: NewReport, route: Route, now: datetime) -> list[Move]:
    """The report, and what the category's rule does with it by itself."""
    given = Supplied(category=route.category, note=new.text, photos=len(new.photos))
    moves = [Move(step_of(Action.REPORT, Role.REPORTER), given, RULE)]  # its reporter is known once stored
    if route.auto_file:
        moves.append(Move(step_of(Action.FILE), Supplied(category=route.category), RULE, as_details(route)))
        if route.auto_dispatch:
            moves.append(dispatch_by_rule(route, now))
    return moves


def _report(new: NewReport, place: LabelledPlace, now: datetime, *, case_id: int, content: str) -> Report:
    phones = parts().phones
    credentials = credentials_for(new.key, parts().config.secret_keys[0])
    report = Report(
        key=new.key,
        content_hash=content,
        case_id=case_id,
        label_id=place.label_id,
        text=new.text,
        language=new.language,
        sent_at=now,
        link_hash=hash_of(credentials.link_key),
        device_hash=hash_of(new.device),
    )
    if new.phone.strip():
        phone = normalise_phone(new.phone)
        report.phone_sealed = phones.seal(phone, phone_context(new.key))
        report.phone_fingerprint = phones.fingerprint(phone)
        report.consent_version = CONSENT_VERSION
    db.session.add(report)
    db.session.flush()
    return report


def phone_context(report_key: str) -> bytes:
    """What ties a sealed number to its report."""
    return b"report:" + report_key.encode()
