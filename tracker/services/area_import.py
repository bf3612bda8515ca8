"""The tree of areas, taken from a CSV file."""

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from tracker.adapters.csv_table import Column, Line, read_table
from tracker.extensions import db, transaction
from tracker.models import Area
from tracker.services.imports import Imported, LineRefused, Problem

COLUMNS = (
    Column("code", ("code", "编号", "区域编号")),
    Column("name", ("name", "名称", "区域名称")),
    Column("parent", ("parent", "上级", "上级编号")),
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")


def read_areas(data: bytes) -> list[Line]:
    """The lines of a CSV file of areas; raises TableUnreadable."""
    return read_table(data, COLUMNS)


def import_areas(lines: Iterable[Line]) -> Imported:
    """Add areas, and rename or move known ones (by their code), in one transaction; bad lines are named.

    A parent may stand below its children in the file. An area that is not in the file stays.
    """
    with transaction():
        tree = _Tree()
        waiting = list(lines)
        while waiting:  # each round takes the lines whose parent is there by now
            ready = [line for line in waiting if tree.may_take(line)]
            if not ready:
                break
            for line in ready:
                tree.take(line)
            waiting = [line for line in waiting if line not in ready]
        for line in waiting:
            tree.refuse(line, f"parent {line.values['parent']!r} is not known")
    tree.result.problems.sort(key=lambda problem: int(problem.where.split()[1]))
    return tree.result


class _Tree:
    """The areas there are, growing line by line."""

    def __init__(self) -> None:
        self.result = Imported()
        self._known = {area.code: area for area in db.session.scalars(select(Area))}
        self._seen: set[str] = set()

    def may_take(self, line: Line) -> bool:
        return line.values["parent"] in {"", line.values["code"], *self._known}

    def take(self, line: Line) -> None:
        try:
            self._store(line.values)
        except LineRefused as refusal:
            self.refuse(line, str(refusal))

    def refuse(self, line: Line, reason: str) -> None:
        self.result.problems.append(Problem(f"line {line.number}", reason))

    def _store(self, values: Mapping[str, str]) -> None:
        code, name, parent = values["code"], values["name"], values["parent"] or None
        self._check(code, name, parent)
        self._seen.add(code)
        area = self._known.get(code)
        is_changed = area is not None and (area.name, area.parent_code) != (name, parent)
        self.result.count(is_new=area is None, is_changed=is_changed)
        if area is None:
            area = self._known[code] = Area(code=code)
            db.session.add(area)
        area.name, area.parent_code = name, parent
        db.session.flush()  # a child's row needs its parent's

    def _check(self, code: str, name: str, parent: str | None) -> None:
        if not _CODE.fullmatch(code):
            raise LineRefused(f"code {code!r} may only have letters, digits and -, and up to 20 of them")
        if not 0 < len(name) <= 80:
            raise LineRefused("name needs 1 to 80 characters")
        if code in self._seen:
            raise LineRefused(f"code {code} is already used by a line above")
        if self._lies_within(parent, code):
            raise LineRefused(f"area {code} would lie within itself")

    def _lies_within(self, inner: str | None, outer: str) -> bool:
        while inner is not None:
            if inner == outer:
                return True
            inner = self._known[inner].parent_code
        return False
