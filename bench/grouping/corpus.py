"""Street reports whose causes are known: ``python -m bench.grouping.corpus --n 1000 --out reports.jsonl``.

One JSON object a line: id, submitted_at (local, ISO), category, place_id, street, lat, lon (null without GPS),
text, reporter_id, cause_id (null for a report that shares its cause with no other), in order of time. The same
arguments always give the same file. Standard library only.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.grouping.causes import Process, Sighting
from bench.grouping.grammar import grammar_names, read_grammar
from bench.grouping.town import Spot
from bench.grouping.writer import Writer

Record = dict[str, Any]

FIRST_DAY = datetime(2025, 9, 1)  # noqa: DTZ001 - local time, as whoever reports reads it
CORNER_LAT, CORNER_LON = 31.2380, 121.4510
METRES_A_DEGREE = 111_320.0
GPS_M, BAD_GPS_M = 11.0, 85.0  # standard deviation, each way
BAD_GPS_SHARE, NO_GPS_SHARE = 0.05, 0.03


def generate(n: int, seed: int, grammar: str) -> Iterator[Record]:
    """Yield `n` reports in order of time.

    Raises:
        KeyError: no grammar is called that; ``grammar_names`` knows which are.
    """
    rules = read_grammar(grammar)
    process = Process(rules, n, Random(f"process {grammar} {n} {seed}"))
    rng = Random(f"words {grammar} {n} {seed}")
    writer = Writer(rules, rng)
    for number, sighting in enumerate(process.run()):
        lat, lon = _position(sighting.scanned, rng)
        yield {
            "id": f"C{number:07d}",
            "submitted_at": (FIRST_DAY + timedelta(days=sighting.day)).isoformat(timespec="seconds"),
            "category": sighting.category,
            "place_id": sighting.scanned.code,
            "street": sighting.scanned.road_name,
            "lat": lat,
            "lon": lon,
            "text": _words(writer, process, sighting),
            "reporter_id": sighting.reporter,
            "cause_id": sighting.cause,
        }


def _words(writer: Writer, process: Process, sighting: Sighting) -> str:
    return writer.write(sighting.trouble, sighting.persona, process.town.facts(sighting.spot))


def _position(spot: Spot, rng: Random) -> tuple[float, float] | tuple[None, None]:
    """Where the phone believes to be."""
    if rng.random() < NO_GPS_SHARE:
        return None, None
    spread_m = BAD_GPS_M if rng.random() < BAD_GPS_SHARE else GPS_M
    east_m, north_m = rng.gauss(spot.east_m, spread_m), rng.gauss(spot.north_m, spread_m)
    metres_a_degree_lon = METRES_A_DEGREE * math.cos(math.radians(CORNER_LAT))
    return round(CORNER_LAT + north_m / METRES_A_DEGREE, 6), round(
        CORNER_LON + east_m / metres_a_degree_lon, 6
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one file."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.grouping.corpus", description="Reports with known causes."
    )
    parser.add_argument("--n", type=int, default=1000, help="number of reports; default 1000")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another town; default 1")
    parser.add_argument(
        "--grammar", choices=grammar_names(), default="chat", help="how people write; default chat"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON lines; default: standard output")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        out = stack.enter_context(options.out.open("w", encoding="utf-8")) if options.out else sys.stdout
        for record in generate(options.n, options.seed, options.grammar):
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
