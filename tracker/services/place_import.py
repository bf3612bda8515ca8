"""The register of places, taken from a CSV file or a workbook: good lines are kept, bad ones are named."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import select

from tracker.adapters.csv_table import Column, Line, read_table
from tracker.adapters.sealing import PhoneSealBroken
from tracker.adapters.xlsx_table import is_workbook, read_workbook
from tracker.domain.permissions import Actor, NotPermitted, Permission
from tracker.domain.phone import PhoneUnreadable, normalise_phone
from tracker.extensions import db, transaction
from tracker.models import Area, Place
from tracker.services.imports import Imported, LineRefused, Problem, Reason
from tracker.services.parts import parts
from tracker.services.register_events import note_import

COLUMNS = (
    Column("code", ("code", "编号", "场所编号", "点位编号")),
    Column("kind", ("kind", "类型", "场所类型")),
    Column("name", ("name", "名称", "场所名称")),
    Column("address", ("address", "地址")),
    Column("area_code", ("area", "片区", "区域", "所属区域")),
    Column("lat", ("lat", "latitude", "纬度"), is_needed=False),
    Column("lon", ("lon", "lng", "longitude", "经度"), is_needed=False),
    Column("keeper_name", ("keeper", "keeper_name", "联系人"), is_needed=False),
    Column("keeper_phone", ("keeper_phone", "phone", "联系电话", "电话"), is_needed=False),
    Column("facilities", ("facilities", "设施"), is_needed=False),
    Column("opening_hours", ("opening_hours", "hours", "开放时间", "营业时间"), is_needed=False),
)
"""What a line holds: kind and area by code or by name, lat and lon in WGS-84 degrees."""

_CODE = re.compile(r"\w[\w.-]{0,29}")  # also a file name: printed labels are called after it
_LONGEST = {"name": 80, "address": 160, "keeper_name": 60, "facilities": 200, "opening_hours": 120}
_PLAIN = ("kind", "name", "address", "area_code", "lat", "lon", "keeper_name", "facilities", "opening_hours")


def read_places(data: bytes) -> list[Line]:
    """The lines of a CSV file or a workbook of places, told apart by content.

    Raises:
        TableUnreadable: the file as a whole cannot be used.
    """
    return read_workbook(data, COLUMNS) if is_workbook(data) else read_table(data, COLUMNS)


def import_places(
    lines: Iterable[Line], *, by: Actor | None = None, now: datetime | None = None, file_format: str = ""
) -> Imported:
    """Add new places and bring known ones (by their code) up to date, in one transaction.

    Importing the same lines again changes nothing. A place that is no longer in the file stays: its label may
    hang on a wall. A column that the file does not have leaves what is known as it is.

    Args:
        by: None: a command, or a demo.
        now: None: the import is not noted.

    Raises:
        NotPermitted: this person keeps no places.
    """
    if by is not None and not by.has(Permission.PLACES_KEEP):
        raise NotPermitted("places")
    result, seen = Imported(), set[str]()
    with transaction():
        areas, known = _areas(), {place.code: place for place in db.session.scalars(select(Place))}
        for line in lines:
            try:
                values = _checked(line, areas, seen)
            except LineRefused as refusal:
                problem = Problem(f"line {line.number}", str(refusal), line.number, refusal.reasons)
                result.problems.append(problem)
                continue
            seen.add(values["code"])
            _take(values, known.get(values["code"]), result, line.lacks)
        if now is not None:
            note_import(result, file_format, by=by, now=now)
    return result


def _take(values: Mapping[str, Any], place: Place | None, result: Imported, lacks: frozenset[str]) -> None:
    is_new = place is None
    if place is None:
        place = Place(code=values["code"], keeper_phone_sealed="")
        db.session.add(place)
    changes = {
        name: values[name]
        for name in _PLAIN
        if is_new or (name not in lacks and getattr(place, name) != values[name])
    }
    if "keeper_phone" not in lacks and values["keeper_phone"] != _phone_of(place):
        changes["keeper_phone_sealed"] = _sealed(values["keeper_phone"], place.code)
    for name, value in changes.items():
        setattr(place, name, value)
    result.count(is_new=is_new, is_changed=bool(changes))


def _checked(line: Line, areas: Mapping[str, str | None], seen: set[str]) -> dict[str, Any]:
    """The line's values as they are stored; raises LineRefused with everything that is wrong."""
    values: dict[str, Any] = dict(line.values)
    wrong = [_empty(name) for name in ("code", "kind", "name", "address") if not values[name]]
    wrong += [] if values["area_code"] else [_empty("area_code")]
    wrong += [
        Reason("too_long", f"{name} is longer than {limit} characters", {"column": name, "limit": limit})
        for name, limit in _LONGEST.items()
        if len(values[name]) > limit
    ]
    if line.surplus:
        words = "it has more cells than the first line; put a text with commas into quotes"
        wrong.append(Reason("surplus", words))
    wrong += _wrong_code(values["code"], seen)
    for name, read in (("kind", _kind), ("area_code", _area), ("keeper_phone", _phone)):
        try:
            values[name] = read(values[name], areas)
        except LineRefused as refusal:
            wrong += refusal.reasons
    try:
        values["lat"], values["lon"] = _position(values["lat"], values["lon"])
    except LineRefused as refusal:
        wrong += refusal.reasons
    if wrong:
        raise LineRefused(*wrong)
    return values


def _empty(name: str) -> Reason:
    return Reason("empty", f"{'area' if name == 'area_code' else name} is empty", {"column": name})


def _wrong_code(code: str, seen: set[str]) -> Iterator[Reason]:
    if code and not _CODE.fullmatch(code):
        words = f"code {code!r} may only have letters, digits, . _ - and up to 30 of them"
        yield Reason("code_wrong", words, {"value": code})
    if code in seen:
        yield Reason("code_twice", f"code {code} is already used by a line above", {"value": code})


def _kind(text: str, _areas: Mapping[str, str | None]) -> str:
    found = place_kinds().get(text)
    if text and found is None:
        kinds = ", ".join(sorted(set(place_kinds().values())))
        raise LineRefused(Reason("kind_unknown", f"kind {text!r} is not one of {kinds}", {"value": text}))
    return found or ""


def _area(text: str, areas: Mapping[str, str | None]) -> str:
    if text and text not in areas:
        raise LineRefused(Reason("area_unknown", f"area {text!r} is not known", {"value": text}))
    found = areas.get(text, "")
    if found is None:
        words = f"several areas are called {text!r}; give the code"
        raise LineRefused(Reason("area_unclear", words, {"value": text}))
    return found


def _phone(text: str, _areas: Mapping[str, str | None]) -> str:
    if not text:
        return ""
    try:
        return normalise_phone(text)
    except PhoneUnreadable as error:
        words = "keeper_phone is neither a mobile number nor a landline with area code"
        raise LineRefused(Reason("phone_wrong", words)) from error


def _position(lat: str, lon: str) -> tuple[float | None, float | None]:
    if not lat and not lon:
        return None, None
    if not (lat and lon):
        raise LineRefused(Reason("half_position", "lat and lon are given together or not at all"))
    try:
        north, east = float(lat), float(lon)
    except ValueError:
        words = f"lat {lat!r}, lon {lon!r} are not decimal degrees"
        raise LineRefused(Reason("no_degrees", words, {"lat": lat, "lon": lon})) from None
    if 90 < abs(north) <= 180 and abs(east) <= 90:
        words = f"lat {lat} and lon {lon} look swapped"
        raise LineRefused(Reason("swapped", words, {"lat": lat, "lon": lon}))
    if not (abs(north) <= 90 and abs(east) <= 180):
        words = f"lat {lat}, lon {lon} is no place on earth"
        raise LineRefused(Reason("not_on_earth", words, {"lat": lat, "lon": lon}))
    return north, east


def _areas() -> dict[str, str | None]:
    """Code by code and by name; None for a name that several areas have."""
    found: dict[str, str | None] = {}
    rows = db.session.execute(select(Area.code, Area.name)).all()
    for code, name in rows:
        found[name] = None if name in found else code
    return found | {code: code for code, _ in rows}


def _phone_of(place: Place) -> str:
    if not place.keeper_phone_sealed:
        return ""
    try:
        return parts().phones.open(place.keeper_phone_sealed, keeper_context(place.code))
    except PhoneSealBroken:
        return ""  # unreadable to us: what the file says replaces it


def _sealed(phone: str, code: str) -> str:
    return parts().phones.seal(phone, keeper_context(code)) if phone else ""


def keeper_context(place_code: str) -> bytes:
    """What ties a keeper's sealed number to its place."""
    return b"place:" + place_code.encode()


@cache
def place_kinds() -> dict[str, str]:
    """Code of each kind of place, found by its code and by its Chinese name."""
    text = (resources.files("tracker") / "data" / "place_kinds.yaml").read_text(encoding="utf-8")
    rows = yaml.safe_load(text)["place_kinds"]
    return {row["zh"]: row["code"] for row in rows} | {row["code"]: row["code"] for row in rows}
