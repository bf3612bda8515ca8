import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tracker.adapters.message import Message, NotDelivered
from tracker.adapters.webhook import WebhookAddressWrong, WebhookSender

SECRET = "shared by both ends, thirty-two or more"
SENDER = WebhookSender(("127.0.0.1", "localhost"), SECRET, may_be_private=True)
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class Receiver(BaseHTTPRequestHandler):
    """Keeps what comes and answers as told."""

    answer = 204
    arrived: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).arrived.append((dict(self.headers), body))
        self.send_response(self.answer)
        if self.answer == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving(answer: int = 204) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    arrived: list[tuple[dict[str, str], bytes]] = []
    handler = type("Handler", (Receiver,), {"answer": answer, "arrived": arrived})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?x=1", arrived
        finally:
            server.shutdown()
            thread.join()


def message(to: str, **facts: Any) -> Message:
    return Message("k" * 32, to, "已超期", "请办理", AT, facts)


def test_the_far_end_can_check_who_sent_it_and_when() -> None:
    with receiving() as (url, arrived):
        SENDER.send(message(url, items=[{"case": "PP-1"}]))
    headers, body = arrived[0]
    at, given = headers["Signature"].split(",")
    expected = hmac.new(SECRET.encode(), at[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert (at, given) == ("t=1795397400", f"v1={expected}")
    assert headers["Idempotency-Key"] == "k" * 32
    assert json.loads(body)["items"] == [{"case": "PP-1"}]


@pytest.mark.parametrize(("answer", "is_final"), [(302, False), (500, False), (404, False), (410, True)])
def test_only_a_good_answer_counts_and_redirects_are_not_followed(answer: int, is_final: bool) -> None:  # noqa: FBT001
    with receiving(answer) as (url, arrived):
        with pytest.raises(NotDelivered, match=str(answer)) as caught:
            SENDER.send(message(url))
        assert caught.value.is_final is is_final
    assert len(arrived) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://elsewhere.example/",
        "https://user:word@hooks.example/",
        "https://hooks.example.evil/",
        "ftp://hooks.example/",
        "https://[::1",
        "hooks.example",
    ],
)
def test_only_listed_hosts_over_tls_can_be_chosen(url: str) -> None:
    with pytest.raises(WebhookAddressWrong):
        WebhookSender(("hooks.example",), SECRET).check(url)


def test_a_listed_name_that_leads_into_the_own_network_is_refused() -> None:
    closed = replace(SENDER, may_be_private=False)
    with pytest.raises(NotDelivered, match="内部网络") as caught:
        closed.send(message("https://localhost/"))
    assert caught.value.is_final


def test_a_long_list_is_cut_to_what_the_far_end_takes_and_says_so() -> None:
    items = [{"case": f"PP-{number:08d}", "words": "垃圾" * 20} for number in range(2000)]
    with receiving() as (url, arrived):
        SENDER.send(message(url, items=items))
    body = arrived[0][1]
    told = json.loads(body)
    assert len(body) <= 64 * 1024
    assert len(told["items"]) + told["left_out"] == 2000
    assert told["items"][0] == items[0]


def test_without_a_secret_nothing_is_sent() -> None:
    with receiving() as (url, arrived), pytest.raises(NotDelivered, match="TRACKER_WEBHOOK_SECRET"):
        replace(SENDER, secret="").send(message(url))
    assert arrived == []
