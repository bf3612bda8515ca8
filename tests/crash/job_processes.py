"""Job processes for the crash tests: started, killed at random, replaced; and clocks by the thousand."""

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select, text

from config import Config
from tests.factories import MORNING, a_crew, a_report, a_street
from tests.processes import Process, flask
from tests.waiting import wait_until
from tracker.domain.permissions import Role
from tracker.extensions import db, insert_rows, transaction
from tracker.models import Calendar, Case, Clock
from tracker.services.channels import ChannelChoice, choose
from tracker.services.jobs import process_states

ALWAYS_OPEN = {
    "weekly": {str(day): [["00:00", "23:59"]] for day in range(7)},
    "years": {"2026": {"holidays": [], "make_up": []}, "2027": {"holidays": [], "make_up": []}},
}


class JobProcesses:
    """``flask jobs run``, several times; what they print goes to one log."""

    def __init__(self, settings: Config, log: Path, count: int) -> None:
        self._settings, self._log = settings, log
        self.running = [self._started() for _ in range(count)]
        self.kills = 0

    def kill_one_and_start_another(self, chance: random.Random) -> None:
        """SIGKILL: nothing is tidied up."""
        index = chance.randrange(len(self.running))
        self._end(self.running[index], signal.SIGKILL)
        self.kills += 1
        self.running[index] = self._started()

    def kill_all(self) -> None:
        """All at once, as a power cut does."""
        for process in self.running:
            self._end(process, signal.SIGKILL)

    def stop_all(self) -> list[int]:
        """SIGTERM to all once they are up (before that it ends them as it ends any program); their exit statuses."""
        wait_until(self._are_up, what="all job processes", deadline_s=60)
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in self.running]

    def _are_up(self) -> bool:
        db.session.rollback()
        up = {each.name.rpartition(" ")[2] for each in process_states()}
        db.session.rollback()
        return all(str(process.pid) in up for process in self.running)

    def _started(self) -> Process:
        return flask("jobs", "run", settings=self._settings, output=self._log)

    def _end(self, process: Process, how: signal.Signals) -> None:
        process.send_signal(how)
        process.wait(20)


@contextmanager
def job_processes(settings: Config, log: Path, count: int = 3) -> Iterator[JobProcesses]:
    """Several job processes for the length of the block; stopping them takes an application context."""
    processes = JobProcesses(settings, log, count)
    try:
        yield processes
    finally:
        processes.kill_all()


def harass(processes: JobProcesses, length_s: float, chance: random.Random) -> None:
    """Kill one process after another for so long."""
    ends_at = time.monotonic() + length_s
    while time.monotonic() < ends_at:
        time.sleep(chance.uniform(0.5, 3))
        processes.kill_one_and_start_another(chance)


def a_busy_street(app: Flask, clocks: int, now: datetime, *, spread: timedelta) -> None:
    """Cases with one open clock each; all reach 75 % within `spread` from `now`, and no further rung for hours.

    The operator and the duty lead want mail. Cases and clocks are copies of a real one, made by SQL.
    """
    with app.app_context():
        street, crew = a_street(), a_crew()
        _always_open()
        for role in (Role.OPERATOR, Role.DUTY_LEAD):
            user_id = crew[role].user_id or 0
            choose(user_id, ChannelChoice("mail", f"{role}@example.cn"))
        a_report(street.token, at=MORNING)
        _multiply(clocks, now, spread)
        db.session.remove()


def _always_open() -> None:
    with transaction():
        for row in db.session.scalars(select(Calendar)):
            row.facts = ALWAYS_OPEN


def _multiply(clocks: int, now: datetime, spread: timedelta) -> None:
    """Copy the one case and its clock; the calendar of the test never closes, so 8 h pass by the clock."""
    with transaction():
        case, clock = db.session.scalars(select(Case)).one(), db.session.scalars(select(Clock)).one()
        first_id, calendar_id = case.id, clock.calendar_id
        cases = _columns(case)
        insert_rows(
            Case,
            [cases | {"id": first_id + each, "number": f"PP-{each:06d}"} for each in range(1, clocks + 1)],
        )
        whole = timedelta(hours=8)
        rows = []
        for each in range(1, clocks + 1):
            at = now + spread * (each / clocks)
            start = at - whole * 0.75
            rows.append(
                _columns(clock)
                | {
                    "id": clock.id + each,
                    "case_id": first_id + each,
                    "allowance": "8h",
                    "calendar_id": calendar_id,
                    "started_at": start,
                    "runs_from_at": start,
                    "due_at": start + whole,
                    "next_rung_at": at,
                }
            )
        insert_rows(Clock, rows)
        clock.state, clock.stopped_at, clock.next_rung_at = "stopped", now, None
        db.session.execute(text("UPDATE notices SET told_at = made_at"))


def _columns(row: Case | Clock) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
