"""Which requests are measured: the rows of the table."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.photos import photo
from bench.visitor import Form, Visitor
from bench.workplace import Process, Workplace
from tracker.demo.people import PASSWORD, handler_login

PHOTO_REPORT: Final = "photo"
"""Key of the row that the worst hour is reckoned from."""

Prepare = Callable[[int], list[bytes]]
"""Gets so many requests ready, or fewer where there is no more to do. Not measured."""


@dataclass(frozen=True)
class Subject:
    """One kind of request.

    Attributes:
        key: short name, for JSON.
        name: words of the table.
        on: the server that answers.
        status: what a right answer is.
        share: how many of these for each request asked for on the command line.
        floor: key of what it is compared with; empty: it is a floor.
    """

    key: str
    name: str
    on: Process
    prepare: Prepare
    status: int
    share: float = 1.0
    floor: str = ""


def subjects(place: Workplace) -> tuple[Subject, ...]:
    """Every row, in the order in which a round measures them: what is reported is signed for afterwards."""
    passer_by, reporter = Visitor(place.product.port), Reporter(place)
    operator = _signed_in(place, "operator")
    desk = _Desk(place)
    bare = Visitor(place.floor.port)
    bare_photo = bare.request("POST", "/insert", photos=[photo(0)])
    return (
        Subject("page", "bare Flask page", place.floor, _same(bare.request("GET", "/page")), 200, 4.0),
        Subject(
            "form", "form GET", place.product, _same(passer_by.request("GET", f"/q/{place.token}")), 200,
            2.0, "page",
        ),
        Subject("queue", "queue page", place.product, _same(operator.request("GET", "/desk")), 200, 1.0, "page"),
        Subject("insert", "bare durable INSERT", place.floor, _same(bare.request("POST", "/insert")), 201, 2.0),
        Subject("insert_photo", "INSERT, 450 kB read", place.floor, _same(bare_photo), 201, 2.0),
        Subject("report", "report POST", place.product, reporter.reports, 303, 1.0, "insert"),
        Subject(
            PHOTO_REPORT, "report POST, 450 kB photo", place.product, reporter.photo_reports, 303,
            0.25, "insert_photo",
        ),
        Subject("action", "case action POST", place.product, desk.signatures, 303, 1.0, "insert"),
    )  # fmt: skip


def _same(request: bytes) -> Prepare:
    return lambda n: [request] * n


class Reporter:
    """A person at a shop's door who has the form open and reports again and again."""

    def __init__(self, place: Workplace) -> None:
        self._path, self._category = f"/q/{place.token}", place.category
        self._visitor = Visitor(place.product.port)
        self._form = self._visitor.form(self._path, "")
        self._numbers = itertools.count(1)

    def send_one(self) -> str:
        """Send a report and return the address that the answer leads to."""
        answer = self._visitor.send(self.reports(1)[0], 303)
        return answer.all_of("location")[0]

    def reports(self, n: int) -> list[bytes]:
        return [self._visitor.request("POST", self._form.action, fields) for fields in self._fields(n)]

    def photo_reports(self, n: int) -> list[bytes]:
        return [
            self._visitor.request("POST", self._form.action, fields, [photo(next(self._numbers))])
            for fields in self._fields(n)
        ]

    def _fields(self, n: int) -> Iterator[dict[str, str]]:
        for _ in range(n):
            yield {
                **self._form.hidden,
                "key": secrets.token_urlsafe(24),
                "category": self._category,
                "text": f"第 {next(self._numbers)} 次：共享单车把店门口堵住了，轮椅和婴儿车都过不去。",
            }


class _Desk:
    """The handler of the department that the reports go to."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._handler = _signed_in(place, handler_login(place.lead))

    def signatures(self, n: int) -> list[bytes]:
        """Sign for the newest cases, each from its own page as it stands now."""
        forms = map(self._sign_form, self._place.waiting_for_signature(n))
        return [self._handler.request("POST", form.action, form.hidden) for form in forms]

    def _sign_form(self, number: str) -> Form:
        return self._handler.form(f"/desk/cases/{number}", "/sign")


def _signed_in(place: Workplace, login: str) -> Visitor:
    """A demo person with a session, by the form that everybody uses."""
    visitor = Visitor(place.product.port)
    form = visitor.form("/login", "")
    entry = {**form.hidden, "login": login, "password": PASSWORD}
    visitor.send(visitor.request("POST", form.action, entry), 303)
    return visitor
