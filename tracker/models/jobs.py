"""Timed jobs: who runs them, which slots were taken, how they went."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base
from tracker.models.base import Moment


class JobProcess(Base):
    """A job process that is alive, or died without saying so."""

    __tablename__ = "job_processes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    """Host and process id, for people."""
    started_at: Mapped[datetime] = mapped_column(Moment)
    beat_at: Mapped[datetime] = mapped_column(Moment, index=True)


class JobSlot(Base):
    """A tick of a job, taken by one process: the primary key decides who."""

    __tablename__ = "job_slots"

    job: Mapped[str] = mapped_column(String(30), primary_key=True)
    slot_at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("job_processes.id"))


class JobRun(Base):
    """The last run of each job."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(30), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    lag_s: Mapped[float]
    """How late the slot was begun."""
    done: Mapped[int]
    """Rows it dealt with."""
    error: Mapped[str] = mapped_column(Text, default="")
    """Of the last failure; empty after a success."""
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
