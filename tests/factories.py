"""A small street to try things on. Everything here needs an application context (``with app.app_context():``).

    street = a_street()                          departments, areas PP > PP-1, PP-2, the 44 categories, a shop and
                                                 a metro entrance with labels; returns plain values
    street.token, street.metro_token             codes of the two labels, canonical
    token = a_place("park", name="…", area="PP-2")       another place; its label's token
    replace_label(token), revoke_label(token)    what happens to labels; the first returns the successor's token
    actor = a_person(Role.HANDLER, department="ZF")      somebody who signs in: login ``handler-zf``, password PASSWORD
    actors = a_crew()                            one of each role, handlers for ZF and LR: actors[Role.OPERATOR] …
    sent = a_report(street.token, "A5", "纸箱堆在人行道上")   through the real intake; number, link_key, code, device
    voice = a_voice(street.token, sent.number)   somebody else met it too, and joins; worse=True: says it got worse
    says_gone(street.token, sent.number)         somebody says that it is gone
    photo = a_photo(seed=1)                      a StoredPhoto; jpeg(seed=1) the bytes, upload(…) for a test client
    take(sent.number, Action.FILE, by=actors[Role.OPERATOR], category="A5")   one move on the present version
    walk_to(sent.number, State.VERIFIED, actors) the shortest way there
    speaker(sent)                                the reporter as an Actor

A1, A2 and A3 are filed and dispatched by rule; A5 (占道堆物, lead ZF) waits for an operator and asks for evidence;
D1 asks for none.
"""

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml
from PIL import Image
from sqlalchemy import select

from tests.unit.adapters.photo_samples import encoded
from tests.unit.adapters.photo_samples import street as street_picture
from tests.written_once import written_once
from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import STAFF_ROLES, SYSTEM, Actor, Role
from tracker.domain.qr_token import new_token
from tracker.extensions import db, now, transaction
from tracker.models import Area, Case, Category, Department, Label, Place, User
from tracker.services import calendars, cases, intake, links, people, said_gone
from tracker.services.parts import parts
from tracker.services.places import labelled_place

PASSWORD = "a long enough word"
DEVICE = "the-reporters-own-phone"
MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""A Monday, 9:30 on the street."""
SPOT = (31.306, 121.455)
"""Latitude and longitude of a place that nobody put elsewhere."""
AREAS = (("PP", "彭浦街道", None), ("PP-1", "共和新路片区", "PP"), ("PP-2", "彭浦新村片区", "PP"))

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Street:
    """What ``a_street`` made."""

    token: str
    metro_token: str


@dataclass(frozen=True)
class Sent:
    """A report that was taken in, and what its sender was told."""

    number: str
    link_key: str
    code: str
    device: str
    key: str


@written_once
def a_street() -> Street:
    """Registers, the calendar of 2026 and two places."""
    calendars.save_version(calendars.shipped_facts(), MORNING)
    with transaction():
        db.session.add_all(Department(**row) for row in _departments())
        db.session.flush()
        for code, name, parent in AREAS:
            db.session.add(Area(code=code, name=name, parent_code=parent))
            db.session.flush()
        db.session.add_all(_categories())
    return Street(
        a_place("shop", name="老盛昌汤包馆", address="共和新路 2395 号"),
        a_place("metro", name="彭浦新村地铁站 2 号口", address="共和新路场中路", area="PP-2"),
    )


def a_place(
    kind: str = "shop",
    *,
    name: str = "",
    address: str = "",
    area: str = "PP-1",
    spot: tuple[float, float] = SPOT,
) -> str:
    """A place with a posted label; its token."""
    number, token = next(_numbers), new_token()
    with transaction():
        place = Place(
            code=f"P{number:04d}",
            kind=kind,
            name=name or f"样例地点 {number}",
            address=address or f"样例路 {number} 号",
            area_code=area,
            lat=spot[0],
            lon=spot[1],
        )
        db.session.add(Label(token=token, place=place, state="posted", printed_at=MORNING, posted_at=MORNING))
    return token


def replace_label(token: str) -> str:
    """Give the place a new label; the successor's token."""
    successor = new_token()
    with transaction():
        old = db.session.scalars(select(Label).where(Label.token == token)).one()
        new = Label(token=successor, place_id=old.place_id, state="posted", printed_at=MORNING)
        db.session.add(new)
        db.session.flush()
        old.state, old.replaced_by_id, old.ended_at = "replaced", new.id, MORNING
    return successor


def revoke_label(token: str) -> None:
    """End a label."""
    with transaction():
        label = db.session.scalars(select(Label).where(Label.token == token)).one()
        label.state, label.ended_at = "revoked", MORNING


def a_person(role: Role, *, department: str | None = None, area: str | None = None, name: str = "") -> Actor:
    """Somebody who signs in as ``role`` or ``role-department``, as the rules see him."""
    login = f"{role}-{department}".lower() if department else str(role)
    user_id = people.add_person(
        login, name or f"{login}·王敏", PASSWORD, role=role, area=area, department=department
    )
    return people.actor_of(db.session.get_one(User, user_id))


@written_once
def a_crew() -> dict[Role | str, Actor]:
    """One of each role, by role; handlers also by department. ``[Role.HANDLER]`` works for ZF."""
    with_department = {Role.VERIFIER: "JW"}
    crew: dict[Role | str, Actor] = {
        role: a_person(role, department=with_department.get(role)) for role in STAFF_ROLES - {Role.HANDLER}
    }
    for department in ("ZF", "LR", "JJ"):
        crew[department] = a_person(Role.HANDLER, department=department)
    return crew | {Role.HANDLER: crew["ZF"]}


def a_report(
    token: str,
    category: str = "A5",
    text: str = "纸箱堆在人行道上，轮椅过不去。",
    *,
    phone: str = "",
    photos: int = 0,
    device: str = DEVICE,
    at: datetime | None = None,
) -> Sent:
    """Send a report through the real intake."""
    key = f"report-of-a-test-{next(_numbers):06d}"
    pictures = tuple(a_photo(seed) for seed in range(1, photos + 1))
    new = intake.NewReport(key, category, text, device, phone=phone, photos=pictures)
    receipt = intake.receive(new, labelled_place(token), at or now())
    return Sent(receipt.number, receipt.credentials.link_key, receipt.credentials.code, device, key)


def a_voice(
    token: str,
    number: str,
    text: str = "",
    *,
    phone: str = "",
    device: str = "",
    at: datetime | None = None,
    worse: bool = False,
) -> Sent:
    """Somebody who met the same trouble joins case `number`, from a phone of his own unless told otherwise."""
    count = next(_numbers)
    key, device = f"voice-of-a-test-{count:06d}", device or f"another-phone-{count}"
    new = intake.NewReport(key, "", text, device, phone=phone)
    receipt = intake.join(new, number, labelled_place(token), at or now(), worse=worse)
    return Sent(receipt.number, receipt.credentials.link_key, receipt.credentials.code, device, key)


def says_gone(
    token: str, number: str, text: str = "", *, device: str = "", at: datetime | None = None
) -> said_gone.Thanks:
    """Somebody says at a place that case `number` is gone, from a phone of his own unless told otherwise."""
    count = next(_numbers)
    new = intake.NewReport(f"gone-of-a-test-{count:06d}", "", text, device or f"a-passing-phone-{count}")
    return said_gone.say_gone(new, number, labelled_place(token), at or now())


def speaker(sent: Sent) -> Actor:
    """The reporter behind a report."""
    return links.actor_for(links.report_behind(sent.link_key))


def take(number: str, action: Action, *, by: Actor, photos: int = 0, **supplied: Any) -> CaseRecord:
    """One move on the case's present version."""
    version = db.session.scalars(select(Case.version).where(Case.number == number)).one()
    pictures = [a_photo(100 + seed) for seed in range(photos)]
    return cases.act(number, action, Supplied(**supplied), version=version, by=by, now=now(), photos=pictures)


def walk_to(number: str, wanted: State, crew: Mapping[Role | str, Actor], *, lead: str = "ZF") -> CaseRecord:
    """Take a case that waits for an operator the shortest way to any state but `merged` and the reporter's own.

    Raises:
        LookupError: that state is not on the way.
    """
    record: CaseRecord | None = None
    for action, by, supplied in _way_to(wanted, crew, lead):
        record = take(number, action, by=by, **supplied)
    if record is None or record.state != wanted:
        raise LookupError(wanted)
    return record


Move = tuple[Action, Actor, dict[str, Any]]


def _way_to(wanted: State, crew: Mapping[Role | str, Actor], lead: str) -> list[Move]:
    main = _main_road(crew, lead)
    before, *side = _side_roads(crew).get(wanted, (wanted, None))
    way = [move for _, move in main[: [state for state, _ in main].index(before) + 1]] if before else []
    return way + [move for move in side if move]


def _main_road(crew: Mapping[Role | str, Actor], lead: str) -> list[tuple[State, Move]]:
    operator, handler = crew[Role.OPERATOR], crew[lead]
    cleared = {"outcome": "fixed", "note": "纸箱已清走。", "photos": 1}
    return [
        (State.FILED, (Action.FILE, operator, {"category": "A5"})),
        (State.DISPATCHED, (Action.DISPATCH, operator, {"lead": lead})),
        (State.IN_PROGRESS, (Action.SIGN, handler, {})),
        (State.RESOLVED, (Action.RESOLVE, handler, cleared)),
        (State.VERIFIED, (Action.PASS, crew[Role.VERIFIER], {})),
    ]


def _side_roads(crew: Mapping[Role | str, Actor]) -> dict[State, tuple[State | None, Move]]:
    """State → where on the main road it turns off (None: at the start), and the move."""
    operator = crew[Role.OPERATOR]
    declined = {"reason": "consumer", "channel": "12315", "note": "价格争议请打消费者热线。"}
    returned = {"note": "不归我们管", "suggested": "LR"}
    held = {"reason": "works", "on": now().date() + timedelta(days=30), "note": "等路面施工结束。"}
    return {
        State.NEEDS_INFO: (None, (Action.ASK_INFO, operator, {"note": "请问是店门左边还是右边？"})),
        State.CHECKING: (None, (Action.CHECK, operator, {})),
        State.DECLINED: (None, (Action.DECLINE, operator, declined)),
        State.RETURN_REQUESTED: (State.DISPATCHED, (Action.REQUEST_RETURN, crew[Role.HANDLER], returned)),
        State.ON_HOLD: (State.IN_PROGRESS, (Action.HOLD, crew[Role.SUPERVISOR], held)),
        State.CLOSED: (State.VERIFIED, (Action.LAPSE, SYSTEM, {})),
        State.VOIDED: (None, (Action.VOID, crew[Role.DUTY_LEAD], {"note": "测试内容。"})),
    }


def jpeg(seed: int = 1, *, width: int = 400, height: int = 300, **options: Any) -> bytes:
    """A small photo's bytes, different for each seed."""
    return encoded(street_picture(width, height, seed=seed), "JPEG", **options)


def sideways_jpeg() -> bytes:
    """A photo as phones store it: lying on its side, with the place it was taken and the maker's name."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    return jpeg(width=400, height=200, exif=exif.tobytes())


def upload(content: bytes | None = None, name: str = "王敏家门口.jpg") -> tuple[io.BytesIO, str]:
    """A file for the test client's ``data``."""
    return io.BytesIO(jpeg() if content is None else content), name


def a_photo(seed: int = 1) -> StoredPhoto:
    """A photo in this application's own store."""
    return parts().photo_store.save(parts().photo_reader.read(io.BytesIO(jpeg(seed))))


@cache
def _rows(name: str) -> list[dict[str, Any]]:
    path = resources.files("tracker") / "data" / f"{name}.yaml"
    rows: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [rows] if name == "categories" else rows[name]


def _departments() -> list[dict[str, Any]]:
    return [{"code": row["code"], "name_zh": row["zh"], "name_en": row["en"]} for row in _rows("departments")]


def _categories() -> list[Category]:
    catalogue = _rows("categories")[0]
    groups = {row["code"]: row for row in catalogue["groups"]}
    same = ("code", "icon", "auto_file", "auto_dispatch", "evidence", "urgent", "protect_reporter", "private")
    return [
        Category(
            **{name: row[name] for name in same},
            version=1,
            is_current=True,
            position=position,
            group_code=row["group"],
            group_zh=groups[row["group"]]["zh"],
            group_en=groups[row["group"]]["en"],
            name_zh=row["zh"],
            name_en=row["en"],
            lead_code=row["lead"],
            co_codes=row["co"],
            allowances={name: row[name] for name in ("accept", "act", "done", "stages")},
        )
        for position, row in enumerate(catalogue["categories"], start=1)
    ]
