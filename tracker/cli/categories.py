"""``flask categories`` and ``flask departments``: what can be reported, and who answers."""

from pathlib import Path

from flask.cli import AppGroup

from tracker.cli.imports import FILE, import_whole
from tracker.services.catalogue import import_categories, import_departments

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
