"""Walking the whole history, and what `verify` does not overlook."""

import json
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from config import Config
from tests.factories import Street, a_report, take
from tracker.domain.history_chain import HistoryBroken
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Case, HistoryHead
from tracker.services import history
from tracker.services.history import heads_file


def test_an_empty_history_is_whole(street: Street) -> None:
    assert street.token
    assert history.verify() == 0
    assert not heads_file().exists()


def test_each_end_that_was_verified_is_kept_once_outside_the_database(street: Street) -> None:
    for rows in (1, 2):
        a_report(street.token)
        for _ in range(2):
            assert history.verify() == rows
    kept = [json.loads(line) for line in heads_file().read_text(encoding="ascii").splitlines()]
    assert [each["count"] for each in kept] == [1, 2]


def test_history_is_walked_past_the_number_of_rows_read_at_once(
    street: Street, crew: dict[Role | str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "ROWS_AT_ONCE", 2)
    sent = [a_report(street.token) for _ in range(5)]
    assert history.verify() == 5
    take(sent[0].number, Action.CHECK, by=crew[Role.OPERATOR])
    assert history.verify() == 6


@pytest.mark.parametrize(
    "change",
    [
        {"rating": 5},
        {"category": "D1"},
        {"lead": "JJ"},
        {"co": ["JJ"]},
        {"version": 9},
        {"reworks": 2},
    ],
)
def test_a_case_that_is_not_what_its_history_says_is_found(street: Street, change: dict[str, object]) -> None:
    a_report(street.token)
    with transaction():
        db.session.execute(update(Case).values(**change))
    with pytest.raises(HistoryBroken, match="is not what its history says"):
        history.verify()


def test_a_head_that_nobody_signed_is_found(street: Street) -> None:
    a_report(street.token)
    with transaction():
        db.session.execute(update(HistoryHead).values(signature="0" * 64))
    with pytest.raises(HistoryBroken, match="signature"):
        history.verify()


@pytest.mark.parametrize("line", ["{", "[]", '{"count": 1}', "\x00", ""])
def test_a_damaged_file_of_heads_is_said_to_be_one(street: Street, line: str) -> None:
    a_report(street.token)
    history.verify()
    with heads_file().open("a", encoding="ascii") as file:
        file.write(line + "\n")
    with pytest.raises(HistoryBroken, match="line 2"):
        history.verify()


def test_an_end_signed_by_somebody_else_is_found(street: Street) -> None:
    a_report(street.token)
    history.verify()
    forged = json.loads(heads_file().read_text(encoding="ascii")) | {"hash": "a" * 64}
    heads_file().write_text(json.dumps(forged) + "\n", encoding="ascii")
    with pytest.raises(HistoryBroken, match="signature"):
        history.verify()


def test_verifying_while_others_write_finds_nothing_wrong(
    app: Flask, street: Street, settings: Config
) -> None:
    """What was read first and what was read last must be of one moment."""
    assert settings.database
    stop = threading.Event()
    failures: list[BaseException] = []

    def writer() -> None:
        with app.app_context():
            try:
                while not stop.is_set():
                    a_report(street.token)
            except BaseException as error:  # noqa: BLE001 - told below
                failures.append(error)

    db.session.remove()
    thread = threading.Thread(target=writer)
    thread.start()
    try:
        counts = [history.verify() for _ in range(15)]
    finally:
        stop.set()
        thread.join()
    assert not failures
    assert counts == sorted(counts)
    assert history.verify() >= counts[-1]


def test_the_record_of_a_case_without_history_is_empty(street: Street) -> None:
    assert street.token
    assert history.record_from_history(12345).version == 0


def test_every_case_is_rebuilt_from_its_history(street: Street, crew: dict[Role | str, Actor]) -> None:
    sent = a_report(street.token)
    take(sent.number, Action.FILE, by=crew[Role.OPERATOR], category="A1")
    case = db.session.scalars(select(Case)).one()
    record = history.record_from_history(case.id)
    same: Callable[[str], bool] = lambda name: getattr(record, name) == getattr(case, name)  # noqa: E731 - one word
    assert all(map(same, ("state", "version", "lead", "category", "return_until_at", "closed_at")))
