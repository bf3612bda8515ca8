"""Routing rules, taken from a CSV file: who gets a category's cases in an area, and whether by itself."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from tracker.adapters.csv_table import Column, Line, read_table
from tracker.extensions import db, transaction
from tracker.models import Area, Category, Department, RoutingRule
from tracker.services.imports import Imported, LineRefused, Problem

COLUMNS = (
    Column("category", ("category", "类别", "类别编号")),
    Column("area", ("area", "区域", "区域编号", "片区")),
    Column("lead", ("lead", "主办", "主办单位")),
    Column("co", ("co", "协办", "协办单位"), is_needed=False),
    Column("auto_file", ("auto_file", "自动立案")),
    Column("auto_dispatch", ("auto_dispatch", "自动派遣")),
)
_YES, _NO = ("1", "yes", "true", "是"), ("0", "no", "false", "否")
_ANSWERS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
_BETWEEN_CODES = re.compile(r"[\s;；、/]+")


def read_routing(data: bytes) -> list[Line]:
    """The lines of a CSV file of routing rules; raises TableUnreadable."""
    return read_table(data, COLUMNS)


def import_routing(lines: Iterable[Line]) -> Imported:
    """Add rules, and change known ones (by category and area), in one transaction; bad lines are named."""
    result = Imported()
    with transaction():
        registers = _Registers(
            categories=set(db.session.scalars(select(Category.code).where(Category.is_current))),
            areas=set(db.session.scalars(select(Area.code))),
            departments=set(db.session.scalars(select(Department.code))),
        )
        known = {
            (rule.category_code, rule.area_code): rule for rule in db.session.scalars(select(RoutingRule))
        }
        seen = set[tuple[str, str]]()
        for line in lines:
            try:
                _take_rule(registers.checked(line), known, seen, result)
            except LineRefused as refusal:
                result.problems.append(Problem(f"line {line.number}", str(refusal)))
    return result


def _take_rule(
    columns: Mapping[str, Any],
    known: dict[tuple[str, str], RoutingRule],
    seen: set[tuple[str, str]],
    result: Imported,
) -> None:
    key = (columns["category_code"], columns["area_code"])
    if key in seen:
        raise LineRefused(f"a line above already says where {key[0]} goes in {key[1]}")
    seen.add(key)
    rule = known.get(key)
    if rule is None:
        db.session.add(RoutingRule(**columns))
        result.count(is_new=True, is_changed=False)
        return
    changes = {name: value for name, value in columns.items() if getattr(rule, name) != value}
    for name, value in changes.items():
        setattr(rule, name, value)
    result.count(is_new=False, is_changed=bool(changes))


class _Registers:
    """The codes that a rule may name."""

    def __init__(self, categories: set[str], areas: set[str], departments: set[str]) -> None:
        self._categories, self._areas, self._departments = categories, areas, departments

    def checked(self, line: Line) -> dict[str, Any]:
        """The line as columns of a rule; raises LineRefused with everything that is wrong."""
        values = line.values
        co = [code for code in _BETWEEN_CODES.split(values["co"]) if code]
        auto = {name: _ANSWERS.get(values[name].lower()) for name in ("auto_file", "auto_dispatch")}
        wrong = [
            f"{name} {values[name]!r} is not known"
            for name, codes in (
                ("category", self._categories),
                ("area", self._areas),
                ("lead", self._departments),
            )
            if values[name] not in codes
        ]
        wrong += [f"co {code!r} is not known" for code in co if code not in self._departments]
        wrong += [f"{name} is yes or no" for name, answer in auto.items() if answer is None]
        if values["lead"] in co or len(set(co)) < len(co):
            wrong.append("a department is named twice")
        if auto["auto_dispatch"] and auto["auto_file"] is False:
            wrong.append("auto_dispatch needs auto_file: only a filed case can be dispatched")
        if wrong:
            raise LineRefused("; ".join(wrong))
        return {
            "category_code": values["category"],
            "area_code": values["area"],
            "lead_code": values["lead"],
            "co_codes": co,
            **auto,
        }
