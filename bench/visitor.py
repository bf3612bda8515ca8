"""Somebody who fetches pages, signs in and fills in forms, and gets requests ready to be played."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from bench.load import Answer, AnswerWrong, Connection

PHOTO_FIELD = "photos"


@dataclass
class Form:
    """A form of a page: where it goes, and the hidden fields that go with it."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)


class Visitor:
    """One browser: keeps its cookies."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        """Fetch a page.

        Raises:
            AnswerWrong: it is not there.
        """
        return self.send(self.request("GET", path), 200).body.decode()

    def form(self, page: str, action: str) -> Form:
        """The form of the page at `page` whose action ends in `action`; an empty one is the page's own.

        Raises:
            AnswerWrong: the page has no such form.
        """
        forms = forms_of(self.get(page), page)
        found = [form for form in forms if form.action.endswith(action or page)]
        if not found:
            there = ", ".join(form.action for form in forms) or "no form at all"
            raise AnswerWrong(f"{page} has no form for {action or page}, but {there}")
        return found[0]

    def send(self, request: bytes, status: int) -> Answer:
        """Send one request, keep the cookies that come back.

        Raises:
            AnswerWrong: the answer has another status.
        """
        with Connection(self._port) as connection:
            answer = connection.exchange(request)
        for cookie in answer.all_of("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status != status:
            first_line = request.split(b"\r\n", 1)[0].decode()
            raise AnswerWrong(f"{first_line} was answered {answer.status}, not {status}")
        return answer

    def request(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, photos: Sequence[bytes] = ()
    ) -> bytes:
        """A finished request with the present cookies, as a browser would send it."""
        body, content_type = _body(fields or {}, photos)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "User-Agent: Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0",
            "Accept: text/html",
            "Accept-Language: zh-CN,zh;q=0.9",
        ]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        if method == "POST":
            lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


def _body(fields: Mapping[str, str], photos: Sequence[bytes]) -> tuple[bytes, str]:
    """The body of a form and its type; without photos as ordinary forms send it."""
    if not photos:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    boundary = f"----{secrets.token_hex(12)}"
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    head = f'Content-Disposition: form-data; name="{PHOTO_FIELD}"; filename="photo.jpg"\r\n'
    parts += [head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + photo for photo in photos]
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


def forms_of(page: str, path: str) -> list[Form]:
    """The forms of a page fetched from `path`, with paths for actions."""
    reader = _FormReader(path)
    reader.feed(page)
    return reader.forms


class _FormReader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._path = path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urlsplit(urljoin(self._path, given.get("action", ""))).path))
        elif tag == "input" and given.get("type") == "hidden" and self.forms:
            self.forms[-1].hidden[given["name"]] = given.get("value", "")
