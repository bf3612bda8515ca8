"""Fit the score anew: ``python -m bench.grouping.fit a.jsonl b.jsonl …`` (files with cause_id), or the own corpus.

Writes tracker/domain/grouping/fitted.py. Run it twice: the second time the choices are those that the new score has
to make. Measure afterwards on other seeds.
"""

import argparse
import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # before numpy is loaded, here and in the processes started

from bench.grouping.corpus import generate
from bench.grouping.network import fitted
from bench.grouping.pairs import Choice, choices, with_causes
from bench.grouping.run import report_of
from tracker.domain.grouping import fitted as numbers
from tracker.domain.grouping.evidence import FEATURES
from tracker.domain.grouping.weights import Score

_LIFT_BY_DAY, _LIFT_AT_NIGHT = 0.7, 0.5
_TOWNS = [
    (grammar, size, seed)
    for grammar in ("chat", "voice")
    for size, seed in ((10_000, 21), (1_000, 22), (1_000, 23))
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.grouping.fit", description="Fit the score anew.")
    parser.add_argument("files", nargs="*", type=Path, help="beside the own corpus: reports with cause_id")
    options = parser.parse_args(arguments)
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(_from_town, _TOWNS)) + list(pool.map(_from_file, options.files))
    by_day = [choice for day, _ in found for choice in day]
    at_night = [choice for _, night in found for choice in night]
    print(f"{len(by_day)} choices by day, {len(at_night)} at night.")
    head = Path(numbers.__file__).read_text(encoding="utf-8").partition("BY_DAY")[0]
    day = f'BY_DAY: Final = """\n{as_text(fitted(by_day, lift=_LIFT_BY_DAY))}\n"""  # noqa: E501  a row of the table\n'
    night = f'AT_NIGHT: Final = """\n{as_text(fitted(at_night, lift=_LIFT_AT_NIGHT))}\n"""  # noqa: E501  the same\n'
    Path(numbers.__file__).write_text(f"{head}{day}\n{night}", encoding="utf-8")


def _from_town(town: tuple[str, int, int]) -> tuple[list[Choice], list[Choice]]:
    grammar, size, seed = town
    return choices(with_causes(generate(size, seed, grammar), report_of))


def _from_file(file: Path) -> tuple[list[Choice], list[Choice]]:
    with file.open(encoding="utf-8") as lines:
        return choices(with_causes(map(json.loads, lines), report_of))


def as_text(score: Score) -> str:
    """A score as weights.read_score reads it."""
    rows = [(name, score.sums[at], *score.units[at]) for at, name in enumerate(FEATURES)]
    rows += [("turns", *score.turns), ("says", *score.says), ("bias", score.bias)]
    return "\n".join(f"{name:12} " + " ".join(f"{number:.3f}" for number in row) for name, *row in rows)


if __name__ == "__main__":
    main()
