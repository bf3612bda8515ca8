"""What attendees are called on the sign-in sheet and in the minutes."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.services.attendance import Attendee
from tracker.web.language import named
from tracker.web.names import Names

KINDS: Mapping[str, Any] = {
    "chair": _lazy("主持人"),
    "department": _lazy("单位"),
    "guest": _lazy("来宾"),
    "reporter": _lazy("商户代表"),
    "walk_in": _lazy("现场签到"),
}
ANSWERS: Mapping[str, Any] = {
    "": _lazy("未答复"),
    "yes": _lazy("来"),
    "maybe": _lazy("可能来"),
    "no": _lazy("不来"),
}


def name_of(one: Attendee, names: Names) -> str:
    """Somebody as sheet and minutes call him; merchants by their number alone."""
    department = names.department(one.department) if one.department else ""
    return called(one.kind, one.number, name=one.name, department=department)


def kept_name(one: Mapping[str, Any]) -> str:
    """Somebody in approved minutes, whose department's names were written out then."""
    zh, en = one["department"]
    return called(one["kind"], one["number"], name=one["name"], department=named(zh, en))


def called(kind: str, number: int, *, name: str, department: str) -> str:
    """The name from its parts; empty parts are left out."""
    if kind == "reporter":
        return _("商户代表 %(n)s 号", n=number)
    if kind == "walk_in" and not department:
        return _("现场签到 %(n)s 号", n=number)
    parts = (department, name) if kind in ("department", "walk_in") else (name,)
    return " · ".join(part for part in parts if part)
