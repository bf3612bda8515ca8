"""``flask escalations``: what the ladder would do."""

from datetime import datetime

import click
from flask.cli import AppGroup

from tracker.services.escalations import last_day_known, upcoming
from tracker.services.parts import parts

escalations = AppGroup("escalations", help="Who hears of promises that run out.")

_FORMS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


@escalations.command("preview")
@click.option("--until", "until", required=True, type=click.DateTime(_FORMS), help="Local time.")
def preview(until: datetime) -> None:
    """List every rung that would fire until a moment, soonest first. Nothing is written and nobody is told."""
    rungs = sorted(
        upcoming(until.replace(tzinfo=parts().zone)), key=lambda each: (each.at, each.number, each.rung)
    )
    last_day = last_day_known()
    for each in rungs:
        local = each.at.astimezone(parts().zone).isoformat(" ", "minutes")[:16]
        click.echo(f"{local}  {each.number}  {each.kind}  rung {each.rung}")
    if last_day is None or last_day < until.date():
        click.echo(
            f"The calendar ends on {last_day or 'no day yet'}: what comes after is not known.", err=True
        )
    click.echo(f"{len(rungs)} rungs until {until:%Y-%m-%d %H:%M}.")
