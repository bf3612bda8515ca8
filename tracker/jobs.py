"""The only place where timed jobs start: APScheduler ticks, the database decides whose turn it is.

``flask jobs run`` is one process of this; any number of them may run. Nothing that matters is in memory.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from tracker.services import jobs
from tracker.services.jobs import JOBS, Job

HEARTBEAT_S = 10
LONGEST_TICK = timedelta(minutes=1)
"""A daily job is asked about every minute, so that it also runs where no process lives for a day."""
WSGI = Path(__file__).resolve().parent.parent / "wsgi.py"
END_WITHIN_S = 30.0


class JobRunner:
    """One job process: ticks until told to end, then finishes the rows it has in hand."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._name = f"{socket.gethostname()} {os.getpid()}"
        self._is_ending = False
        self._asleep, self._bell = socket.socketpair()
        self._bell.setblocking(False)

    def run(self) -> None:
        """Run until ``end`` is called or SIGTERM or Ctrl-C comes."""
        with self._listening_to_signals():
            with self._app.app_context():
                process_id = jobs.enter_process(self._name)
            scheduler = self._scheduler(process_id)
            scheduler.start()
            while not self._is_ending:
                self._asleep.recv(64)
            scheduler.shutdown(wait=True)
            with self._app.app_context():
                jobs.leave_process(process_id)

    def end(self) -> None:
        """Ask for the end; returns at once, in a signal and in any thread."""
        self._is_ending = True
        with contextlib.suppress(OSError):  # it has been rung often enough, or nobody waits any more
            self._bell.send(b"\0")

    @contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        """Let both signals ring the bell themselves, whichever thread the system gives them to.

        Waiting for an Event or a queue would not do: a signal that another thread takes, or that comes just before
        the wait, wakes nobody up; and one that sets the Event in the middle of ``wait`` waits for itself for ever.
        """
        ours = {each: signal.signal(each, lambda *_: self.end()) for each in (signal.SIGTERM, signal.SIGINT)}
        bell = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(bell)
            for each, before in ours.items():
                signal.signal(each, before)
            self._asleep.close()
            self._bell.close()

    def _scheduler(self, process_id: int) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(JOBS) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        scheduler.add_job(self._beat, "interval", [process_id], seconds=HEARTBEAT_S)
        for job in JOBS:
            every = min(job.every, LONGEST_TICK)
            trigger = IntervalTrigger(seconds=int(every.total_seconds()), start_date=jobs.FIRST_SLOT_AT)
            scheduler.add_job(self._tick, trigger, [job, process_id])  # as each slot begins
            scheduler.add_job(self._tick, args=[job, process_id])  # and once at the start
        return scheduler

    def _tick(self, job: Job, process_id: int) -> None:
        if not self._is_ending:
            with self._app.app_context():
                jobs.run_if_free(job, process_id, lambda: not self._is_ending)

    def _beat(self, process_id: int) -> None:
        with self._app.app_context():
            jobs.beat(process_id, self._name)


@contextmanager
def job_process_beside() -> Iterator[None]:
    """A job process that lives as long as the block, and not longer than this process, however that ends."""
    command = [sys.executable, "-m", "flask", "--app", str(WSGI), "jobs", "run", "--until-input-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603 - our own
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def end_with_input(runner: JobRunner) -> None:
    """End `runner` when this process's input does: the pipe breaks when its parent is gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        runner.end()

    threading.Thread(target=wait, daemon=True).start()
