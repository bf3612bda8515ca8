"""Plays requests over kept-alive connections and notes how long each took.

The requests come as finished bytes, so that playing them costs next to nothing beside what they cost the server.
"""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

ANSWER_WITHIN_S = 30.0
_CHUNK = 1 << 16


class AnswerWrong(RuntimeError):
    """The server answered otherwise than the measurement counts on; what was measured would mean nothing."""


@dataclass(frozen=True)
class Answer:
    """One answer; header names are in small letters."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def all_of(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for each, value in self.headers if each == name]


@dataclass(frozen=True)
class Played:
    """What playing some requests took; `latencies_s` in the order of the answers."""

    latencies_s: Sequence[float]
    elapsed_s: float


class Connection:
    """One kept-alive connection to 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def exchange(self, request: bytes) -> Answer:
        """Send one request and read its whole answer.

        Raises:
            AnswerWrong: the connection was closed, or the answer does not say how long it is.
        """
        self._socket.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        status_line, *lines = bytes(received[:end]).decode("latin-1").split("\r\n")
        headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
        length = next((int(value) for name, value in headers if name == "content-length"), None)
        if length is None:
            raise AnswerWrong(f"an answer without Content-Length: {status_line}")
        body = received[end + 4 :]
        while len(body) < length:
            body += self._receive()
        return Answer(int(status_line.split()[1]), headers, bytes(body))

    def _receive(self) -> bytes:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise AnswerWrong("the server closed the connection in the middle of an answer")
        return data


def play(port: int, requests: Sequence[bytes], *, status: int, concurrency: int, limit_s: float) -> Played:
    """Send `requests`, `concurrency` at a time, each connection the next one as soon as it has its answer.

    Args:
        port: of the server on this machine.
        requests: finished HTTP/1.1 requests; each is sent at most once.
        status: what every answer has to be.
        concurrency: connections.
        limit_s: nothing is sent after this long, whether or not all were.

    Raises:
        AnswerWrong: an answer with another status, or none.
    """
    queue, connections = iter(requests), [Connection(port) for _ in range(concurrency)]
    start = time.perf_counter()
    players = [_Player(each, queue, status, start + limit_s) for each in connections]
    for player in players:
        player.start()
    for player in players:
        player.join()
    elapsed_s = time.perf_counter() - start
    for failure in (player.failure for player in players if player.failure):
        raise failure
    return Played([latency for player in players for latency in player.latencies_s], elapsed_s)


class _Player(threading.Thread):
    """One connection's share; whoever is free takes the next request."""

    def __init__(self, connection: Connection, queue: Iterator[bytes], status: int, until: float) -> None:
        super().__init__(daemon=True)
        self.latencies_s: list[float] = []
        self.failure: Exception | None = None
        self._connection, self._queue, self._status, self._until = connection, queue, status, until

    def run(self) -> None:
        try:
            with self._connection:
                self._play()
        except (OSError, AnswerWrong) as error:
            self.failure = error

    def _play(self) -> None:
        for request in self._queue:
            sent_at = time.perf_counter()
            if sent_at > self._until:
                return
            answer = self._connection.exchange(request)
            self.latencies_s.append(time.perf_counter() - sent_at)
            if answer.status != self._status:
                first_line = request.split(b"\r\n", 1)[0].decode()
                raise AnswerWrong(f"{first_line} was answered {answer.status}, not {self._status}")
