"""A real SMTP server on this machine, for tests that count what arrived.

It notes each message it took as one JSON line in a file: key, recipient, subject, body. In a test:

    with receiving(tmp_path / "mail") as server:     a process of its own on a free port
        settings_in(…, **server.settings)
        server.letters()                             everything that arrived, oldest first
"""

import asyncio
import email
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.processes import Forked
from tests.server import free_port
from tests.waiting import wait_until


@dataclass(frozen=True)
class Letter:
    """A message as it arrived; calendars: method, name of the file and text of each calendar file in it."""

    key: str
    to: str
    subject: str
    body: str
    calendars: list[list[str]]


class MailServer:
    """The server, seen from a test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._file = folder / "letters.jsonl"
        self._file.touch()
        self._process = Forked(_receive, self.port, self._file, output=folder / "log")
        ready = self._file.with_suffix(".ready")
        wait_until(ready.exists, what="the SMTP server")

    @property
    def settings(self) -> dict[str, Any]:
        """What the product has to know to send here."""
        return {"mail_host": "127.0.0.1", "mail_port": self.port, "mail_tls": "none"}

    def letters(self) -> list[Letter]:
        """Everything that arrived, oldest first."""
        whole = self._file.read_text(encoding="utf-8").rpartition("\n")[0]
        return [Letter(**json.loads(line)) for line in whole.splitlines()]

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)


@contextmanager
def receiving(folder: Path) -> Iterator[MailServer]:
    """A server for the length of the block."""
    server = MailServer(folder)
    try:
        yield server
    finally:
        server.stop()


_CALENDARS = ("text/calendar", "application/ics")


class _Handler:
    """Notes each message before it says that it took it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        letter = email.message_from_bytes(envelope.content, policy=default)
        body = letter.get_body()
        told = {
            "key": str(letter["Message-ID"]),
            "to": envelope.rcpt_tos[0],
            "subject": str(letter["Subject"]),
            "body": body.get_content() if body else "",
            "calendars": [_calendar(part) for part in letter.walk() if part.get_content_type() in _CALENDARS],
        }
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._file.flush()
        return "250 taken"


def _calendar(part: Any) -> list[str]:
    content = part.get_content()
    text = content if isinstance(content, str) else content.decode()
    return [str(part.get_param("method", "")), part.get_filename("") or "", text]


async def _serve(port: int, path: Path) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    handler = _Handler(path)
    server = await loop.create_server(lambda: SMTP(handler, hostname="mail.example"), "127.0.0.1", port)
    path.with_suffix(".ready").touch()
    await ended.wait()
    server.close()


def _receive(port: int, path: Path) -> None:
    asyncio.run(_serve(port, path))
