"""The web server: reads slow clients without tying up a thread, and finishes what it has before it ends."""

import errno
import logging
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from waitress.server import create_server
from waitress.wasyncore import loop

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FINISH_WITHIN_S: Final = 10.0
"""How long requests in hand may take once the end is asked for; service managers wait longer than that."""
IDLE_LIMIT_S: Final = 60
CONNECTION_LIMIT: Final = 800  # below the 1024 open files that systems commonly allow a process
_TICK_S: Final = 1.0


class PortBusy(RuntimeError):
    """Another program has the port, or we may not have it. The message is for the person who starts us."""


class WebServer:
    """One process, many threads. Made means listening; ``run`` answers until SIGTERM or Ctrl-C."""

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        host: str,
        port: int,
        threads: int,
        body_limit_bytes: int,
        is_behind_proxy: bool,
    ) -> None:
        """Listen.

        Args:
            application: what answers.
            host: address to listen on.
            port: TCP port.
            threads: requests worked on at once.
            body_limit_bytes: larger requests are refused while they arrive.
            is_behind_proxy: X-Forwarded-* headers are kept for the application, which knows how many proxies
                to believe; otherwise they are dropped.

        Raises:
            PortBusy: the port cannot be had.
        """
        logging.getLogger("waitress.queue").setLevel(
            logging.ERROR
        )  # a queue is normal at eight in the morning
        self._sockets: dict[int, Any] = {}  # file descriptor → what the loop does with it
        self._server: Any = create_server(
            application,
            map=self._sockets,
            sockets=[_listening(host, port)],
            threads=threads,
            ident=None,
            max_request_body_size=body_limit_bytes,
            clear_untrusted_proxy_headers=not is_behind_proxy,
            connection_limit=CONNECTION_LIMIT,
            channel_timeout=IDLE_LIMIT_S,
            asyncore_use_poll=True,
        )
        self._is_ending = False

    def run(self) -> None:
        """Answer requests until the end is asked for; those in hand are finished first."""
        before = {each: signal.signal(each, self._ask_to_end) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._answer(lambda: not self._is_ending)
            self._stop_listening()
            give_up_at = time.monotonic() + FINISH_WITHIN_S
            self._answer(lambda: self._has_requests_in_hand() and time.monotonic() < give_up_at)
        finally:
            self._server.task_dispatcher.shutdown()
            for each, handler in before.items():
                signal.signal(each, handler)

    def _answer(self, is_wanted: Callable[[], bool]) -> None:
        while is_wanted():
            loop(timeout=_TICK_S, use_poll=True, map=self._sockets, count=1)

    def _ask_to_end(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_ending = True
        self._server.pull_trigger()  # wakes the loop up

    def _stop_listening(self) -> None:
        self._server.accepting = False
        self._server.del_channel()
        self._server.socket.close()

    def _has_requests_in_hand(self) -> bool:
        """Whether anybody still waits for an answer, or for the rest of one."""
        return any(
            channel.request or channel.requests or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"Port {port} is in use by another program; choose another one with TRACKER_PORT."
        else:
            why = f"Cannot listen on {host} port {port}: {error.strerror or error}."
        raise PortBusy(why) from error
