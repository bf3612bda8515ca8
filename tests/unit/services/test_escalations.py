"""The sweep in the database: what it reads, what it fires, what it would fire."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text, update

from config import Config
from tests.applications import lent
from tests.factories import Street, a_report, speaker, take, walk_to
from tracker.domain.case_rules import StepRefused
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import WRITES, db, transaction
from tracker.models import Case, Clock, Escalation, Notice
from tracker.services.escalations import end_due_times, fire_due_rungs, is_caught_up, upcoming

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
Crew = dict[Role | str, Actor]


@pytest.fixture
def app(settings: Config) -> Iterator[Flask]:
    with lent(settings, lambda: MONDAY) as app:
        yield app


def rungs() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Escalation.rung).order_by(Escalation.id)))


def test_a_rung_fires_once_however_often_it_is_asked(street: Street) -> None:
    a_report(street.token)
    at = next(upcoming(MONDAY + timedelta(days=1))).at
    assert fire_due_rungs(at - timedelta(seconds=1)) == 0
    assert [fire_due_rungs(at) for _ in range(3)] == [1, 0, 0]
    assert rungs() == [1]


def test_a_clock_that_goes_back_fires_nothing_twice_and_nothing_early(street: Street) -> None:
    a_report(street.token)
    first, second = [each.at for each in upcoming(MONDAY + timedelta(days=2))][:2]
    for moment in (first, first - timedelta(hours=9), first, second - timedelta(seconds=1)):
        fire_due_rungs(moment)
    assert rungs() == [1]
    fire_due_rungs(second)
    assert rungs() == [1, 2]


def test_the_preview_says_that_it_knows_nothing_past_the_calendar(street: Street, app: Flask) -> None:
    a_report(street.token)
    shown = app.test_cli_runner().invoke(args=["escalations", "preview", "--until", "2027-01-04"])
    assert "The calendar ends on 2026-12-31: what comes after is not known." in shown.output


def test_what_is_due_on_time_does_not_keep_back_what_was_missed(street: Street) -> None:
    a_report(street.token)
    at = next(upcoming(MONDAY + timedelta(days=1))).at
    assert is_caught_up(at + timedelta(minutes=14))
    assert not is_caught_up(at + timedelta(minutes=16))
    fire_due_rungs(at + timedelta(minutes=16))
    assert is_caught_up(at + timedelta(minutes=16))


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.VOID, Action.DECLINE])
def test_a_case_that_is_over_fires_nothing(street: Street, crew: Crew, action: Action) -> None:
    sent = a_report(street.token)
    match action:
        case Action.WITHDRAW:
            take(sent.number, action, by=speaker(sent))
        case Action.VOID:
            take(sent.number, action, by=crew[Role.DUTY_LEAD], note="测试")
        case _:
            take(
                sent.number,
                action,
                by=crew[Role.OPERATOR],
                reason="consumer",
                channel="12315",
                note="请打热线",
            )
    assert fire_due_rungs(MONDAY + timedelta(days=20)) == 0
    assert list(upcoming(MONDAY + timedelta(days=20))) == []


def test_a_case_on_hold_fires_nothing(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    walk_to(sent.number, State.ON_HOLD, crew)
    assert fire_due_rungs(MONDAY + timedelta(days=20)) == 0


def test_the_preview_writes_nothing_and_says_what_then_fires(street: Street, app: Flask) -> None:
    a_report(street.token)
    until = MONDAY + timedelta(days=4)
    foreseen = [(each.clock_id, each.rung, each.at) for each in upcoming(until)]
    shown = app.test_cli_runner().invoke(args=["escalations", "preview", "--until", "2026-11-27 09:30"])
    assert shown.exit_code == 0
    assert shown.output.endswith(f"{len(foreseen)} rungs until 2026-11-27 09:30.\n")
    assert "calendar" not in shown.output
    assert rungs() == []
    fire_due_rungs(until)
    happened = db.session.execute(
        select(Escalation.clock_id, Escalation.rung, Escalation.due_at).order_by(Escalation.id)
    )
    assert [tuple(row) for row in happened] == foreseen


def test_what_was_missed_by_more_than_a_quarter_of_an_hour_is_told_as_missed(street: Street) -> None:
    a_report(street.token)
    fire_due_rungs(MONDAY + timedelta(days=2))
    db.session.rollback()
    late = dict(
        db.session.execute(select(Notice.key, Notice.is_late).where(Notice.event == "clock_rung")).all()
    )
    assert set(late.values()) == {True}


# ---- what a sweep reads


@pytest.fixture
def many_clocks(street: Street) -> int:
    """20,000 open clocks, none due for a day."""
    a_report(street.token)
    columns = [column.key for column in Clock.__table__.columns if column.key != "id"]
    names = ", ".join(columns)
    with transaction():
        db.session.execute(
            text(
                f"INSERT INTO clocks ({names}) WITH RECURSIVE n(i) AS"  # noqa: S608 - our own columns
                f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 19999) SELECT {names} FROM clocks, n"
            )
        )
        db.session.execute(update(Clock).values(next_rung_at=MONDAY + timedelta(days=1)))
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return 20_000


def _plan_of_the_sweep() -> str:
    """What the database would do for the very statement of a sweep, with its own parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    fire_due_rungs(MONDAY)
    event.remove(db.engine, "before_cursor_execute", note)
    [(sweep, parameters)] = [each for each in sent if "FROM clocks" in each[0]]
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
    with transaction():
        rows = db.session.connection().exec_driver_sql(f"{explain} {sweep}", parameters)
        return "\n".join(str(row) for row in rows)


def test_a_sweep_over_many_clocks_with_none_due_only_asks_the_index(many_clocks: int) -> None:
    assert db.session.scalar(select(func.count()).select_from(Clock)) == many_clocks
    plan = _plan_of_the_sweep()
    assert "ix_clocks_next_rung" in plan
    assert "Seq Scan on clocks" not in plan
    assert "SCAN clocks" not in plan
    assert "Rows Removed" not in plan


def test_with_a_thousand_due_the_sweep_reads_those_thousand(many_clocks: int) -> None:
    with transaction():
        due = select(Clock.id).order_by(Clock.id).limit(1000).scalar_subquery()
        db.session.execute(update(Clock).where(Clock.id.in_(due)).values(next_rung_at=MONDAY))
    assert many_clocks == 20_000
    dealt_with = [fire_due_rungs(MONDAY) for _ in range(6)]
    assert dealt_with == [200, 200, 200, 200, 200, 0]


# ---- what the system does when a time is used up


def test_one_case_that_is_refused_keeps_no_other_from_its_end(street: Street, crew: Crew) -> None:
    stuck, other = (a_report(street.token) for _ in range(2))
    for sent in (stuck, other):
        walk_to(sent.number, State.NEEDS_INFO, crew)
    with transaction():  # as no use case would leave it
        db.session.execute(update(Case).where(Case.number == stuck.number).values(state="checking"))
    with pytest.raises(StepRefused):
        end_due_times(MONDAY + timedelta(days=7))
    db.session.rollback()
    states = {row.number: row.state for row in db.session.execute(select(Case.number, Case.state))}
    assert states == {stuck.number: "checking", other.number: "declined"}


def test_ending_a_time_twice_moves_a_case_once(street: Street, crew: Crew) -> None:
    walk_to(a_report(street.token).number, State.NEEDS_INFO, crew)
    assert [end_due_times(MONDAY + timedelta(days=7)) for _ in range(2)] == [1, 0]
