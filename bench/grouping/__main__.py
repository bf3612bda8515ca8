"""``make bench-grouping``: how well reports are grouped, how soon, and what it costs.

Quality for sizes, seeds and both ways of writing; what each feature is worth; what a report costs after a long
history. Every run starts empty and knows only what has come in (a label at arrival) or the nights had (the others).
"""

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # before numpy is loaded, here and in the processes started

from bench.grouping.run import Figures, Task, figures
from tracker.domain.grouping.evidence import FEATURES

_GRAMMARS = ("chat", "voice")
_PARTS = {
    "distance": ("near", "reach", "closest"),
    "gap and rhythm": ("gap", "rhythm", "late"),
    "hour of day": ("hour",),
    "category": ("category",),
    "learned text": ("vector_best", "vector_mean"),
    "common runs": ("words_best", "words_mean", "runs_best", "runs_mean"),
    "street": ("street", "other_street"),
    "place": ("place",),
    "reporter": ("reporter",),
    "size": ("size", "single"),
}
_NAME_WIDTH = 30


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    assert {name for part in _PARTS.values() for name in part} <= set(FEATURES)
    if options.files:
        _print("Files", [Task(file.name, file=file) for file in options.files])
        return
    _print("Quality", _quality(options.sizes, options.seeds))
    if not options.quick:
        _print("Without …", _ablation(options.ablation))
        _print("Cost after a long history", [_long(count) for count in options.scaling])


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.grouping", description="How well reports are grouped."
    )
    parser.add_argument("files", nargs="*", type=Path, help="reports with cause_id; default: the own corpus")
    parser.add_argument("--sizes", type=int, nargs="+", default=(1_000, 10_000))
    parser.add_argument("--seeds", type=int, nargs="+", default=(1, 2, 3))
    parser.add_argument("--ablation", type=int, default=3_000, help="reports to leave features out with")
    parser.add_argument("--scaling", type=int, nargs="+", default=(10_000, 100_000, 300_000))
    parser.add_argument("--quick", action="store_true", help="quality alone")
    return parser.parse_args(arguments)


def _quality(sizes: Iterable[int], seeds: Sequence[int]) -> list[Task]:
    return [
        Task(f"{grammar} {size} seed {seed}", grammar=grammar, count=size, seed=seed)
        for size in sizes
        for grammar in _GRAMMARS
        for seed in seeds
    ]


def _ablation(count: int) -> list[Task]:
    everything = Task("nothing left out", count=count, seed=9)
    return [everything] + [Task(name, count=count, seed=9, without=part) for name, part in _PARTS.items()]


def _long(count: int) -> Task:
    return Task(f"{count} reports", count=count, seed=9, is_scored=False)


def _print(title: str, tasks: Sequence[Task]) -> None:
    print(f"\n{title}")
    for number, row in enumerate(figures(tasks)):
        if number == 0:
            print(f"{'':{_NAME_WIDTH}}" + "  ".join((*row.scores, "online ms", "nights ms", "peak MB")))
        print(_line(row), flush=True)


def _line(row: Figures) -> str:
    cells = [(name, f"{value:.3f}") for name, value in row.scores.items()]
    cells += [
        ("online ms", f"{row.online_ms:.2f}"),
        ("nights ms", f"{row.night_ms:.2f}"),
        ("peak MB", f"{row.peak_mb:.0f}"),
    ]
    return f"{row.name:{_NAME_WIDTH}}" + "  ".join(f"{value:>{len(name)}}" for name, value in cells)


if __name__ == "__main__":
    main()
