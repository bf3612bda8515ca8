"""The minutes as fields: what each is called, when a save counts, what must be there before they are approved.

The minutes are not one text but many small ones, each with a version of its own: two people who write at the same
time meet only where they write in the same field, and there nothing is overwritten. Source: design brief, section 6.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum

from tracker.domain.actions import day_problem
from tracker.domain.words import N_

LINE_PARTS = ("action", "department", "person", "due", "measure")
"""Of one action item, in the order they are typed."""
TICKED = "1"
"""Text of a ticked attendee, and of a line that was taken out again; anything else: not ticked."""
TEXT_LIMIT_CHARS = 10_000
SHORT_LIMIT_CHARS = 500
"""Of a part of an action line: it becomes one line of a queue."""


class FieldUnknown(ValueError):
    """No field of the minutes has this name."""


class FieldKind(StrEnum):
    """What a field holds."""

    NOTES = "notes"
    DECISION = "decision"
    LINE = "line"
    HERE = "here"
    OTHERS = "others"
    """People who came and are on no list."""
    REMARKS = "remarks"


@dataclass(frozen=True)
class FieldName:
    """A field's name, taken apart.

    Attributes:
        agenda_item: id; of notes, decision and line.
        subject: of a line, its own random name; of an attendee, who.
        part: of a line: one of LINE_PARTS, or ``gone``.
    """

    kind: FieldKind
    agenda_item: int | None = None
    subject: str = ""
    part: str = ""

    def __str__(self) -> str:
        parts = [self.kind.value, self.agenda_item, self.subject, self.part]
        return ".".join(str(part) for part in parts if part)

    @property
    def limit_chars(self) -> int:
        """The longest text it takes."""
        return SHORT_LIMIT_CHARS if self.kind in (FieldKind.LINE, FieldKind.HERE) else TEXT_LIMIT_CHARS


_PATTERN = re.compile(
    r"(?P<free>others|remarks)"
    r"|(?P<text>notes|decision)\.(?P<item>[1-9]\d{0,9})"
    r"|line\.(?P<line_item>[1-9]\d{0,9})\.(?P<line>[a-z0-9]{6,24})\.(?P<part>action|department|person|due|measure|gone)"
    r"|here\.(?P<who>[a-z]{1,12}-[A-Za-z0-9]{1,20})",
    re.ASCII,
)


def field_name(text: str) -> FieldName:
    """Take a field's name apart.

    Raises:
        FieldUnknown: it is none of ours.
    """
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise FieldUnknown(text)
    if found["free"]:
        return FieldName(FieldKind(found["free"]))
    if found["text"]:
        return FieldName(FieldKind(found["text"]), int(found["item"]))
    if found["line"]:
        return FieldName(FieldKind.LINE, int(found["line_item"]), found["line"], found["part"])
    return FieldName(FieldKind.HERE, subject=found["who"])


class Outcome(StrEnum):
    """What becomes of a text that is sent for a field."""

    SAVED = "saved"
    SAME = "same"
    COPY = "copy"
    """Somebody else wrote there meanwhile: it is kept beside the field, and a person decides."""


def outcome_of(text: str, *, base: str, current: str, is_latest: bool) -> Outcome:
    """Judge a save.

    Args:
        text: what was sent.
        base: what the field said in the version that its writer saw.
        current: what it says now.
        is_latest: whether the writer saw the present version.

    Whoever sends what he saw has changed nothing, and what the field says anyway is no conflict.
    """
    if text in (base, current):
        return Outcome.SAME
    return Outcome.SAVED if is_latest else Outcome.COPY


@dataclass(frozen=True)
class Line:
    """One action item as it was typed."""

    uid: str
    agenda_item: int
    action: str = ""
    department: str = ""
    person: str = ""
    due: str = ""
    measure: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not any(getattr(self, part) for part in LINE_PARTS)


def lines_of(texts: Mapping[str, str], order: Sequence[str]) -> list[Line]:
    """The action lines among the fields, in the order they were begun; without those taken out or left empty.

    Args:
        texts: name of a field → its text.
        order: names of fields, the one first written first.
    """
    found: dict[tuple[int, str], dict[str, str]] = {}
    for name in order:
        field = field_name(name)
        if field.kind == FieldKind.LINE and field.agenda_item is not None:
            found.setdefault((field.agenda_item, field.subject), {})[field.part] = texts[name]
    lines = [
        Line(uid, item, **{part: typed.get(part, "") for part in LINE_PARTS})
        for (item, uid), typed in found.items()
        if typed.get("gone") != TICKED
    ]
    return [line for line in lines if not line.is_empty]


def missing_from(line: Line, departments: Sequence[str], today: date) -> Iterator[tuple[str, str]]:
    """What keeps a line from becoming an action item: its part and why, to be translated."""
    if not line.action:
        yield "action", N_("请写明要做什么。")
    if line.department not in departments:
        yield "department", N_("请选择名单中的单位。")
    if not line.measure:
        yield "measure", N_("请写明怎样算做到。")
    due = day_of(line.due)
    if due is None:
        yield "due", N_("请填写完成日期。")
    elif wrong := day_problem(due, today):
        yield "due", wrong


def day_of(text: str) -> date | None:
    """A day as the browser writes it, ``2026-12-25``; None: none, or not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Piece:
    """A run of text in a difference: in both, only before, or only after."""

    text: str
    kind: str
    """same, gone or new."""


_WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)


def difference(before: str, after: str) -> list[Piece]:
    """What was taken out and put in between two texts, character by character for Chinese, by words for Latin."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("".join(old[i1:i2]), "same"))
            continue
        pieces += [Piece("".join(old[i1:i2]), "gone")] * (i1 < i2)
        pieces += [Piece("".join(new[j1:j2]), "new")] * (j1 < j2)
    return pieces
