"""Many at the very same moment: what is counted is counted exactly, and a solved puzzle passes one of them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Config
from tests.databases import Database
from tests.factories import MORNING, a_street
from tests.settings import settings_in
from tracker.domain.limits import Step
from tracker.domain.puzzles import solve
from tracker.extensions import db
from tracker.models import Case, SolvedPuzzle
from tracker.services import intake
from tracker.services.limits import Sender, SlowedDown
from tracker.services.places import LabelledPlace, labelled_place
from tracker.services.puzzles import new_puzzle

AT_ONCE = 8
FREE, MOST = 2, 5


@pytest.fixture
def settings(database: Database, tmp_path: object) -> Config:
    return settings_in(
        tmp_path,  # type: ignore[arg-type]  # pytest's own path
        database_url=database.url,
        device_label_an_hour=FREE,
        device_label_most=MOST,
        puzzle_bits=4,
        puzzle_wait_seconds=600,
    )


@pytest.fixture
def place(app: Flask) -> Iterator[LabelledPlace]:
    with app.app_context():
        yield labelled_place(a_street().token)


def at_once(app: Flask, sendings: list[Callable[[], str]]) -> list[str]:
    """Let all be sent together; the number each got, or the step it met."""
    start = Barrier(len(sendings))

    def one(sending: Callable[[], str]) -> str:
        with app.app_context():
            start.wait()
            try:
                return sending()
            except SlowedDown as slowed:
                return slowed.verdict.step.name

    db.session.remove()
    with ThreadPoolExecutor(len(sendings)) as threads:
        return list(threads.map(one, sendings))


def sending(place: LabelledPlace, number: int, puzzle: str = "", answer: str = "") -> Callable[[], str]:
    """One report of the same device."""
    sender = Sender("one device", "203.0.113.0/24", puzzle=puzzle, answer=answer)
    new = intake.NewReport(f"at-the-same-moment-{number:04d}", "A5", f"{number}", "one device", sender=sender)
    return lambda: intake.receive(new, place, MORNING).number


def test_senders_at_the_same_moment_do_not_slip_past_the_count(app: Flask, place: LabelledPlace) -> None:
    answers = at_once(app, [sending(place, number) for number in range(AT_ONCE)])
    assert answers.count(Step.PUZZLE.name) == AT_ONCE - FREE
    assert db.session.scalar(select(func.count(Case.id))) == FREE
    solved = []
    for number in range(AT_ONCE, 2 * AT_ONCE):
        puzzle = new_puzzle(place.place_id, MORNING)
        solved.append(sending(place, number, puzzle.token, solve(puzzle.nonce, puzzle.bits)))
    answers = at_once(app, solved)
    assert answers.count(Step.LATER.name) == AT_ONCE - (MOST - FREE)
    assert db.session.scalar(select(func.count(Case.id))) == MOST


def test_one_solved_puzzle_lets_one_of_many_through(app: Flask, place: LabelledPlace) -> None:
    at_once(app, [sending(place, number) for number in range(FREE)])
    puzzle = new_puzzle(place.place_id, MORNING)
    answer = solve(puzzle.nonce, puzzle.bits)
    numbers = range(100, 100 + AT_ONCE)
    answers = at_once(app, [sending(place, number, puzzle.token, answer) for number in numbers])
    assert answers.count(Step.PUZZLE.name) == AT_ONCE - 1
    assert db.session.scalar(select(func.count(Case.id))) == FREE + 1
    assert db.session.scalar(select(func.count()).select_from(SolvedPuzzle)) == 1
