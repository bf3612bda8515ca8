"""What the commands that import files share: reading the file, showing progress, telling the result."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from tracker.adapters.csv_table import Line, TableUnreadable
from tracker.services.imports import Imported, ImportRefused, Problem

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def import_lines(
    file: Path, read: Callable[[bytes], list[Line]], take: Callable[[Iterable[Line]], Imported]
) -> None:
    """Take a CSV file line by line, keeping the good ones; end with status 1 if there were bad ones."""
    try:
        lines = read(file.read_bytes())
    except TableUnreadable as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    with click.progressbar(lines, label="Importing", file=sys.stderr) as bar:
        result = take(bar)
    _tell(result)
    if result.problems:
        _list(result.problems)
        raise click.ClickException(f"{file.name}: {_lines(len(result.problems))} left out, see above.")


def import_whole(file: Path, take: Callable[[str], Imported]) -> None:
    """Take a YAML file whole or not at all."""
    try:
        result = take(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name}: not UTF-8 text.") from error
    except ImportRefused as refusal:
        _list(refusal.problems)
        raise click.ClickException(f"{file.name}: nothing was imported, see above.") from refusal
    _tell(result)


def _tell(result: Imported) -> None:
    if not (result.added or result.changed):
        click.echo(f"Nothing changed: {result.unchanged} already as in the file.")
        return
    click.echo(f"{result.added} added, {result.changed} changed, {result.unchanged} unchanged.")


def _list(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.where}: {problem.reason}", err=True)


def _lines(count: int) -> str:
    return "1 line was" if count == 1 else f"{count} lines were"
