"""Many reports at once, stored by SQL: a street of shops whose owners all write in their own words.

The same number always gives the same crowd; only the moments are the caller's. Groups are compared by the senders'
keys, so that two databases can be held against each other.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from tests.factories import a_report
from tracker.extensions import db, insert_rows, transaction
from tracker.models import Case, Category, ClusterReport, Label, Place, Report

TROUBLES = {
    "A1": ("共享单车", "电动车", "单车", "自行车"),
    "F3": ("油烟", "烧烤烟", "厨房排烟", "油烟味"),
    "C2": ("地砖翘起", "人行道砖松了", "路面破了", "地砖绊人"),
    "B1": ("垃圾", "垃圾袋", "厨余垃圾", "小包垃圾"),
}
WAYS = (
    "{}又来了",
    "{}没人管",
    "门口全是{}",
    "{}影响做生意",
    "{}，客人进不来",
    "天天{}",
    "麻烦处理一下{}",
    "{}好几天了",
)
SHOPS = 24
STEP_DEGREES = 0.0011
"""About 120 m: each trouble has its own stretch of six shops."""


@dataclass(frozen=True)
class Told:
    """One report of the crowd; `shop` counts along the street."""

    key: str
    category: str
    text: str
    shop: int
    device: str
    sent_at: datetime


def a_crowd(count: int, first_at: datetime, *, every: timedelta, seed: int = 4) -> list[Told]:
    """So many reports, one after another."""
    chance = random.Random(seed)
    told = []
    for number in range(count):
        at_trouble = chance.randrange(len(TROUBLES))
        category = list(TROUBLES)[at_trouble]
        text = chance.choice(WAYS).format(chance.choice(TROUBLES[category]))
        shop = at_trouble * 6 + chance.randrange(6)
        told.append(
            Told(
                key=f"told-in-a-crowd-{number:06d}",
                category=category,
                text=text if chance.random() < 0.9 else "",
                shop=shop,
                device=f"phone-{chance.randrange(count)}",
                sent_at=first_at + every * number,
            )
        )
    return told


def a_street_of_shops(token: str) -> None:
    """The shops, and one real report, which the others are copies of: a private one, so that it is in no group."""
    a_report(token, "J3")
    with transaction():
        here = db.session.scalars(select(Place).join(Label).where(Label.token == token)).one()
        area = here.area_code
        for number in range(SHOPS):
            place = Place(
                code=f"CROWD-{number:02d}",
                kind="shop",
                name=f"{number} 号店",
                address=f"{'共和新路' if number < SHOPS / 2 else '临汾路'}{number} 号",
                area_code=area,
                lat=31.30 + STEP_DEGREES * number,
                lon=121.45,
            )
            label = Label(
                token=f"{number:09d}", place=place, state="posted", printed_at=datetime.fromisoformat(EPOCH)
            )
            db.session.add(label)


EPOCH = "2026-01-01T00:00:00+00:00"


def arrive(told: Sequence[Told]) -> None:
    """Let these reports come in, in the order given, each with a case of its own; one transaction."""
    with transaction():
        rows = db.session.execute(select(Place.code, Label.id, Place.id).join(Label)).all()
        shops = {code: (label_id, place_id) for code, label_id, place_id in rows}
        case = db.session.scalars(select(Case).order_by(Case.id).limit(1)).one()
        report = db.session.scalars(select(Report).order_by(Report.id).limit(1)).one()
        next_id = (db.session.scalar(select(func.max(Case.id))) or 0) + 1
        current = select(Category.code, Category.id).where(Category.is_current)
        categories = dict(db.session.execute(current).all())
        cases, reports = [], []
        for number, each in enumerate(told, start=next_id):
            label_id, place_id = shops[f"CROWD-{each.shop:02d}"]
            cases.append(
                _columns(case)
                | {"id": number, "number": f"CROWD-{each.key[-6:]}", "place_id": place_id}
                | {"category": each.category, "category_id": categories[each.category]}
                | {"opened_at": each.sent_at}
            )
            reports.append(
                _columns(report)
                | {"id": number, "case_id": number, "label_id": label_id, "is_grouped": False}
                | {"key": each.key, "category": each.category, "text": each.text, "sent_at": each.sent_at}
                | {"link_hash": _hash(each.key), "device_hash": _hash(each.device)}
            )
        insert_rows(Case, cases)
        insert_rows(Report, reports)


def groups() -> set[frozenset[str]]:
    """The keys of the reports of each group."""
    db.session.rollback()
    found: dict[int, set[str]] = {}
    rows = db.session.execute(
        select(ClusterReport.cluster_id, Report.key).join(Report, Report.id == ClusterReport.report_id)
    )
    for cluster, key in rows:
        found.setdefault(cluster, set()).add(key)
    return {frozenset(keys) for keys in found.values()}


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _columns(row: Case | Report) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
