"""The application as a process of its own, for tests that need a real port or mean to kill it."""

import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from config import Config
from tests.processes import Process, flask
from tests.waiting import wait_until


class Server:
    """``flask serve`` with given settings; what it prints goes to `log`."""

    def __init__(self, settings: Config, log: Path, begin: Callable[..., Process] = flask) -> None:
        self._begin = begin
        self.settings = settings
        self.address = settings.public_url
        self.log = log
        self._process: Process | None = None

    def start(self) -> None:
        """Start and wait until it answers; after `kill` or `stop` it comes back on the same port."""
        self._process = self._begin("serve", settings=self.settings, output=self.log)
        wait_until(self._answers, what=f"an answer from {self.address}", deadline_s=60)

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None, "not running"
        return self._process.pid

    def stop(self) -> None:
        """Ask it to end, as a service manager does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to tidy up, as a crash does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(20)
            finally:
                self._process.send_signal(signal.SIGKILL)
                self._process = None

    def _answers(self) -> bool:
        assert self._process is not None, "not running"
        assert self._process.returncode is None, f"flask serve ended: {self.log.read_text(encoding='utf-8')}"
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def serving(settings: Config, log: Path, begin: Callable[..., Process] = flask) -> Iterator[Server]:
    """Run the application on a free port of this machine; it ends with the block, whatever happens inside.

    Args:
        begin: how its process begins, as ``processes.flask`` does or ``processes.flask_from_nothing``.
    """
    port = free_port()
    server = Server(
        replace(settings, port=port, bind="127.0.0.1", public_url=f"http://127.0.0.1:{port}"),
        log,
        begin,
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A TCP port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
