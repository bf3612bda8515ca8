import json
from pathlib import Path
from typing import Any

import pytest

from bench import node
from bench.lighthouse import LoadFailed, main, read_load, row
from tests.processes import ROOT


def report(performance: float | None = 1.0, *, contrast: int = 1) -> dict[str, Any]:
    """What Lighthouse writes, cut down to one audit a category beside the times."""
    scores = {"performance": performance, "accessibility": 0.96 if contrast == 0 else 1, "best-practices": 1}
    times = {
        "first-contentful-paint": 900,
        "largest-contentful-paint": 1200,
        "total-blocking-time": 10,
        "server-response-time": 20,
    }
    return {
        "categories": {
            name: {
                "score": score,
                "auditRefs": [{"id": "color-contrast", "weight": 7}] if name == "accessibility" else [],
            }
            for name, score in scores.items()
        },
        "audits": {
            "color-contrast": {"title": "Contrast", "score": contrast, "scoreDisplayMode": "binary"},
            **{
                name: {"title": name, "score": 1, "scoreDisplayMode": "numeric", "numericValue": ms}
                for name, ms in times.items()
            },
        },
    }


def test_the_middle_of_three_loads_counts_and_what_is_below_its_goal_is_marked() -> None:
    loads = [read_load(report(score, contrast=0)) for score in (0.5, 0.97, 1.0)]
    points, times, cost = row("form", loads)
    assert points.split() == ["form", "97", "(below)", "96", "(below)", "100"]
    assert times.strip() == "FCP 900 ms, LCP 1200 ms, TBT 10 ms, server 20 ms"
    assert cost.strip() == "costs points: color-contrast: Contrast"


def test_a_page_at_its_goals_has_no_mark() -> None:
    lines = row("form", [read_load(report(0.98))])
    assert lines[0].split() == ["form", "98", "100", "100"]
    assert len(lines) == 2


def test_a_page_without_points_is_a_failure_and_not_zero() -> None:
    with pytest.raises(LoadFailed, match="performance: no paint"):
        read_load(report(None) | {"runtimeError": {"message": "no paint"}})


def test_a_machine_without_node_is_told_in_one_line_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("CHROME_PATH", "/some/chromium")
    monkeypatch.setenv("PATH", str(tmp_path))
    main(())
    (line,) = capsys.readouterr().out.splitlines()
    assert line == (
        "Lighthouse was not run. Node or npm is missing. "
        "Install Node 18.16 or newer with npm (Debian: nodejs npm)."
    )


@pytest.mark.parametrize(
    ("said", "is_new_enough"), [("v18.15.0", False), ("v18.16.0", True), ("v20.2.1", True)]
)
def test_node_has_to_be_new_enough(said: str, *, is_new_enough: bool) -> None:
    assert (node.version(said) >= node.OLDEST_NODE) is is_new_enough


def test_what_npm_complains_about_is_told_in_one_line() -> None:
    said = "npm error code EUSAGE\nnpm error\nnpm error The lock is of another day.\nnpm error Usage:\n"
    assert node.reason(said) == "code EUSAGE; The lock is of another day."
    assert node.reason("") == "it did not say why"


def test_the_lock_has_the_digest_of_every_package_and_no_address() -> None:
    text = (ROOT / "bench" / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert packages["node_modules/lighthouse"]["version"].startswith("12.")
    assert all(each["integrity"].startswith("sha512-") for name, each in packages.items() if name)
