"""Bring this machine to the point where the product runs: ``python3 scripts/set_up.py run|test|check``.

Looks first and installs only what is missing: Debian packages, ``.venv``, the pinned Python packages,
compiled translations. A second run finds all in place and is done in a blink; of two runs at once, one waits.
Uses nothing but the standard library, in words that a Python 3.8 understands, so that it can tell an older
one to step aside.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Mapping, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TRANSLATIONS = ROOT / "tracker" / "translations"
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")

LOCKS = {
    "run": ("runtime",),
    "test": ("runtime", "test"),
    "check": ("runtime", "test", "check"),
}
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
DEBIAN_PACKAGES = {
    "run": (*PANGO, "fonts-noto-cjk"),
    "test": (*PANGO, "fonts-noto-cjk", "chromium"),
    "check": (),
}


class SetUpStopped(Exception):
    """Something is missing that only the person at the keyboard can supply; the message says what to type."""


def main(purpose: str) -> None:
    """Set up for one purpose, a key of LOCKS; while one runs here, a second waits."""
    use_a_python_that_is_new_enough()
    with Path(__file__).open(encoding="utf-8") as this_file:
        fcntl.flock(this_file, fcntl.LOCK_EX)  # let go by the system when this process ends, however it ends
        install_debian_packages(purpose)
        make_venv()
        for lock in LOCKS[purpose]:
            install_lock(lock)
        compile_translations()


def use_a_python_that_is_new_enough() -> None:
    """Go on as a newer Python if the one we were started with is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        newer = shutil.which(name)
        if newer and starts(newer):
            os.execv(newer, [newer, *sys.argv])
    raise SetUpStopped(
        f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. "
        "Install one, then name it: make run PYTHON=/path/to/python3"
    )


def install_debian_packages(purpose: str) -> None:
    """Install what Python packages cannot bring: fonts, Pango, Chromium."""
    missing = [name for name in DEBIAN_PACKAGES[purpose] if not is_on_this_machine(name)]
    if importlib.util.find_spec("ensurepip") is None and not (VENV / "bin" / "python").exists():
        missing.append("python3-venv")
    if not missing:
        return
    if shutil.which("apt-get") is None:
        say("Not a Debian system. If something fails, install what these packages hold: " + " ".join(missing))
        return
    if os.geteuid() != 0:
        raise SetUpStopped("Missing on this machine. Please run: sudo apt-get install " + " ".join(missing))
    say("Installing Debian packages: " + " ".join(missing))
    apt_get("update")
    apt_get("install", "--yes", "--no-install-recommends", *missing)


def is_on_this_machine(package: str) -> bool:
    """Whether a Debian package is installed, or its command came by another way."""
    if shutil.which(package) is not None:
        return True
    if shutil.which("dpkg-query") is None:
        return False
    question = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(question, capture_output=True, text=True, check=False).stdout == "installed"


def apt_get(*arguments: str) -> None:
    """Run apt-get without questions, waiting for another one that is at work."""
    run(
        ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )


def make_venv() -> None:
    """Make ``.venv``, or make it anew if its Python has gone since (an upgrade, a moved folder)."""
    python = VENV / "bin" / "python"
    if python.exists() and starts(str(python)):
        return
    say("Making .venv")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def starts(python: str) -> bool:
    """Whether this Python is more than a name: version managers put names on the path that lead nowhere."""
    return subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0


def install_lock(name: str) -> None:
    """Install one pinned set, unless the very same one is in already."""
    lock = ROOT / "requirements" / (name + ".txt")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / ("installed-" + name)
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    say(f"Installing Python packages: requirements/{name}.txt")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input"]
    run([*pip, "install", "--prefer-binary", "--require-hashes", "--requirement", str(lock)])
    stamp.write_text(wanted, encoding="ascii")


def compile_translations() -> None:
    """Make the .mo files that the program reads from the .po files that people write."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            pybabel = [str(VENV / "bin" / "pybabel"), "-q", "compile", "--input-file", str(source)]
            run([*pybabel, "--output-file", str(compiled)])


def run(command: Sequence[str], env: Optional[Mapping[str, str]] = None) -> None:
    """Run a command to its end; its own words reach the person only if it fails."""
    done = subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode("utf-8", "replace"))
        raise SetUpStopped("This command failed (above is what it said): " + " ".join(command))


def say(sentence: str) -> None:
    """Tell the person what takes the time."""
    print("· " + sentence, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.exit("usage: python3 scripts/set_up.py " + "|".join(LOCKS))
    try:
        main(sys.argv[1])
    except SetUpStopped as stopped:
        sys.exit("set-up: " + str(stopped))
