"""A reporter with a phone in the hand: opens pages, fills in what they show, sends it."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.factories import Sent

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Reporter:
    """One browser. ``page`` is the last page it was given."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""

    def get(self, path: str) -> TestResponse:
        """Open an address, following redirects."""
        return self._seen(self.client.get(path, follow_redirects=True))

    def fill(self, token: str, **fields: Any) -> dict[str, Any]:
        """Open the form of a place; what it would send."""
        self.get(f"/q/{token}")
        return self.hidden() | {"category": "A5", "text": "纸箱堆在人行道上"} | fields

    def send(self, token: str, form: dict[str, Any], **options: Any) -> TestResponse:
        """Send a form, without following where it leads."""
        return self._seen(self.client.post(f"/q/{token}", **_multipart(form), **options))

    def report(self, token: str, **fields: Any) -> str:
        """Report something; the address of the private page, which is then the last page seen."""
        answer = self.send(token, self.fill(token, **fields))
        assert answer.status_code == 303, self.text()
        self.get(answer.location)
        return str(answer.location)

    def go_on(self, address: str) -> None:
        """Press 看进度 on the receipt."""
        self.get(f"{address}?progress=1")

    def say(self, address: str, action: str, **fields: Any) -> TestResponse:
        """Open the private page and send one of its forms, without following where it leads."""
        self.get(address)
        return self.say_again(address, action, **self.hidden() | fields)

    def say_again(self, address: str, action: str, **fields: Any) -> TestResponse:
        """Send one of the private page's forms as given."""
        return self._seen(self.client.post(f"{address}/{action}", **_multipart(fields)))

    def unlock(self, sent: Sent) -> str:
        """Enter the code on the private page of a report; its address."""
        address = f"/t/{sent.link_key}"
        assert self.say(address, "code", code=sent.code).status_code == 303
        return address

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the last page; the first of each name."""
        found: dict[str, str] = {}
        for name, value in HIDDEN.findall(self.page):
            found.setdefault(name, html.unescape(value))
        return found

    def kept(self) -> list[str]:
        """The photos that came back with the form."""
        return re.findall(r'name="kept_photo" value="([^"]+)"', self.page)

    def text(self) -> str:
        """What a person reads on the last page."""
        without = re.sub(r"<(style|script|title)\b.*?</\1>", "", self.page, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())

    def images(self) -> Sequence[str]:
        """Addresses of the pictures on the last page."""
        return [html.unescape(source) for source in re.findall(r'<img src="([^"]+)"', self.page)]

    def code(self) -> str:
        """The four digits on the receipt."""
        found = re.search(r'<output id="code"[^>]*>(\d{4})<', self.page)
        return found[1] if found else ""

    def number(self) -> str:
        """The number on the receipt."""
        found = re.search(r'<output id="number"[^>]*>([\d-]+)<', self.page)
        return found[1] if found else ""

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        return answer


def _multipart(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form as browsers send it. Left to itself the client writes large ones to a file that it never closes."""
    values = {name: [_part(each) for each in _as_list(value)] for name, value in form.items()}
    boundary, body = encode_multipart(values)
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _part(value: Any) -> Any:
    """A file from ``factories.upload``, or a field."""
    return FileStorage(value[0], value[1]) if isinstance(value, tuple) else value
