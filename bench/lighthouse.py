"""``python -m bench.lighthouse``: what Lighthouse's phone on a slow line makes of three pages, beside the goals.

The pages are those that a passer-by meets: the front page, a label's form, the private page of a report just sent.
Search engines are not asked: the pages of a label and of a report are not for them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench import node
from bench.workload import Reporter
from bench.workplace import Workplace, workplace

GOALS: Final = {"performance": 98, "accessibility": 100, "best-practices": 100}
CASES: Final = 300
_FLAGS: Final = "--headless=new --no-sandbox --disable-dev-shm-usage"
_LOAD_WITHIN_S: Final = 180
_GOOD: Final = 0.9  # Lighthouse's own: from here on it paints an audit green
_SCORED: Final = ("binary", "numeric", "metricSavings")
_SPEEDS: Final = {
    "first-contentful-paint": "FCP",
    "largest-contentful-paint": "LCP",
    "total-blocking-time": "TBT",
    "server-response-time": "server",
}


class LoadFailed(RuntimeError):
    """Lighthouse could not measure a page; the message is its own."""


@dataclass(frozen=True)
class Load:
    """One page loaded once: points of 100 by category, milliseconds by audit, and what cost points."""

    points: Mapping[str, int]
    speeds_ms: Mapping[str, float]
    found_wanting: frozenset[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; a machine without Node, npm or Chromium is told so in one line, and that is no failure."""
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse", description="Pages on a slow phone.")
    parser.add_argument(
        "--runs",
        type=int,
        choices=range(1, 10),
        metavar="N",
        default=3,
        help="loads of each page; the median counts; default 3",
    )
    runs = parser.parse_args(arguments).runs
    try:
        browser, script = node.browser(), node.lighthouse()
    except node.NotHere as missing:
        print(f"Lighthouse was not run. {missing}.")
        return
    print(f"{'Lighthouse, mobile':<20}" + "".join(f"{name:>16}" for name in GOALS))
    print(
        f"{'goal':<20}"
        + "".join(f"{f'at least {goal}' if goal < 100 else goal:>16}" for goal in GOALS.values())
    )
    with workplace("sqlite", CASES) as place:
        for name, path in _pages(place).items():
            _tell(f"{name}, {runs} times")
            address = f"http://127.0.0.1:{place.product.port}{path}"
            loads = [_load(script, browser, address) for _ in range(runs)]
            print("\n".join(row(name, loads)), flush=True)


def _pages(place: Workplace) -> dict[str, str]:
    return {"front page": "/", "form": f"/q/{place.token}", "private page": _private_page(place)}


def _private_page(place: Workplace) -> str:
    """Send a report, as anybody does; where that leads, without the word that it has just been sent."""
    return urlsplit(Reporter(place).send_one()).path


def _load(script: Path, browser: str, address: str) -> Load:
    """Load a page in a fresh browser.

    Raises:
        LoadFailed: Lighthouse says it could not.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            "node", str(script), address, "--quiet", "--output=json", f"--output-path={report}",
            f"--only-categories={','.join(GOALS)}", "--form-factor=mobile", f"--chrome-flags={_FLAGS}",
        ]  # fmt: skip
        environment = {**os.environ, "CHROME_PATH": browser}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_LOAD_WITHIN_S, check=False
        )
        if done.returncode != 0 or not report.exists():
            raise LoadFailed(f"{address}: {done.stderr.strip()}")
        loaded = json.loads(report.read_text(encoding="utf-8"))
        if loaded["finalDisplayedUrl"] != address:
            raise LoadFailed(f"{address} led to {loaded['finalDisplayedUrl']}")
        return read_load(loaded)


def read_load(report: Mapping[str, Any]) -> Load:
    """Take what we want from Lighthouse's report.

    Raises:
        LoadFailed: it is the report of a page that could not be measured.
    """
    categories, audits = report["categories"], report["audits"]
    unmeasured = [name for name in GOALS if categories[name]["score"] is None]
    if unmeasured:
        reason = report.get("runtimeError", {}).get("message", "no reason given")
        raise LoadFailed(f"no points for {', '.join(unmeasured)}: {reason}")
    weighed = {each["id"] for name in GOALS for each in categories[name]["auditRefs"] if each["weight"]}
    return Load(
        points={name: round(100 * categories[name]["score"]) for name in GOALS},
        speeds_ms={audit: audits[audit]["numericValue"] for audit in _SPEEDS},
        found_wanting=frozenset(
            f"{name}: {audits[name]['title']}"
            for name in weighed
            if (audits[name]["score"] or 0) < _GOOD and audits[name]["scoreDisplayMode"] in _SCORED
        ),
    )


def row(name: str, loads: Sequence[Load]) -> list[str]:
    """The lines of one page: points with a mark at those below the goal, the times behind them, what cost points."""
    cells = []
    for category, goal in GOALS.items():
        points = statistics.median_low(load.points[category] for load in loads)
        cells.append(f"{points}{'' if points >= goal else ' (below)'}")
    speeds = (
        f"{short} {statistics.median(load.speeds_ms[audit] for load in loads):.0f} ms"
        for audit, short in _SPEEDS.items()
    )
    wanting = sorted(frozenset.union(*(load.found_wanting for load in loads)))
    return [
        f"{name:<20}" + "".join(f"{cell:>16}" for cell in cells),
        "    " + ", ".join(speeds),
        *(f"    costs points: {each}" for each in wanting),
    ]


def _tell(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
