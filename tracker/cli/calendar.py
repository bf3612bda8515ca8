"""``flask calendar``: service hours, holidays and make-up working days."""

from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.cli.imports import FILE
from tracker.extensions import now
from tracker.services import calendar_change, calendars
from tracker.services.calendar_facts import CalendarRefused, Facts, read_facts

calendar = AppGroup("calendar", help="Service hours, holidays, make-up working days.")


@calendar.command("import")
@FILE
@click.option("--department", default="", metavar="CODE", help="Hours of this department alone.")
@click.option("--move-open", is_flag=True, help="Move the promises of open cases too.")
def import_calendar(file: Path, department: str, *, move_open: bool) -> None:
    r"""Make a new version of the calendar from a YAML FILE.

    A whole calendar has weekly and years; one published year alone has year, holidays and make_up_working_days,
    and is added to the current version. tracker/data/calendar.yaml shows the form.

    Open cases keep the version they were promised under, unless --move-open is given.
    """
    try:
        facts = _facts_in(file, department)
        moving = calendar_change.cases_that_would_move(facts, department)
        saved = calendars.save_version(facts, now(), department=department)
    except CalendarRefused as refusal:
        raise click.ClickException(f"{file.name}: {refusal}") from refusal
    version = calendars.current_version(department)
    assert version is not None, "just saved"  # noqa: S101 - narrows the type
    if saved is None:
        click.echo(f"Nothing changed: version {version.version} already says so.")
    else:
        click.echo(f"Version {version.version} made, known until {version.calendar.last_day}.")
    _tell_of_open_cases(moving, version.id, move_open=move_open)


def _facts_in(file: Path, department: str) -> Facts:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name}: not UTF-8 text.") from error
    current = calendars.current_version(department) or calendars.current_version()
    return read_facts(text, current.facts if current else None)


def _tell_of_open_cases(moving: int, calendar_id: int, *, move_open: bool) -> None:
    if move_open:
        click.echo(f"Moved: {_cases(calendar_change.move_to_version(calendar_id, now()))}.")
    elif moving:
        click.echo(f"{_cases(moving)} would move. They keep their version; to move them: --move-open")


def _cases(count: int) -> str:
    return "1 open case" if count == 1 else f"{count} open cases"
