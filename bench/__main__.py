"""``python -m bench``: set up, measure, print."""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench import table
from bench.floor import inserter
from bench.rounds import Plan, measure
from bench.workload import subjects
from bench.workplace import workplace


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one measurement and print its table."""
    options = _options(arguments)
    plan = Plan(options.requests, options.rounds, options.concurrency)
    _tell(f"a street with {options.cases} cases on {options.database}")
    with (
        workplace(options.database, options.cases) as place,
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as player,
    ):
        rows = measure(subjects(place), inserter(place.floor_url), plan, player=player, tell=_tell)
    about = {"database": options.database, "cases": options.cases, **table.machine()}
    print(table.as_text(rows, about, plan))
    if options.json:
        figures = json.dumps(table.as_json(rows, about, plan), indent=2)
        options.json.write_text(figures + "\n", encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Pages and writes beside the floor.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--cases", type=int, default=1000, help="on the demo street; default 1000")
    parser.add_argument("--rounds", type=_positive, default=3, help="default 3; more are less noisy")
    parser.add_argument("--requests", type=_positive, default=100, help="a row and round; default 100")
    parser.add_argument("--concurrency", type=_positive, nargs="+", default=(1, 8, 32), help="default 1 8 32")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _tell(words: str) -> None:
    """Progress goes beside the table, so that the table can be kept by itself."""
    print(f"… {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
