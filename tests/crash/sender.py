"""A phone on a bad network: sends a report over real HTTP, again and again with the same key, until it is answered."""

import http.client
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT_S = 10
GIVE_UP_AFTER_S = 60


@dataclass(frozen=True)
class Answer:
    """What the server said about one report."""

    key: str
    number: str
    url: str
    code: str


@dataclass
class Phone:
    """One browser: a cookie and the form's token, both kept over restarts of the server."""

    address: str
    token: str
    sent: int = 0
    """How often something was sent, repetitions included."""
    answered: int = 0
    _cookie: str = ""
    _form_token: str = ""
    _boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    def open_form(self) -> None:
        """Look at the form once."""
        connection = self._connection()
        connection.request("GET", f"/q/{self.token}")
        response = connection.getresponse()
        page = response.read().decode()
        assert response.status == 200, page
        cookies = response.headers.get_all("Set-Cookie") or []
        self._cookie = "; ".join(cookie.split(";")[0] for cookie in cookies)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None, "the form has no token"
        self._form_token = found[1]
        connection.close()

    def send(self, key: str, text: str, photo: bytes) -> Answer:
        """Send one report until it is answered."""
        give_up_at = time.monotonic() + GIVE_UP_AFTER_S
        while time.monotonic() < give_up_at:
            try:
                self.sent += 1
                answer = self._once(key, text, photo)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # the server is down or went down; a phone's outbox waits a little too
            else:
                self.answered += 1
                return answer
        raise AssertionError(f"{key} was not answered in {GIVE_UP_AFTER_S} s")

    def _once(self, key: str, text: str, photo: bytes) -> Answer:
        connection = self._connection()
        try:
            connection.request(
                "POST",
                f"/q/{self.token}",
                self._body(
                    {"csrf_token": self._form_token, "key": key, "category": "A1", "text": text}, photo
                ),
                {
                    "Content-Type": f"multipart/form-data; boundary={self._boundary}",
                    "Accept": "application/json",
                    "Cookie": self._cookie,
                },
            )
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status == 503:
            raise OSError("busy; come back later")
        assert response.status in (200, 201), (response.status, body[:500])
        return Answer(key, **json.loads(body))

    def _body(self, fields: dict[str, str], photo: bytes) -> bytes:
        parts = [
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{self._boundary}\r\nContent-Disposition: form-data; name="photos"; filename="p.jpg"\r\n'
        parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", photo, b"\r\n"]
        return b"".join([*parts, f"--{self._boundary}--\r\n".encode()])

    def _connection(self) -> http.client.HTTPConnection:
        where = urlsplit(self.address)
        return http.client.HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_S)
