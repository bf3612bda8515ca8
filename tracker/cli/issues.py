"""``flask issues``: groups of reports, made anew."""

import click
from flask.cli import AppGroup

from tracker.extensions import shared_now
from tracker.services import grouping

issues = AppGroup("issues", help="Which reports are about the same trouble.")


@issues.command("rebuild")
def rebuild() -> None:
    """Throw the groups away and make them again from the reports, what people decided, and the nights there were.

    Common issues and decisions stay. Takes a minute for some ten thousand reports; reporters and staff go on meanwhile.
    """
    with click.progressbar(length=grouping.reports_stored(), label="Reports") as bar:
        placed = grouping.rebuild(shared_now(), bar.update)
    click.echo(f"{placed} reports are in groups again.")
