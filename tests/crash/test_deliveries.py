"""A sender that dies between sending and marking; a mail server that hangs while somebody reports."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from config import Config
from tests.crash.job_processes import job_processes
from tests.databases import Database
from tests.factories import a_crew, a_report, a_street, walk_to
from tests.mail_server import MailServer, receiving
from tests.processes import Forked, environment_of
from tests.settings import settings_in
from tests.waiting import wait_until
from tracker import create_app
from tracker.domain.lifecycle import State
from tracker.extensions import WRITES, db, shared_now, transaction
from tracker.models import Delivery, Label
from tracker.services import sending
from tracker.services.channels import ChannelChoice, choose
from tracker.services.deliveries import make_deliveries
from tracker.services.sending import send_waiting

pytestmark = pytest.mark.crash


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailServer]:
    with receiving(tmp_path / "post") as server:
        yield server


@pytest.fixture
def settings(database: Database, tmp_path: Path, post: MailServer) -> Config:
    return settings_in(tmp_path, database_url=database.url, **post.settings)


def a_letter_that_waits(app: Flask) -> None:
    """One mail to a handler, due now."""
    with app.app_context():
        street, crew = a_street(), a_crew()
        choose(crew["ZF"].user_id or 0, ChannelChoice("mail", "handler@example.cn"))
        walk_to(a_report(street.token).number, State.DISPATCHED, crew)
        while make_deliveries(datetime.now(UTC)):
            pass
        with transaction():
            db.session.execute(
                update(Delivery).values(not_before_at=datetime.now(UTC) - timedelta(seconds=1))
            )
        db.session.remove()


def send_and_die_before_marking() -> None:
    """What the killed sender does."""
    with (
        create_app(Config.from_environment()).app_context(),
        mock.patch.object(sending, "_mark_sent", die),
    ):
        send_waiting(shared_now())


def die(*_: object) -> None:
    """As the power supply would have it."""
    signal.raise_signal(signal.SIGKILL)


def test_a_sender_killed_between_sending_and_marking_sends_again_under_the_same_key(
    app: Flask, settings: Config, post: MailServer, tmp_path: Path
) -> None:
    a_letter_that_waits(app)
    killed = Forked(
        send_and_die_before_marking, output=tmp_path / "killed", environment=environment_of(settings)
    )
    assert killed.wait(60) == -signal.SIGKILL
    [first] = post.letters()
    with app.app_context():
        now = datetime.now(UTC)
        assert send_waiting(now) == 0  # still in the dead one's hand
        later = now + timedelta(minutes=2)
        assert send_waiting(later) == 1
        assert send_waiting(later) == 0
        assert set(db.session.scalars(select(Delivery.state))) == {"sent"}
    assert [letter.key for letter in post.letters()] == [first.key, first.key]


@contextmanager
def a_server_that_hangs() -> Iterator[tuple[int, threading.Event]]:
    """Takes connections and never says a word; the event is set once somebody is kept waiting."""
    is_waited_for = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    kept.append(listening.accept()[0])
                    is_waited_for.set()
            except OSError:
                return

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listening.getsockname()[1], is_waited_for
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for each in kept:
                each.close()


def test_while_the_mail_server_hangs_reports_are_taken_in_and_no_transaction_is_open(
    settings: Config, tmp_path: Path
) -> None:
    with a_server_that_hangs() as (port, is_waited_for):
        app = create_app(replace(settings, mail_port=port))
        a_letter_that_waits(app)
        with job_processes(replace(settings, mail_port=port), tmp_path / "jobs.log", count=1):
            assert is_waited_for.wait(60), (tmp_path / "jobs.log").read_text(encoding="utf-8")
            with app.app_context():
                mail = select(Delivery).where(Delivery.channel == "mail")
                row = db.session.scalars(mail).one()
                assert row.state == "waiting"  # in hand, however often it was tried before we got our turn
                with transaction():  # a writer that had to wait for the sender would wait here, too
                    db.session.execute(update(Delivery).where(Delivery.id == row.id).values(language="zh"))
                a_report(_token())
                assert db.session.scalars(mail).one().state == "waiting"
                db.session.remove()
                db.engine.dispose()


def _token() -> str:

    return str(db.session.scalars(select(Label.token).order_by(Label.id).limit(1)).one())


def test_taking_a_report_in_connects_to_no_mail_server(app: Flask) -> None:
    with app.app_context():
        street = a_street()
        writes: list[str] = []

        def note(connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            options = connection.get_execution_options()  # type: ignore[attr-defined]
            if options.get(WRITES) and "deliveries" in statement:
                writes.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        a_report(street.token)
        event.remove(db.engine, "before_cursor_execute", note)
        assert writes == []  # who hears is worked out afterwards, by a job
        db.session.remove()


def test_after_the_senders_died_others_send_what_was_left(
    app: Flask, settings: Config, post: MailServer, tmp_path: Path
) -> None:
    a_letter_that_waits(app)
    with app.app_context(), transaction():
        soon = datetime.now(UTC) + timedelta(seconds=3)
        db.session.execute(
            update(Delivery)
            .where(Delivery.channel == "mail")
            .values(leased_until_at=soon, batch="d" * 32, tries=1)
        )
    with job_processes(settings, tmp_path / "jobs.log", count=2):
        wait_until(post.letters, what="the letter", deadline_s=60)
    assert {letter.key for letter in post.letters()} == {f"<{'d' * 32}@127.0.0.1>"}
