"""``flask phones``: the numbers that reporters left."""

import click
from flask.cli import AppGroup

from tracker.extensions import now
from tracker.services.contact import KEPT, erase_expired

phones = AppGroup("phones", help="The phone numbers that reporters left.")


@phones.command()
def erase() -> None:
    """Erase the numbers of cases that ended 30 days ago or more, as promised when they were left. Run it daily.

    Cases and their history stay as they are. Running it twice changes nothing.
    """
    click.echo(f"{erase_expired(now())} numbers of cases that ended over {KEPT.days} days ago were erased.")
