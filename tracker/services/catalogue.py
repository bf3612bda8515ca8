"""The catalogue: departments, and categories by version, taken whole from YAML files or not at all."""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import select

from tracker.extensions import db, transaction
from tracker.models import Category, Department
from tracker.services.imports import Imported, ImportRefused, Problem

Entry = Mapping[str, Any]

_ALLOWANCE = re.compile(r"[1-9][0-9]*(min|h|wh|wd)")
_STAGE = re.compile(r"\S+ [1-9][0-9]*(min|h|wh|wd)")
_CATEGORY_CODE = re.compile(r"[A-Z][1-9][0-9]?")
_DEPARTMENT_CODE = re.compile(r"[A-Z0-9]{2,10}")


def shipped(name: str) -> str:
    """The text of a file of tracker/data, such as ``categories``: what a new street starts with."""
    return (resources.files("tracker") / "data" / f"{name}.yaml").read_text(encoding="utf-8")


def import_departments(text: str) -> Imported:
    """Add departments, and rename known ones (by their code). One that is not in the file stays.

    Args:
        text: YAML in the form of tracker/data/departments.yaml.

    Raises:
        ImportRefused: something in it is wrong; nothing was stored.
    """
    entries = _entries(_parsed(text), "departments")
    _refuse_wrong("department", entries, _department_problems)
    result = Imported()
    with transaction():
        for entry in entries:
            department = db.session.get(Department, entry["code"])
            names = {"name_zh": entry["zh"], "name_en": entry["en"]}
            result.count(
                is_new=department is None,
                is_changed=department is not None and _differs(department, names),
            )
            db.session.merge(Department(code=entry["code"], **names))
    return result


def import_categories(text: str) -> Imported:
    """Add categories; one that changed gets a new version, and cases keep the version they were opened under.

    A category that is not in the file stays as it is.

    Args:
        text: YAML in the form of tracker/data/categories.yaml.

    Raises:
        ImportRefused: something in it is wrong; nothing was stored.
    """
    document = _parsed(text)
    entries, groups = _entries(document, "categories"), _entries(document, "groups")
    icons = document.get("icons") or []
    result = Imported()
    with transaction():
        departments = set(db.session.scalars(select(Department.code)))
        checks = _CategoryChecks(departments, {str(group.get("code")) for group in groups}, set(icons))
        _refuse_wrong("group", groups, _group_problems)
        _refuse_wrong("category", entries, checks.problems)
        positions = {group["code"]: (number, group) for number, group in enumerate(groups, start=1)}
        for entry in entries:
            _take_category(_columns(entry, *positions[entry["group"]]), result)
    return result


def _take_category(columns: dict[str, Any], result: Imported) -> None:
    current = db.session.scalar(
        select(Category).where(Category.code == columns["code"], Category.is_current).with_for_update()
    )
    is_changed = current is not None and _differs(current, columns)
    result.count(is_new=current is None, is_changed=is_changed)
    if current is not None and not is_changed:
        return
    if current is not None:
        current.is_current = False
        db.session.flush()  # only one version may be the current one at any moment
    version = current.version + 1 if current else 1
    db.session.add(Category(**columns, version=version, is_current=True))
    db.session.flush()


def _columns(entry: Entry, group_number: int, group: Entry) -> dict[str, Any]:
    """The entry as a row. Its position follows from its code, so a new neighbour changes no other category."""
    plain = ("icon", "auto_file", "auto_dispatch", "evidence", "urgent", "protect_reporter", "private")
    return {name: entry[name] for name in plain} | {
        "code": entry["code"],
        "position": group_number * 100 + int(entry["code"][1:]),
        "group_code": group["code"],
        "group_zh": group["zh"],
        "group_en": group["en"],
        "name_zh": entry["zh"],
        "name_en": entry["en"],
        "lead_code": entry["lead"],
        "co_codes": list(entry["co"]),
        "allowances": {name: entry[name] for name in ("accept", "act", "done", "stages")},
    }


def _differs(row: object, columns: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in columns.items())


# ---------------------------------------------------------------- reading and checking


def _parsed(text: str) -> Entry:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ImportRefused([Problem("file", " ".join(f"not YAML: {error}".split()))]) from error
    if not isinstance(document, dict):
        raise ImportRefused([Problem("file", "not a list of names and values")])
    return document


def _entries(document: Entry, name: str) -> list[Entry]:
    entries = document.get(name)
    if not isinstance(entries, list) or not entries or not all(isinstance(each, dict) for each in entries):
        raise ImportRefused([Problem("file", f"it has no list called {name}")])
    return entries


def _refuse_wrong(what: str, entries: list[Entry], problems_of: Callable[[Entry], Iterator[str]]) -> None:
    problems, seen = [], set()
    for number, entry in enumerate(entries, start=1):
        code = entry.get("code") or f"number {number}"
        reasons = list(problems_of(entry))
        if code in seen:
            reasons.append("this code is there twice")
        seen.add(code)
        problems += [Problem(f"{what} {code}", reason) for reason in reasons]
    if problems:
        raise ImportRefused(problems)


def _department_problems(entry: Entry) -> Iterator[str]:
    yield from _code_and_names(entry, _DEPARTMENT_CODE, limit=80)
    yield from _unknown(entry, {"code", "zh", "en"})


def _group_problems(entry: Entry) -> Iterator[str]:
    yield from _code_and_names(entry, re.compile(r"[A-Z]"), limit=60)
    yield from _unknown(entry, {"code", "zh", "en"})


def _code_and_names(entry: Entry, code: re.Pattern[str], limit: int) -> Iterator[str]:
    if not code.fullmatch(str(entry.get("code"))):
        yield f"code {entry.get('code')!r} does not look like one"
    for name in ("zh", "en"):
        value = entry.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= limit:
            yield f"{name} needs 1 to {limit} characters"


def _unknown(entry: Entry, known: set[str]) -> Iterator[str]:
    for name in entry.keys() - known:
        yield f"{name} is no field we know"


class _CategoryChecks:
    """Whether a category of the file can be taken; a missing field is an error, never a quiet default."""

    _YES_OR_NO = ("auto_file", "auto_dispatch", "evidence", "urgent", "protect_reporter", "private")
    _ALLOWANCES = ("accept", "act", "done")
    _FIELDS = frozenset(
        {"code", "group", "zh", "en", "icon", "lead", "co", "stages", "basis", *_YES_OR_NO, *_ALLOWANCES}
    )

    def __init__(self, departments: set[str], groups: set[str], icons: set[str]) -> None:
        self._departments, self._groups, self._icons = departments, groups, icons

    def problems(self, entry: Entry) -> Iterator[str]:
        yield from _unknown(entry, set(self._FIELDS))
        yield from _code_and_names(entry, _CATEGORY_CODE, limit=60)
        if entry.get("group") not in self._groups:
            yield f"group {entry.get('group')!r} is not in the file's groups"
        if entry.get("icon") not in self._icons:
            yield f"icon {entry.get('icon')!r} is not in the file's icons"
        yield from self._department_problems(entry)
        yield from self._rule_problems(entry)

    def _department_problems(self, entry: Entry) -> Iterator[str]:
        co = entry.get("co")
        if not isinstance(co, list):
            yield "co is a list of department codes; [] for none"
            co = []
        for code in (entry.get("lead"), *co):
            if code not in self._departments:
                yield f"department {code!r} is not known; import departments first"
        if entry.get("lead") in co or len(set(co)) < len(co):
            yield "a department is named twice"

    def _rule_problems(self, entry: Entry) -> Iterator[str]:
        for name in self._YES_OR_NO:
            if not isinstance(entry.get(name), bool):
                yield f"{name} is true or false"
        for name in self._ALLOWANCES:
            if not _ALLOWANCE.fullmatch(str(entry.get(name))):
                yield f"{name} is a number with min, h, wh or wd, such as 4wh; not {entry.get(name)!r}"
        stages = entry.get("stages")
        if not isinstance(stages, list) or not all(_STAGE.fullmatch(str(stage)) for stage in stages):
            yield "stages is a list of 'name allowance', such as 'guard 1h'; [] for none"
        if entry.get("auto_dispatch") is True and entry.get("auto_file") is False:
            yield "auto_dispatch needs auto_file: only a filed case can be dispatched"
