"""Taking in a report: photos first, then one transaction, then the answer.

A report opens a case of its own (``receive``) or joins one that is open (``join``, 我也遇到了, 更严重了). Somebody who
says that an open case is gone sends no report: services/said_gone.py.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete, Situation, StepRefused, Supplied, choose_step
from tracker.domain.dispatch import Route
from tracker.domain.lifecycle import AT_WORK, Action, State, Step, step_of
from tracker.domain.permissions import RULE, Actor, Role, reporter
from tracker.domain.phone import PhoneUnreadable, normalise_phone
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Category, HistoryRow, Report
from tracker.services.cases import filed_by_rule, situation_of
from tracker.services.differences import remember_differences
from tracker.services.limits import Admission, SaidBefore, Sender, SlowedDown, admit, network_mark
from tracker.services.links import (
    Credentials,
    credentials_for,
    credentials_of,
    hash_of,
    speaks_from,
    spoken_for_by,
)
from tracker.services.moves import Move, clocks_of_opening, columns_of, opened, take, write_opening
from tracker.services.numbers import next_count
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace, is_within_reach
from tracker.services.routing import category_route_and_calendars
from tracker.services.voices import recount

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
        category: code; a report that joins a case needs none.
        text: as typed; held without what nobody can read.
        phone: as typed; empty if none or without consent.
        device: the value of the sender's device cookie.
        language: of the page, such as ``zh``.
        photos: already on disk, in the order chosen.
        differs_from: numbers of open cases of which the sender said that his is a different one.
        sender: how it came over the net; None: not over it, and nothing limits it.
    """

    key: str
    category: str
    text: str
    device: str
    phone: str = ""
    language: str = "zh"
    photos: Sequence[StoredPhoto] = field(default=())
    differs_from: Sequence[str] = ()
    sender: Sender | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", plain_text(self.text))  # the way dataclasses set frozen fields


@dataclass(frozen=True)
class Receipt:
    """The answer to a report; the same for every repetition.

    Attributes:
        was_known: this device had reported the case before: number and credentials are of that report.
    """

    number: str
    credentials: Credentials
    was_known: bool = False


def receive(new: NewReport, place: LabelledPlace, now: datetime) -> Receipt:
    """Store a report and open its case; by rule it may be filed and dispatched at once.

    When this returns the report is on disk. Sending it again changes nothing and returns the same receipt.

    Raises:
        Incomplete: category, or text and photos, or a readable phone number are missing.
        KeyReused: the key was used for something else.
        SlowedDown: too much came lately; never for a repetition.
        SaidBefore: the same words came from here just now, and whoever sent them may be asked.
    """
    check(new)
    content = _content_hash(new, place)

    def use_case() -> Receipt:
        try:
            with transaction():
                number = _next_number(now)
                admission = admitted(new, place, now)
                _open_case(new, place, now, number=number, content=content, held=admission.is_banned)
            return Receipt(number, credentials_for(new.key, parts().config.secret_keys[0]))
        except (
            *(IntegrityError, SlowedDown, SaidBefore),
        ):  # perhaps the key is there already: a repetition, which leaves no trace and uses up no number
            earlier = _earlier(new.key)
            if earlier is None:
                raise
            return _same_answer(earlier, content, new.device)

    return again_if_interrupted(use_case)


def join(
    new: NewReport, case_number: str, place: LabelledPlace, now: datetime, *, worse: bool = False
) -> Receipt:
    """Add one more voice to an open case: a report with its own private link, whose sender hears of what happens.

    Words and photos are welcome and not needed. Sending it again changes nothing and returns the same receipt. A
    device that reported the case before is not counted again: its words go to the case under its first report, and
    that report's receipt is the answer.

    Args:
        case_number: as offered by services/suggestions.py. If it was merged meanwhile, its main case is joined.
        worse: 更严重了: the case is marked for those who have it in hand, once for each device.

    Raises:
        Incomplete: ``case``: it has ended, or is none that can be joined from this place; or what was sent cannot
            be read.
        KeyReused: the key was used for something else.
        SlowedDown: too much came lately; never for a repetition.
    """
    check_joining(new)
    said = f"{'worse' if worse else 'joins'} {case_number}"
    content = _content_hash(new, place, instead_of_category=said)

    def use_case() -> Receipt:
        try:
            with transaction():
                return _join(new, case_number, place, now, content=content, worse=worse)
        except IntegrityError:  # the same key came as a report of its own at this very moment
            earlier = _earlier(new.key)
            if earlier is None:
                raise
            return _same_answer(earlier, content, new.device)

    return again_if_interrupted(use_case)


def check(new: NewReport) -> None:
    """Raise Incomplete, naming everything that is missing or unreadable at once; looks nothing up."""
    problems = {}
    if not new.category:
        problems["category"] = N_("请选择类别。")
    if not (new.text or new.photos):
        problems["note_or_photo"] = N_("请写几个字，或者附一张照片。")
    _refuse(problems | _unreadable(new))


def check_joining(new: NewReport) -> None:
    """The same for a report that joins a case: it needs nothing, but what there is has to be readable."""
    _refuse(_unreadable(new))


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise Incomplete(problems)


def _unreadable(new: NewReport) -> dict[str, str]:
    problems = {}
    if not _KEY.fullmatch(new.key):
        problems["key"] = N_("页面已过期，请刷新后重新填写。")
    if len(new.text) > parts().config.text_limit_chars:
        problems["text"] = N_("文字太长，请缩短后再提交。")
    if new.phone.strip():
        try:
            normalise_phone(new.phone)
        except PhoneUnreadable as error:
            problems["phone"] = str(error)
    return problems


def _content_hash(new: NewReport, place: LabelledPlace, *, instead_of_category: str = "") -> str:
    """What a repetition must agree with. The phone goes in keyed: a plain hash of it could be guessed back.

    Of a report about an open case that counts, whatever category was chosen meanwhile.
    """
    phone = parts().phones.fingerprint(normalise_phone(new.phone)) if new.phone.strip() else ""
    photos = [photo.sha256 for photo in new.photos]
    content = [place.place_id, instead_of_category or new.category, new.text, phone, photos]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _earlier(key: str) -> Report | None:
    return db.session.scalar(select(Report).where(Report.key == key))


def _same_answer(report: Report, content: str, device: str) -> Receipt:
    """What was answered before. Once the owner ended that link, only who may speak is told of the one that is."""
    if report.content_hash != content:
        raise KeyReused(N_("这份上报已经提交过了。要补充内容，请打开它的进度页面。"))
    number = db.session.scalars(select(Case.number).where(Case.id == report.case_id)).one()
    may_know = report.link_round == 0 or speaks_from(report, device)
    credentials = credentials_of(report) if may_know else None
    if credentials is None:
        raise KeyReused(N_("这份上报已经提交过了。要补充内容，请打开它的进度页面。"))
    return Receipt(number, credentials)


def admitted(new: NewReport, place: LabelledPlace, now: datetime) -> Admission:
    """Count it against the limits, inside the transaction that stores it.

    Raises:
        SlowedDown: too much came lately.
        SaidBefore: the same words came from here just now, and whoever sent them may be asked.
    """
    if new.sender is None:
        return Admission()
    return admit(new.sender, place, new.text, now)


def is_known(key: str) -> bool:
    """Whether something was taken in under this sender's key."""
    return _earlier(key) is not None


def _next_number(now: datetime) -> str:
    """The next case number of the day, such as ``261123-0042``; days change where the street is.

    Taken first: the lock on the day's counter lets repetitions of one report queue up behind each other.
    """
    day = now.astimezone(parts().zone).strftime("%y%m%d")
    return f"{day}-{next_count(day):04d}"


def _open_case(
    new: NewReport,
    place: LabelledPlace,
    now: datetime,
    *,
    number: str,
    content: str,
    held: bool = False,
    details: Mapping[str, str] | None = None,
) -> None:
    category, route = _category_and_route(new.category, place.area_code)
    moves = _first_moves(new, route, now, held=held)
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
    report = _report(new, place, now, case_id=case.id, category=new.category, content=content)
    by = reporter(report.id, {case.id})
    moves[0] = Move(moves[0].step, moves[0].supplied, by, details or {}, new.photos)
    write_opening(case, moves, clocks, now)
    if new.differs_from:
        remember_differences(report, new.differs_from, place, now)


def _category_and_route(code: str, area_code: str) -> tuple[Category, Route]:
    try:
        return category_route_and_calendars(code, area_code)
    except LookupError as error:
        raise Incomplete({"category": N_("请选择类别。")}) from error


def _first_moves(new: NewReport, route: Route, now: datetime, *, held: bool) -> list[Move]:
    """The report, and what the category's rule does with it by itself; nothing where it is kept apart."""
    given = Supplied(category=route.category, note=new.text, photos=len(new.photos), held=held)
    report = Move(step_of(Action.REPORT, Role.REPORTER), given, RULE)  # its reporter is known once stored
    return [report] if held else [report, *filed_by_rule(route, now)]


def _report(
    new: NewReport, place: LabelledPlace, now: datetime, *, case_id: int, category: str, content: str
) -> Report:
    phones = parts().phones
    credentials = credentials_for(new.key, parts().config.secret_keys[0])
    report = Report(
        key=new.key,
        content_hash=content,
        case_id=case_id,
        label_id=place.label_id,
        category=category,
        text=new.text,
        language=new.language,
        sent_at=now,
        link_hash=hash_of(credentials.link_key),
        device_hash=hash_of(new.device),
        network_mark=network_mark(new.sender.network, now) if new.sender else "",
    )
    if new.phone.strip():
        phone = normalise_phone(new.phone)
        report.phone_sealed = phones.seal(phone, phone_context(new.key))
        report.phone_fingerprint = phones.fingerprint(phone)
        report.consent_version = CONSENT_VERSION
    db.session.add(report)
    db.session.flush()
    return report


# ---------------------------------------------------------------- one more voice


def _join(
    new: NewReport, number: str, place: LabelledPlace, now: datetime, *, content: str, worse: bool
) -> Receipt:
    """Repetitions come first: what was answered once is answered the same way, whatever became of the case."""
    case = case_meant(number)
    earlier = _earlier(new.key)
    if earlier is not None:
        return _same_answer(earlier, content, new.device)
    if admitted(new, place, now).is_banned:
        return _kept_apart(new, case, place, now, content=content)
    own = own_report(case, new.device)
    if own is not None and (credentials := credentials_of(own)) is not None:
        _say_again(case, own, new, now, worse=worse)
        own_number = db.session.scalars(select(Case.number).where(Case.id == own.case_id)).one()
        return Receipt(own_number, credentials, was_known=True)
    require_reachable(case, place)
    situation = situation_of(case, now)
    report = _report(new, place, now, case_id=case.id, category=case.category, content=content)
    by = reporter(report.id, {case.id})
    join_step, words = step_for(situation, Action.JOIN, by), Supplied(note=new.text, photos=len(new.photos))
    if worse and case.state in AT_WORK:  # where there is a result already, one voice more says enough
        worse_step = step_for(situation, Action.WORSE, by)
        moves = [Move(join_step, Supplied(), by), Move(worse_step, words, by, photos=new.photos)]
    else:
        moves = [Move(join_step, words, by, photos=new.photos)]
    take(case, moves, now)
    recount([case.number])
    return Receipt(case.number, credentials_for(new.key, parts().config.secret_keys[0]))


def _kept_apart(new: NewReport, case: Case, place: LabelledPlace, now: datetime, *, content: str) -> Receipt:
    """The voice of a banned device: a case of its own that nobody sees; the one it was meant for stays as it is."""
    require_reachable(case, place)
    number, alone = _next_number(now), replace(new, category=case.category)
    _open_case(alone, place, now, number=number, content=content, held=True, details={"joins": case.number})
    return Receipt(number, credentials_for(new.key, parts().config.secret_keys[0]))


def case_meant(number: str) -> Case:
    """The case, or the main case it was merged into, locked against other moves."""
    case = db.session.scalar(_locking(number))
    if case is not None and case.main_case:
        case = db.session.scalar(_locking(case.main_case))
    if case is None:
        raise Incomplete({"case": N_("没有这件事。请在下面选类别，另报一件。")})
    return case


def _locking(number: str) -> Select[Case]:
    return select(Case).where(Case.number == number).with_for_update(key_share=True)


def own_report(case: Case, device: str) -> Report | None:
    """The first report on the case, or on one merged into it, that this device may speak for."""
    merged = select(Case.id).where(Case.main_case == case.number)
    return db.session.scalar(
        select(Report)
        .where(or_(Report.case_id == case.id, Report.case_id.in_(merged)), spoken_for_by(device))
        .order_by(Report.id)
        .limit(1)
    )


def require_reachable(case: Case, place: LabelledPlace) -> None:
    """Numbers can be guessed: from a place one speaks of what lies around it only, and never of a private matter."""
    if case.held or case.category_version.private or not is_within_reach(case.place, place):
        raise Incomplete({"case": N_("没有这件事。请在下面选类别，另报一件。")})


def _say_again(case: Case, own: Report, new: NewReport, now: datetime, *, worse: bool) -> None:
    """Add the words of somebody who is in it already; nothing where there are none, or they came before.

    That it got worse counts once for each device; said again it is only words.
    """
    mark = hash_of(new.key)
    said = db.session.execute(
        select(HistoryRow.note, HistoryRow.details).where(
            HistoryRow.case_id == case.id, HistoryRow.report_id == own.id
        )
    )
    for note, details in said:
        if details.get("form") == mark:
            if (note, details.get("photos", [])) != (new.text, [photo.sha256 for photo in new.photos]):
                raise KeyReused(N_("这份上报已经提交过了。要补充内容，请打开它的进度页面。"))
            return
    situation, by = situation_of(case, now), reporter(own.id, {case.id})
    given = Supplied(note=new.text, photos=len(new.photos))
    action = Action.ADD_INFO if case.state == State.NEEDS_INFO else Action.NOTE
    words = Move(step_for(situation, action, by), given, by, {"form": mark}, new.photos)
    moves = [words] if new.text or new.photos else []
    if worse and case.state in AT_WORK and own.id not in situation.said_worse:
        step = step_for(situation, Action.WORSE, by)
        answers_question = moves and action == Action.ADD_INFO
        moves = [words, Move(step, Supplied(), by)] if answers_question else [replace(words, step=step)]
    if moves:
        take(case, moves, now)


def step_for(situation: Situation, action: Action, by: Actor) -> Step:
    """The arrow; what no longer stands open is said where the case was chosen."""
    try:
        return choose_step(situation, action, by)
    except StepRefused as refusal:
        raise Incomplete({"case": N_("这件事已经办完。要是又出现了，请在下面选类别，重新报。")}) from refusal


def phone_context(report_key: str) -> bytes:
    """What ties a sealed number to its report."""
    return b"report:" + report_key.encode()
