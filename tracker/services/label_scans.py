"""Scans of labels, counted by day: one for each phone, label and day. Nobody can be followed by it.

The page tells us by its script that it was seen (docs/decisions: scans are told, not logged); a report proves a
scan by itself and is counted from the reports.
"""

import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import CursorResult, delete, extract, func, select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.extensions import again_if_interrupted, db, insert_rows, transaction
from tracker.models import LabelScan, LabelScanDevice
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace

DEVICES_KEPT_DAYS = 2
DAYS_KEPT = 120
"""Older days are summed up by month: the rules that look for silence look back 90 days."""
MOST_A_DAY = 500
"""Phones counted for one label on one day; more would be somebody playing, and tells nothing new."""


def count(place: LabelledPlace, device: str, now: datetime) -> bool:
    """Count a phone that opened a label's page, once a day; return whether it was new today."""
    day = now.astimezone(parts().zone).date()
    row = {"label_id": place.label_id, "day": day, "device_hash": _hash_of(device, day, place.label_id)}
    return again_if_interrupted(lambda: _count(row))


def _count(row: Mapping[str, Any]) -> bool:
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    where = {"label_id": row["label_id"], "day": row["day"]}
    with transaction():
        today = db.session.scalar(
            select(LabelScan.scans).where(
                LabelScan.label_id == where["label_id"], LabelScan.day == where["day"]
            )
        )
        if (today or 0) >= MOST_A_DAY:
            return False
        seen = insert(LabelScanDevice).values(row).on_conflict_do_nothing().returning(LabelScanDevice.day)
        if db.session.execute(seen).first() is None:
            return False
        db.session.execute(
            insert(LabelScan)
            .values(where | {"scans": 1})
            .on_conflict_do_update(index_elements=["label_id", "day"], set_={"scans": LabelScan.scans + 1})
        )
        return True


def add_days(counts: Mapping[tuple[int, date], int]) -> None:
    """Add whole days, (label id, day) → scans, for which nothing was counted yet: from another system, or a demo."""
    with transaction():
        insert_rows(
            LabelScan,
            [
                {"label_id": label_id, "day": day, "scans": scans}
                for (label_id, day), scans in counts.items()
                if scans > 0
            ],
        )


def prune_scans(now: datetime) -> int:
    """Forget phones after two days, and sum up days by month after 120; return how many rows went."""
    today = now.astimezone(parts().zone).date()
    with transaction():
        old = LabelScanDevice.day < today - timedelta(days=DEVICES_KEPT_DAYS)
        forgotten = cast(CursorResult[Any], db.session.execute(delete(LabelScanDevice).where(old))).rowcount
        return forgotten + _sum_up((today - timedelta(days=DAYS_KEPT)).replace(day=1))


def _sum_up(before: date) -> int:
    """Turn the days of whole months before `before` into one row a month; return how many rows fewer there are."""
    months: dict[tuple[int, date], list[int]] = {}
    is_loose = (LabelScan.day < before) & (extract("day", LabelScan.day) != 1)
    loose = select(LabelScan.label_id, LabelScan.day).where(is_loose)
    if not (touched := {(label_id, day.replace(day=1)) for label_id, day in db.session.execute(loose)}):
        return 0
    rows = db.session.execute(
        select(LabelScan.label_id, LabelScan.day, LabelScan.scans).where(LabelScan.day < before)
    )
    for label_id, day, scans in rows:
        if (month := (label_id, day.replace(day=1))) in touched:
            months.setdefault(month, []).append(scans)
    for label_id, first in touched:
        next_month = (first + timedelta(days=32)).replace(day=1)
        db.session.execute(
            delete(LabelScan).where(
                LabelScan.label_id == label_id, LabelScan.day >= first, LabelScan.day < next_month
            )
        )
    insert_rows(
        LabelScan,
        [
            {"label_id": label_id, "day": first, "scans": sum(scans)}
            for (label_id, first), scans in months.items()
        ],
    )
    return sum(map(len, months.values())) - len(months)


def total() -> int:
    """All scans ever counted."""
    return db.session.scalar(select(func.coalesce(func.sum(LabelScan.scans), 0))) or 0


def _hash_of(device: str, day: date, label_id: int) -> str:
    """Keyed, and different for every day and label: where a phone went cannot be read from it."""
    key = parts().config.secret_keys[-1].encode()
    return hmac.new(key, f"label scan {day} {label_id} {device}".encode(), sha256).hexdigest()
