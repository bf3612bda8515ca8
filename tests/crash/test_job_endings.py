"""A job process is told to end at the worst of moments: as it is about to wait for just that."""

import subprocess
import sys

import pytest

from config import Config
from tests.processes import ROOT, environment_of

pytestmark = [
    pytest.mark.crash,
    pytest.mark.one_database(reason="what a signal meets in the process, before any job"),
]

TOLD_AT_EACH_STEP = """
import signal, sys, threading
from wsgi import app
from tracker.jobs import JobRunner

class Told(JobRunner):
    def _scheduler(self, process_id):
        scheduler = super()._scheduler(process_id)
        scheduler.start = lambda: sys.setprofile(watch)  # no job has to run for this
        scheduler.shutdown = lambda wait: sys.setprofile(None)
        return scheduler

def watch(*_):
    global left
    left -= 1
    if left == 0:
        signal.raise_signal(signal.SIGTERM)

step, left = 0, 0
while left <= 0:  # until a run had fewer steps than that before it waited
    step += 1
    left, runner = step, Told(app)
    later = threading.Timer(0.5, runner.end)
    later.start()
    runner.run()
    later.cancel()
print("ended at each of", step)
"""


@pytest.mark.usefixtures("app")
def test_a_job_process_ends_whenever_the_signal_comes(settings: Config) -> None:
    told = subprocess.run(
        [sys.executable, "-c", TOLD_AT_EACH_STEP],
        cwd=ROOT,
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.stdout.startswith("ended at each of"), told.stderr
