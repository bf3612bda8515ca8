"""``flask jobs``: run timed jobs, run one now, see how they are doing."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.jobs import JobRunner, end_with_input
from tracker.services import jobs as use_cases
from tracker.services.jobs import JobState, JobUnknown
from tracker.services.parts import parts

jobs = AppGroup("jobs", help="What happens on time: escalations, messages, ends of waiting.")


@jobs.command("run")
@click.option(
    "--until-input-ends", is_flag=True, hidden=True, help="End with the process that started this one."
)
def run(*, until_input_ends: bool) -> None:
    """Run all timed jobs until Ctrl-C or SIGTERM; the row in hand is finished first.

    Any number of these may run at once, on one machine or several: the database decides who does what.
    """
    runner = JobRunner(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's way
    if until_input_ends:
        end_with_input(runner)
    runner.run()


@jobs.command("once")
@click.argument("name")
def once(name: str) -> None:
    """Run the job NAME now, until nothing is left to do; status 1 if it failed."""
    try:
        job = use_cases.job_named(name)
    except JobUnknown as error:
        raise click.ClickException(str(error)) from error
    done = use_cases.run(job)
    state = next(state for state in use_cases.job_states() if state.name == name)
    if state.error:
        raise click.ClickException(f"{name}: {state.error}")
    click.echo(f"{name}: {done}")


@jobs.command("status")
@click.pass_context
def status(context: click.Context) -> None:
    """Show each job's last run and the job processes; status 1 if a job failed or no process is alive."""
    states = use_cases.job_states()
    click.echo(f"{'job':<13} {'every':>8} {'last run':<20} {'lag':>6} {'done':>7}  error")
    for state in states:
        click.echo(_line(state))
    processes = use_cases.process_states()
    click.echo()
    for process in processes:
        words = "alive" if process.is_alive else "silent"
        click.echo(f"{process.name}: {words}, last sign of life {_local(process.beat_at)}")
    is_anybody_alive = any(process.is_alive for process in processes)
    if not is_anybody_alive:
        click.echo("No job process is alive. Start one: flask jobs run")
    if any(state.error for state in states) or not is_anybody_alive:
        context.exit(1)


def _line(state: JobState) -> str:
    seconds = f"{state.every.total_seconds():.0f} s"
    ran = _local(state.started_at) if state.started_at else "never"
    lag = f"{state.lag.total_seconds():.1f} s" if state.lag is not None else ""
    return f"{state.name:<13} {seconds:>8} {ran:<20} {lag:>6} {state.done:>7}  {state.error}".rstrip()


def _local(at: datetime) -> str:
    return at.astimezone(parts().zone).isoformat(" ", "seconds")[:19]
