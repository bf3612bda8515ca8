"""The register taken out: places with their current label, and every label with its state; a workbook or CSV.

Its first columns are those that an import reads, so a file can be put right and brought back. Keepers' numbers
stay here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from tracker.adapters.csv_table import write_table
from tracker.adapters.xlsx_table import workbook
from tracker.domain.labels import CURRENT
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.qr_token import display, label_url
from tracker.extensions import db, transaction
from tracker.models import Label, LabelScan, Place
from tracker.services.parts import parts
from tracker.services.register_events import note_export

PLACE_HEADERS = (
    "编号", "类型", "名称", "地址", "片区", "片区名称", "纬度", "经度", "联系人", "设施", "开放时间",
    "标牌编码", "标牌链接", "标牌状态", "印制日期", "张贴日期", "最近扫码",
)  # fmt: skip
LABEL_HEADERS = (
    "标牌编码", "标牌链接", "标牌状态", "场所编号", "名称", "地址",
    "印制日期", "张贴日期", "停用日期", "换为", "最近扫码", "扫码次数",
)  # fmt: skip
STATES = {"printed": "已印制", "posted": "已张贴", "replaced": "已更换", "revoked": "已停用"}
FORMATS = ("xlsx", "places.csv", "labels.csv")

Row = Sequence[Any]


class FormatUnknown(LookupError):
    """There is no such format. The message lists those there are."""


@dataclass(frozen=True)
class Export:
    """A file of the register."""

    name: str
    content: bytes
    mimetype: str


def export(file_format: str, *, by: Actor | None, now: datetime) -> Export:
    """The register as a file, one of ``FORMATS``; that it was taken out is noted.

    Args:
        by: None: a command.

    Raises:
        NotPermitted: this person takes no register out.
        FormatUnknown: see there.
    """
    if by is not None and not by.has(Permission.REGISTER_EXPORT):
        raise NotPermitted("register")
    if file_format not in FORMATS:
        raise FormatUnknown(f"{file_format!r} is none of {', '.join(FORMATS)}.")
    with transaction():
        places, labels = list(_places()), list(_labels())
        counts = {"places": len(places), "labels": len(labels)}
        note_export(file_format, counts, by=by, now=now)
    day = now.astimezone(parts().zone).date()
    if file_format == "xlsx":
        sheets = (("场所", PLACE_HEADERS, places), ("标牌", LABEL_HEADERS, labels))
        return Export(f"register-{day}.xlsx", workbook(sheets), XLSX)
    headers, rows = (PLACE_HEADERS, places) if file_format == "places.csv" else (LABEL_HEADERS, labels)
    return Export(
        f"{file_format.split('.', maxsplit=1)[0]}-{day}.csv", write_table(headers, rows), "text/csv"
    )


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _places() -> Iterator[Row]:
    """One row a place, by code, with its newest label that is printed or posted."""
    current = {
        label.place_id: label
        for label in db.session.scalars(select(Label).where(Label.state.in_(CURRENT)).order_by(Label.id))
    }
    seen = _last_scans()
    wanted = select(Place).options(joinedload(Place.area, innerjoin=True)).order_by(Place.code)
    for place in db.session.scalars(wanted):
        label = current.get(place.id)
        yield (
            place.code,
            kind_names().get(place.kind, place.kind),
            place.name,
            place.address,
            place.area_code,
            place.area.name,
            place.lat,
            place.lon,
            place.keeper_name,
            place.facilities,
            place.opening_hours,
            *(_label_cells(label) if label else ("", "", "")),
            *(
                (_day(label.printed_at), _day(label.posted_at), seen.get(label.id, (None, 0))[0])
                if label
                else (None,) * 3
            ),
        )


def _labels() -> Iterator[Row]:
    """One row a label, by place and then by age."""
    tokens = {row.id: row.token for row in db.session.execute(select(Label.id, Label.token))}
    seen = _last_scans()
    wanted = select(Label).join(Label.place).options(joinedload(Label.place)).order_by(Place.code, Label.id)
    for label in db.session.scalars(wanted):
        last, scans = seen.get(label.id, (None, 0))
        yield (
            *_label_cells(label),
            label.place.code,
            label.place.name,
            label.place.address,
            _day(label.printed_at),
            _day(label.posted_at),
            _day(label.ended_at),
            display(tokens[label.replaced_by_id]) if label.replaced_by_id else "",
            last,
            scans,
        )


def _label_cells(label: Label) -> tuple[str, str, str]:
    return display(label.token), label_url(parts().config.public_url, label.token), STATES[label.state]


def _last_scans() -> dict[int, tuple[date, int]]:
    rows = db.session.execute(
        select(LabelScan.label_id, func.max(LabelScan.day), func.sum(LabelScan.scans)).group_by(
            LabelScan.label_id
        )
    )
    return {label_id: (last, int(scans)) for label_id, last, scans in rows}


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(parts().zone).date() if moment else None


@cache
def kind_names() -> dict[str, str]:
    """Chinese name of each kind of place, by code: an import reads either."""
    text = (resources.files("tracker") / "data" / "place_kinds.yaml").read_text(encoding="utf-8")
    return {row["code"]: row["zh"] for row in yaml.safe_load(text)["place_kinds"]}
