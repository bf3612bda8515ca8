"""The minutes as their pages place them: agenda items with their fields, copies beside them, who else is writing."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from flask import render_template, url_for
from flask_babel import get_timezone
from flask_babel import gettext as _

from tracker.domain.minutes import LINE_PARTS, TICKED, FieldKind, FieldName, Line, field_name
from tracker.services.meeting_heads import AgendaLine
from tracker.services.minutes_approval import is_here
from tracker.services.minutes_draft import Copy, Draft, names_since
from tracker.web.attendee_words import KINDS, name_of
from tracker.web.language import named
from tracker.web.names import Names

EMPTY_LINE = "newline0"
"""Stands in the template of an empty line where the script puts a random name."""
EMPTY_LINES_WITHOUT_SCRIPT = 3


@dataclass(frozen=True)
class LineView:
    """An action line with what its fields are called and which versions they have."""

    item: int
    uid: str
    fields: Mapping[str, Any]
    copies: Sequence[Mapping[str, Any]] = ()

    @property
    def gone(self) -> str:
        """Name of the field that takes it out."""
        return f"line.{self.item}.{self.uid}.gone"


def clock_time(at: datetime) -> str:
    """The time of day on the street: ``10:32``."""
    return format_datetime(at.astimezone(get_timezone()), "HH:mm")


def draft_page(draft: Draft, *, key: str, user: int) -> dict[str, Any]:
    """Everything that templates/minutes/draft.html places."""
    names = Names()
    return {
        "meeting": draft.meeting,
        "draft": draft,
        "key": key,
        "user": user,
        "departments": department_options(draft),
        "people": _people(draft, names),
        "items": [_item(draft, item) for item in draft.meeting.agenda],
        "others": draft.field("others"),
        "remarks": draft.field("remarks"),
        "boxes": copy_boxes(draft),
        "saved": clock_time(draft.last_saved_at) if draft.last_saved_at else "",
        "writers": writers_words(draft),
        "empty_line": EMPTY_LINE,
    }


def review_page(draft: Draft, problems: Mapping[str, str]) -> dict[str, Any]:
    """Everything that templates/minutes/review.html places."""
    names = Names()
    return {
        "meeting": draft.meeting,
        "draft": draft,
        "problems": [
            (_place_words(draft, name), _(why), _anchor(draft, name)) for name, why in problems.items()
        ],
        "here": [one["name"] for one in _people(draft, names) if one["ticked"]],
        "others": draft.text("others"),
        "remarks": draft.text("remarks"),
        "items": [
            {
                "item": item,
                "notes": draft.text(f"notes.{item.id}"),
                "decision": draft.text(f"decision.{item.id}"),
                "lines": [
                    {"line": line, "department": names.department(line.department)}
                    for line in draft.lines
                    if line.agenda_item == item.id
                ],
            }
            for item in draft.meeting.agenda
        ],
        "cursor": draft.cursor,
    }


def state_of(draft: Draft, since: int) -> dict[str, Any]:
    """What an open page needs to know: fields sent since, lines and copies as markup, who writes."""
    names = names_since(draft.meeting.id, since)
    boxes = copy_boxes(draft)
    fields = {
        name: {"text": field.text, "version": field.version, "who": field.who}
        for name in names
        if (field := draft.field(name)).version
    }
    lines = {
        line.uid: {
            "item": line.agenda_item,
            "html": render_template(
                "minutes/line_part.html",
                line=_line(draft, line),
                departments=department_options(draft),
                boxes=boxes,
            ),
        }
        for line in draft.lines
        if any(field_name(name).subject == line.uid for name in names)
    }
    return {
        "cursor": draft.cursor,
        "fields": fields,
        "lines": lines,
        "copies": {
            name: render_template("minutes/copies_part.html", boxes=boxes, name=name) for name in boxes
        },
        "forms": render_template("minutes/forms_part.html", boxes=boxes),
        "writers": writers_words(draft),
        "saved": clock_time(draft.last_saved_at) if draft.last_saved_at else "",
    }


def department_options(draft: Draft) -> list[tuple[str, str]]:
    """Code and name of every department, as a list to choose from."""
    return [(code, named(zh, en)) for code, zh, en in draft.departments]


def copy_boxes(draft: Draft) -> dict[str, list[dict[str, Any]]]:
    """Name of a field → the copies that wait beside it, each with both texts and who wrote them when."""
    boxes: dict[str, list[dict[str, Any]]] = {}
    for copy in draft.copies:
        boxes.setdefault(copy.name, []).append(_box(draft, copy))
    return boxes


def writers_words(draft: Draft) -> str:
    """Who else is writing, and where: ``李梅 正在写第 2 项``; empty: nobody."""
    positions = {item.id: item.position for item in draft.meeting.agenda}
    said = [
        _("%(name)s 正在写第 %(n)s 项", name=name, n=positions[item])
        if item in positions
        else _("%(name)s 正在写", name=name)
        for name, item in draft.writers
    ]
    return _("；").join(said)


def _box(draft: Draft, copy: Copy) -> dict[str, Any]:
    field = draft.field(copy.name)
    return {
        "id": copy.id,
        "url": url_for("minutes.settle", number=draft.meeting.number, copy_id=copy.id),
        "version": field.version,
        "key": secrets.token_urlsafe(18),
        "place": _place_words(draft, copy.name),
        "now": _shown(draft, copy.name, field.text),
        "now_who": field.who,
        "now_when": clock_time(field.saved_at) if field.saved_at else "",
        "text": _shown(draft, copy.name, copy.text),
        "who": copy.who,
        "when": clock_time(copy.at),
        "is_mine": copy.is_mine,
        "may_merge": field_name(copy.name).kind
        in (FieldKind.NOTES, FieldKind.DECISION, FieldKind.OTHERS, FieldKind.REMARKS),
    }


def _shown(draft: Draft, name: str, text: str) -> str:
    """A field's text in words: a department by its name, a tick by what it says."""
    field = field_name(name)
    if field.part == "department":
        return dict(department_options(draft)).get(text, text)
    if field.kind == FieldKind.HERE:
        return _("到会") if text == TICKED else _("未到会")
    if field.part == "gone":
        return _("移除这一行") if text == TICKED else _("保留这一行")
    return text


def _people(draft: Draft, names: Names) -> list[dict[str, Any]]:
    return [
        {
            "field": f"here.{one.ref}",
            "version": draft.field(f"here.{one.ref}").version,
            "ticked": is_here(draft, one.ref, signed_in=one.is_here),
            "name": name_of(one, names),
            "kind": str(KINDS[one.kind]) if one.kind in ("chair", "guest") else "",
            "signed": clock_time(one.signed_at) if one.signed_at else "",
            "is_likely": one.is_likely or is_here(draft, one.ref, signed_in=one.is_here),
        }
        for one in draft.people
    ]


def _item(draft: Draft, item: AgendaLine) -> dict[str, Any]:
    lines = [_line(draft, line) for line in draft.lines if line.agenda_item == item.id]
    return {
        "item": item,
        "notes": draft.field(f"notes.{item.id}"),
        "decision": draft.field(f"decision.{item.id}"),
        "lines": lines,
        "first": _line(draft, Line(secrets.token_hex(4), item.id)),
        "spare": [
            _line(draft, Line(secrets.token_hex(4), item.id))
            for _each in range(EMPTY_LINES_WITHOUT_SCRIPT - 1)
        ],
        "template": _line(draft, Line(EMPTY_LINE, item.id)),
    }


def _line(draft: Draft, line: Line) -> LineView:
    fields = {}
    for part in (*LINE_PARTS, "gone"):
        name = str(FieldName(FieldKind.LINE, line.agenda_item, line.uid, part))
        fields[part] = replace(draft.field(name), name=name)
    return LineView(line.agenda_item, line.uid, fields)


def _place_words(draft: Draft, name: str) -> str:
    """Where in the minutes a field is: ``第 1 项 · 决定``."""
    field = field_name(name)
    part = str(_PARTS[field.part or field.kind.value]())
    for item in draft.meeting.agenda:
        if item.id == field.agenda_item:
            return _("第 %(n)s 项 · %(part)s", n=item.position, part=part)
    return part


def _anchor(draft: Draft, name: str) -> str:
    return url_for("minutes.show", number=draft.meeting.number, _anchor=f"f-{name}")


_PARTS: Mapping[str, Any] = {
    "notes": lambda: _("讨论记录"),
    "decision": lambda: _("决定"),
    "here": lambda: _("到会人员"),
    "others": lambda: _("其他到会人员"),
    "remarks": lambda: _("其他事项"),
    "action": lambda: _("行动"),
    "department": lambda: _("责任单位"),
    "person": lambda: _("责任人"),
    "due": lambda: _("完成日期"),
    "measure": lambda: _("衡量标准"),
    "gone": lambda: _("移除"),
}


def kept_people(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those who were there, of approved minutes."""
    return (one for one in content["people"] if one["is_here"])
