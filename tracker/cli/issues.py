"""``flask issues``: common issues, and how reports are grouped into them."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.cli.report_lines import LineUnusable, read_reports, write_groups, write_suggestions
from tracker.domain.grouping import Grouper, MemoryStore, replayed
from tracker.extensions import shared_now
from tracker.services import grouping

issues = AppGroup("issues", help="Common issues, and how reports are grouped into them.")

FILE = click.Path(dir_okay=False, path_type=Path)
_LONG = 2_000  # reports from which one wants to see that it goes on


@issues.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=FILE, required=True, help="Where to write the groups (JSON lines).")
@click.option("--suggestions", type=FILE, help="Where to write what intake would have suggested.")
def replay(file: Path, output: Path, suggestions: Path | None) -> None:
    r"""Group the reports of a FILE as if they came in one after another, from an empty start.

    Needs no database and leaves the installation alone. A report is grouped with what came in before it; a night
    passes between two days and after the last one.

    \b
    FILE has one JSON object a line: id, submitted_at, category, place_id, street, lat, lon, text, reporter_id.
    Other fields are not read. Written for each report, in order of time:
      id, group_id (after the last night), group_at_arrival
      with --suggestions: id, suggestions (up to three of id and score, best first)
    """
    try:
        reports = read_reports(file)
    except LineUnusable as error:
        raise click.ClickException(f"{file.name}, {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"Cannot read {file}: {error}.") from error
    store = MemoryStore()
    with click.progressbar(
        replayed(reports, Grouper(store), suggesting=suggestions is not None),
        length=len(reports),
        label="Grouping",
        file=sys.stderr,
        hidden=len(reports) < _LONG,
    ) as bar:
        arrivals = list(bar)
    try:
        write_groups(output, arrivals, store)
        if suggestions is not None:
            write_suggestions(suggestions, arrivals)
    except OSError as error:
        raise click.ClickException(f"Cannot write {error.filename}: {error.strerror}.") from error
    groups = {store.key_of(arrival.report.id) for arrival in arrivals}
    click.echo(f"{len(arrivals)} reports in {len(groups)} groups; written to {output}.")


@issues.command()
def rebuild() -> None:
    """Throw the groups away and make them again from the reports, what people decided, and the nights there were.

    Common issues and decisions stay. Takes a minute for some ten thousand reports; reporters and staff go on meanwhile.
    """
    with click.progressbar(length=grouping.reports_stored(), label="Reports") as bar:
        placed = grouping.rebuild(shared_now(), bar.update)
    click.echo(f"{placed} reports are in groups again.")
