"""Reports over real HTTP while the server is killed: what was answered is there, once, with its photos."""

import hashlib
import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from flask import Flask
from sqlalchemy import func, select

from tests.crash.sender import Answer, Phone
from tests.factories import a_street
from tests.server import Server
from tests.unit.adapters.photo_samples import encoded, noise, opened
from tests.waiting import wait_until
from tracker.extensions import db
from tracker.models import Case, Photo, Report
from tracker.models import Counter as DayCounter
from tracker.services import history
from tracker.services.parts import parts

REPORTS, PHONES, KILLS = 200, 6, 3


def a_phone(server: Server, token: str) -> Phone:
    """A visitor with the form open."""
    phone = Phone(server.address, token)
    phone.open_form()
    return phone


def test_fifty_identical_sendings_at_once_are_one_case_with_one_number(
    app: Flask, live_server: Server
) -> None:
    with app.app_context():
        token = a_street().token
    phone, photo = a_phone(live_server, token), encoded(noise(160, 120, seed=1))
    with ThreadPoolExecutor(50) as threads:
        sending = [
            threads.submit(phone.send, "one-key-for-all-of-them", "单车堵门", photo) for _ in range(50)
        ]
        answers = {future.result() for future in sending}
    assert len(answers) == 1
    with app.app_context():
        assert db.session.scalars(select(Case.number)).all() == [answers.pop().number]
        assert db.session.scalar(select(func.count()).select_from(Report)) == 1
        assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
        assert history.verify() == 3


def test_every_answered_report_survives_kills_of_the_server_exactly_once_with_its_photo(
    app: Flask, live_server: Server
) -> None:
    with app.app_context():
        token = a_street().token
    answers, sendings = send_while_killing(live_server, token, random.Random(20261123))
    live_server.stop()
    assert len(answers) == REPORTS
    assert sendings > REPORTS, "no sending was interrupted, so nothing was tried"
    with app.app_context():
        assert_all_there_once(answers)
        assert history.verify() == 3 * REPORTS


def send_while_killing(server: Server, token: str, chance: random.Random) -> tuple[list[Answer], int]:
    """All answers, and how often something was sent."""
    phones = [a_phone(server, token) for _ in range(PHONES)]
    with ThreadPoolExecutor(PHONES) as threads:
        shares = [threads.submit(partial(send_share, phone, first)) for first, phone in enumerate(phones)]
        for kill in range(1, KILLS + 1):
            wanted = kill * REPORTS // (KILLS + 1)
            wait_until(partial(is_so_far, phones, shares, wanted), what=f"{wanted} answers", deadline_s=120)
            time.sleep(chance.uniform(0, 0.15))  # somewhere in the middle of whatever is going on
            server.kill()
            server.start()
        return [answer for share in shares for answer in share.result()], sum(phone.sent for phone in phones)


def is_so_far(phones: list[Phone], shares: list[Future[list[Answer]]], wanted: int) -> bool:
    """Whether so many reports were answered, or nobody is sending any more."""
    return sum(phone.answered for phone in phones) >= wanted or all(share.done() for share in shares)


def send_share(phone: Phone, first: int) -> list[Answer]:
    """Every sixth report, each with a photo of its own."""
    return [
        phone.send(
            f"report-while-killing-{number:04d}", f"第 {number} 份", encoded(noise(160, 120, seed=number))
        )
        for number in range(first, REPORTS, PHONES)
    ]


def assert_all_there_once(answers: list[Answer]) -> None:
    """Nothing lost, nothing twice, no number left out, every photo whole."""
    stored = {
        key: (number, sha256)
        for key, number, sha256 in db.session.execute(
            select(Report.key, Case.number, Photo.sha256)
            .join(Case, Case.id == Report.case_id)
            .join(Photo, Photo.case_id == Case.id)
        )
    }
    assert {key: number for key, (number, _) in stored.items()} == {each.key: each.number for each in answers}
    for table in (Report, Case, Photo):
        assert db.session.scalar(select(func.count()).select_from(table)) == REPORTS
    assert max(Counter(number for number, _ in stored.values()).values()) == 1
    assert db.session.scalar(select(func.sum(DayCounter.value))) == REPORTS
    for _, sha256 in stored.values():
        full = parts().photo_store.path(sha256).read_bytes()
        assert hashlib.sha256(full).hexdigest() == sha256
        assert opened(full).size == (160, 120)
        assert parts().photo_store.path(sha256, "thumb").is_file()
