"""The register of places, taken from a CSV file: good lines are kept, bad ones are named."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import select

from tracker.adapters.csv_table import Column, Line, read_table
from tracker.adapters.sealing import PhoneSealBroken
from tracker.domain.phone import PhoneUnreadable, normalise_phone
from tracker.extensions import db, transaction
from tracker.models import Area, Place
from tracker.services.imports import Imported, LineRefused, Problem
from tracker.services.parts import parts

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
    """The lines of a CSV file of places.

    Raises:
        TableUnreadable: the file as a whole cannot be used.
    """
    return read_table(data, COLUMNS)


def import_places(lines: Iterable[Line]) -> Imported:
    """Add new places and bring known ones (by their code) up to date, in one transaction.

    Importing the same lines again changes nothing. A place that is no longer in the file stays: its label may
    hang on a wall.
    """
    result, seen = Imported(), set[str]()
    with transaction():
        areas, known = _areas(), {place.code: place for place in db.session.scalars(select(Place))}
        for line in lines:
            try:
                values = _checked(line, areas, seen)
            except LineRefused as refusal:
                result.problems.append(Problem(f"line {line.number}", str(refusal)))
                continue
            seen.add(values["code"])
            _take(values, known.get(values["code"]), result)
    return result


def _take(values: Mapping[str, Any], place: Place | None, result: Imported) -> None:
    is_new = place is None
    if place is None:
        place = Place(code=values["code"], keeper_phone_sealed="")
        db.session.add(place)
    changes = {name: values[name] for name in _PLAIN if is_new or getattr(place, name) != values[name]}
    if values["keeper_phone"] != _phone_of(place):
        changes["keeper_phone_sealed"] = _sealed(values["keeper_phone"], place.code)
    for name, value in changes.items():
        setattr(place, name, value)
    result.count(is_new=is_new, is_changed=bool(changes))


def _checked(line: Line, areas: Mapping[str, str | None], seen: set[str]) -> dict[str, Any]:
    """The line's values as they are stored; raises LineRefused with everything that is wrong."""
    values: dict[str, Any] = dict(line.values)
    wrong = [f"{name} is empty" for name in ("code", "kind", "name", "address") if not values[name]]
    wrong += [] if values["area_code"] else ["area is empty"]
    wrong += [
        f"{name} is longer than {limit} characters"
        for name, limit in _LONGEST.items()
        if len(values[name]) > limit
    ]
    if line.surplus:
        wrong.append("it has more cells than the first line; put a text with commas into quotes")
    if values["code"] and not _CODE.fullmatch(values["code"]):
        wrong.append(f"code {values['code']!r} may only have letters, digits, . _ - and up to 30 of them")
    if values["code"] in seen:
        wrong.append(f"code {values['code']} is already used by a line above")
    for name, read in (("kind", _kind), ("area_code", _area), ("keeper_phone", _phone)):
        try:
            values[name] = read(values[name], areas)
        except LineRefused as refusal:
            wrong.append(str(refusal))
    try:
        values["lat"], values["lon"] = _position(values["lat"], values["lon"])
    except LineRefused as refusal:
        wrong.append(str(refusal))
    if wrong:
        raise LineRefused("; ".join(wrong))
    return values


def _kind(text: str, _areas: Mapping[str, str | None]) -> str:
    found = place_kinds().get(text)
    if text and found is None:
        raise LineRefused(f"kind {text!r} is not one of {', '.join(sorted(set(place_kinds().values())))}")
    return found or ""


def _area(text: str, areas: Mapping[str, str | None]) -> str:
    if text and text not in areas:
        raise LineRefused(f"area {text!r} is not known")
    found = areas.get(text, "")
    if found is None:
        raise LineRefused(f"several areas are called {text!r}; give the code")
    return found


def _phone(text: str, _areas: Mapping[str, str | None]) -> str:
    if not text:
        return ""
    try:
        return normalise_phone(text)
    except PhoneUnreadable as error:
        raise LineRefused("keeper_phone is neither a mobile number nor a landline with area code") from error


def _position(lat: str, lon: str) -> tuple[float | None, float | None]:
    if not lat and not lon:
        return None, None
    if not (lat and lon):
        raise LineRefused("lat and lon are given together or not at all")
    try:
        north, east = float(lat), float(lon)
    except ValueError:
        raise LineRefused(f"lat {lat!r}, lon {lon!r} are not decimal degrees") from None
    if 90 < abs(north) <= 180 and abs(east) <= 90:
        raise LineRefused(f"lat {lat} and lon {lon} look swapped")
    if not (abs(north) <= 90 and abs(east) <= 180):
        raise LineRefused(f"lat {lat}, lon {lon} is no place on earth")
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
