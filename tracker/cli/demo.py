"""``flask demo``: a made-up street to try everything on."""

import sys

import click
import flask_migrate
from flask.cli import AppGroup

from tracker.demo.load import CASES, SEED, DemoRefused, DemoStreet
from tracker.demo.people import PASSWORD, people
from tracker.extensions import now

demo = AppGroup("demo", help="A made-up street to try everything on.")


@demo.command()
@click.option("--cases", type=click.IntRange(min=0), default=CASES, show_default=True, help="How many cases.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="The same seed, the same street.")
def load(cases: int, seed: int) -> None:
    """Fill an empty database with the demo street: areas, places, people, and cases in every state.

    The database is brought up to date before. 300 cases take a minute, 20,000 a quarter of an hour.
    The street's people sign in only while TRACKER_DEMO=1: their password is printed.
    """
    flask_migrate.upgrade()
    load_street(cases, seed)
    click.echo(f"The demo street is there, with {cases} cases.")
    show_sign_ins()


def load_street(cases: int = CASES, seed: int = SEED) -> None:
    """Load with a progress bar; a refusal becomes the command's one line."""
    try:
        street = DemoStreet(cases=cases, seed=seed, now=now())
    except DemoRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    with click.progressbar(
        street.run(), street.moves, label="Loading the demo street", file=sys.stderr
    ) as moves:
        for _ in moves:
            pass


def show_sign_ins() -> None:
    """Who may sign in, and with what."""
    click.echo(f"\nSign in at /login with the password {PASSWORD} as")
    everyone = people()
    for person in everyone:
        if person.department is None:
            click.echo(f"  {person.login:11} {person.name}  {person.role}")
    handlers = [f"{person.login} {person.name}" for person in everyone if person.department]
    click.echo(f"  handler of a department: {', '.join(handlers)}")
