"""``flask categories`` and ``flask departments``: what can be reported, and who answers."""

from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.cli.imports import FILE, import_whole
from tracker.services.catalogue import import_categories, import_departments
from tracker.services.people import PersonRefused, make_lead

categories = AppGroup("categories", help="The catalogue of what can be reported.")
departments = AppGroup("departments", help="The departments that answer for cases.")


@categories.command("import")
@FILE
def import_categories_file(file: Path) -> None:
    """Take the categories of a YAML FILE in the form of tracker/data/categories.yaml.

    A category that changed gets a new version; open cases keep the one they were opened under. If anything in
    the file is wrong, all of it is listed and nothing is taken.
    """
    import_whole(file, import_categories)


@departments.command("import")
@FILE
def import_departments_file(file: Path) -> None:
    """Take the departments of a YAML FILE in the form of tracker/data/departments.yaml.

    Known ones (by their code) are renamed; none is removed.
    """
    import_whole(file, import_departments)


@departments.command("lead")
@click.argument("code")
@click.argument("login", required=False)
def name_lead(code: str, login: str | None) -> None:
    """Name who hears, beside the owner, when a promise of department CODE is broken.

    LOGIN is one of its handlers; without LOGIN nobody is, and the duty lead hears instead.
    """
    try:
        make_lead(code, login)
    except PersonRefused as error:
        message = str(error)
        raise click.ClickException(f"{message[:1].upper()}{message[1:]}.") from error
    click.echo(f"{code} is led by {login}." if login else f"{code} has no lead.")
