import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.cpu_clock import cpu_seconds
from bench.photos import SIZE_BYTES, photo
from bench.visitor import forms_of
from tests.databases import Engine
from tests.processes import ROOT

ROWS = (
    "bare Flask page",
    "form GET",
    "queue page",
    "bare durable INSERT",
    "INSERT, 450 kB read",
    "report POST",
    "report POST, 450 kB photo",
    "case action POST",
    "the INSERT alone, no web",
)


@pytest.mark.one_database  # PostgreSQL is one more start of a server; ``pytest --database postgresql`` runs it there
def test_a_small_run_measures_every_row_beside_its_floor(engine: Engine, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    amount = ("--cases", "6", "--rounds", "1", "--requests", "3", "--concurrency", "1", "2")
    run = subprocess.run(
        [sys.executable, "-m", "bench", "--database", engine, *amount, "--json", str(figures)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    table = run.stdout.splitlines()
    for name in ROWS:
        assert sum(line.startswith(f"{name} ") for line in table) == 2, (
            f"{name}: once at 1, once at 2 at once"
        )
    assert sum(line.startswith("Worst hour, 300 reports with a photo: ") for line in table) == 1
    kept = json.loads(figures.read_text())
    rows = {row["key"]: row for row in kept["rows"] if row["concurrency"] == 1}
    assert rows["queue"]["cpu_ratio"] > 1, "a page of cases takes more than a constant one"
    assert rows["photo"]["cpu_ratio"] > 1, "a photo decoded and drawn anew takes more than an INSERT"
    hour = kept["worst_hour"]
    assert hour["concurrency"] == 2, "reckoned from the most people at once"
    assert hour["times"] == pytest.approx(hour["reports_per_second"] * 3600 / 300)


def test_each_photo_of_the_load_is_another_one_of_about_450_kb() -> None:
    first, second = photo(1), photo(2)
    assert first != second
    assert first == photo(1)
    assert SIZE_BYTES * 0.9 < len(first) <= SIZE_BYTES


def test_the_processor_time_of_another_process_is_seen() -> None:
    work = "import sys\nsum(range(3_000_000))\nprint('done', flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        assert cpu_seconds(process.pid) > 0
        process.communicate()


def test_a_form_is_found_with_its_hidden_fields_alone() -> None:
    page = """<form action="/q/X" method="post"><input type="hidden" name="key" value="k1"><input name="text" value="t">
    </form><form method="post"><input type="hidden" name="version" value="3"></form>"""
    first, second = forms_of(page, "/desk/cases/1")
    assert (first.action, first.hidden) == ("/q/X", {"key": "k1"})
    assert (second.action, second.hidden) == ("/desk/cases/1", {"version": "3"})


@pytest.mark.parametrize("wrong", [("--rounds", "0"), ("--requests", "many"), ("--database", "oracle")])
def test_a_run_asked_for_wrongly_ends_with_one_line(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("python -m bench: error:")
