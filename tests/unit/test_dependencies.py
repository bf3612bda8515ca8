"""docs/dependencies.md and the requirement files tell one story, and the locks fit any machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETS = ("runtime", "test", "check")


def asked_for(name: str) -> set[str]:
    """The direct dependencies of one set, as its file names them."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", "-"))}


def explained(name: str) -> set[str]:
    """The packages in the part of the page that is about one set."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    part = page.split(f"`requirements/{name}.in`\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \| \S", part, flags=re.MULTILINE))


@pytest.mark.parametrize("name", SETS)
def test_every_dependency_says_why_it_is_here_and_none_has_left(name: str) -> None:
    assert explained(name) == asked_for(name)


@pytest.mark.parametrize("name", SETS)
def test_every_dependency_is_pinned_with_hashes(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9._-]+)==\S+ \\\n    --hash=sha256:", lock, flags=re.MULTILINE))
    assert {wanted.split("[")[0] for wanted in asked_for(name)} <= pinned
    assert len(pinned) == len(re.findall(r"^[a-z0-9._-]+==", lock, flags=re.MULTILINE))


@pytest.mark.parametrize("name", SETS)
def test_a_lock_names_no_index_and_no_folder_of_the_machine_it_was_made_on(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|file:/|-r /", lock)
