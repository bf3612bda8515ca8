"""Several people at once: one wins, the others are told, and the chain stays whole."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import DEVICE, MORNING, a_crew, a_report, a_street
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import Case, HistoryRow, Report
from tracker.services import cases, history, intake
from tracker.services.cases import StaleVersion
from tracker.services.places import LabelledPlace, labelled_place

Crew = dict[Role | str, Actor]


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The application, with a context for the test's own thread."""
    with app.app_context():
        yield app


@pytest.fixture
def place(inside: Flask) -> LabelledPlace:  # noqa: ARG001 - the context it needs
    """A shop."""
    return labelled_place(a_street().token)


def at_once(app: Flask, *doings: Callable[[], str]) -> list[str]:
    """Let each be done in a thread of its own, all starting together; the answer, or the error's name."""
    start = threading.Barrier(len(doings))

    def one(doing: Callable[[], str]) -> str:
        with app.app_context():
            start.wait()
            try:
                return doing()
            except (StaleVersion, StepRefused) as refusal:
                return type(refusal).__name__

    db.session.remove()
    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(one, doings))


def move(number: str, action: Action, by: Actor, version: int, **given: str) -> Callable[[], str]:
    """Somebody's move on the version he saw."""

    def doing() -> str:
        supplied = Supplied(**given)  # type: ignore[arg-type]  # fields by name
        return cases.act(number, action, supplied, version=version, by=by, now=MORNING).state.value

    return doing


@pytest.mark.parametrize("people", [2, 8])
def test_of_several_people_at_once_exactly_one_succeeds(
    app: Flask, place: LabelledPlace, people: int
) -> None:
    operator, sent = a_crew()[Role.OPERATOR], a_report(place.token)
    moves = [
        move(sent.number, Action.CHECK, operator, 1)
        if one % 2
        else move(sent.number, Action.ASK_INFO, operator, 1, note="请问在哪一侧？")
        for one in range(people)
    ]
    answers = Counter(at_once(app, *moves))
    assert answers.pop("StaleVersion") == people - 1
    assert len(answers) == 1
    case = db.session.scalars(select(Case)).one()
    assert (case.version, case.state) == (2, *answers)
    assert history.verify() == 2


def test_two_cases_are_not_merged_into_each_other(app: Flask, place: LabelledPlace) -> None:
    operator = a_crew()[Role.OPERATOR]
    one, other = a_report(place.token), a_report(place.token)

    def into(source: str, main: str) -> Callable[[], str]:
        def doing() -> str:
            try:
                return move(source, Action.MERGE, operator, 1, main_case=main)()
            except Incomplete:
                return "Incomplete"

        return doing

    answers = at_once(app, into(one.number, other.number), into(other.number, one.number))
    assert answers.count("merged") == 1
    assert set(answers) <= {"merged", "Incomplete", "StepRefused"}
    assert history.verify() == 3


def sending(place: LabelledPlace, key: str) -> Callable[[], str]:
    """Somebody sends a report."""

    def doing() -> str:
        new = intake.NewReport(key, "A1", "单车堵住店门", DEVICE)
        return repr(intake.receive(new, place, MORNING))

    return doing


def test_fifty_identical_reports_at_once_are_one_case_and_get_one_answer(
    app: Flask, place: LabelledPlace
) -> None:
    answers: list[str] = []
    for _ in range(5):
        answers += at_once(app, *[sending(place, "the-same-key-of-everybody")] * 10)
    assert len(answers) == 50
    assert len(set(answers)) == 1
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1
    assert history.verify() == 3


def test_different_reports_at_once_get_numbers_without_a_gap_and_one_whole_chain(
    app: Flask, place: LabelledPlace
) -> None:
    for batch in range(4):
        at_once(app, *(sending(place, f"a-key-of-its-own-{batch}-{one:04d}") for one in range(10)))
    numbers = db.session.scalars(select(Case.number).order_by(Case.number)).all()
    assert numbers == [f"261123-{number:04d}" for number in range(1, 41)]
    positions = db.session.scalars(select(HistoryRow.position).order_by(HistoryRow.position)).all()
    assert positions == list(range(1, 121))
    assert history.verify() == 120


def test_reports_and_moves_at_once_leave_one_whole_chain(app: Flask, place: LabelledPlace) -> None:
    operator = a_crew()[Role.OPERATOR]
    known = [a_report(place.token).number for _ in range(6)]
    doings = [move(number, Action.CHECK, operator, 1) for number in known]
    doings += [sending(place, f"a-key-of-its-own-{one:04d}") for one in range(6)]
    answers = at_once(app, *doings)
    assert answers[:6] == ["checking"] * 6
    assert history.verify() == 6 + 6 + 18
