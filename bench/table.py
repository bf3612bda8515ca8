"""The result: a table for people, and the same as JSON."""

import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from bench.rounds import RAW, Measured, Plan
from bench.worst_hour import worst_hour

_HEAD = ("", "req/s", "CPU ms", "p50 ms", "p95 ms", "CPU ×", "time ×", "n")
_WIDTHS = (27, 8, 8, 8, 8, 7, 7, 7)


def machine() -> dict[str, Any]:
    """What the figures depend on besides the program."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def as_text(rows: Sequence[Measured], about: dict[str, Any], plan: Plan) -> str:
    """The table, with what one has to know to read it."""
    return "\n".join(_lines(rows, about, plan))


def _lines(rows: Sequence[Measured], about: dict[str, Any], plan: Plan) -> Iterator[str]:
    yield ", ".join(f"{name} {value}" for name, value in about.items())
    for concurrency in plan.concurrencies:
        here = [row for row in rows if row.concurrency == concurrency]
        yield ""
        yield _line((f"{concurrency} at once", *_HEAD[1:]))
        yield "-" * (sum(_WIDTHS))
        yield from (_line(_cells(row, _floor_of(row, here))) for row in here)
    yield ""
    yield str(worst_hour(rows))
    yield ""
    yield "× is how many times the floor: reads beside the bare page, writes beside the bare INSERT."
    yield f"CPU is the server process's own. Medians of {plan.rounds} rounds, each through all rows."
    noisiest = max((row for row in rows if row.key != RAW), key=lambda row: row.spread)
    yield f"The rounds of one row lie apart in CPU by up to {noisiest.spread:.0%} ({noisiest.name});"
    yield "between two runs a difference smaller than that says nothing."


def _cells(row: Measured, floor: Measured | None) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.per_second:.0f}" if row.per_second >= 100 else f"{row.per_second:.1f}",
        f"{row.cpu_ms:.2f}",
        f"{row.percentile_ms(50):.1f}",
        f"{row.percentile_ms(95):.1f}",
        f"{row.cpu_ratio(floor):.1f}" if floor else "floor",
        f"{row.rate_ratio(floor):.1f}" if floor else "floor",
        str(row.requests),
    )


def _line(cells: Sequence[str]) -> str:
    first, *rest = cells
    return f"{first:<{_WIDTHS[0]}}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(rest, _WIDTHS[1:], strict=True)
    )


def _floor_of(row: Measured, here: Sequence[Measured]) -> Measured | None:
    return next((other for other in here if other.key == row.floor), None)


def as_json(rows: Sequence[Measured], about: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """The same figures, unrounded, for comparing runs by program."""
    return {
        "about": about,
        "rounds": plan.rounds,
        "rows": [_as_json(row, rows) for row in rows],
        "worst_hour": worst_hour(rows).as_json(),
    }


def _as_json(row: Measured, rows: Sequence[Measured]) -> dict[str, Any]:
    floor = _floor_of(row, [other for other in rows if other.concurrency == row.concurrency])
    return {
        "key": row.key,
        "name": row.name,
        "concurrency": row.concurrency,
        "requests": row.requests,
        "requests_per_second": row.per_second,
        "cpu_ms": row.cpu_ms,
        "p50_ms": row.percentile_ms(50),
        "p95_ms": row.percentile_ms(95),
        "floor": row.floor,
        "cpu_ratio": row.cpu_ratio(floor) if floor else None,
        "rate_ratio": row.rate_ratio(floor) if floor else None,
        "spread": row.spread,
    }
