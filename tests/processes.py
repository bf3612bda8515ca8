"""Processes of our own program that begin in a moment: forked from one that has read all modules.

Reading them takes longer than most tests, and the crash tests kill and begin a process every second or so. What is
forked runs the very command, with an environment and an output of its own, and is killed like any other process. What
is about the start itself, or about what a process costs, starts it from nothing.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from config import PREFIX, Config
from tests.settings import as_environment

ROOT = Path(__file__).resolve().parent.parent
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(
    [
        "flask.cli",
        "sqlalchemy.dialects.sqlite",
        "sqlalchemy.dialects.postgresql",
        "psycopg",
        "tracker",
        "tests.processes",
        "tests.factories",
        "tests.mail_server",
    ]
)


class Process(Protocol):
    """A process that was begun here."""

    @property
    def pid(self) -> int:
        """Its id."""

    @property
    def returncode(self) -> int | None:
        """Its exit status, the negative number of the signal that ended it, or None while it runs."""

    def send_signal(self, how: int) -> None:
        """Send a signal, if it still runs."""

    def wait(self, timeout_s: float) -> int:
        """Wait for its end; its exit status.

        Raises:
            TimeoutExpired: it did not end in time.
        """


class Forked:
    """A process that runs a function of a module."""

    def __init__(
        self,
        run: Callable[..., object],
        *arguments: object,
        output: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Begin at once; what it prints is added to the file `output`. Its environment is ours unless given."""
        given = dict(os.environ if environment is None else environment)
        self._process = _forking.Process(target=_begin, args=(run, arguments, str(output), given))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, how: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, how)

    def wait(self, timeout_s: float) -> int:
        self._process.join(timeout_s)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout_s)
        return self.returncode


def environment_of(settings: Config) -> dict[str, str]:
    """The environment of a process that works on the same installation."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**inherited, **as_environment(settings)}


class Started:
    """A command that was started from nothing."""

    def __init__(self, command: Sequence[str], *, output: Path, environment: Mapping[str, str]) -> None:
        """Begin at once; what it prints is added to the file `output`."""
        with output.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    def send_signal(self, how: int) -> None:
        self._process.send_signal(how)

    def wait(self, timeout_s: float) -> int:
        return self._process.wait(timeout_s)


def flask(*words: str, settings: Config, output: Path) -> Process:
    """``flask --app wsgi …`` with these settings, in a moment."""
    return Forked(_flask, words, output=output, environment=environment_of(settings))


def flask_from_nothing(*words: str, settings: Config, output: Path) -> Process:
    """The same as a person starts it."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return Started(command, output=output, environment=environment_of(settings))


def _begin(
    run: Callable[..., object], arguments: tuple[object, ...], output: str, environment: Mapping[str, str]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    with Path(output).open("ab") as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        for standard in (1, 2):
            os.dup2(file.fileno(), standard)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # files, as every process begins
    run(*arguments)


def _flask(words: tuple[str, ...]) -> None:
    from flask.cli import main  # noqa: PLC0415 - not what the tests themselves are about

    sys.argv = ["flask", "--app", "wsgi", *words]
    main()
