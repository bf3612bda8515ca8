"""Timed jobs: what runs how often, whose turn it is, and how it went. tracker/jobs.py ticks.

A tick of a job is a slot, a row that one process inserts; whoever comes second finds it taken. What a job touches is
claimed once more, row by row, so that even two processes in one job do nothing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.extensions import Base, db, shared_now, transaction
from tracker.models import JobProcess, JobRun, JobSlot
from tracker.services.action_reminders import remind
from tracker.services.deliveries import make_deliveries
from tracker.services.escalations import end_due_times, fire_due_rungs, work_out_unknown_ends
from tracker.services.figures import COUNTED_EVERY, count_on
from tracker.services.grouping import group_nightly, group_waiting
from tracker.services.habits import learn_habits
from tracker.services.label_files import draw_waiting
from tracker.services.limits import forget_old
from tracker.services.look_backs import make_due, reopen_due
from tracker.services.reminders import remind_guests
from tracker.services.sending import send_waiting
from tracker.services.upkeep import prune

GoOn = Callable[[], bool]
"""Asked between rows; false once the process is to end."""

ALIVE_WITHIN = timedelta(minutes=1)
"""A process whose last sign of life is older counts as dead."""
SLOTS_KEPT = timedelta(days=2)
"""Longer than the longest interval, so that no slot is taken twice. Slots of the future come from a clock that ran
ahead and was put right; they go at once, or the job would stand still when that time comes."""
FIRST_SLOT_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""Slots are counted from here, so that all processes mean the same ones."""
ERROR_LIMIT_CHARS = 500


@dataclass(frozen=True)
class Job:
    """One timed job.

    Attributes:
        every: one slot each.
        batch: does one batch at a moment and returns how many things it dealt with; 0: nothing is left.
        batches: at most so many in one slot, so that one job cannot go on for ever.
    """

    name: str
    every: timedelta
    batch: Callable[[datetime, GoOn], int]
    batches: int = 100


JOBS = (
    Job("escalate", timedelta(seconds=15), lambda now, _: fire_due_rungs(now)),
    Job("end_times", timedelta(seconds=30), lambda now, _: end_due_times(now)),
    Job("unknown_ends", timedelta(hours=1), lambda _now, _: work_out_unknown_ends()),
    Job("tell", timedelta(seconds=5), lambda now, _: make_deliveries(now)),
    Job("send", timedelta(seconds=5), send_waiting),
    Job("remind_items", timedelta(minutes=15), lambda now, _: remind(now)),
    Job("look_back", timedelta(minutes=15), lambda now, _: make_due(now)),
    Job("reopen_issues", timedelta(minutes=1), lambda now, _: reopen_due(now)),
    Job("group", timedelta(seconds=5), lambda now, _: group_waiting(now)),
    Job("regroup", timedelta(minutes=15), lambda now, _: group_nightly(now), batches=1),
    Job("remind", timedelta(minutes=5), lambda now, _: remind_guests(now)),
    Job("figures", COUNTED_EVERY, lambda now, _: count_on(now)),
    Job("habits", timedelta(days=1), lambda now, _: learn_habits(now)),
    Job("forget_limits", timedelta(hours=1), lambda now, _: forget_old(now), batches=1),
    Job("label_files", timedelta(seconds=5), lambda now, _: draw_waiting(now)),
    Job("prune", timedelta(days=1), lambda now, _: prune(now), batches=1),
)
"""Each may run at any time and in any number of processes."""


class JobUnknown(LookupError):
    """No job has this name. The message lists those there are."""


@dataclass(frozen=True)
class JobState:
    """How a job is doing.

    Attributes:
        lag: how late its last slot was begun, counted while the process that began it was up; None: it never ran.
        done: things its last run dealt with.
        error: of the last run; empty: it went well.
    """

    name: str
    every: timedelta
    started_at: datetime | None = None
    ended_at: datetime | None = None
    lag: timedelta | None = None
    done: int = 0
    error: str = ""
    failed_at: datetime | None = None


@dataclass(frozen=True)
class ProcessState:
    """A job process: alive, or silent for more than a minute."""

    name: str
    started_at: datetime
    beat_at: datetime
    is_alive: bool


def job_named(name: str) -> Job:
    """The job of this name.

    Raises:
        JobUnknown: there is none.
    """
    for job in JOBS:
        if job.name == name:
            return job
    raise JobUnknown(f"No job is called {name!r}; there are: {', '.join(job.name for job in JOBS)}.")


def enter_process(name: str) -> int:
    """Say that a job process has begun; return its id."""
    now = shared_now()
    with transaction():
        process = JobProcess(name=name[:80], started_at=now, beat_at=now)
        db.session.add(process)
        db.session.flush()
        return process.id


def beat(process_id: int, name: str) -> None:
    """Say that the process is alive; also again after its row was pruned, as when a laptop slept for a week."""
    now = shared_now()
    with transaction():
        if db.session.get(JobProcess, process_id) is None:
            db.session.add(JobProcess(id=process_id, name=name[:80], started_at=now, beat_at=now))
        else:
            db.session.execute(update(JobProcess).where(JobProcess.id == process_id).values(beat_at=now))


def leave_process(process_id: int) -> None:
    """Say that the process ended in order."""
    with transaction():
        db.session.execute(update(JobSlot).where(JobSlot.process_id == process_id).values(process_id=None))
        db.session.execute(delete(JobProcess).where(JobProcess.id == process_id))


def run_if_free(job: Job, process_id: int, go_on: GoOn) -> bool:
    """Run `job` if nobody has taken the present slot; return whether this process did.

    Errors are noted and shown, not raised: the next slot tries again.
    """
    now = shared_now()
    slot_at = slot_of(job, now)
    if _is_taken(job, slot_at) or not _take(job, slot_at, process_id, now):
        return False
    run(job, go_on, lag=now - max(slot_at, _began_at(process_id) or slot_at))
    return True


def run(job: Job, go_on: GoOn = lambda: True, *, lag: timedelta = timedelta()) -> int:
    """Run `job` until nothing is left, whoever else does; return how many things it dealt with.

    A failure is noted with the job, where `job_states` shows it; how it can be told from success: `JobState.error`.
    """
    started_at = shared_now()
    _note(job, started_at, ended_at=None, lag_s=lag.total_seconds())
    done = 0
    try:
        rounds = (job.batch(shared_now(), go_on) for _ in iter(go_on, False))
        for count in islice(takewhile(bool, rounds), job.batches):
            done += count
    except Exception as error:  # noqa: BLE001 - a job that fails is shown and tried again, the others go on
        db.session.rollback()
        now = shared_now()
        _note(job, started_at, ended_at=now, done=done, error=_words(error), failed_at=now)
    else:
        _note(job, started_at, ended_at=shared_now(), done=done, error="")
    return done


def slot_of(job: Job, now: datetime) -> datetime:
    """The beginning of the slot that `now` lies in."""
    return FIRST_SLOT_AT + (now - FIRST_SLOT_AT) // job.every * job.every


def job_states() -> list[JobState]:
    """Every job, in the order of the table."""
    runs = {row.job: row for row in db.session.scalars(select(JobRun))}
    return [_state(job, runs.get(job.name)) for job in JOBS]


def process_states() -> list[ProcessState]:
    """Job processes that are alive or died lately, newest first."""
    now = shared_now()
    rows = db.session.scalars(select(JobProcess).order_by(JobProcess.id.desc()))
    return [
        ProcessState(row.name, row.started_at, row.beat_at, is_alive=_is_alive(row.beat_at, now))
        for row in rows
    ]


def is_anybody_alive() -> bool:
    """Whether a job process has shown a sign of life within the last minute."""
    now = shared_now()
    return any(_is_alive(beat_at, now) for beat_at in db.session.scalars(select(JobProcess.beat_at)))


def _is_alive(beat_at: datetime, now: datetime) -> bool:
    """A sign of life from the future was given before the clock was put back: it proves nothing."""
    return abs(now - beat_at) < ALIVE_WITHIN


def _began_at(process_id: int) -> datetime | None:
    """When the process began: a slot that is older has not waited for it."""
    return db.session.scalar(select(JobProcess.started_at).where(JobProcess.id == process_id))


def _is_taken(job: Job, slot_at: datetime) -> bool:
    taken = select(JobSlot.job).where(JobSlot.job == job.name, JobSlot.slot_at == slot_at)
    return db.session.scalar(taken.limit(1)) is not None


def _take(job: Job, slot_at: datetime, process_id: int, now: datetime) -> bool:
    with transaction():
        strange = or_(JobSlot.slot_at < now - SLOTS_KEPT, JobSlot.slot_at > now + job.every)
        db.session.execute(delete(JobSlot).where(JobSlot.job == job.name, strange))
        row = {"job": job.name, "slot_at": slot_at, "process_id": process_id}
        statement = _insert(JobSlot).values(row).on_conflict_do_nothing()
        return db.session.execute(statement.returning(JobSlot.job)).first() is not None


def _insert(table: type[Base]) -> Any:
    """INSERT as this database writes it, with ON CONFLICT: the same words in both."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def _note(job: Job, started_at: datetime, **values: object) -> None:
    """Keep how the job's last run goes. Two processes may meet here at a job's very first run, hence the upsert."""
    first = {"job": job.name, "lag_s": 0.0, "done": 0, "error": ""}
    with transaction():
        db.session.execute(
            _insert(JobRun)
            .values(first | {"started_at": started_at} | values)
            .on_conflict_do_update(index_elements=["job"], set_={"started_at": started_at} | values)
        )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:ERROR_LIMIT_CHARS]


def _state(job: Job, row: JobRun | None) -> JobState:
    if row is None:
        return JobState(job.name, job.every)
    return JobState(
        name=job.name,
        every=job.every,
        started_at=row.started_at,
        ended_at=row.ended_at,
        lag=timedelta(seconds=row.lag_s),
        done=row.done,
        error=row.error,
        failed_at=row.failed_at,
    )
