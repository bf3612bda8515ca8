"""The pinned Lighthouse: found, or installed from bench/package-lock.json into ``var/lighthouse``.

The lock says what each package has to be (its digest), and leaves it to npm's own settings where it comes from.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.processes import ROOT

OLDEST_NODE: Final = (18, 16)
"""What Lighthouse 12 needs, by its own package.json."""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FOLDER: Final = ROOT / "var" / "lighthouse"
_GIVEN: Final = ("package.json", "package-lock.json")
_INSTALL_WITHIN_S: Final = 600


class NotHere(RuntimeError):
    """Something is missing on this machine; the message says in one line what to install."""


def browser() -> str:
    """The Chromium named by CHROME_PATH, or on the path.

    Raises:
        NotHere: there is none.
    """
    found = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise NotHere("Chromium is missing. Install Debian's chromium, or set CHROME_PATH")
    return found


def lighthouse() -> Path:
    """The script that ``node`` runs; installed first where it is not yet, or another one than the lock says.

    Raises:
        NotHere: no Node that is new enough, no npm, or npm could not install (no network, say).
    """
    _require_node()
    wanted = hashlib.sha256(b"".join((ROOT / "bench" / name).read_bytes() for name in _GIVEN)).hexdigest()
    stamp = FOLDER / "installed"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        _install()
        stamp.write_text(wanted, encoding="ascii")
    return FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"


def _require_node() -> None:
    needed = ".".join(map(str, OLDEST_NODE))
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        raise NotHere(f"Node or npm is missing. Install Node {needed} or newer with npm (Debian: nodejs npm)")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if version(said) < OLDEST_NODE:
        raise NotHere(f"Node is {said}. Install {needed} or newer with npm")


def version(said: str) -> tuple[int, int]:
    """Major and minor of what ``node --version`` says, ``v20.11.1``."""
    major, minor, *_ = said.removeprefix("v").split(".")
    return int(major), int(minor)


def _install() -> None:
    """What the lock names and nothing else; no package gets to run a script of its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in _GIVEN:
        shutil.copyfile(ROOT / "bench" / name, FOLDER / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=FOLDER, capture_output=True, text=True, timeout=_INSTALL_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotHere(f"npm did not finish within {_INSTALL_WITHIN_S} s") from error
    if done.returncode != 0:
        raise NotHere(f"npm could not install it ({reason(done.stderr)})")


def reason(complaint: str) -> str:
    """The beginning of what npm complained about, in one line."""
    lines = (
        line.removeprefix("npm").strip().removeprefix("error").strip() for line in complaint.splitlines()
    )
    return "; ".join([line for line in lines if line][:2]) or "it did not say why"
