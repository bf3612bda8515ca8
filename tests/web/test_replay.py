"""``flask issues replay`` as somebody types it who wants to see how reports would be grouped."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.unit.domain.grouping.report_samples import bikes, lamps
from tracker.domain.grouping import Report

pytestmark = pytest.mark.one_database  # no database is needed


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=("issues", "replay", *arguments))


def as_record(report: Report) -> dict[str, object]:
    return {
        "id": report.id,
        "submitted_at": report.at.isoformat(),
        "category": report.category,
        "place_id": report.place,
        "street": report.street,
        "lat": report.lat,
        "lon": report.lon,
        "text": report.text,
        "reporter_id": report.reporter,
    }


def written(folder: Path, records: list[object]) -> Path:
    file = folder / "reports.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def lines_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def reports() -> list[Report]:
    return bikes() + lamps()


def test_a_file_is_grouped_and_suggestions_are_written_beside_it(
    app: Flask, tmp_path: Path, reports: list[Report]
) -> None:
    file = written(tmp_path, [as_record(report) for report in reversed(reports)])
    groups, shown = tmp_path / "groups.jsonl", tmp_path / "shown.jsonl"
    result = run(app, str(file), "-o", str(groups), "--suggestions", str(shown))
    assert result.exit_code == 0, result.output
    rows = lines_of(groups)
    in_time = sorted(reports, key=lambda report: report.order)
    assert [row["id"] for row in rows] == [report.id for report in in_time]
    assert {frozenset(row) for row in rows} == {frozenset({"id", "group_id", "group_at_arrival"})}
    of_bikes = {row["group_id"] for row in rows if str(row["id"]) < "r0100"}
    assert of_bikes == {"r0000"}
    seen: set[object] = set()
    for row in lines_of(shown):
        suggested = row["suggestions"]
        assert isinstance(suggested, list)
        assert {one["id"] for one in suggested} <= seen, "only what came in before"
        seen.add(row["id"])


def test_the_known_causes_are_not_read(app: Flask, tmp_path: Path, reports: list[Report]) -> None:
    records = [as_record(report) for report in reports]
    outputs = []
    for name, causes in (("without", {}), ("with", {"cause_id": "one"})):
        out = tmp_path / name
        run(app, str(written(tmp_path, [record | causes for record in records])), "-o", str(out))
        outputs.append(out.read_text())
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": ...}, "text is missing"),
        ({"lat": "north"}, "lat is not a number of degrees"),
        ({"lat": None}, "lat and lon go together"),
        ({"submitted_at": "yesterday"}, "submitted_at is not an ISO moment"),
        ({"id": "r0000"}, "id r0000 was on line 1 already"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_nothing_is_written(
    app: Flask, tmp_path: Path, reports: list[Report], change: dict[str, object], words: str
) -> None:
    records = [as_record(report) for report in reports]
    records[2] = {name: value for name, value in (records[2] | change).items() if value is not ...}
    result = run(app, str(written(tmp_path, list(records))), "-o", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "line 3" in result.output
    assert words in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json\n", "line 1: this is not JSON"),
        ("[1]\n", "line 1: this is not a JSON object"),
        ("\n", "no report"),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_line(
    app: Flask, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text(content)
    result = run(app, str(file), "-o", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert words in result.output


def test_a_file_that_is_not_there_is_said_so(app: Flask, tmp_path: Path) -> None:
    result = run(app, str(tmp_path / "nowhere.jsonl"), "-o", str(tmp_path / "out"))
    assert result.exit_code != 0
    assert "nowhere.jsonl" in result.output
