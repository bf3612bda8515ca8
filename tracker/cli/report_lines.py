"""Reports and groups as JSON lines: what ``flask issues replay`` reads and writes."""

import json
import math
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.domain.grouping import MemoryStore, Report
from tracker.domain.grouping.replay import Arrival

_WORDS = ("id", "submitted_at", "category", "place_id", "street", "text", "reporter_id")
_DEGREES = {"lat": 90.0, "lon": 180.0}


class LineUnusable(ValueError):
    """A line that is not a report; says which and why."""


def read_reports(file: Path) -> list[Report]:
    """Every report of a file; empty lines are passed over.

    Raises:
        LineUnusable: see there. Also for a file without any report.
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    reports, line_of = [], dict[str, int]()
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            report = _report(line, number)
            if report.id in line_of:
                raise LineUnusable(f"line {number}: id {report.id} was on line {line_of[report.id]} already.")
            line_of[report.id] = number
            reports.append(report)
    if not reports:
        raise LineUnusable("line 1: there is no report in this file.")
    if len({report.at.tzinfo is None for report in reports}) > 1:
        raise LineUnusable("line 1: some moments of submitted_at have a time zone and some have none.")
    return reports


def _report(line: str, number: int) -> Report:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise LineUnusable(f"line {number}: this is not JSON ({error}).") from error
    if not isinstance(record, dict):
        raise LineUnusable(f"line {number}: this is not a JSON object.")
    words = {name: _word(record, name, number) for name in _WORDS}
    lat, lon = (_degrees(record, name, number) for name in _DEGREES)
    if (lat is None) != (lon is None):
        raise LineUnusable(f"line {number}: lat and lon go together.")
    try:
        at = datetime.fromisoformat(words["submitted_at"])
    except ValueError as error:
        raise LineUnusable(f"line {number}: submitted_at is not an ISO moment.") from error
    return Report(
        words["id"], at, words["category"], words["place_id"], words["street"], lat, lon, words["text"],
        words["reporter_id"],
    )  # fmt: skip


def _word(record: dict[str, Any], name: str, number: int) -> str:
    if name not in record:
        raise LineUnusable(f"line {number}: {name} is missing.")
    value = record[name]
    if value is None and name not in {"id", "submitted_at"}:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool) or (value == "" and name == "id"):
        raise LineUnusable(f"line {number}: {name} is not a text.")
    return str(value)


def _degrees(record: dict[str, Any], name: str, number: int) -> float | None:
    if name not in record:
        raise LineUnusable(f"line {number}: {name} is missing.")
    value = record[name]
    if value is None:
        return None
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or abs(value) > _DEGREES[name]:
        raise LineUnusable(f"line {number}: {name} is not a number of degrees.")
    return float(value)


def write_groups(file: Path, arrivals: Iterable[Arrival], store: MemoryStore) -> None:
    """The group of each report, after the nights and at its arrival."""
    _write(
        file,
        (
            {
                "id": arrival.report.id,
                "group_id": store.key_of(arrival.report.id),
                "group_at_arrival": arrival.placement.key,
            }
            for arrival in arrivals
        ),
    )


def write_suggestions(file: Path, arrivals: Iterable[Arrival]) -> None:
    """What intake would have shown for each report."""
    _write(
        file,
        (
            {
                "id": arrival.report.id,
                "suggestions": [{"id": earlier, "score": score} for earlier, score in arrival.suggestions],
            }
            for arrival in arrivals
        ),
    )


def _write(file: Path, records: Iterable[dict[str, object]]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
